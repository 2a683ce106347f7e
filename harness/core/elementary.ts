/**
 * exp, log, pow, sin and cos from add, multiply, divide and sqrt alone: the same bits on every machine and engine.
 *
 * JavaScript's own Math functions may differ in the last bit between engines, so nothing that is hashed uses them.
 * Errors are below 2 ulp over the ranges used here (tested); not meant to be the fastest.
 * see: argument reduction and rational forms of fdlibm's e_exp.c and e_log.c (published coefficients).
 */

export const sqrt = Math.sqrt; // correctly rounded by IEEE 754, hence portable

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const SQRT_2 = 1.4142135623730951;

const scratch = new DataView(new ArrayBuffer(8));

/** x = mantissa * 2^exponent with mantissa in [1, 2); x normal and positive. */
function split(x: number): { mantissa: number; exponent: number } {
  let shift = 0;
  let value = x;
  if (value < 2.2250738585072014e-308) {
    value *= 2 ** 54; // subnormal
    shift = -54;
  }
  scratch.setFloat64(0, value);
  const high = scratch.getUint32(0);
  scratch.setUint32(0, (high & 0x000fffff) | 0x3ff00000);
  return { mantissa: scratch.getFloat64(0), exponent: (high >>> 20) - 1023 + shift };
}

/** x * 2^n, exact unless the result is subnormal. */
function scale(x: number, n: number): number {
  let value = x;
  let left = n;
  while (left > 1000) {
    value *= 2 ** 1000;
    left -= 1000;
  }
  while (left < -1000) {
    value *= 2 ** -1000;
    left += 1000;
  }
  scratch.setUint32(0, (left + 1023) << 20);
  scratch.setUint32(4, 0);
  return value * scratch.getFloat64(0);
}

/** Natural logarithm; log(0) = -Infinity, NaN below 0. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  let { mantissa, exponent } = split(x);
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
    z *
    (0.666666666666673513 +
      w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591)));
  const series = even + odd;
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + series) + exponent * LN2_LOW) - f);
}

/** e^x; 0 below -745.2, Infinity above 709.8. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * 1.4426950408889634 + 0.5);
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
            t *
              (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  return scale(1 - (low - (r * c) / (2 - c) - high), k);
}

/** x^y for x >= 0. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x === 0) return y > 0 ? 0 : Infinity;
  return exp(y * log(x));
}

export function log2(x: number): number {
  return log(x) * 1.4426950408889634;
}

export function log10(x: number): number {
  return log(x) * 0.4342944819032518;
}

/** sin and cos on |x| <= pi/4 by their Taylor series to the last bit that counts. */
function sinKernel(x: number): number {
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
                  (2.75573137070700676789e-6 +
                    z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))))
  );
}

function cosKernel(x: number): number {
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
                z *
                  (-2.75573143513906633035e-7 +
                    z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))))
  );
}

const TWO_PI = 6.283185307179586;

/** sin(2 pi t): the argument is in turns, so reduction is exact. */
export function sinTurns(t: number): number {
  const turn = t - Math.floor(t);
  const nearest = Math.floor(turn * 4 + 0.5);
  const x = TWO_PI * (turn - nearest / 4);
  switch (nearest & 3) {
    case 0:
      return sinKernel(x);
    case 1:
      return cosKernel(x);
    case 2:
      return -sinKernel(x);
    default:
      return -cosKernel(x);
  }
}

/** cos(2 pi t). */
export function cosTurns(t: number): number {
  return sinTurns(t + 0.25);
}

/** sin x and cos x for |x| up to about 1e6, by reduction to turns. */
export function sin(x: number): number {
  return sinTurns(x / TWO_PI);
}

export function cos(x: number): number {
  return cosTurns(x / TWO_PI);
}
