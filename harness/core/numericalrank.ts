/** Numerical rank of a table: how many of its columns are not sums of others. */
import { sqrt } from "./elementary.js";

/** Columns as arrays, each less its mean and of length 1; columns without spread are zero. */
function standardised(values: Float64Array, columns: number): Float64Array[] {
  const rows = values.length / columns;
  return Array.from({ length: columns }, (_, column) => {
    const own = Float64Array.from({ length: rows }, (_unused, row) => values[row * columns + column]);
    const mean = own.reduce((sum, x) => sum + x, 0) / rows;
    const centred = own.map((x) => x - mean);
    const length = sqrt(dot(centred, centred));
    return length > 0 ? centred.map((x) => x / length) : centred;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * What remains of each column after those before it, largest first (Gram-Schmidt with pivoting, applied twice: Björck 1994,
 * doi:10.1016/0024-3795(94)90493-6). 1 is a column that owes nothing to others; rounding leaves about 1e-14 of a sum of others.
 */
export function independentParts(values: Float64Array, columns: number): number[] {
  const left = standardised(values, columns);
  const parts: number[] = [];
  while (left.length > 0) {
    const lengths = left.map((column) => sqrt(dot(column, column)));
    const at = lengths.indexOf(Math.max(...lengths));
    const length = lengths[at];
    parts.push(length);
    const [axis] = left.splice(at, 1);
    if (length === 0) continue;
    for (let i = 0; i < axis.length; i++) axis[i] /= length;
    for (const column of left) {
      for (let pass = 0; pass < 2; pass++) {
        const along = dot(column, axis);
        for (let i = 0; i < column.length; i++) column[i] -= along * axis[i];
      }
    }
  }
  return parts;
}

/** Far above the rounding of sums of float64, far below any real column. */
const RANK_TOLERANCE = 1e-9;

export function numericalRank(values: Float64Array, columns: number): number {
  return independentParts(values, columns).filter((part) => part > RANK_TOLERANCE).length;
}
