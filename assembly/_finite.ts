// Whether numbers are finite: a number is not when all bits of its exponent are set.

const EXPONENT: i32 = 0x7f800000;

/** True when all `count` f32 from `values` on are finite. */
export function areFinite(values: usize, count: i32): bool {
  const end = values + ((<usize>count) << 2);
  let p = values;
  if (ASC_FEATURE_SIMD) {
    const exponent = i32x4.splat(EXPONENT);
    let bad = i32x4.splat(0);
    for (; p + 16 <= end; p += 16) bad = v128.or(bad, i32x4.eq(v128.and(v128.load(p), exponent), exponent));
    if (v128.any_true(bad)) return false;
  }
  for (; p < end; p += 4) if ((load<i32>(p) & EXPONENT) == EXPONENT) return false;
  return true;
}
