// CLUE: clusters of energy from local density and the nearest denser point, per detector layer.
//
// Three passes over points in cell order: density within a radius, nearest denser point, labels handed down from seeds. Weights
// are whole numbers here, so densities are exact sums; distances are compared in f32 and, where that could be wrong, again in
// f64. Results do not depend on the order of the points. Source: Rovere et al. 2020, doi:10.3389/fdata.2020.591315.
import { OK, BAD_SHAPE, NON_FINITE, NEGATIVE } from "./_status";
import {
  EDGE_MAXIMUM,
  LAYERS_MAXIMUM,
  bound,
  cellSide,
  certainlyBeyond,
  certainlyWithin,
  isRadius,
  sort,
  width,
} from "./_cells";
import { largestWeight, wholeScale } from "./_exactsum";
import { firstLanes } from "./_tailmask";

const NONE: i32 = -1;
const UNSET: i32 = -2;

const FOUND: usize = memory.data(16, 16); // lanes of places

// Of the current call. Places are in cell order, points in the caller's.
let points: usize = 0;
let weights: usize = 0;
let densities: usize = 0; // f64 per point
let xs: usize = 0;
let ys: usize = 0;
let starts: usize = 0;
let order: usize = 0;
let cellOf: usize = 0;
let whole: usize = 0; // f64 per place: weight as a whole number
let rough: usize = 0; // f32 per place: density, rounded
let scale: f64 = 1;

// Density radius.
let square: f64 = 0;
let within32: f32 = 0;
let beyond32: f32 = 0;

// Nearest denser point of the place that is searched for.
let edge: i32 = 0;
let bestSquare: f64 = 0;
let bestPoint: i32 = NONE;

/**
 * args: u32 pointers to points f32 [n, 2], weights f32 [n] (>= 0), layer u8 [n] (below `layers`), parameters f64 [4]: radius of
 * the density, least density of a seed, least separation of a seed, longest link (8 radii at most); density f64 [n],
 * separation f64 [n] (infinite without a denser point within the longest link), nearest i32 [n] (-1 without), labels i32 [n]
 * (-1 in no cluster), clusters i32 [1]; and scratch: floats of n + 4 three times, counters of cells + 1, places of n three
 * times, doubles of n + 4.
 */
export function clue(args: usize, n: i32, layers: i32): i32 {
  const parameters: usize = load<u32>(args, 12);
  const radius = load<f64>(parameters);
  const leastDensity = load<f64>(parameters, 8);
  const leastSeparation = load<f64>(parameters, 16);
  const link = load<f64>(parameters, 24);
  if (n < 0 || layers < 1 || layers > LAYERS_MAXIMUM || !isRadius(radius) || !isRadius(link)) return BAD_SHAPE;
  if (!(leastDensity >= 0) || !(leastSeparation >= 0) || !(link <= radius * <f64>EDGE_MAXIMUM)) return BAD_SHAPE;
  const clusters: usize = load<u32>(args, 32);
  store<i32>(clusters, 0);
  if (n == 0) return OK;
  const layer: usize = load<u32>(args, 8);
  for (let i: usize = 0; i < <usize>n; i++) if (<i32>load<u8>(layer + i) >= layers) return BAD_SHAPE;
  points = load<u32>(args);
  weights = load<u32>(args, 4);
  densities = load<u32>(args, 16);
  const most = largestWeight(weights, n);
  edge = <i32>Math.ceil(max<f64>(1, link / radius));
  if (most != most || !bound(points, n, radius, edge, layers)) return NON_FINITE;
  if (most < 0) return NEGATIVE;
  scale = wholeScale(most, n);
  setRadius(radius);
  setScratch(args);
  const labels: usize = load<u32>(args, 28);
  sort(points, layer, n, starts, xs, ys, order, cellOf, labels);
  measure(n);
  const separations: usize = load<u32>(args, 20);
  const nearest: usize = load<u32>(args, 24);
  connect(n, link, separations, nearest);
  store<i32>(clusters, seed(n, leastDensity, leastSeparation, separations, nearest, labels));
  handDown(n, nearest, labels);
  return OK;
}

