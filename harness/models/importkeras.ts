/**
 * Keras architectures in JSON (`model.to_json()`, 2.x) as our networks: linear chains of the layers that we compute exactly.
 *
 * A model of two nested models called encoder and decoder becomes two parts. Layers and options that we do not compute are
 * refused with the layer's name; the weights come from the HDF5 file beside it.
 */
import { InputError, printable } from "../core/errors.js";
import type { PartName } from "./imported.js";
import type { Blueprint } from "./importmatch.js";
import type { Activation, Layer, Network } from "./network.js";

type Dictionary = Readonly<Record<string, unknown>>;

const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Dictionary;
  readonly inbound: readonly string[];
}

/** A chain of layers with its input. */
interface Chain {
  readonly input: readonly number[] | undefined;
  readonly layers: readonly Layer[];
  readonly names: readonly (string | undefined)[];
  readonly leak: number | undefined;
}

const MODELS = new Set(["Model", "Functional", "Sequential"]);
const ACTIVATIONS = new Set<string>(["linear", "relu", "sigmoid", "tanh"]);
const DEFAULT_LEAK = 0.3;
const MOST_LAYERS = 256;

/** A value as messages show it. */
const shown = (value: unknown): string => printable(value === undefined ? "none" : JSON.stringify(value), 60);

class KerasReader {
  constructor(readonly where: string) {}

  refuse(layer: string, problem: string): never {
    throw new InputError(`${this.where}: layer ${printable(layer, 80)}: ${problem}`, { tag: "layer" });
  }

  /** Name of every tensor that arrives at a layer, out of Keras' nested lists. */
  #inbound(value: unknown): string[] {
    if (Array.isArray(value)) {
      if (typeof value[0] === "string") return [value[0]];
      return value.flatMap((one) => this.#inbound(one));
    }
    if (!isDictionary(value)) return [];
    const history = isDictionary(value.config) ? value.config.keras_history : undefined;
    return [...this.#inbound(history), ...this.#inbound(value.args)];
  }

  layersOf(model: Dictionary, name: string): KerasLayer[] {
    const { config } = model;
    const listed = Array.isArray(config)
      ? (config as unknown[])
      : isDictionary(config)
        ? config.layers
        : undefined;
    if (!Array.isArray(listed) || listed.length === 0 || listed.length > MOST_LAYERS)
      this.refuse(
        name,
        `layers: expected a list of 1 to ${MOST_LAYERS}, got ${Array.isArray(listed) ? listed.length : "none"}`,
      );
    return listed.map((one: unknown, i) => {
      if (!isDictionary(one) || typeof one.class_name !== "string" || !isDictionary(one.config))
        this.refuse(`${name} ${i}`, "expected class_name and config, got something else");
      const own = one.name ?? one.config.name;
      return {
        className: one.class_name,
        name: typeof own === "string" ? own : String(i),
        config: one.config,
        inbound: this.#inbound(one.inbound_nodes),
      };
    });
  }

  #number(layer: KerasLayer, key: string): number {
    const value = layer.config[key];
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
      this.refuse(layer.name, `${key}: expected an integer >= 1, got ${shown(value)}`);
    return value;
  }

