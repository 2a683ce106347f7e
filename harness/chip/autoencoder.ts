/**
 * The chip's autoencoder in its fixed-point arithmetic: CALQ of a module to 16 latents of 9 bits. Slow and obvious.
 *
 * Normalise to 8 bits (7 fractional), 3x3 convolution of stride 2 with 8 filters, dense layer of 16. Every single product is
 * floored (to 7, then to 8 fractional bits) before it is added. Nothing here rounds and nothing is floating point.
 * Source: ECON-T emulator (cmantill/ECONT_Emulator), checked on the published test vectors.
 */
import { CELLS } from "../core/table.js";
import { CONV_BIAS_AT, DENSE_AT, DENSE_BIAS_AT, FILTERS, HIDDEN, LATENTS } from "./autoencoderweights.js";
import { bitLength } from "./floatcodes.js";

/** Fractional bits of a normalised charge. */
const CHARGE_BITS = 7;
/** A product of the convolution has 7 + 5 fractional bits, 7 are kept; a bias has 5. */
export const CONV_LOST_BITS = 5;
export const CONV_BIAS_SHIFT = 2;
/** A product of the dense layer has 7 + 5 fractional bits, 8 are kept; a bias has 5. */
export const DENSE_LOST_BITS = 4;
export const DENSE_BIAS_SHIFT = 3;
export const LATENT_BITS = 9;
export const LATENT_MAXIMUM = 2 ** LATENT_BITS - 1;

const SIDE = 8;
const WINDOW = 3;
const STRIDE = 2;
/** Places of the convolution along one side. */
export const POSITIONS = 4;

/** Channel (AE slot) of each pixel of the 8x8 picture, row-major; undefined in the dark corner and beyond the border. */
export function slotOfPixel(row: number, column: number): number | undefined {
  if (row >= SIDE || column >= SIDE) return undefined;
  if (row < POSITIONS) return SIDE * row + column;
  return column < POSITIONS ? SIDE * POSITIONS + POSITIONS * (row - POSITIONS) + column : undefined;
}

/** Module sum of CALQ [48]. */
export function moduleSum(calq: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += calq[i];
  return sum;
}

/** Charges [48] of 8 bits: floor(CALQ * 128 / 2^m) with 2^m the top bit of the module sum; all zero where that is zero. */
export function normaliseCharges(calq: ArrayLike<number>): Uint8Array {
  const charges = new Uint8Array(CELLS);
  const top = bitLength(moduleSum(calq)) - 1;
  if (top < 0) return charges;
  for (let i = 0; i < CELLS; i++) charges[i] = Math.floor((calq[i] * 2 ** CHARGE_BITS) / 2 ** top);
  return charges;
}

/** Channels [9] that a place [16] of the convolution sees, row by row of its window; undefined where there is none. */
export function convolutionSlots(place: number): (number | undefined)[] {
  const row = STRIDE * Math.floor(place / POSITIONS);
  const column = STRIDE * (place % POSITIONS);
  return Array.from({ length: WINDOW * WINDOW }, (_, tap) =>
    slotOfPixel(row + Math.floor(tap / WINDOW), column + (tap % WINDOW)),
  );
}

/** Outputs [128] of the convolution, (row * 4 + column) * 8 + filter, never negative. */
export function convolve(charges: ArrayLike<number>, weights: ArrayLike<number>): Int32Array {
  const hidden = new Int32Array(HIDDEN);
  for (let place = 0; place < HIDDEN; place++) {
    const filter = place % FILTERS;
    let sum = weights[CONV_BIAS_AT + filter] << CONV_BIAS_SHIFT;
    convolutionSlots(Math.floor(place / FILTERS)).forEach((slot, tap) => {
      if (slot !== undefined) sum += (charges[slot] * weights[tap * FILTERS + filter]) >> CONV_LOST_BITS;
    });
    hidden[place] = Math.max(0, sum);
  }
  return hidden;
}

/** Latents [16] in 0..511 (8 fractional bits) of hidden values [128]. */
export function condense(hidden: ArrayLike<number>, weights: ArrayLike<number>): Uint16Array {
  return Uint16Array.from({ length: LATENTS }, (_, latent) => {
    let sum = weights[DENSE_BIAS_AT + latent] << DENSE_BIAS_SHIFT;
    for (let i = 0; i < HIDDEN; i++)
      sum += (hidden[i] * weights[DENSE_AT + latent * HIDDEN + i]) >> DENSE_LOST_BITS;
    return Math.min(LATENT_MAXIMUM, Math.max(0, sum));
  });
}

/** Latents [16] of CALQ [48] (in the chip's channel order) under weights [2144]. */
export function encodeModule(calq: ArrayLike<number>, weights: ArrayLike<number>): Uint16Array {
  return condense(convolve(normaliseCharges(calq), weights), weights);
}
