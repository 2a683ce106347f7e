/**
 * The float64 reference made quick: the same sums in the same order, with every address worked out beforehand.
 *
 * Gives bit for bit what forward.ts gives (a test holds it to that); inputs that are zero are skipped, which changes no sum of
 * finite numbers. One instance holds one set of buffers: its answer is valid until the next call.
 */
import { activate, activationOf, apply, eachTap, kernelIndex } from "./forward.js";
import { type Convolution, type Plan, type PlannedLayer, product } from "./network.js";

type Step = (input: Float64Array) => Float64Array;

/** Kernel as [tap, input channel, output channel] whatever the layer stores. */
function orderedKernel(planned: PlannedLayer, layer: Convolution, parameters: Float64Array): Float64Array {
  const { offset, size } = planned.tensors[0];
  const channels = planned.inputShape[2];
  const kernel = new Float64Array(size);
  const taps = size / (channels * layer.filters);
  for (let tap = 0, to = 0; tap < taps; tap++)
    for (let c = 0; c < channels; c++)
      for (let f = 0; f < layer.filters; f++)
        kernel[to++] = parameters[offset + kernelIndex(layer, tap, c, f, channels)];
  return kernel;
}

function convolution(planned: PlannedLayer, layer: Convolution, parameters: Float64Array): Step {
  const { filters } = layer;
  const channels = planned.inputShape[2];
  const kernel = orderedKernel(planned, layer, parameters);
  const bias = planned.tensors[1].offset;
  const outputs = product(planned.outputShape) / filters;
  const taps = Array.from({ length: outputs }, (): number[] => []);
  eachTap(layer, planned.inputShape, planned.outputShape, (from, to, tap) => {
    taps[to].push(from * channels, tap * channels * filters);
  });
  const places = Int32Array.from(taps.flat());
  const ends = new Int32Array(outputs);
  taps.forEach((own, i) => (ends[i] = (i === 0 ? 0 : ends[i - 1]) + own.length));
  const biases = parameters.slice(bias, bias + filters);
  const output = new Float64Array(outputs * filters);
  const sums = new Float64Array(filters);
  return (input) => {
    for (let to = 0, i = 0; to < outputs; to++) {
      sums.set(biases);
      for (const end = ends[to]; i < end; i += 2) {
        const from = places[i];
        let weights = places[i + 1];
        for (let c = 0; c < channels; c++, weights += filters) {
          const x = input[from + c];
          if (x === 0) continue;
          for (let f = 0; f < filters; f++) sums[f] += kernel[weights + f] * x;
        }
      }
      output.set(sums, to * filters);
    }
    return output;
  };
}

function dense(planned: PlannedLayer, parameters: Float64Array): Step {
  const [kernel, bias] = planned.tensors;
  const [inputs, units] = kernel.shape;
  const weights = parameters.slice(kernel.offset, kernel.offset + kernel.size);
  const initial = parameters.slice(bias.offset, bias.offset + units);
  const output = new Float64Array(units);
  return (input) => {
    output.set(initial);
    for (let k = 0; k < inputs; k++) {
      const x = input[k];
      if (x === 0) continue;
      const row = k * units;
      for (let j = 0; j < units; j++) output[j] += x * weights[row + j];
    }
    return output;
  };
}

function stepOf(planned: PlannedLayer, parameters: Float64Array): Step {
  const { layer } = planned;
  if (layer.kind === "conv2d" || layer.kind === "conv2d-transpose")
    return convolution(planned, layer, parameters);
  if (layer.kind === "dense") return dense(planned, parameters);
  return (input) => apply(planned, parameters, input);
}

function activationStep(planned: PlannedLayer, leak: number): Step | undefined {
  const activation = activationOf(planned.layer);
  if (activation === "linear") return undefined;
  const output = new Float64Array(product(planned.outputShape));
  return (input) => {
    for (let i = 0; i < output.length; i++) output[i] = activate(activation, input[i], leak);
    return output;
  };
}

/** A function from one input [plan.inputSize] to the network's output [plan.outputSize], for parameters that stay as they are. */
export function compileNetwork(plan: Plan, parameters: Float64Array): Step {
  const steps = plan.layers.flatMap((planned) => {
    const activation = activationStep(planned, plan.network.leak);
    return [stepOf(planned, parameters), ...(activation === undefined ? [] : [activation])];
  });
  return (input) => steps.reduce((values, step) => step(values), input);
}
