/** What every metric must obey, whichever it is: identity, row order, scale where it is blind to it, no sentinels. */
import { describe, expect, it } from "vitest";
import type { KernelRunner } from "../../harness/core/kernel.js";
import type { Metric } from "../../harness/core/metric.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS, type Slab } from "../../harness/core/table.js";
import { metrics } from "../../harness/engine/plugins.generated.js";

const SEED = 4711;
const ROWS = 12;
const reference: KernelRunner = {
  call: (kernel, inputs, dims) => Promise.resolve(kernel.reference(inputs, dims)),
};

/** Rows with a few to many cells; never all cells equal. */
function randomSlab(stream: number): Slab {
  const random = rng(SEED, stream);
  const calq = new Float64Array(ROWS * CELLS);
  for (let row = 0; row < ROWS; row++) {
    const share = 0.05 + 0.08 * row;
    for (let i = 0; i < CELLS; i++)
      if (random.uniform() < share) calq[row * CELLS + i] = Math.ceil(50 * random.exponential());
    calq[row * CELLS + random.integer(CELLS)] += 100;
  }
  return { rows: ROWS, calq, labels: new Map() };
}

const scaled = (slab: Slab, factor: number): Slab => ({ ...slab, calq: slab.calq.map((c) => c * factor) });

function reversed(slab: Slab): Slab {
  const calq = new Float64Array(slab.calq.length);
  for (let row = 0; row < ROWS; row++)
    calq.set(slab.calq.subarray(row * CELLS, (row + 1) * CELLS), (ROWS - 1 - row) * CELLS);
  return { ...slab, calq };
}

/** Value for a perfect copy, by what is better. */
const IDEAL: Readonly<Record<Metric["better"], number>> = {
  lower: 0,
  "nearer to zero": 0,
  higher: 1,
  "nearer to one": 1,
};
const SEES_SCALE = ["sum-ratio", "ssd"];

const before = randomSlab(1);
const after = randomSlab(2);

describe.each([...metrics.values()].map((metric) => ({ id: metric.id, metric })))(
  "metric $id",
  ({ metric }) => {
    it("gives its ideal value for a perfect copy", async () => {
      for (const value of await metric.of(before, before, reference))
        expect(value).toBeCloseTo(IDEAL[metric.better], 9);
    });

    it("gives a finite value for every row of its domain, inside what it can be", async () => {
      const values = await metric.of(before, after, reference);
      expect(values).toHaveLength(ROWS);
      for (const value of values) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(metric.better === "higher" ? -1 : 0);
      }
    });

    it("depends on the row alone, not on its neighbours", async () => {
      const forwards = await metric.of(before, after, reference);
      const backwards = await metric.of(reversed(before), reversed(after), reference);
      expect([...backwards].reverse()).toEqual([...forwards]);
    });

    it("sees the scale of the restored module only if it says so", async () => {
      const values = await metric.of(before, after, reference);
      const tripled = await metric.of(before, scaled(after, 3), reference);
      const moved = values.some((value, row) => Math.abs(value - tripled[row]) > 1e-9);
      expect(moved).toBe(SEES_SCALE.includes(metric.id));
      if (metric.id !== "sum-ratio") return;
      values.forEach((value, row) => {
        expect(tripled[row]).toBeCloseTo(3 * value, 9);
      });
    });

    it("covers its values with its histogram range, mostly", async () => {
      const [low, high] = metric.range;
      const values = await metric.of(before, after, reference);
      expect(low).toBeLessThan(high);
      const inside = values.filter((value) => value >= low && value <= high).length;
      expect(inside).toBeGreaterThan(ROWS / 2);
    });

    it("leaves its inputs as they were", async () => {
      const copies = [before.calq.slice(), after.calq.slice()];
      await metric.of(before, after, reference);
      expect([before.calq, after.calq]).toEqual(copies);
    });
  },
);
