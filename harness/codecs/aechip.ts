/** The chip's integer encoder behind an imported model: its weights made into registers, its latents as numbers in [0, 2). */
import { CELLS } from "../core/table.js";
import { slotOfPixel } from "../chip/autoencoder.js";
import { chipEncoderOf } from "../chip/autoencoderlines.js";
import { quantiseEncoder, type WeightRounding } from "../chip/autoencoderweights.js";
import type { ImportedPart } from "../models/imported.js";
import { kernelEdges, type Network } from "../models/network.js";
import { pixelsOf } from "../models/picture.js";

export const CHIP_ROUNDINGS = ["chip-floor", "chip-nearest"] as const;
export type ChipRounding = (typeof CHIP_ROUNDINGS)[number];

const SIDE = 8;
/** 9 bits, 8 of them fractional. */
const LATENT_ONE = 256;

/**
 * True for the one architecture that the chip computes: 8x8, eight 3x3 filters of stride 2 with Keras' "same" padding (one pixel
 * of zeros on the right and below; explicit padding shifts the windows), sixteen outputs.
 */
export function fitsChip({ input, layers }: Network): boolean {
  const [conv, flatten, dense] = layers;
  return (
    input.join("x") === "8x8x1" &&
    layers.length === 3 &&
    conv.kind === "conv2d" &&
    [conv.filters, ...kernelEdges(conv), conv.stride].join() === "8,3,3,2" &&
    conv.padding === undefined &&
    conv.activation === "relu" &&
    flatten.kind === "flatten" &&
    dense.kind === "dense" &&
    dense.units === 16 &&
    dense.activation === "relu"
  );
}

/** AE slot of each training index, [48]. */
export function chipSlots(): number[] {
  return pixelsOf("8x8").map((pixel) => {
    const slot = slotOfPixel(Math.floor(pixel / SIDE), pixel % SIDE);
    if (slot === undefined) throw new Error(`pixel ${pixel}: expected a slot of the chip`);
    return slot;
  });
}

/** CALQ [48] in training order to latents, in the chip's arithmetic; they are valid until the next call. */
export function chipEncoder(encoder: ImportedPart, rounding: string): (calq: Float64Array) => Float64Array {
  const [conv, , dense] = encoder.plan.layers;
  const values = [...conv.tensors, ...dense.tensors].map(({ offset, size }) =>
    encoder.parameters.subarray(offset, offset + size),
  );
  const [convKernel, convBias, denseKernel, denseBias] = values;
  const how: WeightRounding = rounding === "chip-floor" ? "floor" : "nearest";
  const encode = chipEncoderOf(quantiseEncoder({ convKernel, convBias, denseKernel, denseBias }, how));
  const slotOf = chipSlots();
  const ordered = new Float64Array(CELLS);
  const fractions = new Float64Array(encoder.plan.outputSize);
  return (calq) => {
    for (let cell = 0; cell < CELLS; cell++) ordered[slotOf[cell]] = calq[cell];
    const latents = encode(ordered);
    for (let k = 0; k < fractions.length; k++) fractions[k] = latents[k] / LATENT_ONE;
    return fractions;
  };
}
