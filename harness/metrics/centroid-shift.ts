/**
 * Distance between the charge-weighted centres of the original and the restored module.
 *
 * Blind to scale and to width. Source: dMean (d_weighted_mean) of fastml-science, sensor-data-compression/utils/metrics.py.
 */
import { sqrt } from "../core/elementary.js";
import { defineMetric } from "../core/metric.js";
import { centroid } from "../physics/moments.js";

export const metric = defineMetric({
  id: "centroid-shift",
  title: "Centroid shift",
  unit: "cell",
  better: "lower",
  source: "fastml-science sensor-data-compression utils/metrics.py d_weighted_mean",
  domain: "both",
  range: [0, 4],
  headline: false,
  of(original, restored) {
    const values = new Float64Array(original.rows);
    for (let row = 0; row < original.rows; row++) {
      const before = centroid(original.calq, row);
      const after = centroid(restored.calq, row);
      const dx = before.x - after.x;
      const dy = before.y - after.y;
      values[row] = sqrt(dx * dx + dy * dy);
    }
    return values;
  },
});
