/**
 * The chip's autoencoder made quick: the sums of autoencoder.ts with every address worked out beforehand, zeros left out.
 *
 * Gives the same integers (a test holds it to that): a product with zero floors to zero. Modules have few charges and few hidden values
 * above zero, which is most of the gain.
 */
import {
  CONV_BIAS_SHIFT,
  CONV_LOST_BITS,
  convolutionSlots,
  DENSE_BIAS_SHIFT,
  DENSE_LOST_BITS,
  LATENT_MAXIMUM,
  normaliseCharges,
} from "./autoencoder.js";
import { CONV_BIAS_AT, DENSE_AT, DENSE_BIAS_AT, FILTERS, HIDDEN, LATENTS } from "./autoencoderweights.js";

const PLACES = HIDDEN / FILTERS;

/** For each charge [48] the pairs (first hidden value, first weight) that it goes into. */
const TARGETS = targets();

function targets(): readonly Uint16Array[] {
  const found: number[][] = [];
  for (let place = 0; place < PLACES; place++)
    convolutionSlots(place).forEach((slot, tap) => {
      if (slot !== undefined) (found[slot] ??= []).push(place * FILTERS, tap * FILTERS);
    });
  return found.map((pairs) => Uint16Array.from(pairs));
}

/** An encoder under weights [2144]: CALQ [48] in the chip's channel order to latents [16] in 0..511, valid until the next call. */
export function chipEncoderOf(weights: ArrayLike<number>): (calq: ArrayLike<number>) => Uint16Array {
  const kernel = Int32Array.from({ length: CONV_BIAS_AT }, (_, i) => weights[i]);
  const started = Int32Array.from(
    { length: HIDDEN },
    (_, i) => weights[CONV_BIAS_AT + (i % FILTERS)] << CONV_BIAS_SHIFT,
  );
  // [hidden, latent], so that the weights of one hidden value stand together
  const dense = Int32Array.from(
    { length: HIDDEN * LATENTS },
    (_, i) => weights[DENSE_AT + (i % LATENTS) * HIDDEN + Math.floor(i / LATENTS)],
  );
  const biases = Int32Array.from(
    { length: LATENTS },
    (_, latent) => weights[DENSE_BIAS_AT + latent] << DENSE_BIAS_SHIFT,
  );
  const hidden = new Int32Array(HIDDEN);
  const sums = new Int32Array(LATENTS);
  const latents = new Uint16Array(LATENTS);
  return (calq) => {
    hidden.set(started);
    normaliseCharges(calq).forEach((charge, slot) => {
      if (charge !== 0) addCharge(hidden, charge, TARGETS[slot], kernel);
    });
    sums.set(biases);
    for (let i = 0, at = 0; i < HIDDEN; i++, at += LATENTS) {
      const value = hidden[i];
      if (value <= 0) continue;
      for (let k = 0; k < LATENTS; k++) sums[k] += (value * dense[at + k]) >> DENSE_LOST_BITS;
    }
    for (let k = 0; k < LATENTS; k++) latents[k] = Math.min(LATENT_MAXIMUM, Math.max(0, sums[k]));
    return latents;
  };
}

function addCharge(hidden: Int32Array, charge: number, pairs: Uint16Array, kernel: Int32Array): void {
  for (let i = 0; i < pairs.length; i += 2)
    for (let f = 0; f < FILTERS; f++)
      hidden[pairs[i] + f] += (charge * kernel[pairs[i + 1] + f]) >> CONV_LOST_BITS;
}
