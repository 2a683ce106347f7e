/**
 * Scratch sizes and tolerances that the principal component kernels share; the sizes are those of assembly/_moments.ts,
 * _affine.ts and _symmetric.ts.
 */
import { BYTES_PER, type Dims } from "../core/kernel.js";

export type Precision = "f32" | "f64";

/** Rows of a packed block. */
const BLOCK = 64;
const TILE_BYTES = 32;
const TILE_HEIGHT = 4;

function padded(precision: Precision, columns: number): number {
  const width = TILE_BYTES / BYTES_PER[precision];
  return Math.ceil(columns / width) * width;
}

/** Packed block, shift, sums, products. */
export function momentsBytes(precision: Precision, columns: number): number {
  const wide = padded(precision, columns);
  return wide * BYTES_PER[precision] * (BLOCK + 1) + 8 * wide * (wide + 1);
}

/** Two matrices and five rows. */
export function eigenBytes(n: number): number {
  return 8 * (2 * n * n + 5 * n);
}

/** Packed block, a spare tile, matrix, offset, shift, sums. */
export function affineBytes(precision: Precision, inputs: number, outputs: number): number {
  const size = BYTES_PER[precision];
  const wide = padded(precision, inputs);
  const across = padded(precision, outputs);
  return size * (wide * (BLOCK + 1) + across * (inputs + 1)) + TILE_BYTES * TILE_HEIGHT + 8 * (inputs + 1);
}

/** A float32 sum of 64 rounded products may be off by 66 half-ulps of 2^-24; blocks show up to a fifth of that. */
const F32_BLOCK_ERROR = 24 * 2 ** -24;
const F64_ERROR = 1e-14;

/**
 * Error allowed in a covariance and its eigenvalues, relative to the largest eigenvalue. float32: errors of blocks of 64 rows
 * are independent, so that they average out over the table. float64: 1e-14 whatever the size.
 */
export function momentsTolerance(precision: Precision, rows: number): number {
  return precision === "f32" ? F32_BLOCK_ERROR / Math.sqrt(Math.ceil(rows / BLOCK)) : F64_ERROR;
}

/** Additions and multiplications of the moments: a shift and a sum for each value, a product and a sum for each pair of columns. */
export function momentsOperations(rows: number, columns: number): number {
  return rows * columns * (2 + columns + 1);
}

/** Bytes of a table [rows, columns]. */
export function bytesOfTable(precision: Precision, { rows, columns }: Dims): number {
  return BYTES_PER[precision] * rows * columns;
}
