/** Two-sample figures, the boosted classifier and neighbours against SciPy, NumPy and scikit-learn (oracles/realism.py), and by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rowHash, rowsOfHalf } from "../../harness/core/rowhalf.js";
import { CELLS } from "../../harness/core/table.js";
import {
  areaError,
  areaUnder,
  histogramEmd,
  ksDistance,
  rocCurve,
  sampleEmd,
} from "../../harness/core/twosample.js";
import { crossValidate } from "../../harness/models/boostedtrees.js";
import { bestCorrelatedDistance, cellCorrelations } from "../../harness/physics/cellneighbours.js";
import { FEATURE_NAMES, moduleFeatures } from "../../harness/physics/modulefeatures.js";
import { refusal } from "../io/temporary.js";

const recorded = JSON.parse(
  readFileSync(new URL("../oracles/realism.json", import.meta.url), "utf8"),
) as Record<string, number>;

let state = 12345;
function uniform(): number {
  state = (state * 16807) % 2147483647;
  return state / 2147483647;
}
const draws = (n: number, value: () => number): Float64Array => Float64Array.from({ length: n }, value);

// In the script's order: the generator is one sequence.
const first = draws(157, () => uniform() ** 2 * 10);
const second = draws(211, () => Math.floor(uniform() * 12));
const ROWS = 3000;
const FEATURES = 6;
const x = draws(ROWS * FEATURES, uniform);
const noise = draws(ROWS, uniform);
const charges = draws(400 * CELLS, uniform);

describe("distances of two samples", () => {
  it("are SciPy's", () => {
    expect(ksDistance(first, second)).toBeCloseTo(recorded["ks"], 12);
    expect(sampleEmd(first, second)).toBeCloseTo(recorded["emd"], 12);
    expect(ksDistance(second.subarray(0, 100), second.subarray(100))).toBeCloseTo(recorded["ksTies"], 12);
    expect(sampleEmd(second.subarray(0, 100), second.subarray(100))).toBeCloseTo(recorded["emdTies"], 12);
  });

  it("are 0 of a sample with itself, the shift of a shifted one, and undefined without values", () => {
    expect(ksDistance(first, first)).toBe(0);
    expect(sampleEmd(first, first)).toBe(0);
    expect(
      sampleEmd(
        second,
        second.map((value) => value + 3),
      ),
    ).toBeCloseTo(3, 12);
    expect(ksDistance(first, new Float64Array(0))).toBeUndefined();
    expect(histogramEmd([0, 4, 0, 0], [0, 0, 0, 2])).toBe(2);
    expect(histogramEmd([0, 0], [1, 0])).toBeUndefined();
  });
});

describe("ROC", () => {
  it("has area 1 for perfect, 1/2 for equal scores, and counts ties half", () => {
    const area = (scores: number[], positive: number[]): number =>
      areaUnder(rocCurve(Float64Array.from(scores), Uint8Array.from(positive)));
    expect(area([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(area([7, 7, 7, 7], [0, 0, 1, 1])).toBe(0.5);
    // positives 2, 3 against negatives 1, 3: wins 1, 0, 1, and half for the tie
    expect(area([2, 3, 1, 3], [1, 1, 0, 0])).toBe(0.625);
    expect(areaError(0.5, 100, 100)).toBeCloseTo(Math.sqrt((0.25 + 2 * 99 * (1 / 3 - 0.25)) / 1e4), 12);
  });

  it("of the boosted trees is scikit-learn's on the same folds to 0.01", () => {
    const at = (row: number, k: number): number => x[row * FEATURES + k];
    const names = Array.from({ length: FEATURES }, (_, k) => `x${k}`);
    const columns = names.map((_, k) => Float64Array.from({ length: ROWS }, (_unused, row) => at(row, k)));
    const positive = Uint8Array.from({ length: ROWS }, (_, row) => {
      const crossed = at(row, 0) > 0.5 ? at(row, 1) : 1 - at(row, 1);
      return crossed + 0.5 * at(row, 2) + noise[row] > 1.4 ? 1 : 0;
    });
    expect(positive.reduce((sum, one) => sum + one, 0)).toBe(recorded["positives"]);
    const folds = Uint8Array.from({ length: ROWS }, (_, row) => row % 5);
    const { margins, importance } = crossValidate({ names, columns }, positive, folds, 5);
    const auc = areaUnder(rocCurve(margins, positive));
    expect(Math.abs(auc - recorded["auc"])).toBeLessThan(0.01);
    // What the label is made of brings the gain; the other three columns are noise.
    expect(importance[0] + importance[1] + importance[2]).toBeGreaterThan(0.85);
    expect(importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe("module figures", () => {
  it("finds the best-correlated cells as NumPy does", () => {
    const calq = charges.map((own, i) => {
      const before = i % CELLS === 0 ? i + CELLS - 1 : i - 1;
      return Math.floor(100 * own * charges[before]);
    });
    expect(bestCorrelatedDistance(cellCorrelations(calq))).toBeCloseTo(recorded["neighbours"], 4);
  });

  it("describes a row by hand", () => {
    const calq = new Float64Array(CELLS);
    calq[0] = 40;
    calq[1] = 8; // beside cell 0
    calq[40] = 2; // alone
    const of = (name: string): number => moduleFeatures(calq)[FEATURE_NAMES.indexOf(name)][0];
    expect(of("cells above 0")).toBe(3);
    expect(of("cells above 35")).toBe(1);
    expect(of("log10 sum")).toBeCloseTo(Math.log10(51), 12);
    expect(of("maximum / sum")).toBe(0.8);
    expect(of("second / maximum")).toBe(0.2);
    expect(of("neighbours of maximum / maximum")).toBe(0.2);
    expect(of("clusters")).toBe(2);
    expect(of("largest cluster")).toBe(2);
    expect(of("isolated cells")).toBe(1);
    expect(of("local maxima")).toBe(2);
    expect(of("busiest third / sum")).toBe(0.96);
    expect(of("trailing zero bits")).toBeCloseTo(7 / 3, 12);
    expect(of("CALQ_1")).toBe(8);
  });
});

describe("halves of the real rows", () => {
  it("go by 32-bit FNV-1a of the little-endian uint16 charges", () => {
    // FNV-1a of 96 zero bytes: offset basis times prime^96 modulo 2^32.
    let expected = 0x811c9dc5n;
    for (let i = 0; i < 96; i++) expected = (expected * 0x01000193n) % 2n ** 32n;
    expect(rowHash(new Float64Array(CELLS), 0)).toBe(Number(expected));
    const calq = Float64Array.from({ length: 20 * CELLS }, (_, i) => (i * i) % 700);
    const odd = rowsOfHalf(calq, 20, "odd");
    const even = rowsOfHalf(calq, 20, "even");
    expect([...odd, ...even].sort((a, b) => a - b)).toEqual(rowsOfHalf(calq, 20, "all"));
    expect(odd.length * even.length).toBeGreaterThan(0);
  });

  it("refuse charges that are no uint16", async () => {
    const problem = await refusal(() => rowHash(new Float64Array(CELLS).fill(0.5), 0));
    expect(problem.message).toMatch(/CALQ_0.*expected a whole count/);
  });
});
