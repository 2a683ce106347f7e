/**
 * Training pass in float64: outputs with batch statistics, and gradients with respect to parameters and inputs.
 *
 * The reference for the WebAssembly training kernels; checked itself against finite differences. Batch normalisation uses the
 * biased batch variance for normalising and the unbiased one for the moving average (PyTorch's rule).
 */
import { type Activation, type Convolution, type Plan, type PlannedLayer, product } from "./network.js";
import {
  activate,
  activationOf,
  apply,
  eachTap,
  kernelIndex,
  poolIndices,
  upsampleIndices,
} from "./forward.js";

type Reals = Float64Array;

/** Slope of an activation, from its input `x` and its output `y`. */
export function slope(activation: Activation, x: number, y: number, leak: number): number {
  switch (activation) {
    case "linear":
      return 1;
    case "relu":
      return x > 0 ? 1 : 0;
    case "leaky-relu":
      return x > 0 ? 1 : leak;
    case "sigmoid":
      return y * (1 - y);
    case "tanh":
      return 1 - y * y;
  }
}

/** What one layer saw and made, kept for the way back; all [rows, size]. */
interface Trace {
  readonly input: Reals;
  readonly raw: Reals;
  readonly output: Reals;
  /** Batch mean and biased variance per channel, for batch-norm. */
  readonly mean?: Reals;
  readonly variance?: Reals;
}

export interface TrainingPass {
  readonly output: Reals;
  /** [plan.parameters]; zero where no gradient reaches. */
  readonly parameterGradient: Reals;
  /** [rows, inputSize] */
  readonly inputGradient: Reals;
  /** Moving statistics after this batch, at their places in the parameter array. */
  readonly movedStatistics: ReadonlyMap<number, number>;
}

function batchMoments(input: Reals, channels: number): { mean: Reals; variance: Reals; count: number } {
  const count = input.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  input.forEach((x, i) => (mean[i % channels] += x / count));
  input.forEach((x, i) => (variance[i % channels] += (x - mean[i % channels]) ** 2 / count));
  return { mean, variance, count };
}

function normaliseBatch(planned: PlannedLayer, epsilon: number, parameters: Reals, input: Reals): Trace {
  const [gamma, beta] = planned.tensors;
  const { mean, variance } = batchMoments(input, gamma.size);
  const raw = input.map((x, i) => {
    const c = i % gamma.size;
    const standard = (x - mean[c]) / Math.sqrt(variance[c] + epsilon);
    return parameters[gamma.offset + c] * standard + parameters[beta.offset + c];
  });
  return { input, raw, output: raw, mean, variance };
}

function traceLayer(planned: PlannedLayer, plan: Plan, parameters: Reals, input: Reals, rows: number): Trace {
  const { layer } = planned;
  if (layer.kind === "batch-norm") return normaliseBatch(planned, layer.epsilon, parameters, input);
  const inSize = product(planned.inputShape);
  const outSize = product(planned.outputShape);
  const raw = new Float64Array(rows * outSize);
  for (let row = 0; row < rows; row++) {
    raw.set(apply(planned, parameters, input.slice(row * inSize, (row + 1) * inSize)), row * outSize);
  }
  const activation = activationOf(layer);
  return { input, raw, output: raw.map((x) => activate(activation, x, plan.network.leak)) };
}

/** Adds one row's share of a convolution's parameter gradient and returns its input gradient. */
function convolutionBack(
  planned: PlannedLayer,
  layer: Convolution,
  parameters: Reals,
  input: Reals,
  upstream: Reals,
  gradient: Reals,
): Reals {
  const [kernel, bias] = planned.tensors;
  const channels = planned.inputShape[2];
  const back = new Float64Array(input.length);
  upstream.forEach((d, i) => (gradient[bias.offset + (i % layer.filters)] += d));
  eachTap(layer, planned.inputShape, planned.outputShape, (from, to, tap) => {
    for (let c = 0; c < channels; c++) {
      for (let f = 0; f < layer.filters; f++) {
        const weight = kernel.offset + kernelIndex(layer, tap, c, f, channels);
        const d = upstream[to * layer.filters + f];
        gradient[weight] += d * input[from * channels + c];
        back[from * channels + c] += d * parameters[weight];
      }
    }
  });
  return back;
}

function denseBack(
  planned: PlannedLayer,
  parameters: Reals,
  input: Reals,
  upstream: Reals,
  gradient: Reals,
): Reals {
  const [kernel, bias] = planned.tensors;
  const [inputs, units] = kernel.shape;
  const back = new Float64Array(inputs);
  for (let j = 0; j < units; j++) gradient[bias.offset + j] += upstream[j];
  for (let k = 0; k < inputs; k++) {
    for (let j = 0; j < units; j++) {
      gradient[kernel.offset + k * units + j] += upstream[j] * input[k];
      back[k] += upstream[j] * parameters[kernel.offset + k * units + j];
    }
  }
  return back;
}

function scatter(indices: Int32Array, upstream: Reals, size: number): Reals {
  const back = new Float64Array(size);
  indices.forEach((index, i) => (back[index] += upstream[i]));
  return back;
}

