/** Profiles, histograms, rates, occupancy and example rows, by hand. */
import { describe, expect, it } from "vitest";
import { chooseExamples } from "../../harness/engine/examples.js";
import { occupancyOf, sliceOf } from "../../harness/engine/occupancy.js";
import { pickRows } from "../../harness/engine/pickrows.js";
import { abscissae, histogram, profile } from "../../harness/engine/profile.js";
import { rateOf } from "../../harness/engine/rate.js";
import { tableOf } from "./tables.js";

describe("occupancyOf(calq, row)", () => {
  it("counts cells above 35 CALQ, not at it", () => {
    const { calq } = tableOf([[35, 36, 35.5], [0]]);
    expect([occupancyOf(calq, 0), occupancyOf(calq, 1)]).toEqual([2, 0]);
  });

  it("slices [0,2) [2,5) [5,10) [10,15) [15,48]", () => {
    expect([0, 1, 2, 4, 5, 9, 10, 14, 15, 48].map(sliceOf)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

describe("profile(abscissa, values)", () => {
  const abscissa = {
    against: "occupancy",
    edges: [0, 2, 4],
    values: Float64Array.of(0, 1.9, 2, 4, 3, 1),
  } as const;

  it("gives median and band per half-open bin, leaving out rows without value and those beyond the bins", () => {
    const { bins } = profile(abscissa, Float64Array.of(1, 3, 10, 99, NaN, 2));
    expect(bins.map(({ n }) => n)).toEqual([3, 1]);
    expect(bins[0]).toMatchObject({ low: 0, high: 2, mean: 2, median: 2 });
    expect(bins[0].q16).toBeCloseTo(1.32, 12);
    expect(bins[0].q84).toBeCloseTo(2.68, 12);
    expect(bins[1]).toMatchObject({ median: 10, q16: 10, q84: 10 });
  });

  it("has no numbers in an empty bin", () => {
    const { bins } = profile(abscissa, new Float64Array(6).fill(NaN));
    expect(bins[0]).toEqual({ low: 0, high: 2, n: 0, mean: null, median: null, q16: null, q84: null });
  });
});

describe("abscissae(table)", () => {
  it("has eta only with that label, and no logarithm of an empty module", () => {
    const axes = abscissae(tableOf([[350], [0]]));
    expect(axes.map(({ against }) => against)).toEqual([
      "occupancy-slice",
      "occupancy",
      "log10-sum",
      "log10-maximum",
    ]);
    expect(axes[2].values[0]).toBeCloseTo(1, 12);
    expect(axes[2].values[1]).toBeNaN();
    const labelled = abscissae(tableOf([[1], [1]], { eta: [-2.5, 1.6] }));
    expect([...labelled[4].values]).toEqual([2.5, 1.6]);
  });
});

describe("histogram(values, range)", () => {
  it("counts every number once: inside, under, over; the upper edge is inside", () => {
    const { counts, underflow, overflow } = histogram(Float64Array.of(-1, 0, 5.99, 6, 6.01, NaN), [0, 6]);
    expect([underflow, overflow]).toEqual([1, 1]);
    expect(counts).toHaveLength(60);
    expect([counts[0], counts[59]]).toEqual([1, 2]);
  });
});

describe("rateOf(bits, links)", () => {
  it("rounds each module up to whole words, and judges the budget by the largest", () => {
    const rate = rateOf(Uint32Array.of(1, 32, 33, 64), 1);
    expect(rate).toMatchObject({
      payloadMean: 32.5,
      payloadMaximum: 64,
      linkMean: 48,
      fitsBudget: false,
      overBudgetModules: 2,
    });
    expect(rateOf(Uint32Array.of(1000), undefined)).toMatchObject({ fitsBudget: null, overBudgetModules: 0 });
    expect(() => rateOf(new Uint32Array(0), 1)).toThrow(RangeError);
  });
});

describe("chooseExamples(table)", () => {
  it("takes a quiet, a typical and a busy row that hold charge", () => {
    const rows = Array.from({ length: 21 }, (_, i) => new Array<number>(i).fill(50));
    expect(chooseExamples(tableOf(rows))).toEqual([
      { role: "quiet", row: 5 },
      { role: "typical", row: 10 },
      { role: "busy", row: 19 },
    ]);
  });

  it("does not show a row twice, nor an empty one", () => {
    expect(chooseExamples(tableOf([[0], [4]]))).toEqual([{ role: "quiet", row: 1 }]);
    expect(chooseExamples(tableOf([[0]]))).toEqual([]);
  });
});

describe("pickRows(slab, rows)", () => {
  it("copies rows with their labels, in the order asked for", () => {
    const picked = pickRows(tableOf([[1], [2], [3]], { layer: [10, 20, 30] }), [2, 0]);
    expect([picked.calq[0], picked.calq[48]]).toEqual([3, 1]);
    expect([...(picked.labels.get("layer") ?? [])]).toEqual([30, 10]);
  });
});
