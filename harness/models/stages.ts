/**
 * Groups a network's layers into stages that one kernel step can do: a layer with the activation that follows it, a dense layer
 * with the batch normalisation between it and the dense layer before. Flatten and reshape vanish: they move no value. It changes
 * no arithmetic and knows no addresses.
 */
import { activationOf } from "./forward.js";
import type { Activation, Plan, PlannedLayer, Tensor } from "./network.js";

export interface Stage {
  /** Its inputShape is what the stage reads, flattened or reshaped as the layer before left it. */
  readonly planned: PlannedLayer;
  readonly activation: Activation;
  /** Gamma, beta, moving mean, moving variance: of a dense stage's inputs, else what the stage does. */
  readonly normalisation?: Normalisation;
}

interface Normalisation {
  readonly tensors: readonly Tensor[];
  readonly epsilon: number;
}

/** Layers that multiply by a kernel take a following activation in. */
const hasKernel = (stage: Stage): boolean =>
  ["dense", "conv2d", "conv2d-transpose"].includes(stage.planned.layer.kind);

const movesNothing = ({ layer }: PlannedLayer): boolean =>
  layer.kind === "flatten" || layer.kind === "reshape";

/** Stages in order; a network of nothing but reshaping has one that copies. */
export function stagesOf(plan: Plan): readonly Stage[] {
  const stages: Stage[] = [];
  let folded: Normalisation | undefined;
  const layers = plan.layers.filter((planned) => !movesNothing(planned));
  layers.forEach((planned, i) => {
    const { layer, tensors } = planned;
    const next = i + 1 < layers.length ? layers[i + 1] : undefined;
    const before = stages.length > 0 ? stages[stages.length - 1] : undefined;
    if (
      layer.kind === "activation" &&
      before !== undefined &&
      hasKernel(before) &&
      before.activation === "linear"
    ) {
      stages[stages.length - 1] = { ...before, activation: layer.activation };
    } else if (layer.kind === "batch-norm") {
      const normalisation = { tensors, epsilon: layer.epsilon };
      const isBetween = before?.planned.layer.kind === "dense" && next?.layer.kind === "dense";
      if (isBetween) folded = normalisation;
      else stages.push({ planned, activation: "linear", normalisation });
    } else {
      stages.push({
        planned,
        activation: activationOf(layer),
        ...(folded === undefined ? {} : { normalisation: folded }),
      });
      folded = undefined;
    }
  });
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
