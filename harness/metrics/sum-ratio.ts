/**
 * Restored over original sum of a module: what EMD cannot see, shown beside it always.
 *
 * A module that came back empty has ratio 0 and counts.
 */
import { defineMetric } from "../core/metric.js";
import { rowSum } from "../physics/moments.js";

export const metric = defineMetric({
  id: "sum-ratio",
  title: "Sum ratio",
  unit: "1",
  better: "nearer to one",
  source: "sum of the restored charges / sum of the original charges",
  domain: "original",
  range: [0, 2],
  headline: false,
  of(original, restored) {
    return Float64Array.from(
      { length: original.rows },
      (_, row) => rowSum(restored.calq, row) / rowSum(original.calq, row),
    );
  },
});
