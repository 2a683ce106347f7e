/** Rows that network kernels are validated and timed on: charge pictures, latents, standardised jet variables. Seeded, not physics. */
import type { Rng } from "../core/rng.js";

/** Lower right quarter of the 8x8 picture: no trigger cell is there. */
const isDead = (pixel: number, edge: number): boolean =>
  pixel >= (edge * edge) / 2 && pixel % edge >= edge / 2;

/** `edge` x `edge` pixels that sum to 1, a third of them hit; masked: the dead corner stays 0. */
function shares(pixels: number, rng: Rng, isMasked: (pixel: number) => boolean): Float64Array {
  const charges = Float64Array.from({ length: pixels }, (_, pixel) => {
    const charge = rng.uniform() < 0.4 ? rng.exponential() : 0;
    return isMasked(pixel) ? 0 : charge;
  });
  const total = charges.reduce((sum, charge) => sum + charge, 0);
  return total === 0 ? charges : charges.map((charge) => charge / total);
}

export const drawPicture8x8 = (rng: Rng): Float64Array => shares(64, rng, (pixel) => isDead(pixel, 8));

export const drawPicture4x4x3 = (rng: Rng): Float64Array => shares(48, rng, () => false);

/** Values as a ReLU leaves them. */
export const drawLatents =
  (latents: number) =>
  (rng: Rng): Float64Array =>
    Float64Array.from({ length: latents }, () => Math.max(0, rng.normal()));

export const drawStandardised =
  (variables: number) =>
  (rng: Rng): Float64Array =>
    Float64Array.from({ length: variables }, () => rng.normal());
