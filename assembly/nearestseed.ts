// The nearest seed of every trigger cell, when it is closer than the radius of the cell's layer: the back end's association.
//
// Every grid cell lists the seeds in and around it, four to a block, in the seeds' order; a trigger cell reads one list. Of
// seeds that are equally near the first one wins. Distances are compared in f32 and, where that could be wrong, again in f64.
// see: bye_splits and CMSSW L1THGCal, HGCalTriggerClusterInterpreter and HGCalHistoClustering (nearest seed within dR).
import { OK, BAD_SHAPE, NON_FINITE } from "./_status";
import { bound, certainlyBeyond, certainlyWithin, cells, isRadius, nearestCell, width } from "./_cells";
import { areFinite } from "./_finite";

const NONE: i32 = -1;
const FAR: f32 = Infinity;
const BLOCK: usize = 48; // f32 x [4], f32 y [4], i32 seed [4]
const AROUND: i32 = 9;
const UNSURE: i32 = -2;
const EMPTY: usize = memory.data(48, 16); // a block without seeds

// Of a layer: f64 square of the radius, f32 below and above which a rounded square is decided.
const RADII: usize = memory.data(256 * 16, 64);

/**
 * args: u32 pointers to points f32 [n, 2], layer u8 [n], seeds f32 [m, 2], radius f64 [layers] (1..256 layers); seed i32 [n]
 * (-1: none closer than the radius); and scratch: counters of cells + 1, blocks of 48 bytes, 9 m of them.
 */
export function nearestseed(args: usize, n: i32, m: i32, layers: i32): i32 {
  if (n < 0 || m < 0 || layers < 1 || layers > 256) return BAD_SHAPE;
  const points: usize = load<u32>(args);
  const layer: usize = load<u32>(args, 4);
  const seeds: usize = load<u32>(args, 8);
  const out: usize = load<u32>(args, 16);
  const starts: usize = load<u32>(args, 20);
  const blocks: usize = load<u32>(args, 24);
  const widest = setRadii(load<u32>(args, 12), layers);
  if (!isRadius(widest)) return BAD_SHAPE;
  if (!areFinite(points, 2 * n)) return NON_FINITE;
  for (let i: usize = 0; i < <usize>n; i++) if (<i32>load<u8>(layer + i) >= layers) return BAD_SHAPE;
  if (m == 0) {
    memory.fill(out, 0xff, (<usize>n) << 2); // NONE
    return OK;
  }
  if (!bound(seeds, m, widest, 2, 1)) return NON_FINITE;
  list(seeds, m, starts, blocks);
  empty(EMPTY, EMPTY + BLOCK);
  for (let i: usize = 0; i < <usize>n; i++) {
    const at = RADII + ((<usize>load<u8>(layer + i)) << 4);
    const point = points + (i << 3);
    const cell = starts + ((<usize>nearestCell(point)) << 2);
    const first = blocks + (<usize>(load<u32>(cell) >> 2)) * BLOCK;
    const end = blocks + (<usize>(load<u32>(cell, 4) >> 2)) * BLOCK;
    store<i32>(out + (i << 2), nearestOf(load<f32>(point), load<f32>(point, 4), first, end, at));
  }
  return OK;
}

/** The widest radius; NaN when one is not between the limits. */
function setRadii(radius: usize, layers: i32): f64 {
  let widest: f64 = 0;
  for (let l: usize = 0; l < <usize>layers; l++) {
    const r = load<f64>(radius + (l << 3));
    if (!isRadius(r)) return NaN;
    const square = r * r;
    store<f64>(RADII + (l << 4), square);
    store<f32>(RADII + (l << 4), certainlyWithin(square), 8);
    store<f32>(RADII + (l << 4), certainlyBeyond(square), 12);
    widest = r > widest ? r : widest;
  }
  return widest;
}

