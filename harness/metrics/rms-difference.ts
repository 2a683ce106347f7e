/**
 * Absolute difference of the published "RMS" of a module: squared weights times squared, scaled distances from the centre.
 *
 * The square of the weights makes it a measure of concentration as much as of width; the true second moment is
 * second-moment-difference. Kept because published figures use it.
 * Source: get_rms and d_abs_weighted_rms of fastml-science, sensor-data-compression/utils/metrics.py.
 */
import { sqrt } from "../core/elementary.js";
import { defineMetric } from "../core/metric.js";
import { CELLS } from "../core/table.js";
import { centroid, rowSum } from "../physics/moments.js";
import { TRIGGER_CELL_XY } from "../physics/triggercells.js";

/** Population standard deviation of the 48 cells' x (and y), by which the published definition divides. */
const SIGMA_X = spread(0);
const SIGMA_Y = spread(1);

function spread(axis: 0 | 1): number {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += TRIGGER_CELL_XY[2 * i + axis];
  const centre = sum / CELLS;
  const distance = (i: number): number => TRIGGER_CELL_XY[2 * i + axis] - centre;
  let squares = 0;
  for (let i = 0; i < CELLS; i++) squares += distance(i) * distance(i);
  return sqrt(squares / CELLS);
}

function publishedRms(calq: Float64Array, row: number): number {
  const total = rowSum(calq, row);
  const centre = centroid(calq, row);
  let squares = 0;
  for (let i = 0; i < CELLS; i++) {
    const weight = calq[row * CELLS + i] / total;
    const x = (TRIGGER_CELL_XY[2 * i] - centre.x) / SIGMA_X;
    const y = (TRIGGER_CELL_XY[2 * i + 1] - centre.y) / SIGMA_Y;
    squares += weight * weight * (x * x + y * y);
  }
  return sqrt(squares);
}

export const metric = defineMetric({
  id: "rms-difference",
  title: "RMS difference (published, squared weights)",
  unit: "1",
  better: "lower",
  source: "fastml-science sensor-data-compression utils/metrics.py d_abs_weighted_rms",
  domain: "both",
  range: [0, 1],
  headline: false,
  of(original, restored) {
    const values = new Float64Array(original.rows);
    for (let row = 0; row < original.rows; row++) {
      values[row] = Math.abs(publishedRms(original.calq, row) - publishedRms(restored.calq, row));
    }
    return values;
  },
});
