/**
 * TensorFlow.js as a peer of a training step: the same network, batch and Adam through its own gradients, as its users train.
 *
 * Variables and moments stay with tfjs from call to call; the batch is uploaded each time. Its WebAssembly backend has no gradient
 * of a convolution's kernel, so it is given one in JavaScript. Adam's epsilon is always passed: the default depends on the backend.
 * Without weight decay, which its optimiser does not have: tfjs does less. Importing tfjs-layers registers the gradients.
 */
import type * as Tfjs from "@tensorflow/tfjs-core";
import { KernelError } from "../../core/errors.js";
import type { Buffers } from "../../core/kernel.js";
import { AUTOENCODER_STRIDE } from "../../models/catalogue.js";
import { type Activation, type Plan, type PlannedLayer, plan } from "../../models/network.js";
import { backends } from "../plugins.generated.js";
import type { ModulePeerDeclaration, ModuleSubject } from "./peer.js";

type Tf = typeof Tfjs;

interface WasmBackend {
  typedArrayFromHeap(tensor: Tfjs.TensorInfo): Float32Array;
  makeOutput(shape: readonly number[], dtype: "float32"): Tfjs.TensorInfo;
}

/** Gradient of a convolution's kernel: one loop over outputs, kernel positions, channels and filters. */
function kernelGradient(tf: Tf, args: Parameters<Tfjs.KernelFunc>[0]): Tfjs.TensorInfo {
  const { x, dy } = args.inputs as Readonly<Record<"x" | "dy", Tfjs.TensorInfo>>;
  const { strides, pad, dimRoundingMode, filterShape } =
    args.attrs as unknown as Tfjs.Conv2DBackpropFilterAttrs;
  const backend = args.backend as WasmBackend;
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
  const output = backend.makeOutput(filterShape, "float32");
  const [values, slopes, sums] = [x, dy, output].map((tensor) => backend.typedArrayFromHeap(tensor));
  sums.fill(0);
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  for (let row = 0; row < batchSize; row++) {
    for (let y = 0; y < outHeight; y++) {
      for (let column = 0; column < outWidth; column++) {
        const back = ((row * outHeight + y) * outWidth + column) * outChannels;
        for (let i = 0; i < info.filterHeight; i++) {
          const line = y * info.strideHeight + i - info.padInfo.top;
          if (line < 0 || line >= inHeight) continue;
          for (let j = 0; j < info.filterWidth; j++) {
            const pixel = column * info.strideWidth + j - info.padInfo.left;
            if (pixel < 0 || pixel >= inWidth) continue;
            const from = ((row * inHeight + line) * inWidth + pixel) * inChannels;
            let to = (i * info.filterWidth + j) * inChannels * outChannels;
            for (let c = 0; c < inChannels; c++) {
              const value = values[from + c];
              for (let f = 0; f < outChannels; f++) sums[to++] += value * slopes[back + f];
            }
          }
        }
      }
    }
  }
  return output;
}

function activated(tf: Tf, x: Tfjs.Tensor, activation: Activation, leak: number): Tfjs.Tensor {
  if (activation === "relu") return tf.relu(x);
  if (activation === "leaky-relu") return tf.leakyRelu(x, leak);
  if (activation === "sigmoid") return tf.sigmoid(x);
  return activation === "tanh" ? tf.tanh(x) : x;
}

/** One layer in operations that have gradients; of the kinds that the timed network has. */
function layerOf(
  tf: Tf,
  { layer, outputShape }: PlannedLayer,
  [kernel, bias]: readonly Tfjs.Variable[],
  x: Tfjs.Tensor,
  leak: number,
): Tfjs.Tensor {
  const [rows] = x.shape;
  switch (layer.kind) {
    case "conv2d": {
      const y = tf.conv2d(x as Tfjs.Tensor4D, kernel as unknown as Tfjs.Tensor4D, layer.stride, "same");
      return activated(tf, tf.add(y, bias), layer.activation, leak);
    }
    case "conv2d-transpose": {
      const [height, width, filters] = outputShape;
      const shape: [number, number, number, number] = [rows, height, width, filters];
      const weights = kernel as unknown as Tfjs.Tensor4D;
      const y = tf.conv2dTranspose(x as Tfjs.Tensor4D, weights, shape, layer.stride, "same");
      return activated(tf, tf.add(y, bias), layer.activation, leak);
    }
    case "dense":
      return activated(tf, tf.add(tf.matMul(x, kernel), bias), layer.activation, leak);
    case "flatten":
    case "reshape":
      return tf.reshape(x, [rows, ...outputShape]);
    case "activation":
      return activated(tf, x, layer.activation, leak);
    default:
      throw new KernelError(`tfjs training: layer ${layer.kind}: expected one with gradients here`);
  }
}

