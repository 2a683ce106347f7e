/**
 * The steps of a network's program as numbers: fields in the order of assembly/_networkstep.ts, kinds, activations. Inference
 * (program.ts) and training (trainingprogram.ts) share them.
 */
import { type Activation, type Quantise, product } from "./network.js";

/** Fields of a step, in the order of assembly/_networkstep.ts. */
export const STEP_FIELDS = [
  "kind",
  "activation",
  "from",
  "fromRow",
  "fromLine",
  "to",
  "toRow",
  "toLine",
  "toPixel",
  "height",
  "width",
  "channels",
  "filters",
  "kernel",
  "bias",
  "prepared",
  "preparedBias",
  "filtersPadded",
  "tapRows",
  "tapColumns",
  "stride",
  "kernelColumns",
  "firstTapRow",
  "firstTapColumn",
  "tapStep",
  "transposed",
  "gamma",
  "scale",
  "shift",
  "epsilon",
  "toShift",
  "size",
] as const;
export type Step = Partial<Record<(typeof STEP_FIELDS)[number], number>>;

export const KIND = {
  dense: 1,
  convolve: 2,
  convolveToOne: 3,
  copy: 4,
  pool: 5,
  upsample: 6,
  affine: 7,
  border: 8,
  quantise: 9,
  convolvePicture: 10,
} as const;
export const ACTIVATION: Readonly<Record<Activation, number>> = {
  linear: 0,
  relu: 1,
  "leaky-relu": 2,
  sigmoid: 3,
  tanh: 4,
};

/** Bytes. */
export const FLOAT = 4;
const CACHE_LINE = 64;
/** Outputs that a dense layer writes together, and those of a half panel. */
export const PANEL = 16;
const HALF_PANEL = 8;

/** Bytes that a tensor takes in working memory. */
export const alignUp = (bytes: number): number => Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;

/** Units of a dense layer as its weights are packed: whole panels, the last one half where that is enough. */
export function paddedUnits(units: number): number {
  const rest = units % PANEL;
  return rest > 0 && rest <= HALF_PANEL ? units - rest + HALF_PANEL : Math.ceil(units / PANEL) * PANEL;
}

/** The bits of a float32 as a whole number. */
export const bits = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0];

/** [lines, pixels, channels]; a flat tensor is one line of one-channel pixels. */
export function edges(shape: readonly number[]): readonly [number, number, number] {
  return shape.length === 3 ? [shape[0], shape[1], shape[2]] : [1, product(shape), 1];
}

/** A step over a whole picture. */
export const sizes = ([height, width, channels]: readonly number[]): Step => ({
  height,
  width,
  channels,
  filters: channels,
});

/** Bits of the first value and of the step, and the last value's number; `stride` 1 rounds to nearest. */
export const quantiseFields = ({ bits: count, low, high, rounding }: Quantise): Step => ({
  scale: bits(low),
  shift: bits((high - low) / 2 ** count),
  size: 2 ** count - 1,
  stride: rounding === "round" ? 1 : 0,
});
