/**
 * The receiver of an autoencoder: latents and module sum to charges, with the faults that the studies found and their cures.
 *
 * The decoder's picture is brought to the sum that was sent; cells below a threshold may be dropped, and charges made whole. Each
 * step can lose charge or keep it. Sources: CMSSW HGCalConcentratorAutoEncoderImpl (preserveModuleSum, zero suppression); fastml-science
 * sensor-data-compression train.py for "msb".
 */
import type { Codec, Parameters } from "../core/codec.js";
import { choiceOf, numberOf } from "../core/parameters.js";
import { CALQ_PER_MIPT, CELLS } from "../core/table.js";
import { bitLength } from "../chip/floatcodes.js";
import type { ImportedPart } from "../models/imported.js";
import { compileNetwork } from "../models/inference.js";
import { pixelsOf, type PixelOrder } from "../models/picture.js";

const RESCALINGS = ["module-sum", "msb", "norm"] as const;
const SUPPRESSED = ["lost", "kept"] as const;
export const ABSENT = ["unknown", "lost", "kept"] as const;
export const OUTPUTS = ["float", "integer"] as const;

export const RECEIVER_PARAMETERS: Codec["parameters"] = {
  rescale: {
    says: "scale of the decoded picture: to the module sum that was sent (CMSSW preserveModuleSum), to its top bit only (the training code), or times its top bit (preserveModuleSum off)",
    default: RESCALINGS[0],
    choices: RESCALINGS,
  },
  suppress: {
    says: "decoded cells below this many MIP_T are dropped (CMSSW: 0.1)",
    default: 0,
    minimum: 0,
    maximum: 1000,
  },
  suppressed: {
    says: "what becomes of the charge of dropped cells: lost (CMSSW), or given to the cells that stay (the largest if none would), so that the module keeps its sum",
    default: SUPPRESSED[0],
    choices: SUPPRESSED,
  },
  absent: {
    says: "cells that a partial module lacks: the receiver does not know and leaves charge there; what falls there is lost (CMSSW); or the cells that exist get it, so that partial modules keep their sum",
    default: ABSENT[0],
    choices: ABSENT,
  },
  output: {
    says: "decoded charges as they come, or whole CALQ counts whose sum is the module sum that was sent (largest remainders)",
    default: OUTPUTS[0],
    choices: OUTPUTS,
  },
};

/** From latents and module sum to charges [48]; `present` has 1 for the cells of a partial module. */
export type Receive = (
  latents: Float64Array,
  moduleSum: number,
  restored: Float64Array,
  present?: Uint8Array,
) => void;

export function sumOf(calq: ArrayLike<number>): number {
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) sum += calq[cell];
  return sum;
}

/** 2^floor(log2 sum), for sums of at least 1. */
export function topBit(sum: number): number {
  return 2 ** (bitLength(Math.floor(sum)) - 1);
}

/** The same for the sum of a decoded picture, which may be below 1. */
function topBitOfPicture(sum: number): number {
  let top = 1;
  while (top > sum) top /= 2;
  while (2 * top <= sum) top *= 2;
  return top;
}

function factorOf(rescaling: (typeof RESCALINGS)[number], moduleSum: number, pictureSum: number): number {
  switch (rescaling) {
    case "module-sum":
      return moduleSum / pictureSum;
    case "msb":
      return topBit(moduleSum) / topBitOfPicture(pictureSum);
    case "norm":
      return topBit(moduleSum);
  }
}

/** From a decoded picture [pixels] and module sum to charges [48]. */
export type Restore = (
  picture: ArrayLike<number>,
  moduleSum: number,
  restored: Float64Array,
  present?: Uint8Array,
) => void;

export function receiver(part: ImportedPart, parameters: Parameters, order: PixelOrder): Receive {
  const infer = compileNetwork(part.plan, part.parameters);
  const restore = restorer(parameters, order);
  return (latents, moduleSum, restored, present) => {
    restore(infer(latents), moduleSum, restored, present);
  };
}

export function restorer(parameters: Parameters, order: PixelOrder): Restore {
  const pixels = pixelsOf(order);
  const rescaling = choiceOf(parameters, "rescale", RESCALINGS);
  const least = numberOf(parameters, "suppress") * CALQ_PER_MIPT;
  const keepsSum = choiceOf(parameters, "suppressed", SUPPRESSED) === "kept";
  const whole = choiceOf(parameters, "output", OUTPUTS) === "integer";
  const absentKept = choiceOf(parameters, "absent", ABSENT) === "kept";
  return (picture, moduleSum, restored, present) => {
    for (let cell = 0; cell < CELLS; cell++) restored[cell] = Math.max(0, picture[pixels[cell]]);
    if (present !== undefined && absentKept) clearAbsent(restored, present);
    const sum = sumOf(restored);
    multiply(restored, sum > 0 ? factorOf(rescaling, moduleSum, sum) : 0);
    if (present !== undefined && !absentKept) clearAbsent(restored, present);
    if (least > 0) suppressBelow(restored, least, keepsSum);
    if (whole) roundKeepingSum(restored);
  };
}

function clearAbsent(charges: Float64Array, present: Uint8Array): void {
  for (let cell = 0; cell < CELLS; cell++) charges[cell] *= present[cell];
}

function multiply(charges: Float64Array, factor: number): void {
  for (let cell = 0; cell < CELLS; cell++) charges[cell] *= factor;
}

/** Drops cells below `least`; where the sum is kept, their charge goes to the cells that stay, or to the largest if none would. */
function suppressBelow(charges: Float64Array, least: number, keepsSum: boolean): void {
  const before = sumOf(charges);
  const largest = charges.indexOf(Math.max(...charges));
  for (let cell = 0; cell < CELLS; cell++) if (charges[cell] < least) charges[cell] = 0;
  if (!keepsSum) return;
  const after = sumOf(charges);
  if (after > 0) multiply(charges, before / after);
  else charges[largest] = before;
}

/** Whole counts with the nearest whole sum: all rounded down, then one more for the largest fractions, lower cells first. */
function roundKeepingSum(charges: Float64Array): void {
  const fractions = charges.map((charge) => charge - Math.floor(charge));
  const wanted = Math.round(sumOf(charges));
  for (let cell = 0; cell < CELLS; cell++) charges[cell] = Math.floor(charges[cell]);
  const order = Array.from(fractions.keys()).sort((x, y) => fractions[y] - fractions[x] || x - y);
  for (let left = wanted - sumOf(charges), i = 0; left > 0; left--, i++) charges[order[i % CELLS]]++;
}
