/**
 * Encoder weights on the grids of the chip and of qKeras, still computed with in floating point.
 *
 * "floor-32" is what the chip's register scripts do (6 bits, 5 fractional, in [-1, 31/32]), "round-32" the nearest of the same
 * values, "round-16" steps of 1/16 in [-2, 2) (qKeras quantized_bits(6, 1)).
 */
export const WEIGHT_GRIDS = ["float", "floor-32", "round-32", "round-16"] as const;
export type WeightGrid = (typeof WEIGHT_GRIDS)[number];

/** Bits of a weight: 32 as float, else 6. */
export function gridBits(grid: WeightGrid): number {
  return grid === "float" ? 32 : 6;
}

/** Parameters on a grid; a copy. */
export function roundWeights(parameters: Float64Array, grid: WeightGrid): Float64Array {
  if (grid === "float") return parameters.slice();
  const one = grid === "round-16" ? 16 : 32;
  const shift = grid === "floor-32" ? 0 : 0.5;
  return parameters.map((weight) => Math.min(31, Math.max(-32, Math.floor(weight * one + shift))) / one);
}
