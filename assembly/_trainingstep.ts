// One step of a training program: a step of _networkstep.ts, whose fields the forward routines read, and what training adds.
// Tensors have no fixed place: `at` counts bytes per row of a block, so that a tensor begins at scratch + at * rows of a block.
// In the order of TRAINING_FIELDS in harness/models/trainingprogram.ts.
import { Step } from "./_networkstep";

/** Kinds beyond those of _networkstep.ts. */
export const LOSS: i32 = 20;
export const DENSE_GRADIENT: i32 = 21;
export const CONVOLVE_GRADIENT: i32 = 22;
export const BIAS_GRADIENT: i32 = 23;
export const SLOPE: i32 = 24;
export const POOL_BACK: i32 = 25;
export const UPSAMPLE_BACK: i32 = 26;
export const NORMALISE: i32 = 27;
export const NORMALISE_BACK: i32 = 28;
export const QUANTISE_BACK: i32 = 29;
/** A dense layer's input gradient: its kernel is packed transposed, without bias. */
export const DENSE_BACK: i32 = 30;

export const TRAINING_STEP_BYTES: usize = 160;

@unmanaged
export class TrainingStep extends Step {
  /** Added to where `from` and `to` begin: the first pixel between borders. */
  fromInside: i32;
  toInside: i32;
  /** A second tensor that is read. */
  other: i32;
  otherInside: i32;
  otherRow: i32;
  otherLine: i32;
  spare0: i32;
  spare1: i32;
}
