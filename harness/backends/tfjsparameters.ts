/**
 * A network's parameters as tensors of TensorFlow.js, layer by layer, ready for inference.
 *
 * Batch normalisation that stands before a dense layer is folded into it (float64, rounded once); any other keeps its tensors.
 */
import type * as Tfjs from "@tensorflow/tfjs-core";
import { foldNormalisation, foldsIntoNext, valuesOf } from "../models/folding.js";
import type { Layer, Plan, PlannedLayer } from "../models/network.js";

export interface PreparedLayer {
  readonly layer: Layer;
  readonly outputShape: readonly number[];
  /** In the order of the plan; owned by whoever asked for them. */
  readonly tensors: readonly Tfjs.Tensor[];
}

type Values = Float32Array;

function foldedValues(parameters: Values, before: PlannedLayer, dense: PlannedLayer): readonly Values[] {
  const { kernel, bias } = foldNormalisation(parameters, before, dense);
  return [kernel, bias];
}

/** Layers of `plan` with tensors of the values in `parameters` [plan.parameters], Keras' order; folded layers are left out. */
export function prepareLayers(tf: typeof Tfjs, plan: Plan, parameters: Values): readonly PreparedLayer[] {
  const { layers } = plan;
  return layers.flatMap((planned, i): PreparedLayer[] => {
    if (foldsIntoNext(layers, i)) return [];
    const { layer, outputShape, tensors } = planned;
    const values = foldsIntoNext(layers, i - 1)
      ? foldedValues(parameters, layers[i - 1], planned)
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
