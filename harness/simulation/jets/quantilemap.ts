/**
 * Quantile tables and the map from a simulated score to a published marginal.
 *
 * A score keeps its order and so its correlations; only its distribution is replaced (quantile matching), by straight lines between
 * the same cumulative probabilities on both sides.
 */
import { quantileSorted, sorted } from "../../core/stats.js";

/** Cumulative probabilities of every quantile table of these generators. */
export const PROBABILITIES: readonly number[] = [
  0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1,
];

/** A variable's values at `PROBABILITIES`. */
export type Quantiles = readonly number[];

/** y at x on the straight lines through (xs, ys), constant outside; of equal xs the first counts. */
export function interpolate(xs: ArrayLike<number>, ys: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (x <= xs[low]) return ys[low];
  if (x > xs[high]) return ys[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle;
    else high = middle;
  }
  return ys[low] + ((ys[high] - ys[low]) * (x - xs[low])) / (xs[high] - xs[low]);
}

/** The value below which a share `p` of a variable lies. */
export function quantileAt(table: Quantiles, p: number): number {
  return interpolate(PROBABILITIES, table, p);
}

/** Values of `sample` at `probabilities`. */
export function quantilesOf(
  sample: Float64Array,
  probabilities: readonly number[] = PROBABILITIES,
): Float64Array {
  const inOrder = sorted(sample);
  return Float64Array.from(probabilities, (p) => quantileSorted(inOrder, p) ?? NaN);
}

export type ScoreMap = (score: number) => number;

/** The map that gives scores like those of `pilot` the distribution of `table`. */
export function scoreMap(
  pilot: Float64Array,
  table: Quantiles,
  probabilities: readonly number[] = PROBABILITIES,
): ScoreMap {
  const scores = quantilesOf(pilot, probabilities);
  return (score) => interpolate(scores, table, score);
}
