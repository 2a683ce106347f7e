// Codecs with a model of the zoo inside: whole payloads that fit their links, what no encoder writes is refused, and choices that do
// what they say. Nothing here depends on the weights.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classOf, FILLED_CLASSES, FORMATS, REST_CLASSES } from "../../harness/codecs/hybridformat.js";
import { SELECTED } from "../../harness/codecs/hybridtables.js";
import { CLASS_SHARES, CLASS_TOTAL } from "../../harness/codecs/aecodedtables.js";
import { CLASSES, classOfCode, codesAt } from "../../harness/codecs/aecoded.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import type { Codec, OpenCodec, Parameters } from "../../harness/core/codec.js";
import { InputError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { makeVariant } from "../../harness/engine/datasets.js";
import { FITTED_TRAINING, loadZooCodecs } from "../../harness/engine/zoocodecs.js";
import { metric as emd } from "../../harness/metrics/emd.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";

const codecs = [...(await loadZooCodecs()).values()];
const made = await makeVariant("hgcal-ttbar-200pu", 60, 977);
const empty = new Array<number>(CELLS).fill(0);
const extreme = [empty, empty.with(5, 7), empty.with(47, 2 ** 22 - 1), empty.map(() => 9)];
const slab = {
  rows: made.rows + extreme.length,
  calq: Float64Array.from([...extreme.flat(), ...made.calq]),
  labels: new Map(),
};

let pool: Pool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
});
afterAll(() => pool.close());

const byFamily = (start: string): Codec => {
  const found = codecs.find(({ id }) => id.startsWith(start));
  if (found === undefined) throw new RangeError(start);
  return found;
};

async function encode(open: OpenCodec): Promise<{ bytes: Uint8Array; bits: Uint32Array }> {
  const writer = new BitWriter();
  const bits = await open.encode(slab, writer);
  return { bytes: writer.toBytes(), bits };
}

async function meanDistance(codec: Codec, parameters: Parameters): Promise<number> {
  const open = await codec.open(parameters, pool);
  const { bytes } = await encode(open);
  const calq = await open.decode(new BitReader(bytes), slab.rows, new Map());
  const found = (await emd.of(slab, { ...slab, calq }, pool)).filter((distance) => !Number.isNaN(distance));
  return found.reduce((sum, distance) => sum + distance, 0) / found.length;
}

const cases = ["hybrid-", "ae-residual-", "ae-coded-"].flatMap((start) =>
  byFamily(start)
    .variants()
    .map((parameters): [string, Codec, Parameters] => [
      `${start} at ${parameters.links} links`,
      byFamily(start),
      parameters,
    ]),
);

describe.each(cases)("%s", (_, codec, parameters) => {
  it("is of the training that the tables are fitted to", () => {
    expect(codec.id.endsWith(`-${FITTED_TRAINING}`)).toBe(true);
  });

  it("fits its links, keeps the sum, and makes the same bytes twice", async () => {
    expect(codec.onlyNamed).toBe(true);
    const open = await codec.open(parameters, pool);
    const { bytes, bits } = await encode(open);
    expect(Math.max(...bits)).toBeLessThanOrEqual(32 * Number(parameters.links));
    expect((await encode(await codec.open(parameters, pool))).bytes).toEqual(bytes);
    const reader = new BitReader(bytes);
    const restored = await open.decode(reader, slab.rows, new Map());
    expect(reader.position).toBe(bits.reduce((sum, of) => sum + of, 0));
    expect(restored.every((charge) => charge >= 0 && charge < Infinity)).toBe(true);
    expect(restored.slice(0, CELLS)).toEqual(new Float64Array(CELLS));
    const of = (all: Float64Array): number => all.slice(4 * CELLS).reduce((sum, charge) => sum + charge, 0);
    expect(Math.abs(of(restored) / of(slab.calq) - 1)).toBeLessThan(0.05);
  });

  it("refuses truncations, and makes charges or a refusal of random bytes", async () => {
    const open = await codec.open(parameters, pool);
    const { bytes } = await encode(open);
    const attempt = async (from: Uint8Array, rows: number): Promise<Float64Array> =>
      open.decode(new BitReader(from), rows, new Map());
    await expect(attempt(bytes.slice(0, -1), slab.rows)).rejects.toThrow(InputError);
    let refused = 0;
    for (let trial = 0; trial < 40; trial++) {
      const random = rng(31, trial);
      const noise = Uint8Array.from({ length: 40 }, () => random.integer(256));
      if (trial % 2 === 0) noise[0] &= 0x03;
      try {
        expect((await attempt(noise, 1)).every((charge) => charge >= 0 && charge < Infinity)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe("hybrid", () => {
  it("has a format for each class, and classes for all modules", () => {
    for (const table of SELECTED) {
      expect(table).toHaveLength(REST_CLASSES * FILLED_CLASSES);
      expect(table.every((format) => format >= 0 && format < FORMATS.length)).toBe(true);
    }
    expect(classOf(empty.map(() => 0).with(3, 100), 2)).toBe(0);
    expect(classOf(new Array<number>(CELLS).fill(100), 2)).toBe(REST_CLASSES * FILLED_CLASSES - 1);
    // Three cells of 128 (64 after the shift) and one of 2 (1): 1/193 is left, below 1/64, by four cells.
    expect(
      classOf(
        empty.map((_, k) => (k < 3 ? 128 : k === 3 ? 2 : 0)),
        2,
      ),
    ).toBe(FILLED_CLASSES);
  });

  it("is never worse than its rule when an oracle selects", async () => {
    const codec = byFamily("hybrid-");
    const rule = await meanDistance(codec, { links: 2 });
    const oracle = await meanDistance(codec, { links: 2, choice: "oracle" });
    expect(oracle).toBeLessThan(rule);
  });
});

describe("ae-coded", () => {
  it("has probabilities for every class of every latent", () => {
    for (const ofLinks of CLASS_SHARES)
      for (const shares of ofLinks) {
        expect(shares).toHaveLength(CLASSES);
        expect(Math.min(...shares)).toBeGreaterThan(0);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(CLASS_TOTAL);
      }
  });

  it("puts a code in its class, at any step", () => {
    expect([0, 1, 3, 4, 7, 8, 16, 31].map((code) => classOfCode(code, 2))).toEqual([0, 1, 1, 2, 2, 3, 4, 4]);
    const codes = new Int32Array(4);
    codesAt([0, 0.3, 1.99, 7], 3, 1, codes);
    expect([...codes]).toEqual([0, 2, 15, 15]);
  });
});