function setRadius(radius: f64): void {
  square = radius * radius;
  within32 = certainlyWithin(square);
  beyond32 = certainlyBeyond(square);
}

function setScratch(args: usize): void {
  xs = load<u32>(args, 36);
  ys = load<u32>(args, 40);
  rough = load<u32>(args, 44);
  starts = load<u32>(args, 48);
  order = load<u32>(args, 52);
  cellOf = load<u32>(args, 56);
  whole = load<u32>(args, 60);
}

/** Densities of all points. */
function measure(n: i32): void {
  for (let k: usize = 0; k < <usize>n; k++) {
    const weight = <f64>load<f32>(weights + ((<usize>load<u32>(order + (k << 2))) << 2));
    store<f64>(whole + (k << 3), toWhole(weight * scale));
  }
  for (let k: usize = <usize>n; k < <usize>n + 4; k++) store<f64>(whole + (k << 3), 0);
  for (let k = 0; k < n; ) {
    const cell = load<u32>(cellOf + ((<usize>k) << 2));
    const end = <i32>load<u32>(starts + ((<usize>cell) << 2), 4);
    measureCell(cell, k, end);
    k = end;
  }
}

/** To the nearest whole number, halves to even. */
@inline
function toWhole(x: f64): f64 {
  return nearest<f64>(x);
}

/** Densities of the places [k, end) of one cell: own weight and half of every other within the radius. */
function measureCell(cell: u32, k: i32, end: i32): void {
  const row = (<usize>width()) << 2;
  const mid = starts + ((<usize>cell - 1) << 2);
  const from0 = load<u32>(mid - row);
  const to0 = load<u32>(mid - row, 12);
  const from1 = load<u32>(mid);
  const to1 = load<u32>(mid, 12);
  const from2 = load<u32>(mid + row);
  const to2 = load<u32>(mid + row, 12);
  const unscale = 0.5 / scale;
  for (; k < end; k++) {
    const sum = near(k, from0, to0) + near(k, from1, to1) + near(k, from2, to2);
    const density = (sum + load<f64>(whole + ((<usize>k) << 3))) * unscale;
    store<f64>(densities + ((<usize>load<u32>(order + ((<usize>k) << 2))) << 3), density);
    store<f32>(rough + ((<usize>k) << 2), <f32>density);
  }
}

/** Sum of the whole weights at places [from, to) within the radius of place k. */
function near(k: i32, from: u32, to: u32): f64 {
  if (from == to) return 0;
  if (ASC_FEATURE_SIMD) {
    const x = v128.load_splat<f32>(xs + ((<usize>k) << 2));
    const y = v128.load_splat<f32>(ys + ((<usize>k) << 2));
    const within = f32x4.splat(within32);
    const beyond = f32x4.splat(beyond32);
    let low = f64x2.splat(0);
    let high = low;
    let unsure = low;
    let at = (<usize>from) << 2;
    const end = (<usize>to) << 2;
    const full = at + ((end - at) & ~15);
    for (; at < full; at += 16) {
      const dx = f32x4.sub(v128.load(xs + at), x);
      const dy = f32x4.sub(v128.load(ys + at), y);
      const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const hit = f32x4.le(d, within);
      unsure = v128.or(unsure, v128.xor(hit, f32x4.le(d, beyond)));
      const q = whole + (at << 1);
      low = f64x2.add(low, v128.and(v128.load(q), v128.shuffle<i32>(hit, hit, 0, 0, 1, 1)));
      high = f64x2.add(high, v128.and(v128.load(q, 16), v128.shuffle<i32>(hit, hit, 2, 2, 3, 3)));
    }
    if (at < end) {
      const lanes = firstLanes((end - at) >> 2);
      const dx = f32x4.sub(v128.load(xs + at), x);
      const dy = f32x4.sub(v128.load(ys + at), y);
      const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const hit = v128.and(lanes, f32x4.le(d, within));
      unsure = v128.or(unsure, v128.and(lanes, v128.xor(hit, f32x4.le(d, beyond))));
      const q = whole + (at << 1);
      low = f64x2.add(low, v128.and(v128.load(q), v128.shuffle<i32>(hit, hit, 0, 0, 1, 1)));
      high = f64x2.add(high, v128.and(v128.load(q, 16), v128.shuffle<i32>(hit, hit, 2, 2, 3, 3)));
    }
    if (!v128.any_true(unsure)) {
      low = f64x2.add(low, high);
      return f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    }
  }
  return nearExactly(k, from, to);
}

