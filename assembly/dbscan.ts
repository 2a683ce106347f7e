// DBSCAN in the plane: density-connected clusters and noise, with the numbering and the border points of scikit-learn.
//
// A point with `least` points (itself counted) within the radius is a core point; clusters grow from core points in input
// order; a border point belongs to the first cluster that reaches it. Distances are compared in f32 and, where that could be
// wrong, again in f64: labels are those of f64 arithmetic. Source: Ester et al. 1996; numbering as in scikit-learn.
import { OK, BAD_SHAPE, NON_FINITE } from "./_status";
import { bound, cells, certainlyBeyond, certainlyWithin, isRadius, sort, width } from "./_cells";
import { firstLanes } from "./_tailmask";

const NOISE: i32 = -1;

// Of the current call: places in cell order, squares of the radius.
let xs: usize = 0;
let ys: usize = 0;
let starts: usize = 0;
let cellOf: usize = 0;
let order: usize = 0;
let points: usize = 0;
let labels: usize = 0;
let core: usize = 0;
let stack: usize = 0;
let untaken: usize = 0;
let square: f64 = 0;
let within32: f32 = 0;
let beyond32: f32 = 0;

/**
 * args: u32 pointers to points f32 [n, 2], radius f64 [1], labels i32 [n] (-1 is noise), core u8 [n] (1 is core), clusters
 * i32 [1], and scratch: floats of n + 4 twice, counters of cells + 5 twice, places of n four times.
 */
export function dbscan(args: usize, n: i32, least: i32): i32 {
  const radius = load<f64>(load<u32>(args, 4));
  if (n < 0 || !isRadius(radius)) return BAD_SHAPE;
  points = load<u32>(args);
  labels = load<u32>(args, 8);
  core = load<u32>(args, 12);
  const clusters: usize = load<u32>(args, 16);
  store<i32>(clusters, 0);
  if (n == 0) return OK;
  if (!bound(points, n, radius, 1, 1)) return NON_FINITE;
  xs = load<u32>(args, 20);
  ys = load<u32>(args, 24);
  starts = load<u32>(args, 28);
  untaken = load<u32>(args, 32);
  order = load<u32>(args, 36);
  cellOf = load<u32>(args, 40);
  const placeOf: usize = load<u32>(args, 44);
  stack = load<u32>(args, 48);
  square = radius * radius;
  within32 = certainlyWithin(square);
  beyond32 = certainlyBeyond(square);
  sort(points, 0, n, starts, xs, ys, order, cellOf, stack);
  markCores(n, least, placeOf);
  store<i32>(clusters, grow(n, placeOf));
  return OK;
}

/** Finds the core points cell by cell, and prepares what growing needs. */
function markCores(n: i32, least: i32, placeOf: usize): void {
  for (let k = 0; k < n; ) {
    const cell = load<u32>(cellOf + ((<usize>k) << 2));
    const end = <i32>load<u32>(starts + ((<usize>cell) << 2), 4);
    coresOf(cell, k, end, least);
    k = end;
  }
  for (let k: usize = 0; k < <usize>n; k++) store<u32>(placeOf + ((<usize>load<u32>(order + (k << 2))) << 2), <u32>k);
  memory.fill(labels, 0xff, (<usize>n) << 2); // NOISE
  countCells();
}

/** Points of every cell that no cluster has taken: all of them. */
function countCells(): void {
  const end = (<usize>cells()) << 2;
  for (let at: usize = 0; at < end; at += 4)
    store<u32>(untaken + at, load<u32>(starts + at, 4) - load<u32>(starts + at));
}

/** Core points of one cell at places [k, end): rows of three cells, the cell's own row first, until there are enough. */
function coresOf(cell: u32, k: i32, end: i32, least: i32): void {
  const row = (<usize>width()) << 2;
  const mid = starts + ((<usize>cell - 1) << 2);
  const from0 = load<u32>(mid);
  const to0 = load<u32>(mid, 12);
  const from1 = load<u32>(mid - row);
  const to1 = load<u32>(mid - row, 12);
  const from2 = load<u32>(mid + row);
  const to2 = load<u32>(mid + row, 12);
  for (; k < end; k++) {
    let count = near(k, from0, to0);
    if (count < least) count += near(k, from1, to1);
    if (count < least) count += near(k, from2, to2);
    store<u8>(core + <usize>load<u32>(order + ((<usize>k) << 2)), count >= least ? 1 : 0);
  }
}

