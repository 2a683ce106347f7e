/**
 * How a module becomes the picture that an encoder sees: 48 trigger cells to pixels, and how charges are scaled.
 *
 * Three layouts: 4x4x3 "flat" (position i is cell i), 4x4x3 "interleave" (position 3p + c is cell 16c + p), and the 8x8 picture
 * whose lower right quarter is dark. Source: fastml-science sensor-data-compression networks.py; CMSSW autoEncoder remap.
 */
export const PIXEL_ORDERS = ["flat", "interleave", "8x8"] as const;
export type PixelOrder = (typeof PIXEL_ORDERS)[number];

/** Pixel of each cell in the 8x8 picture, row-major. */
// prettier-ignore
const PIXELS_8X8: readonly number[] = [
   4, 12, 20, 28,  5, 13, 21, 29,  6, 14, 22, 30,  7, 15, 23, 31,
  24, 25, 26, 27, 16, 17, 18, 19,  8,  9, 10, 11,  0,  1,  2,  3,
  59, 51, 43, 35, 58, 50, 42, 34, 57, 49, 41, 33, 56, 48, 40, 32,
];

const THIRD = 16;
const THIRDS = 3;

/** Position in the (flat, NHWC) picture of each training index, [48]. */
export function pixelsOf(order: PixelOrder): readonly number[] {
  switch (order) {
    case "flat":
      return PIXELS_8X8.map((_, cell) => cell);
    case "interleave":
      return PIXELS_8X8.map((_, cell) => THIRDS * (cell % THIRD) + Math.floor(cell / THIRD));
    case "8x8":
      return PIXELS_8X8;
  }
}

/** The orders that a network with this input shape can take; none for shapes that are no module picture. */
export function ordersOf(shape: readonly number[]): readonly PixelOrder[] {
  const text = shape.join("x");
  if (text === "4x4x3") return ["flat", "interleave"];
  return text === "8x8x1" ? ["8x8"] : [];
}

/**
 * How normalised charges reach the encoder: rounded to 1/256, halves up (CMSSW) or to even (numpy, and with it the reference
 * figures of the frozen models), floored to 1/128 (the chip), or as they are.
 */
export const INPUT_ROUNDINGS = ["round-8", "even-8", "floor-7", "exact"] as const;
export type InputRounding = (typeof INPUT_ROUNDINGS)[number];

/** A normalised charge after `rounding`. */
export function roundInput(x: number, rounding: InputRounding): number {
  if (rounding === "exact") return x;
  if (rounding === "floor-7") return Math.floor(x * 128) / 128;
  const scaled = x * 256;
  const up = Math.floor(scaled + 0.5);
  const half = rounding === "even-8" && up - scaled === 0.5 && up % 2 !== 0;
  return (half ? up - 1 : up) / 256;
}