/** Lists every seed in the nine cells around it. `starts` becomes each list's first lane; lists end where the next begins. */
function list(seeds: usize, m: i32, starts: usize, blocks: usize): void {
  const count = (<usize>cells()) << 2;
  memory.fill(starts, 0, count + 4);
  for (let s = 0; s < m; s++) {
    for (let c = 0; c < AROUND; c++) {
      const at = starts + ((<usize>around(seeds, s, c)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  // Lists begin on a block; they are filled from their end, so a list's counter ends at its first lane.
  let lanes: u32 = 0;
  for (let at = starts; at < starts + count; at += 4) {
    const length = load<u32>(at);
    store<u32>(at, lanes + length);
    lanes += (length + 3) & ~3;
  }
  store<u32>(starts + count, lanes);
  empty(blocks, blocks + <usize>(lanes >> 2) * BLOCK);
  for (let s = m - 1; s >= 0; s--) {
    for (let c = 0; c < AROUND; c++) {
      const at = starts + ((<usize>around(seeds, s, c)) << 2);
      const lane = load<u32>(at) - 1;
      store<u32>(at, lane);
      put(seeds, s, blocks + <usize>(lane >> 2) * BLOCK + ((<usize>(lane & 3)) << 2));
    }
  }
}

/** Cell number c (0..8) of those around seed s. */
@inline
function around(seeds: usize, s: i32, c: i32): i32 {
  return nearestCell(seeds + ((<usize>s) << 3)) + (c / 3 - 1) * width() + (c % 3) - 1;
}

function empty(from: usize, to: usize): void {
  for (let block = from; block < to; block += BLOCK) {
    for (let lane: usize = 0; lane < 16; lane += 4) {
      store<f32>(block + lane, FAR);
      store<f32>(block + lane, FAR, 16);
      store<i32>(block + lane, NONE, 32);
    }
  }
}

/** Puts seed s into a lane of a block. */
@inline
function put(seeds: usize, s: i32, lane: usize): void {
  store<f32>(lane, load<f32>(seeds + ((<usize>s) << 3)));
  store<f32>(lane, load<f32>(seeds + ((<usize>s) << 3), 4), 16);
  store<i32>(lane, s, 32);
}

/** The nearest seed in the blocks [first, end) that is closer than the radius whose squares are at `radius`. */
function nearestOf(x: f32, y: f32, first: usize, end: usize, radius: usize): i32 {
  if (ASC_FEATURE_SIMD) {
    const vx = f32x4.splat(x);
    const vy = f32x4.splat(y);
    const within = load<f32>(radius, 8);
    const beyond = load<f32>(radius, 12);
    if (end - first <= BLOCK) {
      // The usual case, without branches on what is found: the empty block stands for an empty list.
      const block = select<usize>(EMPTY, first, first == end);
      const d = distances(block, vx, vy);
      const square = leastOf(d);
      const lanes = i32x4.bitmask(f32x4.le(d, f32x4.splat(certainlyBeyond(<f64>square))));
      const unsure = <i32>(square >= within) & <i32>(square <= beyond);
      const several = <i32>((lanes & (lanes - 1)) != 0) & <i32>(square < within);
      const seed = load<i32>(block + ((<usize>ctz(lanes)) << 2), 32);
      if ((unsure | several) == 0) return select<i32>(seed, NONE, square < within);
    } else {
      const seed = nearestInBlocks(vx, vy, first, end, within, beyond);
      if (seed != UNSURE) return seed;
    }
  }
  return nearestExactly(x, y, first, end, load<f64>(radius));
}

/** The same for a list of several blocks; UNSURE when f32 does not tell. */
function nearestInBlocks(x: v128, y: v128, first: usize, end: usize, within: f32, beyond: f32): i32 {
  let all = distances(first, x, y);
  for (let block = first + BLOCK; block < end; block += BLOCK) all = f32x4.pmin(all, distances(block, x, y));
  const square = leastOf(all);
  if (square > beyond) return NONE;
  if (square >= within) return UNSURE;
  const close = f32x4.splat(certainlyBeyond(<f64>square));
  let found = NONE;
  for (let block = first; block < end; block += BLOCK) {
    const lanes = i32x4.bitmask(f32x4.le(distances(block, x, y), close));
    if (lanes == 0) continue;
    if (found != NONE || (lanes & (lanes - 1)) != 0) return UNSURE;
    found = load<i32>(block + ((<usize>ctz(lanes)) << 2), 32);
  }
  return found;
}

@inline
function leastOf(d: v128): f32 {
  let least = f32x4.pmin(d, v128.shuffle<i32>(d, d, 2, 3, 0, 1));
  least = f32x4.pmin(least, v128.shuffle<i32>(least, least, 1, 0, 3, 2));
  return f32x4.extract_lane(least, 0);
}

@inline
function distances(block: usize, x: v128, y: v128): v128 {
  const dx = f32x4.sub(v128.load(block), x);
  const dy = f32x4.sub(v128.load(block, 16), y);
  return f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy));
}

function nearestExactly(x: f32, y: f32, first: usize, end: usize, square: f64): i32 {
  let best = square;
  let found: i32 = NONE;
  for (let block = first; block < end; block += BLOCK) {
    for (let lane = block; lane < block + 16; lane += 4) {
      const dx = <f64>load<f32>(lane) - <f64>x;
      const dy = <f64>load<f32>(lane, 16) - <f64>y;
      const d = dx * dx + dy * dy;
      if (d < best) {
        best = d;
        found = load<i32>(lane, 32);
      }
    }
  }
  return found;
}
