/**
 * What the TensorFlow.js backends share: inference of a planned network with tfjs-core's fused operations.
 *
 * The packages are loaded when a session is opened. One tfjs backend is active in a process at a time, so every call asserts
 * its own. Parameters stay with tfjs between calls, batch normalisation is folded: tfjs is shown at its best.
 */
import type * as Tfjs from "@tensorflow/tfjs-core";
import type { Backend, BackendSession } from "../core/backend.js";
import { isConstant } from "../core/constant.js";
import { KernelError } from "../core/errors.js";
import type { Buffers, Dims, Kernel } from "../core/kernel.js";
import { networkOf } from "../models/networkkernel.js";
import type { Activation, Convolution, Network, Quantise } from "../models/network.js";
import { prepareLayers, type PreparedLayer } from "./tfjsparameters.js";

type Tf = typeof Tfjs;

/** What a backend's own package adds: registers it, and says what was detected once it runs. */
export interface TfjsPackage {
  readonly name: "cpu" | "wasm" | "tensorflow";
  /** The last part of the backend's id; `name` by default. */
  readonly id?: string;
  /** Imports the package (which registers the backend); returns what describes it once it is ready. */
  load(tf: Tf): Promise<() => Promise<Readonly<Record<string, string>>>>;
}

interface Loaded {
  readonly tf: Tf;
  readonly details: Readonly<Record<string, string>>;
}

const PROCESS_EVENTS = ["uncaughtException", "unhandledRejection"] as const;
/** Sets of parameters that a session keeps; the oldest makes room. */
const MOST_PARAMETERS = 16;

/** Runs `start` and takes away the handlers it installs for the whole process: tfjs would decide how everyone's errors end. */
async function withoutHandlers<T>(start: () => Promise<T>): Promise<T> {
  const emitter: NodeJS.EventEmitter = process;
  const before = PROCESS_EVENTS.map((event) => new Set(emitter.listeners(event)));
  try {
    return await start();
  } finally {
    PROCESS_EVENTS.forEach((event, i) => {
      for (const listener of emitter.listeners(event)) {
        if (!before[i].has(listener)) emitter.removeListener(event, listener as () => void);
      }
    });
  }
}

async function start(backend: TfjsPackage): Promise<Loaded> {
  const tf = await import("@tensorflow/tfjs-core");
  // Also silences the banner that recommends another package.
  tf.enableProdMode();
  const details = await backend.load(tf);
  const started = await tf.setBackend(backend.name);
  if (!started || tf.getBackend() !== backend.name) {
    throw new KernelError(
      `tfjs-${backend.name}: backend: expected ${backend.name} to be active, got ${tf.getBackend()}`,
    );
  }
  return { tf, details: { "tfjs-core": tf.version_core, ...(await details()) } };
}

/** Starts are done one after the other: they share tfjs's global state and the process's handlers. */
let lastStart: Promise<unknown> = Promise.resolve();
const starts = new Map<string, Promise<Loaded>>();

function startOnce(backend: TfjsPackage): Promise<Loaded> {
  let started = starts.get(backend.name);
  if (started === undefined) {
    const next = (): Promise<Loaded> => withoutHandlers(() => start(backend));
    started = lastStart.then(next, next);
    lastStart = started;
    starts.set(backend.name, started);
  }
  return started;
}

/** Activations that tfjs applies inside a convolution or a matrix product, by its own names. */
const FUSED: Readonly<Record<Activation, "linear" | "relu" | "leakyrelu" | "sigmoid" | undefined>> = {
  linear: "linear",
  relu: "relu",
  "leaky-relu": "leakyrelu",
  sigmoid: "sigmoid",
  tanh: undefined,
};

function activated(tf: Tf, x: Tfjs.Tensor, activation: Activation, leak: number): Tfjs.Tensor {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return tf.relu(x);
    case "leaky-relu":
      return tf.leakyRelu(x, leak);
    case "sigmoid":
      return tf.sigmoid(x);
    case "tanh":
      return tf.tanh(x);
  }
}

/** In full: tfjs takes a plain number for square kernels only. */
function paddingOf({ padding }: Convolution): "same" | Tfjs.backend_util.ExplicitPadding {
  if (padding === undefined) return "same";
  const sides: [number, number] = [padding, padding];
  return [[0, 0], sides, sides, [0, 0]];
}

