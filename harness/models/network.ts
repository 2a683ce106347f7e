/**
 * A network is data: an input shape and a list of layers. The same description runs on the WebAssembly kernels, on the float64
 * reference and on every other backend; this file derives the shapes and the layout of the parameters from it.
 *
 * Tensors are NHWC. Parameters of all layers lie in one array, layer by layer, kernel before bias, in Keras' own order:
 * conv2d kernel [kh, kw, in, out]; conv2d-transpose kernel [kh, kw, out, in]; dense kernel [in, out];
 * batch-norm gamma, beta, moving mean, moving variance [c] each.
 */
import { InputError } from "../core/errors.js";

export type Activation = "linear" | "relu" | "leaky-relu" | "sigmoid" | "tanh";

export type Layer =
  | {
      readonly kind: "conv2d" | "conv2d-transpose";
      readonly filters: number;
      /** Lines of the kernel, and its columns where it is not square. */
      readonly kernel: number;
      readonly kernelColumns?: number;
      readonly stride: number;
      /** Zeros on every side of the large picture, as PyTorch counts them; without it "same" as TensorFlow defines it. */
      readonly padding?: number;
      readonly activation: Activation;
    }
  | { readonly kind: "dense"; readonly units: number; readonly activation: Activation }
  | { readonly kind: "batch-norm"; readonly epsilon: number; readonly momentum: number }
  | { readonly kind: "max-pool" | "upsample"; readonly size: number }
  | { readonly kind: "flatten" }
  | { readonly kind: "reshape"; readonly to: readonly number[] }
  | { readonly kind: "activation"; readonly activation: Activation }
  | Quantise;

export type Convolution = Extract<Layer, { kind: "conv2d" | "conv2d-transpose" }>;

/**
 * 2^bits equally spaced values, `low` the first, the step (high - low) / 2^bits; what lies outside goes to the nearest of them.
 * Gradients pass straight through where low <= x < high, and stop elsewhere.
 */
export interface Quantise {
  readonly kind: "quantise";
  /** 1 to 16. */
  readonly bits: number;
  readonly low: number;
  readonly high: number;
  /** Down to the next value, or to the nearest (halves up). */
  readonly rounding: "floor" | "round";
}

export interface Network {
  readonly id: string;
  /** [height, width, channels] or [features]. */
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
  /** Slope of leaky-relu below zero. */
  readonly leak: number;
}

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Index of the first value in the parameter array. */
  readonly offset: number;
  readonly size: number;
  /** Moving statistics are parameters that no gradient reaches. */
  readonly trainable: boolean;
}

export interface PlannedLayer {
  readonly layer: Layer;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly tensors: readonly Tensor[];
}

export interface Plan {
  readonly network: Network;
  readonly layers: readonly PlannedLayer[];
  readonly inputSize: number;
  readonly outputSize: number;
  readonly parameters: number;
  /** Multiply-accumulates per input row, padding counted. */
  readonly multiplyAccumulates: number;
}

/** More than float32 keeps apart exactly is no use. */
const MOST_BITS = 16;

export const product = (shape: readonly number[]): number => shape.reduce((size, edge) => size * edge, 1);

function refuse(network: Network, index: number, problem: string): never {
  throw new InputError(`network ${network.id}: layer ${index} (${network.layers[index].kind}): ${problem}`, {
    tag: "shape",
  });
}

/** [height, width, channels] of a shape, refused when it is flat. */
function image(network: Network, index: number, shape: readonly number[]): [number, number, number] {
  if (shape.length !== 3)
    refuse(network, index, `expected an input [height, width, channels], got [${shape.join(", ")}]`);
  return [shape[0], shape[1], shape[2]];
}

function whole(network: Network, index: number, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    refuse(network, index, `${name}: expected an integer >= 1, got ${value}`);
}

interface Step {
  readonly output: readonly number[];
  readonly tensors: readonly (readonly [name: string, shape: readonly number[], trainable: boolean])[];
  readonly multiplyAccumulates: number;
}

function convolution(network: Network, index: number, layer: Convolution, shape: readonly number[]): Step {
  const [height, width, channels] = image(network, index, shape);
  whole(network, index, "filters", layer.filters);
  whole(network, index, "kernel", layer.kernel);
  whole(network, index, "stride", layer.stride);
  const { filters, padding = 0 } = layer;
  const [lines, columns] = kernelEdges(layer);
  whole(network, index, "kernelColumns", columns);
  if (!Number.isInteger(padding) || padding < 0 || padding >= Math.min(lines, columns))
    refuse(network, index, `padding: expected an integer from 0 to below the kernel's edges, got ${padding}`);
  const transposed = layer.kind === "conv2d-transpose";
  const output = [outputsAlong(layer, height, lines), outputsAlong(layer, width, columns), filters];
  if (output[0] < 1 || output[1] < 1)
    refuse(network, index, `expected a picture of at least the kernel, got [${shape.join(", ")}]`);
  const positions = transposed ? height * width : output[0] * output[1];
  return {
    output,
    tensors: [
      ["kernel", [lines, columns, ...(transposed ? [filters, channels] : [channels, filters])], true],
      ["bias", [filters], true],
    ],
    multiplyAccumulates: positions * lines * columns * channels * filters,
  };
}

