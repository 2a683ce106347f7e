/**
 * Tables on which the principal component kernels are validated and timed, and float64 arithmetic on them that is slow and
 * plain: two-pass covariance, cyclic Jacobi (another method than the kernels').
 */
import { sqrt, log, exp } from "../core/elementary.js";
import type { NumericArray } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";

const LARGEST_SCALE = 5;
const SMALLEST_SCALE = 0.5;
const NOISE = 0.3;
const MEAN_SIZE = 3;
const COLUMNS_PER_FACTOR = 4;

/**
 * Rows with columns/4 hidden factors of geometric scales 5 .. 0.5 along random unit vectors, noise of 0.3 and means of order 3;
 * [rows, columns], row-major.
 */
export function factorTable(rows: number, columns: number, rng: Rng): Float64Array {
  const factors = Math.max(1, Math.floor(columns / COLUMNS_PER_FACTOR));
  const directions = Array.from({ length: factors }, (_, k) => {
    const drawn = Float64Array.from({ length: columns }, () => rng.normal());
    const norm = sqrt(drawn.reduce((sum, x) => sum + x * x, 0));
    const part = factors === 1 ? 0 : k / (factors - 1);
    const scale = LARGEST_SCALE * exp(part * log(SMALLEST_SCALE / LARGEST_SCALE));
    return drawn.map((x) => (x / norm) * scale);
  });
  const means = Float64Array.from({ length: columns }, () => MEAN_SIZE * rng.normal());
  const table = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let j = 0; j < columns; j++) table[at + j] = means[j] + NOISE * rng.normal();
    for (const direction of directions) {
      const size = rng.normal();
      for (let j = 0; j < columns; j++) table[at + j] += size * direction[j];
    }
  }
  return table;
}

/** Awkward variants of factor tables, by name. */
export const TABLE_FAMILIES = ["factors", "far", "constant", "twins", "whole"] as const;
export type TableFamily = (typeof TABLE_FAMILIES)[number];

/**
 * "factors" as they are; "far": means of order 10^4; "constant": every third column does not vary; "twins": the second half of
 * the columns repeats the first (rank deficient); "whole": rounded to whole numbers, so that many values tie.
 */
export function familyTable(family: TableFamily, rows: number, columns: number, rng: Rng): Float64Array {
  const table = factorTable(rows, columns, rng);
  const half = Math.ceil(columns / 2);
  return table.map((x, i) => {
    const j = i % columns;
    switch (family) {
      case "factors":
        return x;
      case "far":
        return x + 10_000 * (j + 1);
      case "constant":
        return j % 3 === 0 ? j : x;
      case "twins":
        return j < half ? x : table[i - half];
      case "whole":
        return Math.round(x);
    }
  });
}

/** Mean [columns] of the rows. */
export function meanOf(data: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) mean[i % columns] += data[i];
  return mean.map((sum) => sum / rows);
}

/** Sum of products of deviations from `mean`, [columns, columns]. */
export function scatterOf(
  data: ArrayLike<number>,
  rows: number,
  columns: number,
  mean: ArrayLike<number>,
): Float64Array {
  const scatter = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const x = data[row * columns + i] - mean[i];
      for (let j = 0; j < columns; j++) {
        scatter[i * columns + j] += x * (data[row * columns + j] - mean[j]);
      }
    }
  }
  return scatter;
}

export interface Eigenpairs {
  /** Descending. */
  readonly values: Float64Array;
  /** Row k belongs to value k; unit length. */
  readonly vectors: Float64Array;
}

const MOST_JACOBI_SWEEPS = 60;
/** Off-diagonal elements this small beside the largest one change no eigenvalue's last bit. */
const NEGLIGIBLE = 2 ** -56;

/** Turns rows and columns p and q of `a` so that a[p, q] vanishes, and the rows of `v` along; false when it is negligible. */
function turn(a: Float64Array, v: Float64Array, n: number, p: number, q: number, enough: number): boolean {
  const off = a[p * n + q];
  if (Math.abs(off) <= enough) return false;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + sqrt(theta * theta + 1));
  const c = 1 / sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (const matrix of [a, v]) {
    for (let k = 0; k < n; k++) {
      const [x, y] = [matrix[p * n + k], matrix[q * n + k]];
      matrix[p * n + k] = c * x - s * y;
      matrix[q * n + k] = s * x + c * y;
    }
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  return true;
}

/** The vector with the sign that the kernels give: the first of its largest elements (to one part in 2^20) is positive. */
export function withSign(vector: Float64Array): Float64Array {
  const most = largestSize(vector);
  const first = vector.find((x) => Math.abs(x) >= most * (1 - 2 ** -20)) ?? 0;
  return first < 0 ? vector.map((x) => -x) : vector;
}

/** Eigenpairs of a symmetric matrix [n, n] by cyclic Jacobi rotations. */
export function jacobi(matrix: ArrayLike<number>, n: number): Eigenpairs {
  const a = Float64Array.from(matrix);
  const v = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
  const enough = NEGLIGIBLE * largestSize(a);
  let turned = true;
  for (let sweep = 0; sweep < MOST_JACOBI_SWEEPS && turned; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) if (turn(a, v, n, p, q, enough)) turned = true;
    }
  }
  const order = Array.from({ length: n }, (_, k) => k).sort((p, q) => a[q * n + q] - a[p * n + p] || p - q);
  const vectors = new Float64Array(n * n);
  order.forEach((k, rank) => {
    vectors.set(withSign(v.slice(k * n, (k + 1) * n)), rank * n);
  });
  return { values: Float64Array.from(order, (k) => a[k * n + k]), vectors };
}

/** Largest magnitude of some values; 0 of none. */
export function largestSize(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** Worst |a - b| / allowed over two arrays, with the flat index. */
export function worstOf(
  a: NumericArray,
  b: ArrayLike<number>,
  allowed: (i: number) => number,
): { ratio: number; worst: number; at: number } {
  let found = { ratio: 0, worst: 0, at: 0 };
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs(a[i] - b[i]);
    const ratio = error === 0 ? 0 : error / allowed(i);
    if (!(ratio <= found.ratio)) found = { ratio, worst: error, at: i };
  }
  return found;
}