/** Variables of a network, and steps on them. */
class TfjsTraining {
  readonly #variables: readonly (readonly Tfjs.Variable[])[];
  readonly #optimiser: Tfjs.AdamOptimizer;

  constructor(
    readonly tf: Tf,
    readonly planned: Plan,
    { parameters, settings }: Buffers,
  ) {
    this.#variables = planned.layers.map(({ tensors }) =>
      tensors.map(({ shape, offset, size }) =>
        tf.variable(tf.tensor(parameters.slice(offset, offset + size), [...shape], "float32")),
      ),
    );
    const [rate, beta1, beta2, epsilon] = settings;
    this.#optimiser = tf.train.adam(rate, beta1, beta2, epsilon);
  }

  /** One step; the loss before it. */
  step({ input, target }: Buffers): number {
    const { tf, planned } = this;
    const rows = input.length / planned.inputSize;
    const [x, t] = [
      tf.tensor(input, [rows, ...planned.network.input], "float32"),
      tf.tensor(target, [rows, planned.outputSize], "float32"),
    ];
    const loss = this.#optimiser.minimize(() => this.#loss(x, t), true);
    const [value] = loss?.dataSync<"float32">() ?? [NaN];
    tf.dispose(loss === null ? [x, t] : [x, t, loss]);
    return value;
  }

  #loss(x: Tfjs.Tensor, target: Tfjs.Tensor): Tfjs.Scalar {
    const { tf, planned } = this;
    let y = x;
    planned.layers.forEach((layer, i) => {
      y = layerOf(tf, layer, this.#variables[i], y, planned.network.leak);
    });
    return tf.mean(tf.square(tf.sub(tf.reshape(y, target.shape), target)));
  }
}

/** Starts a tfjs backend and gives a function that makes one step on a batch and answers with the loss. */
export async function tfjsTraining(name: "cpu" | "wasm", planned: Plan): Promise<ModuleSubject> {
  const backend = backends.get(`tfjs-${name}`);
  const reason = backend === undefined ? "no such backend" : await backend.missing();
  if (backend === undefined || reason !== undefined)
    throw new KernelError(`tfjs-${name}: training: ${reason ?? "missing"}`);
  const tf = await import("@tensorflow/tfjs-core");
  await import("@tensorflow/tfjs-layers");
  const isKnown = tf
    .getKernelsForBackend(name)
    .some(({ kernelName }) => kernelName === "Conv2DBackpropFilter");
  if (!isKnown) {
    tf.registerKernel({
      kernelName: "Conv2DBackpropFilter",
      backendName: name,
      kernelFunc: (args) => kernelGradient(tf, args),
    });
  }
  let training: TfjsTraining | undefined;
  return (inputs) => {
    if (tf.getBackend() !== name) void tf.setBackend(name);
    training ??= new TfjsTraining(tf, planned, inputs);
    return { loss: Float64Array.of(training.step(inputs)) };
  };
}

const peer = (name: "cpu" | "wasm", title: string): ModulePeerDeclaration => ({
  id: `tfjs-${name}-training`,
  title,
  package: "@tensorflow/tfjs-layers",
  subjects: { "training-step": () => tfjsTraining(name, plan(AUTOENCODER_STRIDE)) },
  exact: false,
});

export const tfjsTrainingPeers: readonly ModulePeerDeclaration[] = [
  peer("cpu", "TensorFlow.js training, JavaScript"),
  peer("wasm", "TensorFlow.js training, WebAssembly with a gradient in JavaScript"),
];
