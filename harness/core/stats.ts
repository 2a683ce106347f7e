/**
 * Small statistics with stated definitions: quantiles as NumPy's default, sample standard deviation (ddof 1).
 *
 * An empty sample has no mean: these functions return undefined rather than 0 or NaN.
 */
import { sqrt } from "./elementary.js";

/** Ascending copy of the finite values. */
export function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** Quantile `p` in [0, 1] of an ascending array by linear interpolation. */
export function quantileSorted(ascending: ArrayLike<number>, p: number): number | undefined {
  return ascending.length === 0 ? undefined : interpolate(ascending, p);
}

/** R-7 on an ascending array with at least one value. */
function interpolate(ascending: ArrayLike<number>, p: number): number {
  const n = ascending.length;
  const position = (n - 1) * p;
  const below = Math.floor(position);
  const above = Math.min(below + 1, n - 1);
  const low = ascending[below];
  return low + (ascending[above] - low) * (position - below);
}

export function median(values: ArrayLike<number>): number | undefined {
  return quantileSorted(sorted(values), 0.5);
}

/** Sum with Neumaier's compensation: independent of magnitude order to the last bits. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

export function mean(values: ArrayLike<number>): number | undefined {
  return values.length === 0 ? undefined : sum(values) / values.length;
}

/** Sample standard deviation (ddof 1); undefined below two values. */
export function standardDeviation(values: ArrayLike<number>): number | undefined {
  const centre = mean(values);
  if (centre === undefined || values.length < 2) return undefined;
  const squares = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) squares[i] = (values[i] - centre) * (values[i] - centre);
  return sqrt(sum(squares) / (values.length - 1));
}

export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** Standard error of the mean; absent for one value. */
  readonly standardError?: number;
  readonly rms?: number;
  readonly median: number;
  readonly q16: number;
  readonly q84: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Mean, spread and quantiles; undefined for an empty sample. */
export function summarise(values: ArrayLike<number>): Summary | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const ascending = sorted(values);
  const spread = standardDeviation(values);
  return {
    n,
    mean: sum(values) / n,
    ...(spread === undefined ? {} : { rms: spread, standardError: spread / sqrt(n) }),
    median: interpolate(ascending, 0.5),
    q16: interpolate(ascending, 0.16),
    q84: interpolate(ascending, 0.84),
    minimum: ascending[0],
    maximum: ascending[n - 1],
  };
}