  /** The one edge of a square window. */
  #square(layer: KerasLayer, key: string): number {
    const value = layer.config[key];
    const edges: unknown[] = Array.isArray(value) ? value : [value, value];
    const [edge] = edges;
    if (typeof edge !== "number" || edges.length !== 2 || edges[1] !== edge)
      this.refuse(layer.name, `${key}: expected a square, got ${shown(value)}`);
    return edge;
  }

  /** Refuses an option whose value is neither absent nor the one that we compute. */
  #only(layer: KerasLayer, key: string, expected: unknown): void {
    const value = layer.config[key];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(expected)) return;
    this.refuse(layer.name, `${key}: expected ${JSON.stringify(expected)}, got ${shown(value)}`);
  }

  #activation(layer: KerasLayer): Activation {
    const name = layer.config.activation ?? "linear";
    if (typeof name !== "string" || !ACTIVATIONS.has(name))
      this.refuse(
        layer.name,
        `activation: expected one of ${[...ACTIVATIONS].join(", ")}, got ${shown(name)}`,
      );
    return name as Activation;
  }

  #convolution(layer: KerasLayer, kind: "conv2d" | "conv2d-transpose"): Layer {
    this.#only(layer, "padding", "same");
    this.#only(layer, "data_format", "channels_last");
    this.#only(layer, "dilation_rate", [1, 1]);
    this.#only(layer, "use_bias", true);
    this.#only(layer, "output_padding", null);
    this.#only(layer, "groups", 1);
    return {
      kind,
      filters: this.#number(layer, "filters"),
      kernel: this.#square(layer, "kernel_size"),
      stride: this.#square(layer, "strides"),
      activation: this.#activation(layer),
    };
  }

  #batchNorm(layer: KerasLayer): Layer {
    this.#only(layer, "center", true);
    this.#only(layer, "scale", true);
    const { axis, epsilon, momentum } = layer.config;
    const last = Array.isArray(axis) ? (axis as unknown[])[0] : axis;
    if (last !== undefined && last !== -1 && last !== 3 && last !== 1)
      this.refuse(layer.name, `axis: expected the last, got ${shown(axis)}`);
    return {
      kind: "batch-norm",
      epsilon: typeof epsilon === "number" ? epsilon : 1e-3,
      momentum: typeof momentum === "number" ? momentum : 0.99,
    };
  }

  /** Our layer; undefined for those that do nothing at inference. */
  layer(layer: KerasLayer): Layer | undefined {
    switch (layer.className) {
      case "InputLayer":
      case "Dropout":
        return undefined;
      case "Conv2D":
        return this.#convolution(layer, "conv2d");
      case "Conv2DTranspose":
        return this.#convolution(layer, "conv2d-transpose");
      case "Dense":
        this.#only(layer, "use_bias", true);
        return { kind: "dense", units: this.#number(layer, "units"), activation: this.#activation(layer) };
      case "BatchNormalization":
        return this.#batchNorm(layer);
      case "Flatten":
        this.#only(layer, "data_format", "channels_last");
        return { kind: "flatten" };
      case "Reshape":
        return { kind: "reshape", to: this.#shape(layer, layer.config.target_shape) };
      case "MaxPooling2D": {
        const size = this.#square(layer, "pool_size");
        this.#only(layer, "strides", [size, size]);
        this.#only(layer, "data_format", "channels_last");
        return { kind: "max-pool", size };
      }
      case "UpSampling2D":
        this.#only(layer, "interpolation", "nearest");
        this.#only(layer, "data_format", "channels_last");
        return { kind: "upsample", size: this.#square(layer, "size") };
      case "Activation":
        return { kind: "activation", activation: this.#activation(layer) };
      case "ReLU":
        this.#only(layer, "max_value", null);
        return { kind: "activation", activation: "relu" };
      case "LeakyReLU":
        return { kind: "activation", activation: "leaky-relu" };
      default:
        return this.refuse(
          layer.name,
          `unknown kind: expected one of Conv2D, Conv2DTranspose, Dense, BatchNormalization, Flatten, Reshape, MaxPooling2D, UpSampling2D, Activation, ReLU, LeakyReLU, got ${printable(layer.className, 60)}`,
        );
    }
  }

  #shape(layer: KerasLayer, value: unknown): number[] {
    const edges: unknown[] = Array.isArray(value) ? value : [];
    if (
      edges.length === 0 ||
      !edges.every((edge) => typeof edge === "number" && Number.isInteger(edge) && edge >= 1)
    )
      this.refuse(layer.name, `shape: expected integers >= 1, got ${shown(value)}`);
    return edges as number[];
  }

  /** Layers that feed one another in file order; refuses branches. */
  chain(layers: readonly KerasLayer[]): Chain {
    let input: readonly number[] | undefined;
    let leak: number | undefined;
    const found: { layer: Layer; name: string }[] = [];
    let before: string | undefined;
    for (const one of layers) {
      if (
        one.inbound.length > 1 ||
        (one.inbound.length === 1 && before !== undefined && one.inbound[0] !== before)
      )
        this.refuse(
          one.name,
          `expected the layer before it (${printable(before ?? "none", 60)}) as its one input, got ${printable(one.inbound.join(", "), 120)}`,
        );
      const batch = one.config.batch_input_shape ?? one.config.batch_shape;
      if (input === undefined && Array.isArray(batch)) input = this.#shape(one, batch.slice(1));
      if (one.className === "LeakyReLU") {
        const slope = one.config.alpha ?? one.config.negative_slope ?? DEFAULT_LEAK;
        if (typeof slope !== "number" || (leak !== undefined && leak !== slope))
          this.refuse(one.name, `alpha: expected one slope for all layers, got ${shown(slope)}`);
        leak = slope;
      }
      const layer = this.layer(one);
      if (layer !== undefined) found.push({ layer, name: one.name });
      before = one.name;
    }
    return { input, leak, layers: found.map(({ layer }) => layer), names: found.map(({ name }) => name) };
  }
}

function partOf(name: string): PartName | undefined {
  return name.startsWith("encoder") ? "encoder" : name.startsWith("decoder") ? "decoder" : undefined;
}

/** The networks of a Keras model; `part` is what a model without nested ones is taken for. */
export function kerasBlueprint(json: unknown, where: string, part?: PartName): Blueprint {
  const reader: KerasReader = new KerasReader(where);
  if (!isDictionary(json) || typeof json.class_name !== "string" || !MODELS.has(json.class_name))
    throw new InputError(
      `${where}: not a Keras model: expected class_name Model, Functional or Sequential, got something else`,
      {
        tag: "manifest",
      },
    );
  const parts: Partial<Record<PartName, Network>> = {};
  const names: Partial<Record<PartName, readonly (string | undefined)[]>> = {};
  const put = (to: PartName, chain: Chain, layer: string): void => {
    if (chain.input === undefined) reader.refuse(layer, "input: expected a shape, got none");
    if (chain.layers.length === 0) reader.refuse(layer, "expected at least one layer, got none");
    parts[to] = { id: to, input: chain.input, layers: chain.layers, leak: chain.leak ?? 0 };
    names[to] = chain.names;
  };
  const own = isDictionary(json.config) && typeof json.config.name === "string" ? json.config.name : "model";
  const layers = reader.layersOf(json, own);
  const nested = layers.filter(({ className }) => MODELS.has(className));
  if (nested.length === 0) {
    put(part ?? partOf(own) ?? "network", reader.chain(layers), own);
    return { parts, names };
  }
  for (const model of layers) {
    if (model.className === "InputLayer") continue;
    const to = MODELS.has(model.className) ? partOf(model.name) : undefined;
    if (to === undefined || parts[to] !== undefined)
      reader.refuse(model.name, "expected nested models encoder and decoder only, got another layer");
    const inner = isDictionary(model.config) ? model.config : {};
    put(to, reader.chain(reader.layersOf({ config: inner }, model.name)), model.name);
  }
  return { parts, names };
}