function nearExactly(k: i32, from: u32, to: u32): f64 {
  const x = <f64>load<f32>(xs + ((<usize>k) << 2));
  const y = <f64>load<f32>(ys + ((<usize>k) << 2));
  let sum: f64 = 0;
  const end = (<usize>to) << 2;
  for (let at = (<usize>from) << 2; at < end; at += 4) {
    const dx = <f64>load<f32>(xs + at) - x;
    const dy = <f64>load<f32>(ys + at) - y;
    if (dx * dx + dy * dy <= square) sum += load<f64>(whole + (at << 1));
  }
  return sum;
}

/** The nearest denser point of every point, and how far it is. */
function connect(n: i32, link: f64, separations: usize, nearest: usize): void {
  const longest = link * link;
  for (let k = 0; k < n; k++) {
    search(k, longest);
    const point = <usize>load<u32>(order + ((<usize>k) << 2));
    store<i32>(nearest + (point << 2), bestPoint);
    store<f64>(separations + (point << 3), bestPoint == NONE ? Infinity : Math.sqrt(bestSquare));
  }
}

/** Most points find theirs in the nine cells around; what is within a side is surely there. Others look as far as links go. */
function search(k: i32, longest: f64): void {
  const side = cellSide();
  lookWithin(k, 1, longest);
  if (edge == 1 || (bestPoint != NONE && bestSquare <= side * side)) return;
  lookWithin(k, edge, longest);
}

function lookWithin(k: i32, reach: i32, longest: f64): void {
  if (ASC_FEATURE_SIMD) {
    if (look(k, reach, longest)) return;
  }
  lookExactly(k, reach, longest);
}

/**
 * The nearest denser point in the cells up to `reach` away, without a branch per find. Every lane keeps its least and second
 * least distance: when two are too close to tell apart in f32, or densities are, the answer is false and none is given.
 */