/** One layer of `rows` inputs. */
function layerOf(tf: Tf, network: Network, prepared: PreparedLayer, x: Tfjs.Tensor): Tfjs.Tensor {
  const { layer, outputShape, tensors } = prepared;
  const [rows] = x.shape;
  const [kernel, bias] = tensors;
  const image = x as Tfjs.Tensor4D;
  const { leak } = network;
  switch (layer.kind) {
    case "conv2d": {
      const activation = FUSED[layer.activation];
      const y = tf.fused.conv2d({
        x: image,
        filter: kernel as Tfjs.Tensor4D,
        strides: layer.stride,
        pad: paddingOf(layer),
        bias,
        activation: activation ?? "linear",
        leakyreluAlpha: leak,
      });
      return activation === undefined ? activated(tf, y, layer.activation, leak) : y;
    }
    case "conv2d-transpose": {
      const [height, width, filters] = outputShape;
      const shape: [number, number, number, number] = [rows, height, width, filters];
      const y = tf.conv2dTranspose(image, kernel as Tfjs.Tensor4D, shape, layer.stride, paddingOf(layer));
      return activated(tf, tf.add(y, bias), layer.activation, leak);
    }
    case "dense": {
      const activation = FUSED[layer.activation];
      const y = tf.fused.matMul({
        a: x,
        b: kernel,
        bias,
        activation: activation ?? "linear",
        leakyreluAlpha: leak,
      });
      return activation === undefined ? activated(tf, y, layer.activation, leak) : y;
    }
    case "batch-norm": {
      const [gamma, beta, mean, variance] = tensors as Tfjs.Tensor1D[];
      return tf.batchNorm(x, mean, variance, beta, gamma, layer.epsilon);
    }
    case "max-pool":
      return tf.maxPool(image, layer.size, layer.size, "valid");
    case "upsample":
      return tf.image.resizeNearestNeighbor(image, [outputShape[0], outputShape[1]]);
    case "flatten":
    case "reshape":
      return tf.reshape(x, [rows, ...outputShape]);
    case "activation":
      return activated(tf, x, layer.activation, leak);
    case "quantise":
      return quantised(tf, layer, x);
  }
}

function quantised(tf: Tf, { bits, low, high, rounding }: Quantise, x: Tfjs.Tensor): Tfjs.Tensor {
  const step = (high - low) / 2 ** bits;
  const place = tf.add(tf.div(tf.sub(x, low), step), rounding === "round" ? 0.5 : 0);
  return tf.add(tf.mul(tf.clipByValue(tf.floor(place), 0, 2 ** bits - 1), step), low);
}

interface Kept {
  /** The values that the tensors hold: a caller may have changed its array since. */
  readonly values: Float32Array;
  readonly layers: readonly PreparedLayer[];
}

class TfjsSession implements BackendSession {
  readonly #kept = new Map<object, Kept>();
  #closed = false;

  constructor(
    readonly name: string,
    readonly tf: Tf,
  ) {}

  call(kernel: Kernel, inputs: Buffers, { rows }: Dims): Buffers {
    const { tf } = this;
    const plan = networkOf(kernel);
    if (plan === undefined) {
      throw new KernelError(`tfjs-${this.name}: kernel ${kernel.id}: expected a network, got none`);
    }
    this.#activate();
    const layers = this.#layers(kernel, inputs.parameters as Float32Array);
    const x = tf.tensor(inputs.input, [rows, ...plan.network.input], "float32");
    const y = tf.tidy(() => layers.reduce((value, layer) => layerOf(tf, plan.network, layer, value), x));
    // Read outside tidy, which would walk the keys of what it returns. It is a copy, or nobody's once the tensor is gone.
    const output = y.dataSync<"float32">();
    y.dispose();
    x.dispose();
    return { output };
  }

  close(): void {
    for (const kept of this.#kept.values()) this.#dispose(kept);
    this.#kept.clear();
    this.#closed = true;
  }

  /** Another session may have switched; a backend that has been started is switched to at once. */
  #activate(): void {
    if (this.#closed) throw new KernelError(`tfjs-${this.name}: session is closed`, { tag: "closed" });
    const { tf, name } = this;
    if (tf.getBackend() !== name) void tf.setBackend(name);
    if (tf.getBackend() !== name) {
      throw new KernelError(`tfjs-${name}: backend: expected ${name} to be active, got ${tf.getBackend()}`);
    }
  }

  #layers(kernel: Kernel, parameters: Float32Array): readonly PreparedLayer[] {
    const plan = networkOf(kernel);
    if (plan === undefined) return [];
    const found = this.#kept.get(parameters);
    if (found !== undefined && (isConstant(parameters) || sameBytes(found.values, parameters)))
      return found.layers;
    if (found !== undefined) this.#forget(parameters);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= MOST_PARAMETERS && oldest.done !== true) this.#forget(oldest.value);
    const layers = prepareLayers(this.tf, plan, parameters);
    this.#kept.set(parameters, { values: parameters.slice(), layers });
    return layers;
  }

  #forget(key: object): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#dispose(kept);
    this.#kept.delete(key);
  }

  #dispose({ layers }: Kept): void {
    for (const { tensors } of layers) this.tf.dispose([...tensors]);
  }
}

function sameBytes(a: Float32Array, b: Float32Array): boolean {
  return (
    a.length === b.length &&
    Buffer.compare(
      new Uint8Array(a.buffer, a.byteOffset, a.byteLength),
      new Uint8Array(b.buffer, b.byteOffset, b.byteLength),
    ) === 0
  );
}

/** The backend of one tfjs package. */
export function tfjsBackend(title: string, backend: TfjsPackage): Backend {
  return {
    id: `tfjs-${backend.id ?? backend.name}`,
    title,
    cannot: (kernel) =>
      networkOf(kernel) === undefined ? "TensorFlow.js is given networks only here" : undefined,
    missing: async () => {
      try {
        await startOnce(backend);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message.split("\n")[0] : String(error);
      }
    },
    describe: async () => (await startOnce(backend)).details,
    open: async () => new TfjsSession(backend.name, (await startOnce(backend)).tf),
  };
}
