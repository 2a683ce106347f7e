/** Trigger cells of one module in centimetres about the wafer's centre, and which of them a point of the wafer falls into. */
import { CELLS } from "../core/table.js";
import { PITCH_CM, TRIGGER_CELL_XY } from "../physics/triggercells.js";

/** Distance of neighbouring wafers: 16.64408 cm flat to flat and a gap of 0.1 cm (bye_splits config.yaml). */
export const PITCH_OF_WAFERS_CM = 16.74408;

function centred(axis: 0 | 1): Float64Array {
  const values = Float64Array.from({ length: CELLS }, (_, i) => TRIGGER_CELL_XY[2 * i + axis] * PITCH_CM);
  const centre = values.reduce((sum, value) => sum + value, 0) / CELLS;
  return values.map((value) => value - centre);
}

export const CELL_X_CM = centred(0);
export const CELL_Y_CM = centred(1);

const STEP_CM = 0.1;
const HALF_SIDE_CM = 9.75; // above the wafer's circumradius, 9.67
export const SIDE = Math.floor((2 * HALF_SIDE_CM) / STEP_CM);

function nearestCell(x: number, y: number): number {
  let best = 0;
  let nearest = Infinity;
  for (let i = 0; i < CELLS; i++) {
    const dx = x - CELL_X_CM[i];
    const dy = y - CELL_Y_CM[i];
    const square = dx * dx + dy * dy;
    if (square < nearest) {
      nearest = square;
      best = i;
    }
  }
  return best;
}

/** Cell of each square millimetre, row by row. */
export const NEAREST = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
  const column = at % SIDE;
  const row = (at - column) / SIDE;
  return nearestCell((column + 0.5) * STEP_CM - HALF_SIDE_CM, (row + 0.5) * STEP_CM - HALF_SIDE_CM);
});

/** Trigger cell (training index) whose centre is nearest to the point (x, y) of the wafer, to a millimetre. */
export function cellAt(x: number, y: number): number {
  const column = Math.floor((x + HALF_SIDE_CM) / STEP_CM);
  const row = Math.floor((y + HALF_SIDE_CM) / STEP_CM);
  const inColumn = column < 0 ? 0 : column >= SIDE ? SIDE - 1 : column;
  const inRow = row < 0 ? 0 : row >= SIDE ? SIDE - 1 : row;
  return NEAREST[inRow * SIDE + inColumn];
}
