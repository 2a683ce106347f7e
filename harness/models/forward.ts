/**
 * What a network computes, in float64, one obvious loop per layer: the reference that every backend is judged by.
 *
 * Batch normalisation uses the moving statistics (inference). Training, with batch statistics and gradients, is in backward.ts.
 * Slow on purpose; nothing here is blocked, fused or reordered.
 */
import { exp } from "../core/elementary.js";
import {
  type Activation,
  type Convolution,
  kernelEdges,
  type Layer,
  paddingBefore,
  type Plan,
  type PlannedLayer,
  product,
  type Quantise,
} from "./network.js";

type Reals = Float64Array;

/** Value of an activation; `leak` is the slope of leaky-relu below zero. */
export function activate(activation: Activation, x: number, leak: number): number {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return x > 0 ? x : 0;
    case "leaky-relu":
      return x > 0 ? x : leak * x;
    case "sigmoid":
      return 1 / (1 + exp(-x));
    case "tanh": {
      const e = exp(-2 * Math.abs(x));
      const magnitude = (1 - e) / (1 + e);
      return x < 0 ? -magnitude : magnitude;
    }
  }
}

/**
 * Every (input pixel, output pixel, kernel position) that a convolution connects: the visitor gets flat pixel
 * indices and the kernel position. A transposed convolution is the same relation with input and output exchanged.
 */
export function eachTap(
  layer: Convolution,
  inputShape: readonly number[],
  outputShape: readonly number[],
  visit: (inputPixel: number, outputPixel: number, tap: number) => void,
): void {
  const transposed = layer.kind === "conv2d-transpose";
  const [largeHeight, largeWidth] = transposed ? outputShape : inputShape;
  const [smallHeight, smallWidth] = transposed ? inputShape : outputShape;
  const [lines, columns] = kernelEdges(layer);
  const top = paddingBefore(layer, largeHeight, lines);
  const left = paddingBefore(layer, largeWidth, columns);
  for (let y = 0; y < smallHeight; y++) {
    for (let x = 0; x < smallWidth; x++) {
      for (let ky = 0; ky < lines; ky++) {
        for (let kx = 0; kx < columns; kx++) {
          const row = y * layer.stride + ky - top;
          const column = x * layer.stride + kx - left;
          if (row < 0 || row >= largeHeight || column < 0 || column >= largeWidth) continue;
          const large = row * largeWidth + column;
          const small = y * smallWidth + x;
          const tap = ky * columns + kx;
          if (transposed) visit(small, large, tap);
          else visit(large, small, tap);
        }
      }
    }
  }
}

/** Index of kernel[tap, input channel, output channel]; transposed kernels are stored [.., out, in]. */
export function kernelIndex(layer: Convolution, tap: number, c: number, f: number, channels: number): number {
  return layer.kind === "conv2d-transpose"
    ? (tap * layer.filters + f) * channels + c
    : (tap * channels + c) * layer.filters + f;
}

function convolve(planned: PlannedLayer, layer: Convolution, parameters: Reals, input: Reals): Reals {
  const [kernel, bias] = planned.tensors;
  const channels = planned.inputShape[2];
  const output = new Float64Array(product(planned.outputShape));
  for (let i = 0; i < output.length; i++) output[i] = parameters[bias.offset + (i % layer.filters)];
  eachTap(layer, planned.inputShape, planned.outputShape, (from, to, tap) => {
    for (let c = 0; c < channels; c++) {
      for (let f = 0; f < layer.filters; f++) {
        const weight = parameters[kernel.offset + kernelIndex(layer, tap, c, f, channels)];
        output[to * layer.filters + f] += weight * input[from * channels + c];
      }
    }
  });
  return output;
}

function multiply(planned: PlannedLayer, parameters: Reals, input: Reals): Reals {
  const [kernel, bias] = planned.tensors;
  const [inputs, units] = kernel.shape;
  const output = parameters.slice(bias.offset, bias.offset + units);
  for (let k = 0; k < inputs; k++) {
    for (let j = 0; j < units; j++) output[j] += input[k] * parameters[kernel.offset + k * units + j];
  }
  return output;
}

