/**
 * Our networks as Keras writes them: the architecture in JSON (`model.to_json()`, Keras 2) and the arrays under Keras' names.
 *
 * The inverse of importkeras.ts. Kernels need no turning: network.ts keeps them in Keras' order. What Keras 2 has no layer for
 * (explicit padding, latents on a grid) is refused by name.
 */
import { InputError } from "../core/errors.js";
import { activationOf } from "./forward.js";
import type { ImportedPart } from "./imported.js";
import { kernelEdges, type Activation, type Convolution, type Layer, type Network } from "./network.js";

/** What the files say they were written by; readers look at the major version only. */
const KERAS_VERSION = "2.15.0";
const CLASS: Readonly<Record<Layer["kind"], string>> = {
  conv2d: "Conv2D",
  "conv2d-transpose": "Conv2DTranspose",
  dense: "Dense",
  "batch-norm": "BatchNormalization",
  "max-pool": "MaxPooling2D",
  upsample: "UpSampling2D",
  flatten: "Flatten",
  reshape: "Reshape",
  activation: "Activation",
  quantise: "none",
};
/** Names of arrays in Keras, by ours. */
const ARRAY: Readonly<Record<string, string>> = {
  kernel: "kernel",
  bias: "bias",
  gamma: "gamma",
  beta: "beta",
  "moving-mean": "moving_mean",
  "moving-variance": "moving_variance",
};

type Config = Readonly<Record<string, unknown>>;

interface KerasLayer {
  readonly class_name: string;
  readonly config: Config & { readonly name: string };
}

export interface KerasArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface KerasModel {
  /** The text of `model.to_json()`. */
  readonly architecture: string;
  readonly version: string;
  /** In order, also those without arrays. */
  readonly layers: readonly { readonly name: string; readonly arrays: readonly KerasArray[] }[];
}

/** Leaky ReLU is a layer of its own in Keras. */
const inside = (activation: Activation): string => (activation === "leaky-relu" ? "linear" : activation);

type Refuse = (problem: string) => never;

function convolutionConfig(layer: Convolution, refuse: Refuse): Config {
  const { filters, stride, padding, activation } = layer;
  if (padding !== undefined) refuse(`padding: expected "same", got ${padding} zeros on every side`);
  return {
    filters,
    kernel_size: kernelEdges(layer),
    strides: [stride, stride],
    padding: "same",
    data_format: "channels_last",
    dilation_rate: [1, 1],
    activation: inside(activation),
    use_bias: true,
  };
}

function configOf(layer: Layer, refuse: Refuse): Config {
  switch (layer.kind) {
    case "conv2d":
    case "conv2d-transpose":
      return convolutionConfig(layer, refuse);
    case "dense":
      return { units: layer.units, activation: inside(layer.activation), use_bias: true };
    case "batch-norm":
      return { axis: [-1], epsilon: layer.epsilon, momentum: layer.momentum, center: true, scale: true };
    case "max-pool": {
      const size = [layer.size, layer.size];
      return { pool_size: size, strides: size, padding: "valid", data_format: "channels_last" };
    }
    case "upsample":
      return { size: [layer.size, layer.size], data_format: "channels_last", interpolation: "nearest" };
    case "flatten":
      return { data_format: "channels_last" };
    case "reshape":
      return { target_shape: layer.to };
    case "activation":
      return { activation: inside(layer.activation) };
    case "quantise":
      return refuse("expected a layer that Keras has, got values on a grid");
  }
}

/** The Keras layers of one of ours, the one with its arrays first. */
function kerasLayers(network: Network, index: number): readonly KerasLayer[] {
  const layer = network.layers[index];
  const config = configOf(layer, (problem) => {
    throw new InputError(`network ${network.id}: layer ${index} (${layer.kind}): Keras: ${problem}`, {
      tag: "layer",
    });
  });
  const leaky = { class_name: "LeakyReLU", config: { name: `leaky_re_lu_${index}`, alpha: network.leak } };
  const isLeaky = activationOf(layer) === "leaky-relu";
  if (layer.kind === "activation" && isLeaky) return [leaky];
  const name = `${layer.kind.replace(/-/g, "_")}_${index}`;
  const own = { class_name: CLASS[layer.kind], config: { name, ...config } };
  return isLeaky ? [own, leaky] : [own];
}

/** `name` is what the model is called: "encoder" or "decoder" lets others tell the parts. */
export function kerasModel({ plan, parameters }: ImportedPart, name: string): KerasModel {
  const { network } = plan;
  const input: KerasLayer = {
    class_name: "InputLayer",
    config: {
      name: `${name}_input`,
      batch_input_shape: [null, ...network.input],
      dtype: "float32",
      sparse: false,
    },
  };
  const layers = network.layers.map((_, index) => kerasLayers(network, index));
  const architecture = JSON.stringify({
    class_name: "Sequential",
    config: { name, layers: [input, ...layers.flat()] },
    keras_version: KERAS_VERSION,
    backend: "tensorflow",
  });
  return {
    architecture,
    version: KERAS_VERSION,
    layers: plan.layers.map(({ tensors }, index) => ({
      name: layers[index][0].config.name,
      arrays: tensors.map((tensor) => ({
        name: ARRAY[tensor.name.slice(tensor.name.indexOf(".") + 1)],
        shape: tensor.shape,
        values: Float32Array.from(parameters.subarray(tensor.offset, tensor.offset + tensor.size)),
      })),
    })),
  };
}
