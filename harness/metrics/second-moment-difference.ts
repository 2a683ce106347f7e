/**
 * Absolute difference of the root mean square radii of the original and the restored module: the width, in pitches.
 *
 * The usual second moment about the centroid with unit-sum weights; rms-difference is the published variant.
 */
import { defineMetric } from "../core/metric.js";
import { radiusRms } from "../physics/moments.js";

export const metric = defineMetric({
  id: "second-moment-difference",
  title: "Width difference (second moment)",
  unit: "cell",
  better: "lower",
  source: "root mean square radius about the charge-weighted centre",
  domain: "both",
  range: [0, 4],
  headline: false,
  of(original, restored) {
    const values = new Float64Array(original.rows);
    for (let row = 0; row < original.rows; row++) {
      values[row] = Math.abs(radiusRms(original.calq, row) - radiusRms(restored.calq, row));
    }
    return values;
  },
});
