/**
 * A network and its parameters as an ONNX file, for peers that read nothing else: own protobuf writer, opset 13, float32.
 *
 * ONNX pictures are NCHW. Where a picture is flattened into a dense layer, or a dense layer's units become a picture, the dense
 * kernel is permuted; transposes remain only where that is not possible. Batch normalisation before a dense layer is folded.
 * Input and output are [rows, height, width, channels] or [rows, features], as everywhere in this project.
 * Source: github.com/onnx/onnx, onnx.proto3 (field numbers) and Operators.md.
 */
import { foldNormalisation, foldsIntoNext, valuesOf, type DenseValues } from "./folding.js";
import { axesOf } from "./convolutiongeometry.js";
import {
  type Activation,
  type Convolution,
  type Plan,
  type PlannedLayer,
  kernelEdges,
  paddingBefore,
  product,
} from "./network.js";
import { Message } from "./protobuf.js";

const IR_VERSION = 8;
const OPSET = 13;
const TYPE = { float: 1, int64: 7 } as const;
const ATTRIBUTE = { float: 1, integer: 2, string: 3, integers: 7 } as const;

/** Names of the file's input and output. */
export const ONNX_INPUT = "input";
export const ONNX_OUTPUT = "output";

type Attribute = number | string | readonly number[] | { readonly float: number };

function attributeOf(name: string, value: Attribute): Message {
  const message = new Message().string(1, name);
  if (typeof value === "number") return message.integer(3, value).integer(20, ATTRIBUTE.integer);
  if (typeof value === "string") {
    return message.string(4, value).integer(20, ATTRIBUTE.string);
  }
  if ("float" in value) return message.float(2, value.float).integer(20, ATTRIBUTE.float);
  for (const entry of value) message.integer(8, entry);
  return message.integer(20, ATTRIBUTE.integers);
}

function tensorOf(name: string, shape: readonly number[], type: number, bytes: Uint8Array): Message {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, type).string(8, name).bytes(9, bytes);
}

function valueInfo(name: string, shape: readonly number[]): Message {
  const dimensions = new Message().message(1, new Message().string(2, "rows"));
  for (const size of shape) dimensions.message(1, new Message().integer(1, size));
  const tensor = new Message().integer(1, TYPE.float).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

/** Where each value of a [height, width, channels] picture stands when channels come first. */
function channelsFirst([height, width, channels]: readonly number[]): Int32Array {
  const places = new Int32Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++)
    for (let c = 0; c < channels; c++) places[pixel * channels + c] = c * height * width + pixel;
  return places;
}

