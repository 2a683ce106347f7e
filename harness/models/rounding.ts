/**
 * How far float32 inference may lie from the float64 reference: a running error bound through the layers.
 *
 * Each sum may be off by u (sum of |a||b|), u = 2^-24, and passes on the errors of what it sums (Higham, Accuracy and Stability
 * of Numerical Algorithms, 2002, section 3.3); agreement is an error of at most 30 bounds (the ratio LAPACK's testers use).
 */
import type { Agreement, Buffers } from "../core/kernel.js";
import { activate, activationOf, apply } from "./forward.js";
import type { Plan, PlannedLayer } from "./network.js";

type Reals = Float64Array;

const UNIT = 2 ** -24;
export const RATIO_LIMIT = 30;

interface Value {
  readonly y: Reals;
  readonly error: Reals;
}

function withoutBias(planned: PlannedLayer, parameters: Reals): Reals {
  const bias = planned.tensors.find(({ name }) => name.endsWith("bias"));
  if (bias === undefined) return parameters;
  const copy = parameters.slice();
  copy.fill(0, bias.offset, bias.offset + bias.size);
  return copy;
}

/** |gamma| / spread times what comes in; the layer itself rounds its product and its sum. */
function normalisationError(planned: PlannedLayer, epsilon: number, parameters: Reals, value: Value): Reals {
  const [gamma, beta, mean, variance] = planned.tensors;
  return value.error.map((e, i) => {
    const c = i % gamma.size;
    const spread = Math.sqrt(parameters[variance.offset + c] + epsilon);
    const factor = Math.abs(parameters[gamma.offset + c] / spread);
    const size =
      factor * (Math.abs(value.y[i]) + Math.abs(parameters[mean.offset + c])) +
      Math.abs(parameters[beta.offset + c]);
    return factor * e + UNIT * size;
  });
}

/** Prepared parameters of one layer: absolute values, with and without biases. */
interface Magnitudes {
  readonly all: Reals;
  readonly kernels: Reals;
}

function layerError(planned: PlannedLayer, parameters: Reals, sizes: Magnitudes, value: Value): Reals {
  const { layer } = planned;
  if (layer.kind === "batch-norm") return normalisationError(planned, layer.epsilon, parameters, value);
  const passedOn = apply(planned, sizes.kernels, value.error);
  if (planned.tensors.length === 0) return passedOn;
  const rounded = apply(
    planned,
    sizes.all,
    value.y.map((x) => Math.abs(x)),
  );
  return passedOn.map((e, i) => e + UNIT * rounded[i]);
}

/** Bound of the rounding error of each output of one row. */
function errorBound(plan: Plan, parameters: Reals, sizes: readonly Magnitudes[], input: Reals): Reals {
  let value: Value = { y: input, error: new Float64Array(input.length) };
  plan.layers.forEach((planned, i) => {
    const activation = activationOf(planned.layer);
    const raw = apply(planned, parameters, value.y);
    const y = raw.map((x) => activate(activation, x, plan.network.leak));
    // No activation has a slope above 1; the curved ones are rounded a few times themselves.
    const own = activation === "sigmoid" || activation === "tanh" ? UNIT : 0;
    const error = layerError(planned, parameters, sizes[i], value).map(
      (e, k) => e + UNIT * Math.abs(y[k]) + own,
    );
    value = { y, error };
  });
  return value.error;
}

/** Compares outputs [rows, outputs] with the reference's; `inputs` hold `input` and `parameters`. */
export function agreement(
  plan: Plan,
  outputs: ArrayLike<number>,
  expected: ArrayLike<number>,
  inputs: Buffers,
  rows: number,
): Agreement {
  const parameters = Float64Array.from(inputs.parameters);
  const all = parameters.map((x) => Math.abs(x));
  const sizes = plan.layers.map((planned) => ({ all, kernels: withoutBias(planned, all) }));
  let found: Agreement = { ratio: 0, worst: 0, measure: "absolute error", where: "output[0]" };
  for (let row = 0; row < rows; row++) {
    const input = Float64Array.from(inputs.input.subarray(row * plan.inputSize, (row + 1) * plan.inputSize));
    const bound = errorBound(plan, parameters, sizes, input);
    for (let k = 0; k < plan.outputSize; k++) {
      const at = row * plan.outputSize + k;
      const error = Math.abs(outputs[at] - expected[at]);
      const ratio = error === 0 ? 0 : error / (RATIO_LIMIT * bound[k]);
      if (!(ratio <= found.ratio)) found = { ...found, ratio, worst: error, where: `output[${at}]` };
    }
  }
  return found;
}
