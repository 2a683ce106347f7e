/**
 * 1 for a module that held charge and came back empty, else 0: the mean is the fraction of modules lost.
 *
 * Source: zero_frac of fastml-science, sensor-data-compression/utils/metrics.py.
 */
import { defineMetric } from "../core/metric.js";
import { rowSum } from "../physics/moments.js";

export const metric = defineMetric({
  id: "zero-fraction",
  title: "Modules emptied",
  unit: "1",
  better: "lower",
  source: "fastml-science sensor-data-compression utils/metrics.py zero_frac",
  domain: "original",
  range: [0, 1],
  headline: false,
  of(original, restored) {
    return Float64Array.from({ length: original.rows }, (_, row) =>
      rowSum(restored.calq, row) === 0 ? 1 : 0,
    );
  },
});