const bytesOf = (values: Float32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const isReshape = ({ layer }: PlannedLayer): boolean => layer.kind === "flatten" || layer.kind === "reshape";

class Writer {
  readonly #graph = new Message();
  readonly #initializers: Message[] = [];
  #value = ONNX_INPUT;
  #count = 0;
  /** Set while a flattened picture is still in channels-first order: the next dense layer reads it so. */
  #flattened: Int32Array | undefined;

  constructor(
    readonly plan: Plan,
    readonly parameters: Float32Array,
  ) {
    this.#write();
  }

  encoded(): Uint8Array {
    const { network, layers } = this.plan;
    this.#graph.string(2, network.id);
    for (const tensor of this.#initializers) this.#graph.message(5, tensor);
    this.#graph.message(11, valueInfo(ONNX_INPUT, network.input));
    const shape = layers.at(-1)?.outputShape ?? network.input;
    this.#graph.message(12, valueInfo(ONNX_OUTPUT, shape));
    return new Message()
      .integer(1, IR_VERSION)
      .string(2, "wafermark")
      .message(7, this.#graph)
      .message(8, new Message().string(1, "").integer(2, OPSET))
      .encoded();
  }

  #write(): void {
    const { network, layers } = this.plan;
    if (network.input.length === 3) this.#toChannelsFirst(network.input);
    layers.forEach((planned, i) => {
      if (!foldsIntoNext(layers, i)) this.#layer(planned, i);
    });
    const last = layers.at(-1)?.outputShape ?? network.input;
    if (last.length === 3) this.#toChannelsLast(last);
    else this.#restoreOrder(last);
    this.#node("Identity", [], {}, ONNX_OUTPUT);
  }

  #node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `v${this.#count++}`,
  ): void {
    const node = new Message();
    for (const name of [this.#value, ...inputs]) node.string(1, name);
    node.string(2, output).string(3, `${type}_${output}`).string(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeOf(name, value));
    this.#graph.message(1, node);
    this.#value = output;
  }

  #floats(values: Float32Array, shape: readonly number[]): string {
    const name = `w${this.#count++}`;
    this.#initializers.push(tensorOf(name, shape, TYPE.float, bytesOf(values)));
    return name;
  }

  #integers(values: readonly number[]): string {
    const name = `w${this.#count++}`;
    const bytes = bytesOf(BigInt64Array.from(values, BigInt));
    this.#initializers.push(tensorOf(name, [values.length], TYPE.int64, bytes));
    return name;
  }

  #layer(planned: PlannedLayer, i: number): void {
    const { layer, inputShape, outputShape } = planned;
    switch (layer.kind) {
      case "conv2d":
      case "conv2d-transpose":
        this.#convolution(planned, layer);
        return;
      case "dense":
        this.#dense(planned, i);
        return;
      case "batch-norm":
        this.#normalisation(planned, layer.epsilon);
        return;
      case "max-pool":
        this.#node("MaxPool", [], {
          kernel_shape: [layer.size, layer.size],
          strides: [layer.size, layer.size],
        });
        return;
      case "upsample":
        this.#upsample(layer.size);
        return;
      case "activation":
        this.#activation(layer.activation);
        return;
      case "flatten":
      case "reshape":
        this.#reshape(inputShape, outputShape, i);
    }
  }

  #activation(activation: Activation): void {
    switch (activation) {
      case "linear":
        return;
      case "relu":
        this.#node("Relu", []);
        return;
      case "leaky-relu":
        this.#node("LeakyRelu", [], { alpha: { float: this.plan.network.leak } });
        return;
      case "sigmoid":
        this.#node("Sigmoid", []);
        return;
      case "tanh":
        this.#node("Tanh", []);
    }
  }

  #convolution({ inputShape, outputShape, tensors }: PlannedLayer, layer: Convolution): void {
    const channels = inputShape[2];
    const { stride, filters } = layer;
    const kernel = kernelEdges(layer);
    const isTransposed = layer.kind === "conv2d-transpose";
    const values = valuesOf(this.parameters, tensors[0]);
    const taps = product(kernel);
    const weights = new Float32Array(values.length);
    // Both kinds: [taps, a, b] becomes [b, a, taps].
    const [a, b] = isTransposed ? [filters, channels] : [channels, filters];
    for (let tap = 0; tap < taps; tap++)
      for (let i = 0; i < a; i++)
        for (let j = 0; j < b; j++) weights[(j * a + i) * taps + tap] = values[(tap * a + i) * b + j];
    const names = [
      this.#floats(weights, [b, a, ...kernel]),
      this.#floats(valuesOf(this.parameters, tensors[1]).slice(), [filters]),
    ];
    const common = { kernel_shape: kernel, strides: [stride, stride] };
    const axes = axesOf(layer, inputShape, outputShape);
    if (isTransposed) {
      const before = axes.map((axis) => paddingBefore(layer, axis.outputs, axis.kernel));
      const after = axes.map(
        (axis, i) => (axis.inputs - 1) * stride + axis.kernel - axis.outputs - before[i],
      );
      this.#node("ConvTranspose", names, {
        ...common,
        pads: [...before, ...after.map((padding) => Math.max(0, padding))],
        output_padding: after.map((padding) => Math.max(0, -padding)),
      });
    } else {
      const before = axes.map((axis) => paddingBefore(layer, axis.inputs, axis.kernel));
      const after = axes.map((axis, i) =>
        Math.max(0, (axis.outputs - 1) * stride + axis.kernel - axis.inputs - before[i]),
      );
      this.#node("Conv", names, { ...common, pads: [...before, ...after] });
    }
    this.#activation(layer.activation);
  }

  #dense(planned: PlannedLayer, i: number): void {
    const { layers } = this.plan;
    const [inputs, units] = planned.tensors[0].shape;
    const values: DenseValues = foldsIntoNext(layers, i - 1)
      ? foldNormalisation(this.parameters, layers[i - 1], planned)
      : {
          kernel: valuesOf(this.parameters, planned.tensors[0]),
          bias: valuesOf(this.parameters, planned.tensors[1]),
        };
    const from = this.#flattened;
    const to = this.#becomesPicture(i) ? channelsFirst(layers[i + 1].outputShape) : undefined;
    const kernel = new Float32Array(inputs * units);
    const bias = new Float32Array(units);
    for (let j = 0; j < units; j++) {
      const target = to?.[j] ?? j;
      bias[target] = values.bias[j];
      for (let k = 0; k < inputs; k++)
        kernel[(from?.[k] ?? k) * units + target] = values.kernel[k * units + j];
    }
    this.#flattened = undefined;
    this.#node("Gemm", [this.#floats(kernel, [inputs, units]), this.#floats(bias, [units])]);
    if (planned.layer.kind === "dense") this.#activation(planned.layer.activation);
  }

  /** A dense layer whose units the next layer makes a picture of. */
  #becomesPicture(i: number): boolean {
    const { layers } = this.plan;
    if (i < 0 || i + 1 >= layers.length || layers[i].layer.kind !== "dense") return false;
    return isReshape(layers[i + 1]) && layers[i + 1].outputShape.length === 3;
  }

  #normalisation({ tensors, inputShape }: PlannedLayer, epsilon: number): void {
    this.#restoreOrder(inputShape);
    const [size] = tensors[0].shape;
    const names = tensors.map((tensor) => this.#floats(valuesOf(this.parameters, tensor).slice(), [size]));
    this.#node("BatchNormalization", names, { epsilon: { float: epsilon } });
  }

  #upsample(size: number): void {
    const nothing = this.#floats(new Float32Array(0), [0]);
    const scales = this.#floats(Float32Array.of(1, 1, size, size), [4]);
    this.#node("Resize", [nothing, scales], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  }

  #reshape(from: readonly number[], to: readonly number[], i: number): void {
    const isPicture = from.length === 3;
    if (isPicture && to.length === 1) {
      const next = i + 1 < this.plan.layers.length ? this.plan.layers[i + 1].layer.kind : undefined;
      if (next === "dense") this.#flattened = channelsFirst(from);
      else this.#toChannelsLast(from);
      this.#node("Reshape", [this.#integers([0, product(to)])]);
      return;
    }
    if (isPicture) this.#toChannelsLast(from);
    if (to.length === 3 && this.#becomesPicture(i - 1)) {
      const [height, width, channels] = to;
      this.#node("Reshape", [this.#integers([0, channels, height, width])]);
      return;
    }
    this.#node("Reshape", [this.#integers([0, ...to])]);
    if (to.length === 3) this.#toChannelsFirst(to);
  }

  /** Nothing that is not a dense layer reads a flattened picture in another order than ours. */
  #restoreOrder(shape: readonly number[]): void {
    if (this.#flattened !== undefined) throw new RangeError(`onnx: [${shape.join(", ")}]: order is lost`);
  }

  /** One channel, or one pixel, is the same either way. */
  #toChannelsFirst([height, width, channels]: readonly number[]): void {
    if (channels > 1 || height * width === 1) this.#node("Transpose", [], { perm: [0, 3, 1, 2] });
    else this.#node("Reshape", [this.#integers([0, channels, height, width])]);
  }

  #toChannelsLast([height, width, channels]: readonly number[]): void {
    if (channels > 1 || height * width === 1) this.#node("Transpose", [], { perm: [0, 2, 3, 1] });
    else this.#node("Reshape", [this.#integers([0, height, width, channels])]);
  }
}

/** The file's bytes; `parameters` [plan.parameters] in Keras' order (network.ts). */
export function onnxModel(plan: Plan, parameters: Float32Array): Uint8Array {
  return new Writer(plan, parameters).encoded();
}
