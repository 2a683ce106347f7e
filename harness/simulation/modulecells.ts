/** Trigger cells of one module in centimetres about the module's centre, and which of them a point falls into. */
import { CELLS } from "../core/table.js";
import { PITCH_CM, TRIGGER_CELL_XY } from "../physics/triggercells.js";

const TRIGGER_CELL_PITCH_CM = 2 * PITCH_CM;
/** A cell is the region nearer to its centre than to others, cut at its circumradius (hexagon of that pitch). */
const CIRCUMRADIUS_CM = TRIGGER_CELL_PITCH_CM * 0.5773502691896258;

function centred(axis: 0 | 1): Float64Array {
  const values = Float64Array.from({ length: CELLS }, (_, i) => TRIGGER_CELL_XY[2 * i + axis] * PITCH_CM);
  const centre = values.reduce((sum, value) => sum + value, 0) / CELLS;
  return values.map((value) => value - centre);
}

export const CELL_X_CM = centred(0);
export const CELL_Y_CM = centred(1);

/** Distance from the centre beyond which there is no cell. */
export const MODULE_RADIUS_CM = 9.9;

/** Index of the trigger cell at (x, y), or undefined outside the module. */
export function cellAt(x: number, y: number): number | undefined {
  if (x * x + y * y > MODULE_RADIUS_CM * MODULE_RADIUS_CM) return undefined;
  let best = -1;
  let nearest = CIRCUMRADIUS_CM * CIRCUMRADIUS_CM;
  for (let i = 0; i < CELLS; i++) {
    const dx = x - CELL_X_CM[i];
    const dy = y - CELL_Y_CM[i];
    const square = dx * dx + dy * dy;
    if (square < nearest) {
      nearest = square;
      best = i;
    }
  }
  return best < 0 ? undefined : best;
}
