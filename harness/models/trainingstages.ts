/**
 * Groups a network's layers into stages of a training program: a layer that multiplies by a kernel with the activation that follows
 * it; everything else alone, batch normalisation unfolded, because training needs what stands between. Flatten and reshape vanish.
 */
import { activationOf } from "./forward.js";
import { type Activation, type Plan, type PlannedLayer, type Tensor, product } from "./network.js";

export interface TrainingStage {
  readonly planned: PlannedLayer;
  readonly activation: Activation;
}

const KERNELS: readonly string[] = ["dense", "conv2d", "conv2d-transpose"];

/** Stages in order. */
export function trainingStages(plan: Plan): readonly TrainingStage[] {
  const stages: TrainingStage[] = [];
  for (const planned of plan.layers) {
    const { layer } = planned;
    if (layer.kind === "flatten" || layer.kind === "reshape") continue;
    const before = stages.length > 0 ? stages[stages.length - 1] : undefined;
    const joins =
      before?.activation === "linear" && KERNELS.includes(before.planned.layer.kind) ? before : undefined;
    if (layer.kind === "activation" && joins !== undefined)
      stages[stages.length - 1] = { ...joins, activation: layer.activation };
    else stages.push({ planned, activation: activationOf(layer) });
  }
  return stages;
}

/** Index of the first stage that has something to learn: nothing goes back beyond it. */
export function firstTrainable(stages: readonly TrainingStage[]): number {
  return stages.findIndex(({ planned }) => planned.tensors.some((tensor) => tensor.trainable));
}

/** Values of a stage's result. */
export const sizeOf = (stage: TrainingStage): number => product(stage.planned.outputShape);

/** Kernel and bias of a stage that multiplies. */
export function weightsOf({ planned }: TrainingStage): { readonly kernel: Tensor; readonly bias: Tensor } {
  const [kernel, bias] = planned.tensors;
  return { kernel, bias };
}
