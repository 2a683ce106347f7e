/**
 * Sum of squared differences over the geometric mean of the two sums of squares: sees scale as well as shape.
 *
 * Source: ssd of fastml-science, sensor-data-compression/utils/metrics.py.
 */
import { sqrt } from "../core/elementary.js";
import { defineMetric } from "../core/metric.js";
import { CELLS } from "../core/table.js";

export const metric = defineMetric({
  id: "ssd",
  title: "Normalised squared difference",
  unit: "1",
  better: "lower",
  source: "fastml-science sensor-data-compression utils/metrics.py ssd",
  domain: "both",
  range: [0, 2],
  headline: false,
  of(original, restored) {
    const values = new Float64Array(original.rows);
    for (let row = 0; row < original.rows; row++) {
      let squaresBefore = 0;
      let squaresAfter = 0;
      let squaresBetween = 0;
      for (let i = row * CELLS; i < (row + 1) * CELLS; i++) {
        const before = original.calq[i];
        const after = restored.calq[i];
        squaresBefore += before * before;
        squaresAfter += after * after;
        squaresBetween += (before - after) * (before - after);
      }
      // Two roots, not the root of the product, which could overflow.
      values[row] = squaresBetween / (sqrt(squaresBefore) * sqrt(squaresAfter));
    }
    return values;
  },
});
