/**
 * How far float32 inference may lie from the float64 reference: a running estimate of the rounding error through the layers.
 *
 * A sum may be off by u (sum of |a||b|), u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.3).
 * Errors that come in are independent, so they are passed on as the root of their squares: added up without signs they would
 * grow with every layer until no mistake could be found. Agreement is an error of at most 30 such estimates.
 */
import type { Agreement, Buffers, NumericArray } from "../core/kernel.js";
import { activate, activationOf, apply } from "./forward.js";
import type { Plan, PlannedLayer } from "./network.js";

type Reals = Float64Array;

const UNIT = 2 ** -24;
export const RATIO_LIMIT = 30;

interface Value {
  readonly y: Reals;
  readonly error: Reals;
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

/** Parameters made ready: as they are, absolute values, and squares without biases, by which squares of incoming errors go on. */
interface Magnitudes {
  readonly parameters: Reals;
  readonly sizes: Reals;
  readonly squares: Reals;
}

const magnitudesOf = new WeakMap<NumericArray, Magnitudes>();

/** Kept while the array lives: all windows and rows of a comparison share one. */
function magnitudes(plan: Plan, given: NumericArray): Magnitudes {
  const kept = magnitudesOf.get(given);
  if (kept !== undefined) return kept;
  const parameters = Float64Array.from(given);
  const squares = parameters.map((x) => x * x);
  for (const { name, offset, size } of plan.layers.flatMap(({ tensors }) => tensors)) {
    if (name.endsWith("bias")) squares.fill(0, offset, offset + size);
  }
  const made = { parameters, sizes: parameters.map((x) => Math.abs(x)), squares };
  magnitudesOf.set(given, made);
  return made;
}

function layerError(planned: PlannedLayer, { parameters, sizes, squares }: Magnitudes, value: Value): Reals {
  const { layer } = planned;
  if (layer.kind === "batch-norm") return normalisationError(planned, layer.epsilon, parameters, value);
  // What lies at the edge of a step may fall to either side: inputs for comparisons keep away from edges.
  if (layer.kind === "quantise") return value.error;
  const squaredErrors = value.error.map((e) => e * e);
  const passedOn = apply(planned, squares, squaredErrors).map((e) => Math.sqrt(e));
  if (planned.tensors.length === 0) return passedOn;
  const absolute = value.y.map((x) => Math.abs(x));
  const rounded = apply(planned, sizes, absolute);
  return passedOn.map((e, i) => e + UNIT * rounded[i]);
}

/** Estimated rounding error of each output of one row. */
function rowError(plan: Plan, made: Magnitudes, input: Reals): Reals {
  let value: Value = { y: input, error: new Float64Array(input.length) };
  for (const planned of plan.layers) {
    const activation = activationOf(planned.layer);
    const raw = apply(planned, made.parameters, value.y);
    const y = raw.map((x) => activate(activation, x, plan.network.leak));
    // No activation has a slope above 1; the curved ones are rounded a few times themselves.
    const own = activation === "sigmoid" || activation === "tanh" ? UNIT : 0;
    const error = layerError(planned, made, value).map((e, k) => e + UNIT * Math.abs(y[k]) + own);
    value = { y, error };
  }
  return value.error;
}

const known = new WeakMap<Buffers, Reals>();

/** Estimates for all outputs [rows, outputs]; the same inputs are judged once for each backend, so they are kept. */
function errorsOf(plan: Plan, inputs: Buffers, rows: number): Reals {
  const found = known.get(inputs);
  if (found?.length === rows * plan.outputSize) return found;
  const made = magnitudes(plan, inputs.parameters);
  const errors = new Float64Array(rows * plan.outputSize);
  for (let row = 0; row < rows; row++) {
    const input = Float64Array.from(inputs.input.subarray(row * plan.inputSize, (row + 1) * plan.inputSize));
    errors.set(rowError(plan, made, input), row * plan.outputSize);
  }
  known.set(inputs, errors);
  return errors;
}

/** Compares outputs [rows, outputs] with the reference's; `inputs` hold `input` and `parameters`. */
export function agreement(
  plan: Plan,
  outputs: ArrayLike<number>,
  expected: ArrayLike<number>,
  inputs: Buffers,
  rows: number,
): Agreement {
  const allowed = errorsOf(plan, inputs, rows);
  let found: Agreement = { ratio: 0, worst: 0, measure: "absolute error", where: "output[0]" };
  for (let at = 0; at < rows * plan.outputSize; at++) {
    const error = Object.is(outputs[at], expected[at]) ? 0 : Math.abs(outputs[at] - expected[at]);
    if (Number.isNaN(error)) {
      return { ratio: Infinity, worst: Infinity, measure: "NaN on one side", where: `output[${at}]` };
    }
    const ratio = error === 0 ? 0 : error / (RATIO_LIMIT * allowed[at]);
    if (!(ratio <= found.ratio)) found = { ...found, ratio, worst: error, where: `output[${at}]` };
  }
  return found;
}