function normalise(planned: PlannedLayer, epsilon: number, parameters: Reals, input: Reals): Reals {
  const [gamma, beta, movingMean, movingVariance] = planned.tensors;
  return input.map((x, i) => {
    const c = i % gamma.size;
    const spread = Math.sqrt(parameters[movingVariance.offset + c] + epsilon);
    const standard = (x - parameters[movingMean.offset + c]) / spread;
    return parameters[gamma.offset + c] * standard + parameters[beta.offset + c];
  });
}

/** Flat index, in the pooling window's input, of the largest value under each output; the first of equal ones. */
export function poolIndices(planned: PlannedLayer, size: number, input: Reals): Int32Array {
  const [, width, channels] = planned.inputShape;
  const [outHeight, outWidth] = planned.outputShape;
  const indices = new Int32Array(product(planned.outputShape));
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      for (let c = 0; c < channels; c++) {
        let best = (y * size * width + x * size) * channels + c;
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const candidate = ((y * size + ky) * width + x * size + kx) * channels + c;
            if (input[candidate] > input[best]) best = candidate;
          }
        }
        indices[(y * outWidth + x) * channels + c] = best;
      }
    }
  }
  return indices;
}

/** Flat input index under each output of a nearest-neighbour upsampling. */
export function upsampleIndices(planned: PlannedLayer, size: number): Int32Array {
  const [, width, channels] = planned.inputShape;
  const [outHeight, outWidth] = planned.outputShape;
  const indices = new Int32Array(outHeight * outWidth * channels);
  for (let i = 0; i < indices.length; i++) {
    const c = i % channels;
    const pixel = (i - c) / channels;
    const x = pixel % outWidth;
    const y = (pixel - x) / outWidth;
    indices[i] = (Math.floor(y / size) * width + Math.floor(x / size)) * channels + c;
  }
  return indices;
}

/** One value after a quantising layer. */
export function quantised({ bits, low, high, rounding }: Quantise, x: number): number {
  const step = (high - low) / 2 ** bits;
  const place = Math.floor((x - low) / step + (rounding === "round" ? 0.5 : 0));
  return low + step * Math.min(Math.max(place, 0), 2 ** bits - 1);
}

/** Output of a layer before its activation. */
export function apply(planned: PlannedLayer, parameters: Reals, input: Reals): Reals {
  const { layer } = planned;
  switch (layer.kind) {
    case "conv2d":
    case "conv2d-transpose":
      return convolve(planned, layer, parameters, input);
    case "dense":
      return multiply(planned, parameters, input);
    case "batch-norm":
      return normalise(planned, layer.epsilon, parameters, input);
    case "max-pool":
      return Float64Array.from(poolIndices(planned, layer.size, input), (index) => input[index]);
    case "upsample":
      return Float64Array.from(upsampleIndices(planned, layer.size), (index) => input[index]);
    case "quantise":
      return input.map((x) => quantised(layer, x));
    case "flatten":
    case "reshape":
    case "activation":
      return input;
  }
}

/** The activation of a layer, "linear" where it has none. */
export function activationOf(layer: Layer): Activation {
  return "activation" in layer ? layer.activation : "linear";
}

/**
 * Outputs of the network for `rows` inputs.
 *
 * input [rows, inputSize], parameters [plan.parameters]; returns [rows, outputSize]. O(rows x multiply-accumulates).
 */
export function forward(plan: Plan, parameters: Reals, input: Reals, rows: number): Reals {
  const output = new Float64Array(rows * plan.outputSize);
  for (let row = 0; row < rows; row++) {
    let values: Reals = input.slice(row * plan.inputSize, (row + 1) * plan.inputSize);
    for (const planned of plan.layers) {
      const activation = activationOf(planned.layer);
      values = apply(planned, parameters, values).map((x) => activate(activation, x, plan.network.leak));
    }
    output.set(values, row * plan.outputSize);
  }
  return output;
}
