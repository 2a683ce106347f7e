/**
 * Batch normalisation before a dense layer, folded into it: y = kernel' x + bias' without the normalisation. Float64, rounded to
 * float32 once. For backends that are handed layers; the WebAssembly kernel folds for itself.
 */
import type { PlannedLayer, Tensor } from "./network.js";

export interface DenseValues {
  /** [inputs, units] */
  readonly kernel: Float32Array;
  /** [units] */
  readonly bias: Float32Array;
}

export const valuesOf = (parameters: Float32Array, { offset, size }: Tensor): Float32Array =>
  parameters.subarray(offset, offset + size);

/** True when layer i is a batch normalisation that layer i + 1, a dense one, takes in. */
export function foldsIntoNext(layers: readonly PlannedLayer[], i: number): boolean {
  if (i < 0 || i + 1 >= layers.length) return false;
  return layers[i].layer.kind === "batch-norm" && layers[i + 1].layer.kind === "dense";
}

/** Kernel and bias of a dense layer that takes what comes before the normalisation. */
export function foldNormalisation(
  parameters: Float32Array,
  normalisation: PlannedLayer,
  dense: PlannedLayer,
): DenseValues {
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
  return { kernel: newKernel, bias: Float32Array.from(newBias) };
}
