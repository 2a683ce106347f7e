/**
 * A network's parameters as tensors of TensorFlow.js, layer by layer, ready for inference.
 *
 * Batch normalisation that stands before a dense layer is folded into it (float64, rounded once); any other keeps its tensors.
 */
import type * as Tfjs from "@tensorflow/tfjs-core";
import type { Layer, Plan, PlannedLayer, Tensor } from "../models/network.js";

export interface PreparedLayer {
  readonly layer: Layer;
  readonly outputShape: readonly number[];
  /** In the order of the plan; owned by whoever asked for them. */
  readonly tensors: readonly Tfjs.Tensor[];
}

type Values = Float32Array;

const valuesOf = (parameters: Values, { offset, size }: Tensor): Values =>
  parameters.subarray(offset, offset + size);

/** Kernel and bias of a dense layer that takes what comes before the normalisation. */
function folded(parameters: Values, normalisation: PlannedLayer, dense: PlannedLayer): [Values, Values] {
  const { layer } = normalisation;
  const epsilon = layer.kind === "batch-norm" ? layer.epsilon : 0;
  const [gamma, beta, mean, variance] = normalisation.tensors.map((tensor) => valuesOf(parameters, tensor));
  const [kernel, bias] = dense.tensors.map((tensor) => valuesOf(parameters, tensor));
  const units = bias.length;
  const newKernel = new Float32Array(kernel.length);
  const newBias = Float64Array.from(bias);
  for (let k = 0; k < gamma.length; k++) {
    const scale = gamma[k] / Math.sqrt(variance[k] + epsilon);
    const shift = beta[k] - mean[k] * scale;
    for (let j = 0; j < units; j++) {
      newKernel[k * units + j] = scale * kernel[k * units + j];
      newBias[j] += shift * kernel[k * units + j];
    }
  }
  return [newKernel, Float32Array.from(newBias)];
}

/** Layers of `plan` with tensors of the values in `parameters` [plan.parameters], Keras' order; folded layers are left out. */
export function prepareLayers(tf: typeof Tfjs, plan: Plan, parameters: Values): readonly PreparedLayer[] {
  const { layers } = plan;
  const folds = (i: number): boolean =>
    layers[i]?.layer.kind === "batch-norm" && layers[i + 1]?.layer.kind === "dense";
  return layers.flatMap((planned, i): PreparedLayer[] => {
    if (folds(i)) return [];
    const { layer, outputShape, tensors } = planned;
    const values = folds(i - 1)
      ? folded(parameters, layers[i - 1], planned)
      : // A copy: the cpu backend keeps the array it is given.
        tensors.map((tensor) => valuesOf(parameters, tensor).slice());
    return [
      {
        layer,
        outputShape,
        tensors: tensors.map(({ shape }, t) => tf.tensor(values[t], [...shape], "float32")),
      },
    ];
  });
}
