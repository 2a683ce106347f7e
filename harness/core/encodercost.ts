/**
 * What an encoder costs on the detector, held against the one network that the ECON-T computes in every crossing of 25 ns.
 *
 * An encoder whose tables and weights need more bits than that network's is marked: no chip of this kind could hold it. Additions,
 * shifts and look-ups are not counted for any codec. Source: ECON-T emulator (register image of 2,144 weights, 6 bits each).
 */
import type { EncoderCost } from "./codec.js";

const WEIGHTS = 2144;
const BITS_OF_WEIGHT = 6;
/** Convolution of 8 filters of 3x3 at 16 places, dense layer of 128 x 16; a rectifier behind each output of both. */
const CONVOLUTION = 16 * 8 * 9;
const HIDDEN = 128;
const LATENTS = 16;

/** The ECON-T's autoencoder. */
export const YARDSTICK: EncoderCost = {
  multiplyAccumulates: CONVOLUTION + HIDDEN * LATENTS,
  comparisons: HIDDEN + LATENTS,
  parameters: WEIGHTS,
  weightBits: WEIGHTS * BITS_OF_WEIGHT,
};

export const FREE: EncoderCost = { multiplyAccumulates: 0, comparisons: 0, parameters: 0, weightBits: 0 };

/** Costs of encoders side by side, or one after the other. */
export function addCosts(...costs: readonly Partial<EncoderCost>[]): EncoderCost {
  return costs.reduce<EncoderCost>(
    (sum, cost) => ({
      multiplyAccumulates: sum.multiplyAccumulates + (cost.multiplyAccumulates ?? 0),
      comparisons: sum.comparisons + (cost.comparisons ?? 0),
      parameters: sum.parameters + (cost.parameters ?? 0),
      weightBits: sum.weightBits + (cost.weightBits ?? 0),
    }),
    FREE,
  );
}

/** True for encoders that no chip could hold: more bits of tables and weights than the yardstick. */
export function isUnlimited(cost: EncoderCost): boolean {
  return cost.weightBits > YARDSTICK.weightBits;
}

/** How such an encoder is called wherever it is shown. */
export const UNLIMITED_SAYS = "no chip could hold it: unlimited";