function step(network: Network, index: number, shape: readonly number[]): Step {
  const layer = network.layers[index];
  const plain = (output: readonly number[]): Step => ({ output, tensors: [], multiplyAccumulates: 0 });
  switch (layer.kind) {
    case "conv2d":
    case "conv2d-transpose":
      return convolution(network, index, layer, shape);
    case "dense": {
      if (shape.length !== 1) refuse(network, index, `expected a flat input, got [${shape.join(", ")}]`);
      whole(network, index, "units", layer.units);
      return {
        output: [layer.units],
        tensors: [
          ["kernel", [shape[0], layer.units], true],
          ["bias", [layer.units], true],
        ],
        multiplyAccumulates: shape[0] * layer.units,
      };
    }
    case "batch-norm": {
      const channels = [shape[shape.length - 1]];
      return {
        output: shape,
        tensors: [
          ["gamma", channels, true],
          ["beta", channels, true],
          ["moving-mean", channels, false],
          ["moving-variance", channels, false],
        ],
        multiplyAccumulates: product(shape),
      };
    }
    case "max-pool": {
      const [height, width, channels] = image(network, index, shape);
      whole(network, index, "size", layer.size);
      return plain([Math.floor(height / layer.size), Math.floor(width / layer.size), channels]);
    }
    case "upsample": {
      const [height, width, channels] = image(network, index, shape);
      whole(network, index, "size", layer.size);
      return plain([height * layer.size, width * layer.size, channels]);
    }
    case "flatten":
      return plain([product(shape)]);
    case "reshape":
      if (product(layer.to) !== product(shape)) {
        refuse(network, index, `expected ${product(shape)} values, got [${layer.to.join(", ")}]`);
      }
      return plain(layer.to);
    case "activation":
      return plain(shape);
    case "quantise":
      refuseQuantise(network, index, layer);
      return plain(shape);
  }
}

function refuseQuantise(network: Network, index: number, { bits, low, high }: Quantise): void {
  whole(network, index, "bits", bits);
  if (bits > MOST_BITS) refuse(network, index, `bits: expected at most ${MOST_BITS}, got ${bits}`);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    refuse(network, index, `range: expected finite low < high, got ${low} and ${high}`);
}

/** Shapes, parameter layout and cost of a network; refuses layers that do not fit one another, naming the layer. */
export function plan(network: Network): Plan {
  let shape: readonly number[] = network.input;
  let offset = 0;
  let multiplyAccumulates = 0;
  const layers = network.layers.map((layer, index): PlannedLayer => {
    const { output, tensors, multiplyAccumulates: cost } = step(network, index, shape);
    const laidOut = tensors.map(([name, tensorShape, trainable]): Tensor => {
      const tensor = {
        name: `${index}.${name}`,
        shape: tensorShape,
        offset,
        size: product(tensorShape),
        trainable,
      };
      offset += tensor.size;
      return tensor;
    });
    const planned = { layer, inputShape: shape, outputShape: output, tensors: laidOut };
    shape = output;
    multiplyAccumulates += cost;
    return planned;
  });
  return {
    network,
    layers,
    inputSize: product(network.input),
    outputSize: product(shape),
    parameters: offset,
    multiplyAccumulates,
  };
}

/** Rows of zeros before the first of a "same"-padded axis: TensorFlow pads less before than after. */
function samePaddingBefore(size: number, kernel: number, stride: number): number {
  const outputs = Math.ceil(size / stride);
  return Math.floor(Math.max((outputs - 1) * stride + kernel - size, 0) / 2);
}

/** Lines and columns of a convolution's kernel. */
export function kernelEdges({ kernel, kernelColumns }: Convolution): readonly [number, number] {
  return [kernel, kernelColumns ?? kernel];
}

/** Outputs along an axis of `size` inputs, on which the kernel has the edge `kernel`. */
function outputsAlong({ kind, stride, padding }: Convolution, size: number, kernel: number): number {
  if (kind === "conv2d-transpose")
    return padding === undefined ? size * stride : (size - 1) * stride + kernel - 2 * padding;
  return padding === undefined
    ? Math.ceil(size / stride)
    : Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** Zeros before the first pixel of the large picture (a transposed convolution's output) along an axis of `size` pixels. */
export function paddingBefore({ stride, padding }: Convolution, size: number, kernel: number): number {
  return padding ?? samePaddingBefore(size, kernel, stride);
}
