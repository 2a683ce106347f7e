// Weights as whole numbers of which every sum is exact in f64, so that no sum depends on its order.
import { areFinite } from "./_finite";

/** Largest power of two by which weights up to `most` can be multiplied so that n of them, rounded, sum below 2^53. */
export function wholeScale(most: f64, n: i32): f64 {
  if (!(most > 0) || n < 1) return 1;
  const ratio = 4503599627370496.0 / (most * <f64>n); // 2^52
  return reinterpret<f64>(reinterpret<u64>(ratio) & 0x7ff0000000000000);
}

/** Largest of n weights (f32), at least 0; -1 when one is negative, NaN when one is not finite. */
export function largestWeight(weights: usize, n: i32): f64 {
  if (!areFinite(weights, n)) return NaN;
  let most: f32 = 0;
  let least: f32 = 0;
  const end = weights + ((<usize>n) << 2);
  for (let p = weights; p < end; p += 4) {
    const w = load<f32>(p);
    most = w > most ? w : most;
    least = w < least ? w : least;
  }
  return least < 0 ? -1 : most;
}
