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
  fromBottom,
  fromLeft,
  isRadius,
  sort,
  width,
} from "./_cells";
import { largestWeight, wholeScale } from "./_exactsum";
import { firstLanes } from "./_tailmask";

const NONE: i32 = -1;
const UNSET: i32 = -2;
// Edges of cells are taken to be closer by this part of a side: more than the rounding of a point's cell.
const CLOSER: f64 = 1e-6;
// A f64 square of a distance at most this part above the least f32 one is the least of all: see _cells.ts on f32 errors.
const HALF_BAND: f64 = 5e-7;

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

/** Its own cell first, then outwards row by row as far as something nearer than the best can be. */
function search(k: i32, longest: f64): void {
  const at = (<usize>k) << 2;
  const x = load<f32>(xs + at);
  const y = load<f32>(ys + at);
  const cell = starts + ((<usize>load<u32>(cellOf + at)) << 2);
  const row = (<usize>width()) << 2;
  const side = cellSide();
  const toLeft = fromLeft(x);
  const toRight = side - toLeft;
  bestSquare = longest;
  bestPoint = NONE;
  store<f32>(xs + at, Infinity); // a point is not its own neighbour
  const begin = load<u32>(cell);
  const end = load<u32>(cell, 4);
  if (end - begin > 1) scan(k, x, y, begin, end);
  scan(k, x, y, load<u32>(cell - reach(toLeft, side, bestSquare)), begin);
  scan(k, x, y, end, load<u32>(cell + reach(toRight, side, bestSquare), 4));
  const below = fromBottom(y);
  for (let r = 1; r <= edge; r++) {
    const away = side * <f64>(r - 1);
    const down = scanRow(k, x, y, cell - row * <usize>r, below + away, toLeft, toRight);
    const up = scanRow(k, x, y, cell + row * <usize>r, side - below + away, toLeft, toRight);
    if (!down && !up) break;
  }
  store<f32>(xs + at, x);
}

/** Columns that are less than the root of `within` away when the first one begins after `gap`: four times their number. */
@inline
function reach(gap: f64, side: f64, within: f64): usize {
  let count: usize = 0;
  const most = (<usize>edge) << 2;
  let away = gap - CLOSER * side;
  for (; count < most && away * away <= within; count += 4) away += side;
  return count;
}

/** One row of cells whose nearest edge is `gap` away; `cell` is in the column of the point. False when it is too far. */
function scanRow(k: i32, x: f32, y: f32, cell: usize, gap: f64, toLeft: f64, toRight: f64): bool {
  const side = cellSide();
  const near = gap - CLOSER * side;
  const within = bestSquare - near * near;
  if (within < 0) return false;
  const first = load<u32>(cell - reach(toLeft, side, within));
  const last = load<u32>(cell + reach(toRight, side, within), 4);
  if (first < last) scan(k, x, y, first, last);
  return true;
}

/** Looks for a nearer denser point at places [from, to). */
function scan(k: i32, x: f32, y: f32, from: u32, to: u32): void {
  const at = (<usize>from) << 2;
  const end = (<usize>to) << 2;
  if (at == end) return;
  if (ASC_FEATURE_SIMD) {
    if (end - at > 16) {
      // The least distance first, without a branch per find; then whoever is there.
      const limit = certainlyBeyond(bestSquare);
      const least = leastDistance(k, x, y, at, end, limit);
      if (!(least < limit)) return;
      scanWithin(k, x, y, at, end, certainlyBeyond(<f64>least));
      if (bestSquare <= <f64>least * (1 + HALF_BAND)) return;
      // Who was there is no denser after all: a draw when rounded.
    }
    scanWithin(k, x, y, at, end, certainlyBeyond(bestSquare));
  } else {
    for (let p = at; p < end; p += 4) consider(k, x, y, p);
  }
}

/** Least f32 square of a distance to anything that may be denser than place k, `limit` when there is none below it. */
function leastDistance(k: i32, x: f32, y: f32, at: usize, end: usize, limit: f32): f32 {
  const vx = f32x4.splat(x);
  const vy = f32x4.splat(y);
  const density = v128.load_splat<f32>(rough + ((<usize>k) << 2));
  const far = f32x4.splat(limit);
  let least = far;
  const full = at + ((end - at) & ~15);
  for (; at < full; at += 16) {
    const dx = f32x4.sub(v128.load(xs + at), vx);
    const dy = f32x4.sub(v128.load(ys + at), vy);
    const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
    least = f32x4.pmin(least, v128.bitselect(d, far, f32x4.ge(v128.load(rough + at), density)));
  }
  if (at < end) {
    const dx = f32x4.sub(v128.load(xs + at), vx);
    const dy = f32x4.sub(v128.load(ys + at), vy);
    const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
    const lanes = v128.and(firstLanes((end - at) >> 2), f32x4.ge(v128.load(rough + at), density));
    least = f32x4.pmin(least, v128.bitselect(d, far, lanes));
  }
  least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  return f32x4.extract_lane(least, 0);
}

/** Considers everything that may be denser and whose f32 square of the distance is at most `limit`. */
function scanWithin(k: i32, x: f32, y: f32, at: usize, end: usize, limit: f32): void {
  const vx = f32x4.splat(x);
  const vy = f32x4.splat(y);
  const density = v128.load_splat<f32>(rough + ((<usize>k) << 2));
  const beyond = f32x4.splat(limit);
  for (; at < end; at += 16) {
    const dx = f32x4.sub(v128.load(xs + at), vx);
    const dy = f32x4.sub(v128.load(ys + at), vy);
    const d = f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
    const hit = v128.and(f32x4.le(d, beyond), f32x4.ge(v128.load(rough + at), density));
    if (!v128.any_true(hit)) continue;
    for (let lanes = i32x4.bitmask(hit); lanes != 0; lanes &= lanes - 1) {
      const place = at + ((<usize>ctz(lanes)) << 2);
      if (place < end) consider(k, x, y, place);
    }
  }
}

/** Takes the point at byte offset `at` when it is denser than place k and nearer than the best, or as near and denser than that. */
function consider(k: i32, x: f32, y: f32, at: usize): void {
  const dx = <f64>load<f32>(xs + at) - <f64>x;
  const dy = <f64>load<f32>(ys + at) - <f64>y;
  const d = dx * dx + dy * dy;
  if (!(d <= bestSquare)) return;
  const point = <i32>load<u32>(order + at);
  if (!denser(point, <i32>load<u32>(order + ((<usize>k) << 2)))) return;
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
