/** A part of a slab by row numbers. */
import { CELLS, type Slab } from "../core/table.js";

/** The rows of `slab` listed in `rows`, copied together; the slab itself when it is all of them. */
export function pickRows(slab: Slab, rows: readonly number[]): Slab {
  if (rows.length === slab.rows) return slab;
  const calq = new Float64Array(rows.length * CELLS);
  rows.forEach((row, i) => {
    calq.set(slab.calq.subarray(row * CELLS, (row + 1) * CELLS), i * CELLS);
  });
  const labels = new Map(
    [...slab.labels].map(([name, column]) => [name, Float64Array.from(rows, (row) => column[row])]),
  );
  return { rows: rows.length, calq, labels };
}
