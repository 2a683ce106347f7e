// Adam with decoupled weight decay, and moving averages of statistics, over ranges of one parameter block. The same operations
// with and without SIMD. Sources: Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101.

/** Four whole numbers each: first value, how many, what to do, momentum's float32 bits. */
export const RULE_BYTES: usize = 16;
export const DECAYED: i32 = 0;
export const FREE: i32 = 1;
/** p moves to what is in the gradient's place: statistics of batch normalisation. */
export const MOVING: i32 = 2;

/** float64: learning rate, beta1, beta2, epsilon, weight decay, 1 - beta1^t, 1 - beta2^t. */
export const SETTINGS: i32 = 7;

/** One step: reads parameters, moments and gradient, writes the new ones; the ranges must lie within the block. */
export function adamStep(
  parameters: usize,
  first: usize,
  second: usize,
  gradient: usize,
  rules: usize,
  segments: i32,
  settings: usize,
  newParameters: usize,
  newFirst: usize,
  newSecond: usize,
): void {
  for (; segments > 0; segments--) {
    const at = <usize>(load<i32>(rules) << 2);
    const bytes = <usize>(load<i32>(rules, 4) << 2);
    const kind = load<i32>(rules, 8);
    if (kind == MOVING) {
      const momentum = load<f32>(rules, 12);
      memory.copy(newFirst + at, first + at, bytes);
      memory.copy(newSecond + at, second + at, bytes);
      moveTowards(parameters + at, gradient + at, newParameters + at, bytes, momentum);
    } else {
      stepRange(
        parameters + at,
        first + at,
        second + at,
        gradient + at,
        bytes,
        settings,
        kind == DECAYED,
        newParameters + at,
        newFirst + at,
        newSecond + at,
      );
    }
    rules += RULE_BYTES;
  }
}

function moveTowards(from: usize, goal: usize, to: usize, bytes: usize, momentum: f32): void {
  const rest = <f32>(<f64>1 - <f64>momentum);
  for (let at: usize = 0; at < bytes; at += 4) {
    store<f32>(to + at, momentum * load<f32>(from + at) + rest * load<f32>(goal + at));
  }
}

/** p (1 - rate decay) - rate / correction1 * m / (sqrt(v) / sqrt(correction2) + epsilon) */
function stepRange(
  parameters: usize,
  first: usize,
  second: usize,
  gradient: usize,
  bytes: usize,
  settings: usize,
  isDecayed: bool,
  newParameters: usize,
  newFirst: usize,
  newSecond: usize,
): void {
  const rate = load<f64>(settings);
  const beta1 = <f32>load<f64>(settings, 8);
  const beta2 = <f32>load<f64>(settings, 16);
  const rest1 = <f32>(1 - load<f64>(settings, 8));
  const rest2 = <f32>(1 - load<f64>(settings, 16));
  const epsilon = <f32>load<f64>(settings, 24);
  const keep = isDecayed ? <f32>(1 - rate * load<f64>(settings, 32)) : <f32>1;
  const size = <f32>(rate / load<f64>(settings, 40));
  const spread = <f32>(1 / Math.sqrt(load<f64>(settings, 48)));
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= bytes; at += 16) {
      const g = v128.load(gradient + at);
      const old = f32x4.mul(f32x4.splat(beta1), v128.load(first + at));
      const m = f32x4.add(old, f32x4.mul(f32x4.splat(rest1), g));
      const oldSquare = f32x4.mul(f32x4.splat(beta2), v128.load(second + at));
      const v = f32x4.add(oldSquare, f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)));
      const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(spread)), f32x4.splat(epsilon));
      const change = f32x4.div(f32x4.mul(f32x4.splat(size), m), divisor);
      v128.store(newFirst + at, m);
      v128.store(newSecond + at, v);
      v128.store(newParameters + at, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(parameters + at)), change));
    }
  }
  for (; at < bytes; at += 4) {
    const g = load<f32>(gradient + at);
    const m = beta1 * load<f32>(first + at) + rest1 * g;
    const v = beta2 * load<f32>(second + at) + rest2 * (g * g);
    const change = (size * m) / (sqrt<f32>(v) * spread + epsilon);
    store<f32>(newFirst + at, m);
    store<f32>(newSecond + at, v);
    store<f32>(newParameters + at, keep * load<f32>(parameters + at) - change);
  }
}

/** total[count] = sums of `shares` gradients, one after the other. */
export function addShares(gradients: usize, shares: i32, count: i32, total: usize): void {
  const bytes = <usize>(count << 2);
  memory.copy(total, gradients, bytes);
  for (let share = 1; share < shares; share++) {
    gradients += bytes;
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (; at + 16 <= bytes; at += 16) {
        v128.store(total + at, f32x4.add(v128.load(total + at), v128.load(gradients + at)));
      }
    }
    for (; at < bytes; at += 4) store<f32>(total + at, load<f32>(total + at) + load<f32>(gradients + at));
  }
}

/** Whether rules cover ranges inside a block of `count` values. */
export function rulesFit(rules: usize, segments: i32, count: i32): bool {
  for (; segments > 0; segments--) {
    const first = load<i32>(rules);
    const size = load<i32>(rules, 4);
    if (first < 0 || size < 0 || first > count - size) return false;
    if (load<u32>(rules, 8) > <u32>MOVING) return false;
    rules += RULE_BYTES;
  }
  return true;
}