/** Input gradient of one row of a layer, after its activation's slope has been applied to `upstream`. */
function rowBack(
  planned: PlannedLayer,
  parameters: Reals,
  input: Reals,
  upstream: Reals,
  gradient: Reals,
): Reals {
  const { layer } = planned;
  switch (layer.kind) {
    case "conv2d":
    case "conv2d-transpose":
      return convolutionBack(planned, layer, parameters, input, upstream, gradient);
    case "dense":
      return denseBack(planned, parameters, input, upstream, gradient);
    case "max-pool":
      return scatter(poolIndices(planned, layer.size, input), upstream, input.length);
    case "upsample":
      return scatter(upsampleIndices(planned, layer.size), upstream, input.length);
    case "quantise":
      return upstream.map((d, i) => (input[i] >= layer.low && input[i] < layer.high ? d : 0));
    case "flatten":
    case "reshape":
    case "activation":
    case "batch-norm":
      return upstream;
  }
}

/**
 * Through batch normalisation, mean and variance depend on every row:
 * dx = gamma / (n s) (n dy - sum dy - xhat sum(dy xhat)), s = sqrt(variance + epsilon).
 */
function batchNormBack(
  planned: PlannedLayer,
  epsilon: number,
  parameters: Reals,
  trace: Trace,
  upstream: Reals,
  gradient: Reals,
): Reals {
  const [gamma, beta] = planned.tensors;
  const channels = gamma.size;
  const mean = trace.mean ?? new Float64Array(channels);
  const variance = trace.variance ?? new Float64Array(channels);
  const count = upstream.length / channels;
  const standard = trace.input.map(
    (x, i) => (x - mean[i % channels]) / Math.sqrt(variance[i % channels] + epsilon),
  );
  const sumUpstream = new Float64Array(channels);
  const sumProduct = new Float64Array(channels);
  upstream.forEach((d, i) => {
    sumUpstream[i % channels] += d;
    sumProduct[i % channels] += d * standard[i];
  });
  for (let c = 0; c < channels; c++) {
    gradient[gamma.offset + c] += sumProduct[c];
    gradient[beta.offset + c] += sumUpstream[c];
  }
  return upstream.map((d, i) => {
    const c = i % channels;
    const spread = Math.sqrt(variance[c] + epsilon);
    return (
      (parameters[gamma.offset + c] / (count * spread)) *
      (count * d - sumUpstream[c] - standard[i] * sumProduct[c])
    );
  });
}

function movedStatistics(plan: Plan, traces: readonly Trace[], parameters: Reals): Map<number, number> {
  const moved = new Map<number, number>();
  plan.layers.forEach(({ layer, tensors }, index) => {
    const { mean, variance, input } = traces[index];
    if (layer.kind !== "batch-norm" || mean === undefined || variance === undefined) return;
    const count = input.length / mean.length;
    const [, , movingMean, movingVariance] = tensors;
    for (let c = 0; c < mean.length; c++) {
      const m = movingMean.offset + c;
      const v = movingVariance.offset + c;
      moved.set(m, layer.momentum * parameters[m] + (1 - layer.momentum) * mean[c]);
      const unbiased = count > 1 ? (variance[c] * count) / (count - 1) : variance[c];
      moved.set(v, layer.momentum * parameters[v] + (1 - layer.momentum) * unbiased);
    }
  });
  return moved;
}

/**
 * One training pass over a batch.
 *
 * input [rows, inputSize]; `lossGradient` maps the outputs [rows, outputSize] to dLoss/dOutput of the same shape.
 */
export function trainingPass(
  plan: Plan,
  parameters: Reals,
  input: Reals,
  rows: number,
  lossGradient: (output: Reals) => Reals,
): TrainingPass {
  const traces: Trace[] = [];
  let values = input;
  for (const planned of plan.layers) {
    const trace = traceLayer(planned, plan, parameters, values, rows);
    traces.push(trace);
    values = trace.output;
  }
  const gradient = new Float64Array(plan.parameters);
  let upstream = lossGradient(values);
  for (let index = plan.layers.length - 1; index >= 0; index--) {
    const planned = plan.layers[index];
    const trace = traces[index];
    const activation = activationOf(planned.layer);
    const inner = upstream.map(
      (d, i) => d * slope(activation, trace.raw[i], trace.output[i], plan.network.leak),
    );
    if (planned.layer.kind === "batch-norm") {
      upstream = batchNormBack(planned, planned.layer.epsilon, parameters, trace, inner, gradient);
      continue;
    }
    const inSize = product(planned.inputShape);
    const outSize = product(planned.outputShape);
    const back = new Float64Array(rows * inSize);
    for (let row = 0; row < rows; row++) {
      const rowInput = trace.input.slice(row * inSize, (row + 1) * inSize);
      const rowUpstream = inner.slice(row * outSize, (row + 1) * outSize);
      back.set(rowBack(planned, parameters, rowInput, rowUpstream, gradient), row * inSize);
    }
    upstream = back;
  }
  return {
    output: values,
    parameterGradient: gradient,
    inputGradient: upstream,
    movedStatistics: movedStatistics(plan, traces, parameters),
  };
}
