/** The steps of a training program as numbers, beyond those of inference (networksteps.ts): fields, kinds, losses. */
import { STEP_FIELDS, type Step } from "./networksteps.js";
import type { LossId } from "./training.js";

/** Fields of a step after those of a plain one, in the order of assembly/_trainingstep.ts. */
export const TRAINING_FIELDS = [
  ...STEP_FIELDS,
  "fromInside",
  "toInside",
  "other",
  "otherInside",
  "otherRow",
  "otherLine",
  "spare0",
  "spare1",
] as const;
export type TrainingStep = Step & Partial<Record<(typeof TRAINING_FIELDS)[number], number>>;

export const TRAINING_KIND = {
  loss: 20,
  denseGradient: 21,
  convolveGradient: 22,
  biasGradient: 23,
  slope: 24,
  poolBack: 25,
  upsampleBack: 26,
  normalise: 27,
  normaliseBack: 28,
  quantiseBack: 29,
  denseBack: 30,
} as const;

/** Numbers of the losses in assembly/_loss.ts. */
export const LOSS: Readonly<Record<LossId | "external", number>> = {
  external: 0,
  mse: 1,
  "weighted-mse": 2,
  telescope: 3,
  "wasserstein-1": 4,
};
