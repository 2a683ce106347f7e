/**
 * What the energy-quanta encoder costs a chip, per module: every trial of the bisection and the final pass counted.
 *
 * A division of 12 bits is 12 compare-and-subtract steps. Tables: one list of totals and all stored probabilities; mirror images and
 * the ranges' fixed ends need no storage.
 */
import type { EncoderCost } from "../core/codec.js";
import { bitLength } from "../chip/floatcodes.js";
import { FRACTION_BITS, MOST_QUANTA } from "./quantaallot.js";
import { TRIALS } from "./quantaformat.js";
import { RANGED_ENTRIES, TOTAL_BITS } from "./quantamodel.js";
import { SPLIT_ROWS, TOTALS } from "./quantatables.js";
import { SPLITS } from "./quantatree.js";

/** Width times probability, and its part among numbers that are alike (a reciprocal), on top of the split itself. */
const PRODUCTS_PER_TRIAL = 3;
/** The final pass also multiplies by where the symbol begins, twice. */
const PRODUCTS_AT_LAST = 5;
/** Finding the range of a ratio by bisection of its sorted ends. */
const COMPARISONS_PER_SYMBOL = bitLength(RANGED_ENTRIES - 1);

export function quantaCost(): EncoderCost {
  const totals = TOTALS[0].length;
  const probabilities = SPLIT_ROWS.flat(2).length;
  return {
    multiplyAccumulates: SPLITS * (PRODUCTS_PER_TRIAL * TRIALS + PRODUCTS_AT_LAST),
    comparisons: SPLITS * (FRACTION_BITS + COMPARISONS_PER_SYMBOL * (TRIALS + 1)) + TRIALS,
    parameters: totals + probabilities,
    weightBits: totals * bitLength(MOST_QUANTA) + probabilities * TOTAL_BITS,
  };
}
