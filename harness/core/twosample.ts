/**
 * Figures for two samples of one variable: Kolmogorov-Smirnov distance, one-dimensional EMD, ROC curve and its area.
 *
 * Distances only, no p-values: with large samples every difference is significant, and its size is what matters.
 */
import { sqrt } from "./elementary.js";
import { sorted } from "./stats.js";

/** Steps of the merged sample: both distribution functions after each distinct value. */
function* merged(
  first: Float64Array,
  second: Float64Array,
): Generator<{ value: number; below: number; firstShare: number; secondShare: number }> {
  const a = sorted(first);
  const b = sorted(second);
  let i = 0;
  let j = 0;
  let below = Math.min(a[0], b[0]);
  while (i < a.length || j < b.length) {
    const value = i < a.length && (j >= b.length || a[i] <= b[j]) ? a[i] : b[j];
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    yield { value, below, firstShare: i / a.length, secondShare: j / b.length };
    below = value;
  }
}

/** Largest distance between the two distribution functions, 0..1; undefined when a side is empty. */
export function ksDistance(first: Float64Array, second: Float64Array): number | undefined {
  if (first.length === 0 || second.length === 0) return undefined;
  let largest = 0;
  for (const { firstShare, secondShare } of merged(first, second))
    largest = Math.max(largest, Math.abs(firstShare - secondShare));
  return largest;
}

/** EMD of the two samples, both of unit mass, in the unit of the values; undefined when a side is empty. */
export function sampleEmd(first: Float64Array, second: Float64Array): number | undefined {
  if (first.length === 0 || second.length === 0) return undefined;
  let total = 0;
  let difference = 0;
  for (const { value, below, firstShare, secondShare } of merged(first, second)) {
    total += Math.abs(difference) * (value - below);
    difference = firstShare - secondShare;
  }
  return total;
}

/** EMD of two histograms over the same even bins, both made to sum to one, in bins; undefined when one is empty. */
export function histogramEmd(first: ArrayLike<number>, second: ArrayLike<number>): number | undefined {
  const total = (counts: ArrayLike<number>): number => Array.from(counts).reduce((sum, x) => sum + x, 0);
  const firstTotal = total(first);
  const secondTotal = total(second);
  if (firstTotal === 0 || secondTotal === 0) return undefined;
  let carried = 0;
  let work = 0;
  for (let bin = 0; bin < first.length; bin++) {
    carried += first[bin] / firstTotal - second[bin] / secondTotal;
    work += Math.abs(carried);
  }
  return work;
}

/** One point of a ROC curve: shares of negatives and of positives at or above a score. */
export interface RocPoint {
  readonly falsePositive: number;
  readonly truePositive: number;
}

/** The curve from (0, 0) to (1, 1), one point per distinct score. `positive` holds 1 or 0 for each score. */
export function rocCurve(scores: Float64Array, positive: Uint8Array): RocPoint[] {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  const positives = positive.reduce((sum, one) => sum + one, 0);
  const negatives = scores.length - positives;
  const points: RocPoint[] = [{ falsePositive: 0, truePositive: 0 }];
  let hits = 0;
  let alarms = 0;
  for (let k = 0; k < order.length; k++) {
    if (positive[order[k]] === 1) hits++;
    else alarms++;
    if (k + 1 < order.length && scores[order[k + 1]] === scores[order[k]]) continue;
    points.push({ falsePositive: alarms / negatives, truePositive: hits / positives });
  }
  return points;
}

/** Area under a ROC curve by trapezia: the chance that a positive scores above a negative, ties counted half. */
export function areaUnder(curve: readonly RocPoint[]): number {
  let area = 0;
  for (let k = 1; k < curve.length; k++) {
    const width = curve[k].falsePositive - curve[k - 1].falsePositive;
    area += (width * (curve[k].truePositive + curve[k - 1].truePositive)) / 2;
  }
  return area;
}

/** Standard error of an area from its two sample sizes (Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747). */
export function areaError(area: number, positives: number, negatives: number): number {
  const twoPositives = area / (2 - area);
  const twoNegatives = (2 * area * area) / (1 + area);
  const square = area * area;
  const variance =
    area * (1 - area) + (positives - 1) * (twoPositives - square) + (negatives - 1) * (twoNegatives - square);
  return sqrt(Math.max(0, variance) / (positives * negatives));
}
