/**
 * The small floating-point codes of the HGCAL trigger path: kEmM = k exponent bits, m mantissa bits, no sign.
 *
 * A value whose bit length is at most m is its own code (exponent 0); otherwise the exponent is bitLength - m and the mantissa
 * holds the m bits after the leading one. Values beyond the largest code saturate. The chip truncates; CMSSW rounds.
 * Source: ECON-T emulator (cmantill/ECONT_Emulator, Utils/encode.py) and CMSSW HGCalTriggerCellCalibration/VFE compression.
 */
export interface FloatCode {
  readonly name: "4E3M" | "5E3M" | "5E4M" | "4E5M";
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /** Width of a code in bits. */
  readonly bits: number;
}

const floatCode = (name: FloatCode["name"], exponentBits: number, mantissaBits: number): FloatCode => ({
  name,
  exponentBits,
  mantissaBits,
  bits: exponentBits + mantissaBits,
});

/** Trigger-cell charges, and sums of super trigger cells of types 2 and 3. */
export const CODE_4E3M = floatCode("4E3M", 4, 3);
/** Module sums of threshold-sum and best choice. */
export const CODE_5E3M = floatCode("5E3M", 5, 3);
/** Sums of super trigger cells of types 0 and 1, module sum of the autoencoder. */
export const CODE_5E4M = floatCode("5E4M", 5, 4);
/** Super-trigger-cell sums in CMSSW. */
export const CODE_4E5M = floatCode("4E5M", 4, 5);

export type Rounding = "truncate" | "round";
/** Where in the interval of values that share a code the restored value lies: lower edge, a quarter, or half of the last lost bit. */
export const DECODE_POINTS = ["mid", "edge", "quarter"] as const;
export type DecodePoint = (typeof DECODE_POINTS)[number];

const TWO_32 = 4294967296;

/** Number of bits of a whole number in 0..2^53-1; 0 for 0. */
export function bitLength(value: number): number {
  return value < TWO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / TWO_32));
}

/** `value >> drop` for whole numbers up to 2^53. */
export function dropBits(value: number, drop: number): number {
  return value < TWO_32 && drop < 32 ? value >>> drop : Math.floor(value / 2 ** drop);
}

/**
 * Code of a whole number >= 0.
 *
 * "round" adds the first lost bit, as CMSSW does; codes of exponent 1 have no lost bit and are never rounded.
 */
export function encodeFloat(value: number, code: FloatCode, rounding: Rounding = "truncate"): number {
  const largest = (1 << code.bits) - 1;
  const exponent = bitLength(value) - code.mantissaBits;
  if (exponent <= 0) return value;
  if (exponent >= 1 << code.exponentBits) return largest;
  const kept = dropBits(value, exponent - 1);
  const leadingOne = 1 << code.mantissaBits;
  const truncated = exponent * leadingOne + (kept - leadingOne);
  if (rounding === "truncate" || exponent < 2) return truncated;
  const firstLost = dropBits(value, exponent - 2) - 2 * kept;
  return Math.min(largest, truncated + firstLost);
}

/**
 * Value of a code, with `drop` low bits that were shifted out before coding put back as zeros.
 *
 * "mid" adds half of the last lost bit, "quarter" a quarter (nothing where that is not whole), "edge" nothing. Code 0 is no
 * exception: with drop 1 it decodes to 1 at "mid".
 */
export function decodeFloat(code: number, format: FloatCode, drop = 0, point: DecodePoint = "mid"): number {
  const leadingOne = 2 ** format.mantissaBits;
  const exponent = Math.floor(code / leadingOne);
  const mantissa = code % leadingOne;
  const lost = drop + Math.max(exponent - 1, 0);
  const edge = (exponent === 0 ? mantissa : leadingOne + mantissa) * 2 ** lost;
  if (point === "mid" && lost >= 1) return edge + 2 ** (lost - 1);
  if (point === "quarter" && lost >= 2) return edge + 2 ** (lost - 2);
  return edge;
}

/** As decodeFloat, but code 0 is no charge: what an off-detector reconstruction makes of a cell that was sent empty. */
export function restoreCharge(code: number, format: FloatCode, drop: number, point: DecodePoint): number {
  return code === 0 ? 0 : decodeFloat(code, format, drop, point);
}
