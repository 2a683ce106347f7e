/**
 * What training a network takes and gives: losses, optimiser, state, trainer. Types and the state's starting values only; the
 * arithmetic is in assembly/training.ts (WebAssembly), trainingloss.ts, backward.ts and adam.ts (float64), the trainer in engine/trainer.ts.
 *
 * Parameters are in the order of network.ts, moving statistics of batch normalisation among them.
 */
import type { KernelRunner } from "../core/kernel.js";
import type { Plan } from "./network.js";

/**
 * mse: mean over outputs of (t - p)^2. weighted-mse: mean of (t - p)^2 max(t, p). telescope: 48 cells or the 8x8 picture of them,
 * losses.ts. wasserstein-1: mean of |sorted t - sorted p| of each row. The loss of a batch is the mean over its rows of weight
 * times loss (Keras' rule: weights are not divided by their sum).
 */
export type LossId = "mse" | "weighted-mse" | "telescope" | "wasserstein-1";

/** Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019), which spares batch normalisations. */
export interface Optimiser {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Everything that has to be kept to go on training exactly where one left off. */
export interface TrainState {
  /** [plan.parameters] */
  readonly parameters: Float32Array;
  /** Adam's moments, [plan.parameters] each. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Steps done so far. */
  readonly step: number;
}

export interface TrainerOptions {
  readonly planned: Plan;
  /** What `step` goes by; undefined when the caller works all losses out itself (`stepWith`). */
  readonly loss: LossId | undefined;
  readonly optimiser: Optimiser;
  /**
   * Threads that share a batch; results have the same bits on any number of them. Networks with batch normalisation use one.
   * Undefined: everything is done on the calling thread.
   */
  readonly kernels?: KernelRunner;
  /** Straight-through: the gradient is taken at quantise(parameters) and applied to the parameters themselves. */
  readonly quantise?: (parameters: Float32Array) => Float32Array;
}

/** Loss of a batch, and its slopes in the outputs, [rows, outputs]. */
export interface LossAndGradient {
  /** Mean over the rows, times their weights. */
  readonly loss: number;
  readonly gradient: Float32Array;
}

export interface Trainer {
  /** After the last step; a copy. */
  readonly state: TrainState;
  setLearningRate(rate: number): void;
  /** One step of the optimiser; returns the loss before it. `weights` has one value per row. No step when that is not finite. */
  step(input: Float32Array, target: Float32Array, rows: number, weights?: Float32Array): Promise<number>;
  /** One step with a loss that the caller works out from the outputs in training mode, the exact EMD for instance; none when it is not finite. */
  stepWith(
    input: Float32Array,
    rows: number,
    lossOf: (output: Float32Array) => LossAndGradient | Promise<LossAndGradient>,
  ): Promise<number>;
  /** Outputs [rows, outputs] in inference mode. */
  infer(input: Float32Array, rows: number): Promise<Float32Array>;
}

/** The state before the first step: given parameters, moments zero. */
export function initialState(planned: Plan, parameters: Float32Array): TrainState {
  return {
    parameters: parameters.slice(),
    firstMoment: new Float32Array(planned.parameters),
    secondMoment: new Float32Array(planned.parameters),
    step: 0,
  };
}
