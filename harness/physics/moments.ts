/**
 * First and second moments of a module's charge over the trigger-cell plane, with unit-sum weights.
 *
 * Lengths are in sensor-cell pitches. The row must have a positive sum: callers keep to that.
 */
import { sqrt } from "../core/elementary.js";
import { CELLS } from "../core/table.js";
import { TRIGGER_CELL_XY } from "./triggercells.js";

/** Sum of the 48 charges of row `row`. */
export function rowSum(calq: Float64Array, row: number): number {
  let total = 0;
  for (let i = row * CELLS; i < (row + 1) * CELLS; i++) total += calq[i];
  return total;
}

/** Charge-weighted centre of row `row`. */
export function centroid(calq: Float64Array, row: number): { readonly x: number; readonly y: number } {
  let total = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < CELLS; i++) {
    const charge = calq[row * CELLS + i];
    total += charge;
    x += charge * TRIGGER_CELL_XY[2 * i];
    y += charge * TRIGGER_CELL_XY[2 * i + 1];
  }
  return { x: x / total, y: y / total };
}

/** Root mean square distance of the charge from its centre. */
export function radiusRms(calq: Float64Array, row: number): number {
  const centre = centroid(calq, row);
  let total = 0;
  let squares = 0;
  for (let i = 0; i < CELLS; i++) {
    const charge = calq[row * CELLS + i];
    const dx = TRIGGER_CELL_XY[2 * i] - centre.x;
    const dy = TRIGGER_CELL_XY[2 * i + 1] - centre.y;
    total += charge;
    squares += charge * (dx * dx + dy * dy);
  }
  return sqrt(squares / total);
}
