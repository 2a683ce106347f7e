/**
 * The weights of the chip's autoencoder: 2,144 signed numbers of 6 bits (5 of them fractional), and how floats become them.
 *
 * One flat array in the order of the register image: conv kernel [3, 3, 8] (row, column, filter), conv bias [8], dense kernel
 * [16, 128] (output, input) and dense bias [16]; an input of the dense layer is (row * 4 + column) * 8 + filter.
 * Source: ECON-T emulator and its register scripts (cmantill/ECONT_Emulator, ASICBlocks and yamlModifierAE).
 */
import { InputError } from "../core/errors.js";

export const FILTERS = 8;
export const LATENTS = 16;
/** Places of the convolution's window: 3 x 3. */
export const TAPS = 9;
export const HIDDEN = 128;

export const CONV_BIAS_AT = TAPS * FILTERS;
export const DENSE_AT = CONV_BIAS_AT + FILTERS;
export const DENSE_BIAS_AT = DENSE_AT + HIDDEN * LATENTS;
/** 2,144. */
export const WEIGHTS = DENSE_BIAS_AT + LATENTS;

/** A weight of 1 would be 32: fractional bits are 5. */
export const WEIGHT_ONE = 32;
export const WEIGHT_LOW = -32;
export const WEIGHT_HIGH = 31;

/** "floor": what the chip's register scripts do. "nearest": halves away from the lower neighbour. */
export const WEIGHT_ROUNDINGS = ["floor", "nearest"] as const;
export type WeightRounding = (typeof WEIGHT_ROUNDINGS)[number];

/**
 * In which order a dense kernel [128, 16] is put into the image. "chip": as the chip reads it (output, input). "script": as the
 * published register scripts wrote it, (input, output) unturned; the chip then multiplies other weights than were trained.
 */
export const DENSE_ORDERS = ["chip", "script"] as const;
export type DenseOrder = (typeof DENSE_ORDERS)[number];

/** An encoder as trained, row-major as Keras stores it. */
export interface FloatEncoder {
  /** [3, 3, 1, 8] */
  readonly convKernel: ArrayLike<number>;
  /** [8] */
  readonly convBias: ArrayLike<number>;
  /** [128, 16] */
  readonly denseKernel: ArrayLike<number>;
  /** [16] */
  readonly denseBias: ArrayLike<number>;
}

/** A weight in units of 1/32, clipped to -32..31. */
export function quantiseWeight(weight: number, rounding: WeightRounding): number {
  const scaled = weight * WEIGHT_ONE;
  const whole = Math.floor(rounding === "floor" ? scaled : scaled + 0.5);
  return Math.min(WEIGHT_HIGH, Math.max(WEIGHT_LOW, whole));
}

/** Integer weights [2144] of a trained encoder; refuses other shapes and values that are not finite. */
export function quantiseEncoder(
  encoder: FloatEncoder,
  rounding: WeightRounding = "floor",
  order: DenseOrder = "chip",
): Int8Array {
  const weights = new Int8Array(WEIGHTS);
  const put = (
    name: string,
    values: ArrayLike<number>,
    count: number,
    place: (i: number) => number,
  ): void => {
    if (values.length !== count)
      throw new InputError(`encoder: ${name}: expected ${count} weights, got ${values.length}`, {
        tag: "weights",
      });
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(values[i]))
        throw new InputError(`encoder: ${name}: weight ${i}: expected a finite number, got ${values[i]}`, {
          tag: "non-finite",
        });
      weights[place(i)] = quantiseWeight(values[i], rounding);
    }
  };
  put("conv kernel", encoder.convKernel, TAPS * FILTERS, (i) => i);
  put("conv bias", encoder.convBias, FILTERS, (i) => CONV_BIAS_AT + i);
  put("dense kernel", encoder.denseKernel, HIDDEN * LATENTS, (i) =>
    order === "script" ? DENSE_AT + i : DENSE_AT + (i % LATENTS) * HIDDEN + Math.floor(i / LATENTS),
  );
  put("dense bias", encoder.denseBias, LATENTS, (i) => DENSE_BIAS_AT + i);
  return weights;
}

/** The weights as numbers, for who wants to compute with them in floating point. */
export function floatWeights(weights: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: weights.length }, (_, i) => weights[i] / WEIGHT_ONE);
}
