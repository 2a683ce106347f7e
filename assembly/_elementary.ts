// exp, log and sines of turns from add, multiply, divide and floor alone: bit for bit those of harness/core/elementary.ts.
//
// The same operations in the same order; where SIMD is there, two logarithms, exponentials or sines are worked out at once, lane by
// lane alike.
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

export let firstLog: f64 = 0;
export let secondLog: f64 = 0;

/** Sets `firstLog` and `secondLog` to the logarithms of two numbers. */
export function setLogs(first: f64, second: f64): void {
  if (ASC_FEATURE_SIMD) {
    const numbers = f64x2.replace_lane(f64x2.splat(first), 1, second);
    if (areNormal(numbers)) {
      const both = logPair(numbers);
      firstLog = f64x2.extract_lane(both, 0);
      secondLog = f64x2.extract_lane(both, 1);
      return;
    }
  }
  firstLog = log(first);
  secondLog = log(second);
}

/** True when both numbers are positive, normal and finite. */
@inline
export function areNormal(x: v128): bool {
  return i64x2.all_true(
    v128.and(f64x2.ge(x, f64x2.splat(SMALLEST_NORMAL)), f64x2.lt(x, f64x2.splat(Infinity))),
  );
}

/** `log` of two numbers of which `areNormal` is true. */
@inline
export function logPair(x: v128): v128 {
  const whole = v128.or(v128.and(x, i64x2.splat(MANTISSA)), i64x2.splat(ONE));
  const exponents = i64x2.shr_u(x, 52);
  const packed = v128.shuffle<i32>(exponents, exponents, 0, 2, 0, 2);
  const isLarge = f64x2.gt(whole, f64x2.splat(SQRT_2));
  const mantissa = v128.bitselect(f64x2.mul(whole, f64x2.splat(0.5)), whole, isLarge);
  const carried = v128.and(isLarge, f64x2.splat(1));
  const exponent = f64x2.add(f64x2.sub(f64x2.convert_low_i32x4_s(packed), f64x2.splat(1023)), carried);
  const f = f64x2.sub(mantissa, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = step(w, f64x2.splat(0.1531383769920937332), 0.2222219843214978396);
  even = f64x2.mul(w, step(w, even, 0.3999999999940941908));
  let odd = step(w, f64x2.splat(0.1479819860511658591), 0.1818357216161805012);
  odd = f64x2.mul(z, step(w, step(w, odd, 0.2857142874366239149), 0.666666666666673513));
  const series = f64x2.add(even, odd);
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const low = f64x2.add(f64x2.mul(s, f64x2.add(half, series)), f64x2.mul(exponent, f64x2.splat(LN2_LOW)));
  const inner = f64x2.sub(f64x2.sub(half, low), f);
  return f64x2.sub(f64x2.mul(exponent, f64x2.splat(LN2_HIGH)), inner);
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

export let firstExp: f64 = 0;
export let secondExp: f64 = 0;
const PLAIN_EXPONENT: f64 = 600; // of a result that is normal

/** Sets `firstExp` and `secondExp` to the exponentials of two numbers. */
export function setExps(first: f64, second: f64): void {
  if (ASC_FEATURE_SIMD) {
    if (Math.abs(first) < PLAIN_EXPONENT && Math.abs(second) < PLAIN_EXPONENT) {
      const both = expPair(f64x2.replace_lane(f64x2.splat(first), 1, second));
      firstExp = f64x2.extract_lane(both, 0);
      secondExp = f64x2.extract_lane(both, 1);
      return;
    }
  }
  firstExp = exp(first);
  secondExp = exp(second);
}

/** `exp` of two numbers below PLAIN_EXPONENT in size. */
@inline
function expPair(x: v128): v128 {
  const k = f64x2.floor(f64x2.add(f64x2.mul(x, f64x2.splat(LOG2_E)), f64x2.splat(0.5)));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const low = f64x2.mul(k, f64x2.splat(LN2_LOW));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let sum = step(t, f64x2.splat(4.13813679705723846039e-8), -1.6533902205465251539e-6);
  sum = step(t, sum, 6.61375632143793436117e-5);
  sum = step(t, sum, -2.77777777770155933842e-3);
  sum = step(t, sum, 1.66666666666666019037e-1);
  const c = f64x2.sub(r, f64x2.mul(t, sum));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const size = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(low, quotient), high));
  const powers = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  return f64x2.mul(size, i64x2.shl(i64x2.add(powers, i64x2.splat(1023)), 52));
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
    const both = sinTurnsPair(f64x2.add(f64x2.splat(t), f64x2(0.25, 0)));
    cosOfTurn = f64x2.extract_lane(both, 0);
    sinOfTurn = f64x2.extract_lane(both, 1);
  } else {
    cosOfTurn = sinTurns(t + 0.25);
    sinOfTurn = sinTurns(t);
  }
}

/** `sinTurns` of two numbers. */
@inline
export function sinTurnsPair(t: v128): v128 {
  const turn = f64x2.sub(t, f64x2.floor(t));
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
