/** What a trainer of one network does for a training loop: steps with a loss that the caller computes from the outputs. */
import type { LatentGrid } from "./gradientprogram.js";
import type { Plan } from "./network.js";

/** Adam (Kingma & Ba 2015, arXiv:1412.6980), weight decay decoupled (Loshchilov & Hutter 2019, arXiv:1711.05101). */
export interface Optimiser {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Everything that a trainer's next step depends on, [plan.parameters] each. */
export interface TrainState {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Steps made so far. */
  readonly step: number;
}

export interface TrainerOptions {
  readonly planned: Plan;
  readonly optimiser: Optimiser;
  /** Grid that latents are put on, if any. */
  readonly grid?: LatentGrid;
  /** Straight-through: outputs and gradients are those of the rounded parameters, steps are made from the others. */
  readonly quantise?: (parameters: Float32Array) => Float32Array;
}

export interface LossAndGradient {
  /** Mean over the rows, times their weights. */
  readonly loss: number;
  /** Slope of the loss with respect to the outputs, [rows, outputs]. */
  readonly gradient: Float32Array;
}

export interface Trainer {
  /** The state after the last step; arrays are not written to later. */
  readonly state: TrainState;
  setLearningRate(rate: number): void;
  /** One step on `rows` inputs; answers with the loss before it. A loss that is no number makes no step. */
  step(
    input: Float32Array,
    rows: number,
    lossOf: (output: Float32Array) => LossAndGradient | Promise<LossAndGradient>,
  ): Promise<number>;
  /** Outputs [rows, outputs]. */
  infer(input: Float32Array, rows: number): Promise<Float32Array>;
}

export type OpenTrainer = (options: TrainerOptions, state: TrainState) => Trainer;
