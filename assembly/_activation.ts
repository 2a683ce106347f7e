// Activations of networks, four float32 lanes at a time where there is SIMD, and their scalar twins. Both use one exponential:
// Cephes' expf (Moshier), reduced by a rounding constant, about 1 ulp. Numbers follow harness/models/program.ts (ACTIVATION).
export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const LEAKY: i32 = 2;
export const SIGMOID: i32 = 3;
export const TANH: i32 = 4;

const HIGHEST: f32 = 87.5; // the exponential stays finite
const LOWEST: f32 = -87.0; // and normal
const LOG2_E: f32 = 1.44269504088896341;
const ROUND: f32 = 12582912.0; // 1.5 * 2^23: adding it leaves the nearest whole number in the low bits
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const P0: f32 = 1.9875691500e-4;
const P1: f32 = 1.3981999507e-3;
const P2: f32 = 8.3334519073e-3;
const P3: f32 = 4.1665795894e-2;
const P4: f32 = 1.6666665459e-1;
const P5: f32 = 5.0000001201e-1;

/** e^x of one value; NaN stays NaN. */
function exponential(value: f32): f32 {
  let x = HIGHEST < value ? HIGHEST : value;
  x = x < LOWEST ? LOWEST : x;
  const shifted = x * LOG2_E + ROUND;
  const whole = shifted - ROUND;
  const r = x - whole * LN2_HIGH - whole * LN2_LOW;
  let p = P0 * r + P1;
  p = p * r + P2;
  p = p * r + P3;
  p = p * r + P4;
  p = p * r + P5;
  p = p * (r * r) + r + <f32>1;
  return reinterpret<f32>(reinterpret<i32>(p) + (reinterpret<i32>(shifted) << 23));
}

/** One value through an activation. */
export function activated(activation: i32, x: f32, leak: f32): f32 {
  if (activation == RELU) return x > 0 ? x : 0;
  if (activation == LEAKY) return x > 0 ? x : leak * x;
  if (activation == SIGMOID) return <f32>1 / (<f32>1 + exponential(-x));
  if (activation == TANH) {
    const e = exponential(<f32>-2 * abs<f32>(x));
    return copysign<f32>((<f32>1 - e) / (<f32>1 + e), x);
  }
  return x;
}

/** e^x of four values. */
@inline
function exponentials(value: v128): v128 {
  let x = f32x4.pmin(value, f32x4.splat(HIGHEST));
  x = f32x4.pmax(x, f32x4.splat(LOWEST));
  const round = f32x4.splat(ROUND);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), round);
  const whole = f32x4.sub(shifted, round);
  let r = f32x4.sub(x, f32x4.mul(whole, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(whole, f32x4.splat(LN2_LOW)));
  let p = f32x4.add(f32x4.mul(f32x4.splat(P0), r), f32x4.splat(P1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(P2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(P3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(P4));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(P5));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** Four values through an activation that is neither linear nor relu. */
function activatedBy(activation: i32, x: v128, leak: f32): v128 {
  if (activation == LEAKY) {
    return v128.bitselect(x, f32x4.mul(x, f32x4.splat(leak)), f32x4.gt(x, f32x4.splat(0)));
  }
  const one = f32x4.splat(1);
  if (activation == SIGMOID) return f32x4.div(one, f32x4.add(one, exponentials(f32x4.neg(x))));
  if (activation == TANH) {
    const e = exponentials(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
    const magnitude = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
    return v128.bitselect(x, magnitude, i32x4.splat(0x80000000));
  }
  return x;
}

/** Four values through any activation. */
@inline
export function activatedLanes(activation: i32, x: v128, leak: f32): v128 {
  if (activation == LINEAR) return x;
  if (activation == RELU) return f32x4.pmax(f32x4.splat(0), x);
  return activatedBy(activation, x, leak);
}

/** `bytes` of sums through an activation where they lie, four or eight values at a time; the rest one by one. */
export function activateLine(at: usize, bytes: usize, activation: i32, leak: f32): void {
  if (activation == LINEAR) return;
  const end = at + bytes;
  if (ASC_FEATURE_SIMD) {
    if (activation == SIGMOID) at = sigmoids(at, end);
    for (; at + 16 <= end; at += 16) v128.store(at, activatedLanes(activation, v128.load(at), leak));
  }
  for (; at < end; at += 4) store<f32>(at, activated(activation, load<f32>(at), leak));
}

/** Two vectors at a time, because one exponential is a chain of dependent steps. Returns where it stopped. */
function sigmoids(at: usize, end: usize): usize {
  const one = f32x4.splat(1);
  for (; at + 32 <= end; at += 32) {
    const a = exponentials(f32x4.neg(v128.load(at)));
    const b = exponentials(f32x4.neg(v128.load(at, 16)));
    v128.store(at, f32x4.div(one, f32x4.add(one, a)));
    v128.store(at, f32x4.div(one, f32x4.add(one, b)), 16);
  }
  return at;
}
