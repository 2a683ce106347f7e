/**
 * Earth mover's distance between the original and the restored module, exact, by the WebAssembly kernel.
 *
 * Both sides are normalised to unit sum, so it is blind to scale (sum-ratio is shown beside it); the ground distance is the
 * Euclidean one between trigger-cell centres in sensor-cell pitches. Rows that do not converge have no value.
 * Source: definition of fastml-science, sensor-data-compression/utils/metrics.py, without its sentinels for empty modules.
 */
import { STATUS } from "../core/kernel.js";
import { defineMetric } from "../core/metric.js";
import { CELLS } from "../core/table.js";
import { kernel } from "../kernels/emd.js";
import { groundDistance } from "../physics/triggercells.js";

const METRIC = groundDistance();

export const metric = defineMetric({
  id: "emd",
  title: "Earth mover's distance",
  unit: "cell",
  better: "lower",
  source: kernel.source,
  domain: "both",
  range: [0, 6],
  headline: true,
  async of(original, restored, kernels) {
    const { emd, status } = await kernels.call(
      kernel,
      { original: original.calq, restored: restored.calq, metric: METRIC },
      { rows: original.rows, cells: CELLS, isMetric: 1 },
    );
    return Float64Array.from(emd, (distance, row) => (status[row] === STATUS.ok ? distance : NaN));
  },
});
