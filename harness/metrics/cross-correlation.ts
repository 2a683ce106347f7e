/**
 * Pearson correlation of the 48 charges before and after.
 *
 * Where all 48 charges of a side are equal there is no correlation: no value, and the caller counts it (the published
 * code says 0 there). Source: cross_corr of fastml-science, sensor-data-compression/utils/metrics.py.
 */
import { sqrt } from "../core/elementary.js";
import { defineMetric } from "../core/metric.js";
import { CELLS } from "../core/table.js";
import { rowSum } from "../physics/moments.js";

function correlation(a: Float64Array, b: Float64Array, row: number): number {
  const meanA = rowSum(a, row) / CELLS;
  const meanB = rowSum(b, row) / CELLS;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let i = row * CELLS; i < (row + 1) * CELLS; i++) {
    const da = a[i] - meanA;
    const db = b[i] - meanB;
    squaresA += da * da;
    squaresB += db * db;
    products += da * db;
  }
  // Rounding may lead a little beyond.
  return Math.max(-1, Math.min(1, products / (sqrt(squaresA) * sqrt(squaresB))));
}

function isFlat(calq: Float64Array, row: number): boolean {
  const first = calq[row * CELLS];
  return calq.subarray(row * CELLS, (row + 1) * CELLS).every((charge) => charge === first);
}

export const metric = defineMetric({
  id: "cross-correlation",
  title: "Cross-correlation",
  unit: "1",
  better: "higher",
  source: "fastml-science sensor-data-compression utils/metrics.py cross_corr",
  domain: "both",
  range: [-0.5, 1],
  headline: false,
  of(original, restored) {
    const values = new Float64Array(original.rows);
    for (let row = 0; row < original.rows; row++) {
      const undefinedHere = isFlat(original.calq, row) || isFlat(restored.calq, row);
      values[row] = undefinedHere ? NaN : correlation(original.calq, restored.calq, row);
    }
    return values;
  },
});
