/** The dual variable that the EMD kernel gives on demand: feasible, optimal, a subgradient, and free of charge for who does not ask. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { STATUS, type Buffers } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { kernel } from "../../harness/kernels/emd-potential.js";
import { EMD_SETS, emdPairs } from "../../harness/kernels/emdinputs.js";
import { MASS_KINDS, massPair } from "../../harness/kernels/masspairs.js";
import { groundDistance } from "../../harness/physics/triggercells.js";
import { createHost, type Host } from "../../harness/wasm/host.js";

const METRIC = groundDistance();
const BUILDS = ["release", "scalar", "debug"] as const;
type Build = (typeof BUILDS)[number];
const hostOf = (build: Build): Host => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation: true });
};
const hosts: Record<Build, Host> = {
  release: hostOf("release"),
  scalar: hostOf("scalar"),
  debug: hostOf("debug"),
};

const dimsOf = ({ original }: Buffers) => ({ rows: original.length / CELLS, cells: CELLS, isMetric: 1 });

function modulePairs(rows: number, seed: number): Buffers {
  const random = rng(seed);
  const original = new Float64Array(rows * CELLS);
  const restored = new Float64Array(rows * CELLS);
  for (let row = 0; row < rows; row++) {
    const [first, second] = massPair(MASS_KINDS[row % MASS_KINDS.length], CELLS, random);
    original.set(first, row * CELLS);
    restored.set(second, row * CELLS);
  }
  return { original, restored, metric: METRIC };
}

describe("the potential", () => {
  it.each(BUILDS)("is feasible and optimal on all declared shapes (%s)", (build) => {
    for (const dims of kernel.shapes) {
      const inputs = kernel.generate(dims, rng(3, dims.cells));
      const outputs = hosts[build].call(kernel, inputs, dims);
      expect(kernel.agrees(outputs, kernel.reference(inputs, dims), inputs, dims).ratio).toBeLessThanOrEqual(
        1,
      );
      for (const law of kernel.laws) expect(law.broken(inputs, outputs, dims)).toBeUndefined();
    }
  });

  it("is feasible and optimal on what is compressed, and distances are those of emd", () => {
    for (const set of EMD_SETS) {
      const inputs = { ...emdPairs(set, 200, 5), metric: METRIC };
      const dims = dimsOf(inputs);
      const outputs = hosts.release.call(kernel, inputs, dims);
      const plain = hosts.release.call(emd, inputs, dims);
      expect(outputs.emd).toEqual(plain.emd);
      expect(kernel.agrees(outputs, plain, inputs, dims).ratio, set).toBeLessThanOrEqual(1);
      for (const law of kernel.laws) expect(law.broken(inputs, outputs, dims)).toBeUndefined();
    }
  });

  it("is the distance from the only hot cell, whichever side is hot", () => {
    const hot = Float64Array.from({ length: CELLS }, (_, k) => Number(k === 7));
    const [wide] = massPair("dense", CELLS, rng(4));
    const row = METRIC.slice(7 * CELLS, 8 * CELLS);
    const given = hosts.release.call(
      kernel,
      { original: hot, restored: wide, metric: METRIC },
      dimsOf({ original: hot }),
    );
    expect([...given.potential]).toEqual([...row]);
    const turned = hosts.release.call(
      kernel,
      { original: wide, restored: hot, metric: METRIC },
      dimsOf({ original: hot }),
    );
    const most = Math.max(...row);
    turned.potential.forEach((v, k) => {
      expect(v).toBeCloseTo(most - row[k], 12);
    });
  });

  it("is a subgradient: no pair lies below the plane it spans", () => {
    const inputs = modulePairs(64, 8);
    const dims = dimsOf(inputs);
    const { emd: at, status, potential } = hosts.release.call(kernel, inputs, dims);
    const other = modulePairs(64, 9);
    const share = (values: ArrayLike<number>, row: number): number[] => {
      const cells = Array.from({ length: CELLS }, (_, k) => values[row * CELLS + k]);
      const sum = cells.reduce((x, y) => x + y, 0);
      return cells.map((x) => x / sum);
    };
    const moved = hosts.release.call(emd, { ...inputs, restored: other.restored }, dims);
    let judged = 0;
    for (let row = 0; row < 64; row++) {
      if (status[row] !== STATUS.ok || moved.status[row] !== STATUS.ok) continue;
      const [before, after] = [share(inputs.restored, row), share(other.restored, row)];
      const rise = after.reduce((sum, b, k) => sum + potential[row * CELLS + k] * (b - before[k]), 0);
      expect(moved.emd[row]).toBeGreaterThanOrEqual(at[row] + rise - 1e-10);
      judged++;
    }
    expect(judged).toBeGreaterThan(40);
  });

  it("has the same bits from -O3, -O0 and after other rows; NaN where there is no distance; zero on equal sides", () => {
    const inputs = modulePairs(160, 10);
    const dims = dimsOf(inputs);
    const release = hosts.release.call(kernel, inputs, dims);
    expect(hosts.debug.call(kernel, inputs, dims)).toEqual(release);
    for (let row = 0; row < 160; row++) {
      const own = release.potential.subarray(row * CELLS, (row + 1) * CELLS);
      if (release.status[row] !== STATUS.ok) expect(own.every(Number.isNaN)).toBe(true);
    }
    const [equal] = massPair("dense", CELLS, rng(11));
    const same = hosts.release.call(
      kernel,
      { original: equal, restored: equal, metric: METRIC },
      dimsOf({ original: equal }),
    );
    expect(same.potential.every((v: number) => v === 0)).toBe(true);
  });
});
