/**
 * A network whose parameters stay as they are, without its batch normalisations: each is folded into the layer before it.
 *
 * Behind a linear layer z = W x + b with moving statistics, gamma (z - mean) / s + beta = (gamma / s) W x + gamma (b - mean) / s + beta,
 * s = sqrt(variance + epsilon). What is left depends on one row alone, so that slopes go through it row by row.
 */
import { InputError } from "../core/errors.js";
import type { ImportedPart } from "./imported.js";
import { type Network, type Plan, type PlannedLayer, plan } from "./network.js";

export interface Frozen {
  readonly plan: Plan;
  /** [plan.parameters], folded in float64 and rounded once. */
  readonly parameters: Float32Array;
}

const isNormalisation = ({ layer }: PlannedLayer): boolean => layer.kind === "batch-norm";

/** Refuses (InputError) a normalisation that does not follow a linear layer with a kernel. */
function refuseUnfoldable({ network, layers }: Plan): void {
  layers.forEach((one, i) => {
    if (!isNormalisation(one)) return;
    const before = i === 0 ? undefined : layers[i - 1].layer;
    if (before !== undefined && "activation" in before && before.kind !== "activation")
      if (before.activation === "linear") return;
    throw new InputError(
      `network ${network.id}: layer ${i} (batch-norm): expected a linear layer before it, got ${before?.kind ?? "none"}`,
      { tag: "shape" },
    );
  });
}

/** The description without normalisations; refuses (InputError) those that cannot be folded. */
export function frozenNetwork(network: Network): Network {
  refuseUnfoldable(plan(network));
  return { ...network, layers: network.layers.filter(({ kind }) => kind !== "batch-norm") };
}

/** Kernel and bias of a layer, one after the other, with the normalisation behind it folded in. */
function folded({ layer, tensors }: PlannedLayer, behind: PlannedLayer, values: Float64Array): Float64Array {
  const epsilon = behind.layer.kind === "batch-norm" ? behind.layer.epsilon : 0;
  const [gamma, beta, mean, variance] = behind.tensors.map(({ offset, size }) =>
    values.subarray(offset, offset + size),
  );
  const scale = gamma.map((one, c) => one / Math.sqrt(variance[c] + epsilon));
  const [kernel, bias] = tensors;
  // Filters are the last axis, but for the transposed convolution, where channels are.
  const inner = layer.kind === "conv2d-transpose" ? kernel.shape[3] : 1;
  const own = values.slice(kernel.offset, kernel.offset + kernel.size);
  const newKernel = own.map((weight, i) => weight * scale[Math.floor(i / inner) % bias.size]);
  const newBias = values
    .slice(bias.offset, bias.offset + bias.size)
    .map((one, c) => (one - mean[c]) * scale[c] + beta[c]);
  return Float64Array.from([...newKernel, ...newBias]);
}

/** The network and its parameters without normalisations; refuses (InputError) those that cannot be folded. */
export function freeze({ plan: whole, parameters }: ImportedPart): Frozen {
  const frozen = plan(frozenNetwork(whole.network));
  const values = new Float32Array(frozen.parameters);
  let at = 0;
  whole.layers.forEach((planned, i) => {
    if (isNormalisation(planned) || planned.tensors.length === 0) return;
    const behind = whole.layers.at(i + 1);
    const [{ offset }] = planned.tensors;
    const size = planned.tensors.reduce((sum, tensor) => sum + tensor.size, 0);
    const own =
      behind !== undefined && isNormalisation(behind)
        ? folded(planned, behind, parameters)
        : parameters.subarray(offset, offset + size);
    values.set(own, at);
    at += size;
  });
  return { plan: frozen, parameters: values };
}
