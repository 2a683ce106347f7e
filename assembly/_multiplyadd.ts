// The one multiplication and addition of all networks. Two roundings, so that every build gives the same bits; the relaxed build
// leaves it to the processor, which may round once, and is compared within the tolerance instead.
@inline
export function multiplyAdd(sum: v128, x: v128, weight: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, weight, sum);
  return f32x4.add(sum, f32x4.mul(x, weight));
}
