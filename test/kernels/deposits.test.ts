/** Charges of particles: every build against the TypeScript, bit for bit; what is refused; and whole events from either. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { KernelBuild } from "../../harness/core/generator.js";
import type { Buffers, Dims } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { datasetIds, readManifest, sourceOf } from "../../harness/engine/datasets.js";
import { streamChunks } from "../../harness/engine/datasetstream.js";
import { Sha256 } from "../../harness/io/hash.js";
import { kernel } from "../../harness/kernels/deposits.js";
import { createHost } from "../../harness/wasm/host.js";

const [release, scalar, debug] = ["release", "scalar", "debug"].map((build) => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation: true });
});

const [headline] = kernel.shapes;

function refusal(changed: Buffers, dims: Dims = headline): string {
  try {
    release.call(kernel, { ...kernel.generate(headline, rng(1)), ...changed }, dims);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "taken";
}

describe("deposits", () => {
  it.each(kernel.shapes)("are the reference's on every build, and where its sequence ends: %j", (dims) => {
    let charges = 0;
    for (let seed = 0; seed < (dims["layers"] > 2 ? 2 : 12); seed++) {
      const inputs = kernel.generate(dims, rng(61, seed));
      const expected = kernel.reference(inputs, dims);
      for (const host of [release, scalar, debug])
        expect(kernel.agrees(host.call(kernel, inputs, dims), expected, inputs, dims).ratio).toBe(0);
      for (const law of kernel.laws) expect(law.broken(inputs, expected, dims)).toBeUndefined();
      charges += expected.count[0];
    }
    if (dims["particles"] > 0) expect(charges).toBeGreaterThan(40);
  });

  it("go on in a sequence at any place of a block, with a normal number kept or not", () => {
    const inputs = kernel.generate(headline, rng(62));
    for (let drawn = 0; drawn < 9; drawn++) {
      for (const kept of [0, 1]) {
        const placed = { ...inputs, position: Float64Array.of(drawn, kept, 0.25 * kept) };
        expect(scalar.call(kernel, placed, headline)).toEqual(kernel.reference(placed, headline));
      }
    }
  });

  it("are the reference's for particles of any momentum and direction", () => {
    const dims = { ...headline, particles: 1 };
    for (const kind of [0, 1, 2, 3]) {
      for (const pt of [1e-9, 0.01, 1e6, 1e200]) {
        for (const sinhEta of [1e-6, 2, 1e5]) {
          for (const turn of [-7.3, 1e9]) {
            const particles = Float64Array.of(kind, pt, sinhEta, turn, kind === 1 ? 0 : -1);
            const inputs = { ...kernel.generate(dims, rng(63)), particles };
            const expected = kernel.reference(inputs, dims);
            for (const host of [release, scalar])
              expect(kernel.agrees(host.call(kernel, inputs, dims), expected, inputs, dims).ratio).toBe(0);
          }
        }
      }
    }
  });

  it("refuse numbers that are none, particles of no kind or direction, and places between two numbers", () => {
    const particles = (column: number, value: number): Buffers => {
      const values = Float64Array.from(kernel.generate(headline, rng(1)).particles);
      values[5 + column] = value;
      return { particles: values };
    };
    expect(refusal({})).toBe("taken");
    for (const column of [0, 1, 2, 3, 4]) {
      expect(refusal(particles(column, NaN))).toMatch(/non-finite/);
      expect(refusal(particles(column, -Infinity))).toMatch(/non-finite/);
    }
    for (const [column, value] of [
      [0, 4],
      [0, 0.5],
      [1, 0],
      [1, -1],
      [2, 0],
      [2, -3],
    ])
      // prettier-ignore
      expect(refusal(particles(column, value))).toMatch(/bad shape/);
    for (const drawn of [-1, 0.5, 2 ** 53, NaN])
      expect(refusal({ position: Float64Array.of(drawn, 0, 0) })).toMatch(/bad shape/);
  });

  it("refuse to leave charges out when there are more than the limit", () => {
    const inputs = kernel.generate(headline, rng(1));
    const { count } = release.call(kernel, inputs, headline);
    const exactly = { ...headline, limit: count[0] };
    expect(release.call(kernel, inputs, exactly)).toEqual(kernel.reference(inputs, exactly));
    expect(refusal({}, { ...headline, limit: count[0] - 1 })).toMatch(/bad shape/);
  });
});

async function hashOf(id: string, build: KernelBuild, events: number): Promise<string> {
  const source = { ...sourceOf(await readManifest(id)), build };
  const hash = new Sha256();
  for await (const chunk of streamChunks(source, { threads: 1, units: events })) {
    if ("lines" in chunk) throw new Error("lines");
    for (const values of [chunk.values, ...chunk.labels.map(([, column]) => column)])
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest();
}

describe.each(datasetIds.filter((id) => id.startsWith("hgcal-")))("events of %s", (id) => {
  it("have the same charges and labels with SIMD, without it, and in TypeScript", async () => {
    const events = id.endsWith("200pu") ? 2 : 40;
    const plain = await hashOf(id, "none", events);
    expect(await hashOf(id, "release", events)).toBe(plain);
    expect(await hashOf(id, "scalar", events)).toBe(plain);
  });
});