/** How many places of [from, to) are within the radius of place k. */
function near(k: i32, from: u32, to: u32): i32 {
  if (from == to) return 0;
  if (ASC_FEATURE_SIMD) {
    const x = v128.load_splat<f32>(xs + ((<usize>k) << 2));
    const y = v128.load_splat<f32>(ys + ((<usize>k) << 2));
    const within = f32x4.splat(within32);
    const beyond = f32x4.splat(beyond32);
    let hits = i32x4.splat(0);
    let unsure = hits;
    let at = (<usize>from) << 2;
    const end = (<usize>to) << 2;
    const whole = at + ((end - at) & ~15);
    for (; at < whole; at += 16) {
      const dx = f32x4.sub(v128.load(xs + at), x);
      const dy = f32x4.sub(v128.load(ys + at), y);
      const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const hit = f32x4.le(d, within);
      hits = i32x4.sub(hits, hit);
      unsure = v128.or(unsure, v128.xor(hit, f32x4.le(d, beyond)));
    }
    if (at < end) {
      const lanes = firstLanes((end - at) >> 2);
      const dx = f32x4.sub(v128.load(xs + at), x);
      const dy = f32x4.sub(v128.load(ys + at), y);
      const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const hit = v128.and(lanes, f32x4.le(d, within));
      hits = i32x4.sub(hits, hit);
      unsure = v128.or(unsure, v128.and(lanes, v128.xor(hit, f32x4.le(d, beyond))));
    }
    if (!v128.any_true(unsure)) {
      hits = i32x4.add(hits, v128.shuffle<i32>(hits, hits, 2, 3, 0, 1));
      return i32x4.extract_lane(hits, 0) + i32x4.extract_lane(hits, 1);
    }
  }
  return nearExactly(k, from, to);
}

function nearExactly(k: i32, from: u32, to: u32): i32 {
  const x = <f64>load<f32>(xs + ((<usize>k) << 2));
  const y = <f64>load<f32>(ys + ((<usize>k) << 2));
  let count = 0;
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 4) {
    const dx = <f64>load<f32>(xs + at) - x;
    const dy = <f64>load<f32>(ys + at) - y;
    if (dx * dx + dy * dy <= square) count++;
  }
  return count;
}

/** Grows clusters from core points in input order; returns how many. */
function grow(n: i32, placeOf: usize): i32 {
  let clusters = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    if (load<u8>(core + i) == 0 || load<i32>(labels + (i << 2)) != NOISE) continue;
    fill(load<u32>(placeOf + (i << 2)), clusters);
    clusters++;
  }
  return clusters;
}

/** Takes everything density-reachable from the core point at `place`. */
function fill(place: u32, label: i32): void {
  const row = (<usize>width()) << 2;
  let height = take(place, label, 0);
  while (height > 0) {
    height--;
    const k = load<u32>(stack + ((<usize>height) << 2));
    const from = points + ((<usize>load<u32>(order + ((<usize>k) << 2))) << 3);
    const x = load<f32>(from);
    const y = load<f32>(from, 4);
    const cell = ((<usize>load<u32>(cellOf + ((<usize>k) << 2))) - 1) << 2;
    height = takeRun(cell - row, x, y, label, height);
    height = takeRun(cell, x, y, label, height);
    height = takeRun(cell + row, x, y, label, height);
  }
}

/** Labels a place and, when it is a core point, puts it on the stack. A taken point leaves the plane: no scan meets it again. */
function take(place: u32, label: i32, height: i32): i32 {
  const at = (<usize>place) << 2;
  const point = load<u32>(order + at);
  store<i32>(labels + ((<usize>point) << 2), label);
  store<f32>(xs + at, Infinity);
  const cell = untaken + ((<usize>load<u32>(cellOf + at)) << 2);
  store<u32>(cell, load<u32>(cell) - 1);
  if (load<u8>(core + <usize>point) == 0) return height;
  store<u32>(stack + ((<usize>height) << 2), place);
  return height + 1;
}

/** Takes all places of three neighbouring cells (byte offset of the first) within the radius of (x, y). */
function takeRun(cell: usize, x: f32, y: f32, label: i32, height: i32): i32 {
  if (load<u32>(untaken + cell) + load<u32>(untaken + cell, 4) + load<u32>(untaken + cell, 8) == 0) return height;
  const begin = (<usize>load<u32>(starts + cell)) << 2;
  const end = (<usize>load<u32>(starts + cell, 12)) << 2;
  if (ASC_FEATURE_SIMD) {
    const vx = f32x4.splat(x);
    const vy = f32x4.splat(y);
    const beyond = f32x4.splat(beyond32);
    for (let at = begin; at < end; at += 16) {
      const dx = f32x4.sub(v128.load(xs + at), vx);
      const dy = f32x4.sub(v128.load(ys + at), vy);
      const hit = f32x4.le(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)), beyond);
      if (!v128.any_true(hit)) continue;
      // Lanes after the run are other points of this plane: they are as near as they say.
      for (let lanes = i32x4.bitmask(hit); lanes != 0; lanes &= lanes - 1)
        height = takeIfNear(at + ((<usize>ctz(lanes)) << 2), x, y, label, height);
    }
  } else {
    for (let at = begin; at < end; at += 4) height = takeIfNear(at, x, y, label, height);
  }
  return height;
}

function takeIfNear(at: usize, x: f32, y: f32, label: i32, height: i32): i32 {
  const dx = <f64>load<f32>(xs + at) - <f64>x;
  const dy = <f64>load<f32>(ys + at) - <f64>y;
  return dx * dx + dy * dy <= square ? take(<u32>(at >> 2), label, height) : height;
}
