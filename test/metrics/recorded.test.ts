/** Shape metrics against values that NumPy made from the definitions (test/oracles/metrics.py), and by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { CELLS, type Slab } from "../../harness/core/table.js";
import { metrics } from "../../harness/engine/plugins.generated.js";

const reference: KernelRunner = {
  call: (kernel, inputs, dims) => Promise.resolve(kernel.reference(inputs, dims)),
};
const recorded = JSON.parse(
  readFileSync(new URL("../oracles/metrics.json", import.meta.url), "utf8"),
) as Record<string, number[]>;

const slabOf = (rows: readonly (readonly number[])[]): Slab => ({
  rows: rows.length,
  calq: Float64Array.from(rows.flat()),
  labels: new Map(),
});
const cells = Array.from({ length: CELLS }, (_, i) => i);
const ROWS = [0, 1, 2, 3, 4, 5];
const original = ROWS.map((r) =>
  cells.map((i) => ((i * 7 + r * 13) % 23) * ((i * 5 + r) % 3 !== 0 ? 1 : 0) * (r + 1)),
);
const restored = original.map((row, r) =>
  row.map((charge, i) => (charge > 6 * (r + 1) ? charge + (i % 4) : 0)),
);

async function valuesOf(id: string, before: Slab, after: Slab): Promise<Float64Array> {
  const metric = metrics.get(id);
  if (metric === undefined) throw new Error(`no metric ${id}`);
  return metric.of(before, after, reference);
}

const hot = (cell: number, charge = 1): number[] => cells.map((i) => (i === cell ? charge : 0));

describe("metrics", () => {
  it.each(Object.entries(recorded))("%s equals NumPy's values", async (id, expected) => {
    const values = await valuesOf(id, slabOf(original), slabOf(restored));
    expect(values).toHaveLength(expected.length);
    // The oracle's lattice is rounded to 1e-5 cm.
    expected.forEach((value, row) => {
      expect(Math.abs(values[row] - value)).toBeLessThan(2e-5);
    });
  });

  it("a hot cell moved to its neighbour is two pitches away, by EMD and by centroid", async () => {
    const before = slabOf([hot(5), hot(20, 7)]);
    const after = slabOf([hot(6), hot(20, 7)]);
    expect((await valuesOf("emd", before, after))[0]).toBeCloseTo(2, 6);
    expect((await valuesOf("centroid-shift", before, after))[0]).toBeCloseTo(2, 6);
    expect((await valuesOf("emd", before, after))[1]).toBe(0);
  });

  it("half of the charge moved to a neighbour makes width where there was none: one pitch", async () => {
    const split = cells.map((i) => (i === 5 || i === 6 ? 4 : 0));
    const values = await valuesOf("second-moment-difference", slabOf([hot(5, 8)]), slabOf([split]));
    expect(values[0]).toBeCloseTo(1, 6);
  });

  it("zero-fraction is 1 for an emptied module and 0 for any other", async () => {
    const values = await valuesOf(
      "zero-fraction",
      slabOf([hot(1), hot(1)]),
      slabOf([cells.map(() => 0), hot(9)]),
    );
    expect([...values]).toEqual([1, 0]);
  });

  it("cross-correlation has no value where a side is flat, instead of a number", async () => {
    const flat = cells.map(() => 3);
    const values = await valuesOf(
      "cross-correlation",
      slabOf([hot(1), flat, hot(2)]),
      slabOf([flat, hot(1), hot(2)]),
    );
    expect([...values]).toEqual([NaN, NaN, 1]);
  });

  it("sums of 1e300 do not overflow ssd", async () => {
    const values = await valuesOf("ssd", slabOf([hot(3, 1e150)]), slabOf([hot(3, 2e150)]));
    expect(values[0]).toBeCloseTo(0.5, 12);
  });
});
