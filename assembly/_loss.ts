// Losses of one row and their slopes in the outputs. Sums over a row's values run in four lanes that are added at the end, with and
// without SIMD. The reference is harness/models/losses.ts; numbers follow harness/models/trainingprogram.ts (LOSS).
export const EXTERNAL: i32 = 0;
export const MSE: i32 = 1;
export const WEIGHTED_MSE: i32 = 2;
export const TELESCOPE: i32 = 3;
export const WASSERSTEIN: i32 = 4;

const LANES: usize = memory.data(16, 16);

/**
 * The row's loss, unweighted. slopes[count] = weight * dLoss/dOutput. `table`: groups of the telescope. `work`: 4 * count float32
 * for the one-dimensional transport. An external loss has its slopes in `target`, and no value.
 */
export function rowLoss(
  loss: i32,
  target: usize,
  output: usize,
  slopes: usize,
  count: i32,
  weight: f32,
  table: usize,
  work: usize,
): f64 {
  if (loss == TELESCOPE) return telescope(target, output, slopes, count, weight, table);
  if (loss == WASSERSTEIN) return transport(target, output, slopes, count, weight, work);
  if (loss == EXTERNAL) {
    const end = <usize>(count << 2);
    for (let at: usize = 0; at < end; at += 4) store<f32>(slopes + at, weight * load<f32>(target + at));
    return 0;
  }
  return squares(loss == WEIGHTED_MSE, target, output, slopes, count, weight);
}

/** Mean of (p - t)^2, times the larger of the two where it is weighted. */
function squares(isWeighted: bool, target: usize, output: usize, slopes: usize, count: i32, weight: f32): f64 {
  const bytes = <usize>(count << 2);
  const each = weight / <f32>count;
  const twice = each + each;
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    let sums = f32x4.splat(0);
    const single = f32x4.splat(each);
    const double = f32x4.splat(twice);
    for (; at + 16 <= bytes; at += 16) {
      const t = v128.load(target + at);
      const p = v128.load(output + at);
      const d = f32x4.sub(p, t);
      const square = f32x4.mul(d, d);
      if (isWeighted) {
        const isAbove = f32x4.ge(p, t);
        const larger = v128.bitselect(p, t, isAbove);
        sums = f32x4.add(sums, f32x4.mul(square, larger));
        const slope = f32x4.mul(f32x4.mul(double, d), larger);
        v128.store(slopes + at, f32x4.add(slope, v128.and(f32x4.mul(single, square), isAbove)));
      } else {
        sums = f32x4.add(sums, square);
        v128.store(slopes + at, f32x4.mul(double, d));
      }
    }
    v128.store(LANES, sums);
  } else {
    memory.fill(LANES, 0, 16);
  }
  for (; at < bytes; at += 4) {
    const t = load<f32>(target + at);
    const p = load<f32>(output + at);
    const d = p - t;
    const square = d * d;
    const lane = LANES + (at & 12);
    if (isWeighted) {
      const larger = p >= t ? p : t;
      store<f32>(lane, load<f32>(lane) + square * larger);
      store<f32>(slopes + at, twice * d * larger + (p >= t ? each * square : 0));
    } else {
      store<f32>(lane, load<f32>(lane) + square);
      store<f32>(slopes + at, twice * d);
    }
  }
  return lanesAdded() / <f64>count;
}

function lanesAdded(): f64 {
  const low = <f64>load<f32>(LANES) + <f64>load<f32>(LANES, 4);
  return low + (<f64>load<f32>(LANES, 8) + <f64>load<f32>(LANES, 12));
}

/** Groups: how many; then for each the number of its members, its factor's float32 bits and its members' places in bytes. */
function telescope(target: usize, output: usize, slopes: usize, count: i32, weight: f32, table: usize): f64 {
  memory.fill(slopes, 0, <usize>(count << 2));
  let sum: f64 = 0;
  let groups = load<i32>(table);
  table += 4;
  for (; groups > 0; groups--) {
    const members = <usize>(load<i32>(table) << 2);
    const factor = load<f32>(table, 4);
    table += 8;
    const end = table + members;
    let t: f32 = 0;
    let p: f32 = 0;
    for (let at = table; at < end; at += 4) {
      const place = <usize>load<i32>(at);
      t += load<f32>(target + place);
      p += load<f32>(output + place);
    }
    const d = p - t;
    const square = d * d;
    const larger = p >= t ? p : t;
    sum += <f64>(factor * (square * larger));
    const slope = weight * factor * (<f32>2 * d * larger + (p >= t ? square : 0));
    for (; table < end; table += 4) {
      const place = slopes + <usize>load<i32>(table);
      store<f32>(place, load<f32>(place) + slope);
    }
  }
  return sum;
}

/** Mean of |sorted p - sorted t|; equal outputs keep their order, equal pairs have no slope. */
function transport(target: usize, output: usize, slopes: usize, count: i32, weight: f32, work: usize): f64 {
  const bytes = <usize>(count << 2);
  const ordered = sortPlaces(target, work, work + bytes, bytes);
  const own = sortPlaces(output, work + 2 * bytes, work + 3 * bytes, bytes);
  const each = weight / <f32>count;
  let sum: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 4) {
    const place = <usize>load<u32>(own + at);
    const d = load<f32>(output + place) - load<f32>(target + <usize>load<u32>(ordered + at));
    sum += <f64>abs<f32>(d);
    store<f32>(slopes + place, d > 0 ? each : d < 0 ? -each : 0);
  }
  return sum / <f64>count;
}

/** Places (in bytes) of `values` in ascending order, equal ones as they stand: a merge sort between two tables. */
function sortPlaces(values: usize, from: usize, to: usize, bytes: usize): usize {
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(from + at, <u32>at);
  for (let run: usize = 4; run < bytes; run <<= 1) {
    for (let first: usize = 0; first < bytes; first += 2 * run) {
      merge(values, from, to, first, min(first + run, bytes), min(first + 2 * run, bytes));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function merge(values: usize, from: usize, to: usize, first: usize, middle: usize, end: usize): void {
  let a = first;
  let b = middle;
  for (let at = first; at < end; at += 4) {
    const takesSecond =
      a == middle ||
      (b < end &&
        load<f32>(values + <usize>load<u32>(from + b)) < load<f32>(values + <usize>load<u32>(from + a)));
    store<u32>(to + at, load<u32>(from + (takesSecond ? b : a)));
    if (takesSecond) b += 4;
    else a += 4;
  }
}
