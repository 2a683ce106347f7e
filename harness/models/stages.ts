/**
 * Groups a network's layers into stages that one kernel step can do: a layer with the activation and the batch normalisation
 * that follow it. Flatten and reshape vanish: they move no value. It changes no arithmetic and knows no addresses.
 */
import { activationOf } from "./forward.js";
import type { Activation, Plan, PlannedLayer, Tensor } from "./network.js";

export interface Stage {
  /** Its inputShape is what the stage reads, flattened or reshaped as the layer before left it. */
  readonly planned: PlannedLayer;
  readonly activation: Activation;
  /** After the activation: gamma, beta, moving mean, moving variance. */
  readonly normalisation?: { readonly tensors: readonly Tensor[]; readonly epsilon: number };
}

/** Layers that multiply by a kernel take a following activation in. */
const hasKernel = (stage: Stage): boolean =>
  ["dense", "conv2d", "conv2d-transpose"].includes(stage.planned.layer.kind);

function isBare(stage: Stage): boolean {
  return stage.activation === "linear" && stage.normalisation === undefined;
}

/** Stages in order; a network of nothing but reshaping has one that copies. */
export function stagesOf(plan: Plan): readonly Stage[] {
  const stages: Stage[] = [];
  for (const planned of plan.layers) {
    const { layer, tensors } = planned;
    const before = stages.length > 0 ? stages[stages.length - 1] : undefined;
    if (layer.kind === "flatten" || layer.kind === "reshape") continue;
    if (layer.kind === "activation" && before !== undefined && hasKernel(before) && isBare(before)) {
      stages[stages.length - 1] = { ...before, activation: layer.activation };
    } else if (
      layer.kind === "batch-norm" &&
      before?.planned.layer.kind === "dense" &&
      before.normalisation === undefined
    ) {
      stages[stages.length - 1] = { ...before, normalisation: { tensors, epsilon: layer.epsilon } };
    } else if (layer.kind === "batch-norm") {
      stages.push({ planned, activation: "linear", normalisation: { tensors, epsilon: layer.epsilon } });
    } else {
      stages.push({ planned, activation: activationOf(layer) });
    }
  }
  if (stages.length > 0) return stages;
  const [shape] = [plan.network.input];
  const planned: PlannedLayer = {
    layer: { kind: "activation", activation: "linear" },
    inputShape: shape,
    outputShape: shape,
    tensors: [],
  };
  return [{ planned, activation: "linear" }];
}
