/**
 * From the front end's 7-bit codes to CALQ: float to fixed point, then the 12-bit calibration factor of each cell.
 *
 * Source: ECON-T emulator (cmantill/ECONT_Emulator, ASICBlocks/MuxFixCalib.py).
 */
import { CODE_4E3M, decodeFloat } from "./floatcodes.js";

/** Low bits that the front end drops before coding: 3 in high-density modules, 1 in low-density ones. */
export function densityDrop(highDensity: boolean): number {
  return highDensity ? 3 : 1;
}

/** A calibration factor of 1: 11 fractional bits. */
export const CALIBRATION_ONE = 2048;

/** Largest CALQ that a 7-bit code and a 12-bit factor can make fits 22 bits. */
export const CALQ_BITS = 22;
export const CALQ_MAXIMUM = 2 ** CALQ_BITS - 1;

/** Fixed-point charge of a front-end code: middle of its interval. */
export function fixedPoint(code: number, highDensity: boolean): number {
  return decodeFloat(code, CODE_4E3M, densityDrop(highDensity), "mid");
}

/** CALQ [n] of 7-bit codes [n] and 12-bit factors [n]: floor(charge * factor / 2^11). */
export function calibrate(
  codes: ArrayLike<number>,
  factors: ArrayLike<number>,
  highDensity: boolean,
): Float64Array {
  const calq = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    calq[i] = Math.floor((fixedPoint(codes[i], highDensity) * factors[i]) / CALIBRATION_ONE);
  }
  return calq;
}
