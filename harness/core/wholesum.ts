/**
 * Weights as whole numbers of which every sum is exact in float64, so that no sum depends on its order: the counterpart of
 * assembly/_exactsum.ts. A weight keeps at least 39 bits of the largest one for up to 8,192 weights.
 */

const HALF_LIMIT = 2 ** 52;

const bits = new DataView(new ArrayBuffer(8));

/** Largest power of two by which `count` weights up to `most` can be multiplied so that, rounded, they sum below 2^53. */
export function wholeScale(most: number, count: number): number {
  if (!(most > 0) || count < 1) return 1;
  bits.setFloat64(0, HALF_LIMIT / (most * count));
  bits.setUint32(0, bits.getUint32(0) & 0x7ff00000);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** To the nearest whole number, halves to even; 0 <= x <= 2^52. */
export function toWhole(x: number): number {
  return x + HALF_LIMIT - HALF_LIMIT;
}
