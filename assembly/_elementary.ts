// exp, log and sines of turns from add, multiply, divide and floor alone: bit for bit those of harness/core/elementary.ts.
//
// The same operations in the same order; where SIMD is there, both sines of a pair are worked out at once, lane by lane alike.
// see: argument reduction and rational forms of fdlibm's e_exp.c and e_log.c (published coefficients).

const LN2_HIGH: f64 = 6.9314718036912381649e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const LOG2_E: f64 = 1.4426950408889634;
const SQRT_2: f64 = 1.4142135623730951;
const TWO_PI: f64 = 6.283185307179586;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;
const TWO_54: f64 = 18014398509481984;
const MANTISSA: u64 = 0x000fffffffffffff;
const ONE: u64 = 0x3ff0000000000000;

/** Natural logarithm; log(0) = -Infinity, NaN below 0. */
export function log(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return Infinity;
  let shift = 0;
  let value = x;
  if (value < SMALLEST_NORMAL) {
    value *= TWO_54;
    shift = -54;
  }
  const bits = reinterpret<u64>(value);
  let mantissa = reinterpret<f64>((bits & MANTISSA) | ONE);
  let exponent = <f64>(<i32>(bits >> 52) - 1023 + shift);
  if (mantissa > SQRT_2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332));
  const odd =
    z * (0.666666666666673513 + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)));
  const series = even + odd;
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + series) + exponent * LN2_LOW) - f);
}

/** e^x; 0 below -745.2, Infinity above 709.8. */
export function exp(x: f64): f64 {
  if (x != x) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * LOG2_E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  return scaled(1 - (low - (r * c) / (2 - c) - high), <i32>k);
}

/** x * 2^n, exact unless the result is subnormal. */
function scaled(x: f64, n: i32): f64 {
  let value = x;
  let left = n;
  if (left > 1000) {
    value *= reinterpret<f64>(<u64>(1000 + 1023) << 52);
    left -= 1000;
  }
  if (left < -1000) {
    value *= reinterpret<f64>(<u64>(1023 - 1000) << 52);
    left += 1000;
  }
  return value * reinterpret<f64>((<u64>(left + 1023)) << 52);
}

/** sin x on |x| <= pi/4. */
@inline
function sine(x: f64): f64 {
  const z = x * x;
  return (
    x +
    x *
      z *
      (-1.66666666666666324348e-1 +
        z *
          (8.33333333332248946124e-3 +
            z *
              (-1.98412698298579493134e-4 +
                z *
                  (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))))
  );
}

/** cos x on |x| <= pi/4. */
@inline
function cosine(x: f64): f64 {
  const z = x * x;
  return (
    1 -
    0.5 * z +
    z *
      z *
      (4.16666666666666019037e-2 +
        z *
          (-1.38888888888741095749e-3 +
            z *
              (2.48015872894767294178e-5 +
                z * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))))
  );
}

/** sin(2 pi t): the argument is in turns, so reduction is exact. */
export function sinTurns(t: f64): f64 {
  const turn = t - Math.floor(t);
  const nearest = Math.floor(turn * 4 + 0.5);
  const x = TWO_PI * (turn - nearest / 4);
  const quarter = <i32>nearest & 3;
  const size = (quarter & 1) == 0 ? sine(x) : cosine(x);
  return (quarter & 2) == 0 ? size : -size;
}

export let cosOfTurn: f64 = 0;
export let sinOfTurn: f64 = 0;

/** Sets `cosOfTurn` to cos(2 pi t) and `sinOfTurn` to sin(2 pi t). */
export function setTurn(t: f64): void {
  if (ASC_FEATURE_SIMD) {
    const both = turnPair(t);
    cosOfTurn = f64x2.extract_lane(both, 0);
    sinOfTurn = f64x2.extract_lane(both, 1);
  } else {
    cosOfTurn = sinTurns(t + 0.25);
    sinOfTurn = sinTurns(t);
  }
}

/** cos(2 pi t) and sin(2 pi t) in two lanes: `sinTurns` of t + 1/4 and of t. */
function turnPair(t: f64): v128 {
  const shifted = f64x2.add(f64x2.splat(t), f64x2(0.25, 0));
  const turn = f64x2.sub(shifted, f64x2.floor(shifted));
  const nearest = f64x2.floor(f64x2.add(f64x2.mul(turn, f64x2.splat(4)), f64x2.splat(0.5)));
  const x = f64x2.mul(f64x2.splat(TWO_PI), f64x2.sub(turn, f64x2.mul(nearest, f64x2.splat(0.25))));
  const z = f64x2.mul(x, x);
  const quarters = i32x4.trunc_sat_f64x2_s_zero(nearest);
  const wide = i64x2.extend_low_i32x4_s(quarters);
  const odd = i64x2.neg(v128.and(wide, i64x2.splat(1)));
  const sign = i64x2.shl(wide, 62);
  const size = v128.bitselect(cosinePair(z), sinePair(x, z), odd);
  return v128.xor(size, v128.and(sign, i64x2.splat(i64.MIN_VALUE)));
}

@inline
function sinePair(x: v128, z: v128): v128 {
  let sum = step(z, f64x2.splat(1.58969099521155010221e-10), -2.50507602534068634195e-8);
  sum = step(z, sum, 2.75573137070700676789e-6);
  sum = step(z, sum, -1.98412698298579493134e-4);
  sum = step(z, sum, 8.33333333332248946124e-3);
  sum = step(z, sum, -1.66666666666666324348e-1);
  return f64x2.add(x, f64x2.mul(f64x2.mul(x, z), sum));
}

@inline
function cosinePair(z: v128): v128 {
  let sum = step(z, f64x2.splat(-1.13596475577881948265e-11), 2.0875723212981748279e-9);
  sum = step(z, sum, -2.75573143513906633035e-7);
  sum = step(z, sum, 2.48015872894767294178e-5);
  sum = step(z, sum, -1.38888888888741095749e-3);
  sum = step(z, sum, 4.16666666666666019037e-2);
  const first = f64x2.sub(f64x2.splat(1), f64x2.mul(f64x2.splat(0.5), z));
  return f64x2.add(first, f64x2.mul(f64x2.mul(z, z), sum));
}

/** Horner's step: coefficient + z * sum. */
@inline
function step(z: v128, sum: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.splat(coefficient), f64x2.mul(z, sum));
}
