import { describe, expect, it } from "vitest";
import { mean, median, quantileSorted, standardDeviation, sum, summarise } from "../../harness/core/stats.js";

describe("stats", () => {
  it("quantiles follow NumPy's default (R-7)", () => {
    // numpy.quantile([1, 2, 4, 8, 16], [0.16, 0.5, 0.84]) = [1.64, 4, 10.88]
    const values = [1, 2, 4, 8, 16];
    expect(quantileSorted(values, 0.16)).toBeCloseTo(1.64, 14);
    expect(quantileSorted(values, 0.5)).toBe(4);
    expect(quantileSorted(values, 0.84)).toBeCloseTo(10.88, 14);
    expect(median([3, 1, 2, 10])).toBe(2.5);
  });

  it("an empty sample has no mean, and one value no spread", () => {
    expect(mean([])).toBeUndefined();
    expect(median([])).toBeUndefined();
    expect(summarise([])).toBeUndefined();
    expect(standardDeviation([5])).toBeUndefined();
    expect(summarise([5])).toEqual({ n: 1, mean: 5, median: 5, q16: 5, q84: 5, minimum: 5, maximum: 5 });
  });

  it("sums keep what plain addition loses", () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(sum(new Float64Array(10).fill(0.1))).toBe(1);
  });

  it("standard deviation divides by n - 1", () => {
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
  });
});