function look(k: i32, reach: i32, longest: f64): bool {
  const at = (<usize>k) << 2;
  const x = v128.load_splat<f32>(xs + at);
  const y = v128.load_splat<f32>(ys + at);
  const density = v128.load_splat<f32>(rough + at);
  const self = i32x4.splat(k);
  const limit = certainlyBeyond(longest);
  const far = f32x4.splat(limit);
  let best = far;
  let second = far;
  let where = self;
  const row = (<usize>width()) << 2;
  const across = (<usize>(2 * reach + 1)) << 2;
  let cell = starts + ((<usize>load<u32>(cellOf + at) - <usize>reach) << 2) - row * <usize>reach;
  for (let r = -reach; r <= reach; r++, cell += row) {
    const from = load<u32>(cell);
    const to = load<u32>(cell + across);
    const end = i32x4.splat(to);
    let places = i32x4.add(i32x4.splat(from), i32x4(0, 1, 2, 3));
    const stop = (<usize>to) << 2;
    for (let p = (<usize>from) << 2; p < stop; p += 16) {
      const dx = f32x4.sub(v128.load(xs + p), x);
      const dy = f32x4.sub(v128.load(ys + p), y);
      let d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
      const dense = v128.and(f32x4.ge(v128.load(rough + p), density), i32x4.lt_s(places, end));
      d = v128.bitselect(d, far, v128.andnot(dense, i32x4.eq(places, self)));
      second = f32x4.pmin(second, f32x4.pmax(best, d));
      where = v128.bitselect(places, where, f32x4.lt(d, best));
      best = f32x4.pmin(best, d);
      places = i32x4.add(places, i32x4.splat(4));
    }
  }
  bestPoint = NONE;
  let least = f32x4.pmin(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  const square = f32x4.extract_lane(least, 0);
  if (!(square < limit)) return true;
  const close = f32x4.splat(certainlyBeyond(<f64>square));
  const lanes = i32x4.bitmask(f32x4.le(best, close));
  if ((lanes & (lanes - 1)) != 0 || v128.any_true(f32x4.le(second, close))) return false;
  v128.store(FOUND, where);
  bestSquare = longest;
  consider(k, (<usize>load<u32>(FOUND + ((<usize>ctz(lanes)) << 2))) << 2);
  return bestPoint != NONE;
}

function lookExactly(k: i32, reach: i32, longest: f64): void {
  bestSquare = longest;
  bestPoint = NONE;
  const row = (<usize>width()) << 2;
  const across = (<usize>(2 * reach + 1)) << 2;
  let cell = starts + ((<usize>load<u32>(cellOf + ((<usize>k) << 2)) - <usize>reach) << 2) - row * <usize>reach;
  for (let r = -reach; r <= reach; r++, cell += row) {
    const end = (<usize>load<u32>(cell + across)) << 2;
    for (let at = (<usize>load<u32>(cell)) << 2; at < end; at += 4) consider(k, at);
  }
}

/** Takes the point at byte offset `at` when it is denser than place k and nearer than the best, or as near and denser than that. */
function consider(k: i32, at: usize): void {
  const own = (<usize>k) << 2;
  const dx = <f64>load<f32>(xs + at) - <f64>load<f32>(xs + own);
  const dy = <f64>load<f32>(ys + at) - <f64>load<f32>(ys + own);
  const d = dx * dx + dy * dy;
  if (!(d <= bestSquare)) return;
  const point = <i32>load<u32>(order + at);
  if (!denser(point, <i32>load<u32>(order + own))) return;
  if (d == bestSquare && bestPoint != NONE && !denser(point, bestPoint)) return;
  bestSquare = d;
  bestPoint = point;
}

/** A total order: density, then x, y, weight; the caller's order decides between points that are alike in all. */
function denser(a: i32, b: i32): bool {
  const i = <usize>a;
  const j = <usize>b;
  const da = load<f64>(densities + (i << 3));
  const db = load<f64>(densities + (j << 3));
  if (da != db) return da > db;
  const xa = load<f32>(points + (i << 3));
  const xb = load<f32>(points + (j << 3));
  if (xa != xb) return xa > xb;
  const ya = load<f32>(points + (i << 3), 4);
  const yb = load<f32>(points + (j << 3), 4);
  if (ya != yb) return ya > yb;
  const wa = load<f32>(weights + (i << 2));
  const wb = load<f32>(weights + (j << 2));
  if (wa != wb) return wa > wb;
  return a < b;
}

/** Numbers the seeds in the caller's order, marks outliers; others stay unset. Returns how many seeds there are. */
function seed(n: i32, leastDensity: f64, leastSeparation: f64, separations: usize, nearest: usize, labels: usize): i32 {
  let count = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    let label = UNSET;
    if (load<f64>(densities + (i << 3)) >= leastDensity) {
      if (load<f64>(separations + (i << 3)) > leastSeparation) label = count++;
    } else if (load<i32>(nearest + (i << 2)) == NONE) {
      label = NONE;
    }
    store<i32>(labels + (i << 2), label);
  }
  return count;
}

/** Every other point gets the label of its nearest denser point. Chains end: each link goes to a denser point. */
function handDown(n: i32, nearest: usize, labels: usize): void {
  for (let i = 0; i < n; i++) {
    let j = i;
    while (load<i32>(labels + ((<usize>j) << 2)) == UNSET) j = load<i32>(nearest + ((<usize>j) << 2));
    const label = load<i32>(labels + ((<usize>j) << 2));
    j = i;
    while (load<i32>(labels + ((<usize>j) << 2)) == UNSET) {
      store<i32>(labels + ((<usize>j) << 2), label);
      j = load<i32>(nearest + ((<usize>j) << 2));
    }
  }
}
