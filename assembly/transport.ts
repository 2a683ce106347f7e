// Exact optimal transport between any two discrete measures with any non-negative cost matrix: a primal network
// simplex on a strongly feasible spanning tree of the bipartite graph. Pricing runs in f32 over whole rows; the finish
// recomputes the potentials and prices every arc in f64, so the result does not depend on the f32 phase.
// It does not normalise masses (the host does) and knows nothing of geometry: see emd.ts for the 48-cell special case.
//
// Masses are first rounded to integers below 2^52 (held in f64), so the flows of the simplex are exact, equal masses are
// exactly degenerate and Cunningham's rule really prevents cycling. The flows that are returned are recomputed from the
// caller's masses along the optimal tree.
import { BAD_SHAPE, MASS, NEGATIVE, NON_FINITE, NOT_CONVERGED, OK } from "./_status";

const LIMIT: i32 = 2048;
const WANT_FLOW: i32 = 1;
const WANT_DUALS: i32 = 2;
const UNREACHABLE: f32 = 1.0e30;
const ROW_MASK: i32 = 2047;
const NO_KEY: i32 = 0x7fffffff;
/** Russell's start weighs the mean costs by this; on random points 1.0 to 1.3 need about as few pivots. */
const RUSSELL: f32 = 1.1;
/** A reduced cost (costs scaled to about 1) below this is worth a pivot while pricing in f32. */
const EPS32: f32 = 2.0e-6;
/**
 * The same for f64, in units of the largest potential: 2^-50. One pass of the finish adds as much again after every n + m
 * pivots, and passes after the PATIENCE-th double it, so that rounding noise between tied bases cannot keep it going.
 */
const EPS64: f64 = 8.881784197001252e-16;
const PATIENCE: i32 = 30;
const MASS_TOLERANCE: f64 = 1.0e-6;

// One node of the tree: 32 bytes. Links are addresses of nodes. `last` is the last descendant in preorder.
const PARENT: usize = 0;
const NEXT: usize = 4;
const PREV: usize = 8;
const LAST: usize = 12;
const SIZE: usize = 16;
const CHEAPEST: usize = 20; // while starting: column of a source's best key
const POTENTIAL: usize = 24; // sources: u, sinks: -v, so that a tree arc has c = potential(i) - potential(j)

// The problem's state, at the start of the second scratch buffer.
const NODES: usize = 0; // first node record
const SINKS: usize = 4; // first record of a sink
const FLOWS: usize = 8; // f64 per node: flow on the arc to the parent
const POT32: usize = 12; // f32 per node
const KEYS: usize = 16; // i32 per source: see keyOf; of the least value of its row at some time
const RESTS: usize = 20; // f64 per node: mass (rounded)
const ORIGIN: usize = 24; // i32 per node: row or column of the caller
const ORDER: usize = 28; // i32 per node: order of elimination, then preorder
const COSTS: usize = 32; // f32 [sources, stride]
const STRIDE: usize = 36; // bytes of a row of COSTS
const COST64: usize = 40; // the caller's costs
const COLUMNS: usize = 44; // the caller's m
const SOURCE_COUNT: usize = 48;
const SINK_COUNT: usize = 52;
const FIRST_SINK: usize = 56; // number of the first sink node (sources padded to 16)
const ROOT: usize = 60;
const PIVOTS: usize = 64;
const CAP: usize = 68;
const SCALE: usize = 72; // f64: costs are multiplied by this power of two
const GAUGE: usize = 80; // f64: largest scaled cost
const STATE_BYTES: usize = 128;

@inline
function pad16(x: i32): i32 {
  return (x + 15) & ~15;
}

/** Power of two that brings x (> 0, finite) into [1, 2), kept inside what one f64 factor can do. */
function scaleOf(x: f64): f64 {
  let exponent = <i32>((reinterpret<u64>(x) >> 52) & 0x7ff) - 1023;
  if (exponent > 1000) exponent = 1000;
  if (exponent < -1000) exponent = -1000;
  return reinterpret<f64>((<u64>(1023 - exponent)) << 52);
}

/** Power of two that brings a sum of masses (> 0) to about 2^50, so that sums of rounded masses are exact in f64. */
function massScale(sum: f64): f64 {
  const exponent = max(-970, <i32>((reinterpret<u64>(sum) >> 52) & 0x7ff) - 1023);
  return reinterpret<f64>((<u64>(1023 + 50 - exponent)) << 52);
}

/** Sum of k masses; -1 when one is negative, NaN when one is not finite. */
function sumOf(p: usize, k: i32): f64 {
  let sum: f64 = 0;
  let negative = false;
  const end = p + ((<usize>k) << 3);
  for (; p < end; p += 8) {
    const x = load<f64>(p);
    if (x < 0) negative = true;
    sum += x;
  }
  if (!(sum - sum == 0)) return NaN;
  return negative ? -1 : sum;
}

/**
 * Lists the nodes with mass: rounds `factor * mass` to integers, drops zeros. Returns how many; the rounded total goes to
 * `total`. A sink without demand must go (no strongly feasible tree holds it); a source without supply may as well.
 */
function compact(masses: usize, k: i32, factor: f64, rests: usize, origin: usize, total: usize): i32 {
  let count = 0;
  let sum: f64 = 0;
  for (let i = 0; i < k; i++) {
    const q = nearest(load<f64>(masses + ((<usize>i) << 3)) * factor);
    if (q > 0) {
      store<f64>(rests + ((<usize>count) << 3), q);
      store<i32>(origin + ((<usize>count) << 2), i);
      sum += q;
      count++;
    }
  }
  store<f64>(total, sum);
  return count;
}

/** Adds `excess` to the largest of k rounded masses. */
function absorb(rests: usize, k: i32, excess: f64): void {
  let at = rests;
  for (let i = 1; i < k; i++) {
    const p = rests + ((<usize>i) << 3);
    if (load<f64>(p) > load<f64>(at)) at = p;
  }
  store<f64>(at, load<f64>(at) + excess);
}

/**
 * Copies one row of costs to f32 (k columns, listed in `origin` unless `all`), adds `weight` times the row to the columns'
 * means and returns the row's mean under `weights`.
 */
function copyRow(
  from: usize,
  to: usize,
  origin: usize,
  all: bool,
  k: i32,
  scale: f64,
  weight: f32,
  means: usize,
  weights: usize,
): f32 {
  let mean: f32 = 0;
  let o: usize = 0;
  const end = (<usize>k) << 2;
  if (ASC_FEATURE_SIMD) {
    if (all) {
      const by = f64x2.splat(scale);
      const share = f32x4.splat(weight);
      let sum = f32x4.splat(0);
      for (const end4 = end & ~15; o < end4; o += 16) {
        const at = from + (o << 1);
        const low = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(at), by));
        const high = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(at, 16), by));
        const c = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
        v128.store(to + o, c);
        v128.store(means + o, f32x4.add(v128.load(means + o), f32x4.mul(share, c)));
        sum = f32x4.add(sum, f32x4.mul(c, v128.load(weights + o)));
      }
      mean =
        f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    }
  }
  for (; o < end; o += 4) {
    const j = all ? o >> 2 : <usize>load<i32>(origin + o);
    const c = <f32>(load<f64>(from + (j << 3)) * scale);
    store<f32>(to + o, c);
    store<f32>(means + o, load<f32>(means + o) + weight * c);
    mean += load<f32>(weights + o) * c;
  }
  return mean;
}

/** Largest of the n*m costs; -1 when one is negative, NaN when one is not finite. */
function largestCost(p: usize, count: i32): f64 {
  const end = p + ((<usize>count) << 3);
  let largest: f64 = 0;
  let least: f64 = 0;
  let probe: f64 = 0;
  if (ASC_FEATURE_SIMD) {
    let high = f64x2.splat(0);
    let low = f64x2.splat(0);
    let sum = f64x2.splat(0);
    const zero = f64x2.splat(0);
    const end2 = p + ((<usize>(count & ~1)) << 3);
    for (; p < end2; p += 16) {
      const c = v128.load(p);
      high = f64x2.pmax(high, c);
      low = f64x2.pmin(low, c);
      sum = f64x2.add(sum, f64x2.mul(c, zero)); // NaN as soon as one is not finite
    }
    largest = max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
    least = min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
    probe = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }
  for (; p < end; p += 8) {
    const c = load<f64>(p);
    if (c > largest) largest = c;
    if (c < least) least = c;
    probe += c * 0.0;
  }
  if (!(probe == 0)) return NaN;
  return least < 0 ? -1 : largest;
}

/** Minimum over a row of cost + addend; `bytes` is a multiple of 64. */
function rowMinimum(row: usize, addends: usize, bytes: usize): f32 {
  const end = row + bytes;
  if (ASC_FEATURE_SIMD) {
    let a = f32x4.splat(UNREACHABLE);
    let b = a;
    let c = a;
    let d = a;
    for (; row < end; row += 64, addends += 64) {
      a = f32x4.pmin(a, f32x4.add(v128.load(row), v128.load(addends)));
      b = f32x4.pmin(b, f32x4.add(v128.load(row, 16), v128.load(addends, 16)));
      c = f32x4.pmin(c, f32x4.add(v128.load(row, 32), v128.load(addends, 32)));
      d = f32x4.pmin(d, f32x4.add(v128.load(row, 48), v128.load(addends, 48)));
    }
    a = f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d));
    a = f32x4.pmin(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
    a = f32x4.pmin(a, v128.shuffle<f32>(a, a, 1, 0, 3, 2));
    return f32x4.extract_lane(a, 0);
  } else {
    let least = UNREACHABLE;
    for (; row < end; row += 4, addends += 4) {
      const x = load<f32>(row) + load<f32>(addends);
      least = x < least ? x : least;
    }
    return least;
  }
}

/** First column whose cost + addend equals `least`, which occurs. */
function rowFind(row: usize, addends: usize, least: f32): i32 {
  let p = row;
  if (ASC_FEATURE_SIMD) {
    const wanted = f32x4.splat(least);
    let hit = f32x4.eq(f32x4.add(v128.load(p), v128.load(addends)), wanted);
    while (!v128.any_true(hit)) {
      p += 16;
      addends += 16;
      hit = f32x4.eq(f32x4.add(v128.load(p), v128.load(addends)), wanted);
    }
    return <i32>((p - row) >> 2) + ctz(i32x4.bitmask(hit));
  } else {
    while (load<f32>(p) + load<f32>(addends) != least) {
      p += 4;
      addends += 4;
    }
    return <i32>((p - row) >> 2);
  }
}

/**
 * Order-preserving integer of x, its last 11 bits replaced by a row number below 2048: the least of several is a value (to
 * 2^-12, enough to choose by) and its place at once.
 */
@inline
function keyOf(x: f32, row: i32): i32 {
  const bits = reinterpret<i32>(x);
  return ((bits ^ ((bits >> 31) & 0x7fffffff)) & ~ROW_MASK) | row;
}

@inline
function valueOf(key: i32): f32 {
  const bits = key & ~ROW_MASK;
  return reinterpret<f32>(bits ^ ((bits >> 31) & 0x7fffffff));
}

/** Least of the keys in `bytes` (a multiple of 64) bytes. */
function leastKey(p: usize, bytes: usize): i32 {
  const end = p + bytes;
  if (ASC_FEATURE_SIMD) {
    let a = i32x4.min_s(v128.load(p), v128.load(p, 16));
    let b = i32x4.min_s(v128.load(p, 32), v128.load(p, 48));
    for (p += 64; p < end; p += 64) {
      a = i32x4.min_s(a, i32x4.min_s(v128.load(p), v128.load(p, 16)));
      b = i32x4.min_s(b, i32x4.min_s(v128.load(p, 32), v128.load(p, 48)));
    }
    a = i32x4.min_s(a, b);
    a = i32x4.min_s(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    a = i32x4.min_s(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
    return i32x4.extract_lane(a, 0);
  } else {
    let least = NO_KEY;
    for (; p < end; p += 4) {
      const key = load<i32>(p);
      least = key < least ? key : least;
    }
    return least;
  }
}

/** Scaled f64 cost of the arc between source record i and sink record j. */
@inline
function arcCost(s: usize, i: usize, j: usize): f64 {
  const nodes = load<usize>(s, NODES);
  const origin = load<usize>(s, ORIGIN);
  const row = load<i32>(origin + ((i - nodes) >> 3));
  const column = load<i32>(origin + ((j - nodes) >> 3));
  const at = (<usize>(row * load<i32>(s, COLUMNS) + column)) << 3;
  return load<f64>(load<usize>(s, COST64) + at) * load<f64>(s, SCALE);
}

/**
 * Russell-type start: the arc with the smallest cost - 1.1 * (row mean + column mean) is filled first and one of its ends
 * eliminated with the other as its parent. On ties the sink goes, so every arc without flow points to the root.
 * `addends` holds -1.1 * column means, `rowMeans` 1.1 * row means.
 */
function start(s: usize, addends: usize, rowMeans: usize): void {
  const sources = load<i32>(s, SOURCE_COUNT);
  const sinks = load<i32>(s, SINK_COUNT);
  const firstSink = load<i32>(s, FIRST_SINK);
  const nodes = load<usize>(s, NODES);
  const flows = load<usize>(s, FLOWS);
  const rests = load<usize>(s, RESTS);
  const keys = load<usize>(s, KEYS);
  const order = load<usize>(s, ORDER);
  const costs = load<usize>(s, COSTS);
  const stride = load<usize>(s, STRIDE);
  const keyBytes = (<usize>pad16(sources)) << 2;
  for (let i = 0; i < sources; i++) {
    const row = costs + <usize>i * stride;
    const least = rowMinimum(row, addends, stride);
    store<i32>(keys + ((<usize>i) << 2), keyOf(least - load<f32>(rowMeans + ((<usize>i) << 2)), i));
    store<i32>(nodes + ((<usize>i) << 5), rowFind(row, addends, least), CHEAPEST);
  }
  for (let i = sources; i < pad16(sources); i++) store<i32>(keys + ((<usize>i) << 2), NO_KEY);
  let sourcesLeft = sources;
  let sinksLeft = sinks;
  const steps = sources + sinks - 1;
  for (let k = 0; k < steps; k++) {
    // The stored row minima are lower bounds, since columns only disappear, and true while their column is there.
    let i = leastKey(keys, keyBytes) & ROW_MASK;
    let j = load<i32>(nodes + ((<usize>i) << 5), CHEAPEST);
    while (load<f32>(addends + ((<usize>j) << 2)) == UNREACHABLE) {
      const row = costs + <usize>i * stride;
      const least = rowMinimum(row, addends, stride);
      store<i32>(keys + ((<usize>i) << 2), keyOf(least - load<f32>(rowMeans + ((<usize>i) << 2)), i));
      store<i32>(nodes + ((<usize>i) << 5), rowFind(row, addends, least), CHEAPEST);
      i = leastKey(keys, keyBytes) & ROW_MASK;
      j = load<i32>(nodes + ((<usize>i) << 5), CHEAPEST);
    }
    const atI = rests + ((<usize>i) << 3);
    const atJ = rests + ((<usize>(firstSink + j)) << 3);
    const a = load<f64>(atI);
    const b = load<f64>(atJ);
    const dropSource = sinksLeft == 1 || (sourcesLeft > 1 && a < b);
    const gone = dropSource ? i : firstSink + j;
    const kept = dropSource ? firstSink + j : i;
    const flow = dropSource ? a : b;
    if (dropSource) {
      store<f64>(atJ, b - a);
      store<i32>(keys + ((<usize>i) << 2), NO_KEY);
      sourcesLeft--;
    } else {
      store<f64>(atI, a - b);
      store<f32>(addends + ((<usize>j) << 2), UNREACHABLE);
      sinksLeft--;
    }
    const record = nodes + ((<usize>gone) << 5);
    const parent = nodes + ((<usize>kept) << 5);
    store<usize>(record, parent, PARENT);
    store<f64>(flows + ((<usize>gone) << 3), flow);
    store<i32>(order + ((<usize>k) << 2), gone);
    if (k == steps - 1) store<usize>(s, parent, ROOT);
  }
}

/** Thread, sizes and last descendants of the tree given by the parents and the order of elimination. */
function thread(s: usize): void {
  const count = load<i32>(s, SOURCE_COUNT) + load<i32>(s, SINK_COUNT);
  const nodes = load<usize>(s, NODES);
  const order = load<usize>(s, ORDER);
  const root = load<usize>(s, ROOT);
  for (let k = 0; k < count - 1; k++) {
    store<i32>(nodes + ((<usize>load<i32>(order + ((<usize>k) << 2))) << 5), 1, SIZE);
  }
  store<i32>(root, 1, SIZE);
  for (let k = 0; k < count - 1; k++) {
    const x = nodes + ((<usize>load<i32>(order + ((<usize>k) << 2))) << 5);
    const p = load<usize>(x, PARENT);
    store<i32>(p, load<i32>(p, SIZE) + load<i32>(x, SIZE), SIZE);
  }
  store<usize>(root, 0, PARENT);
  store<usize>(root, root, NEXT);
  for (let k = count - 2; k >= 0; k--) {
    const x = nodes + ((<usize>load<i32>(order + ((<usize>k) << 2))) << 5);
    const p = load<usize>(x, PARENT);
    store<usize>(x, load<usize>(p, NEXT), NEXT);
    store<usize>(p, x, NEXT);
  }
  let x = root;
  for (let k = 0; k < count; k++) {
    store<usize>(order + ((<usize>k) << 2), x);
    store<usize>(load<usize>(x, NEXT), x, PREV);
    x = load<usize>(x, NEXT);
  }
  for (let k = 0; k < count; k++) {
    const y = load<usize>(order + ((<usize>k) << 2));
    store<usize>(y, load<usize>(order + ((<usize>(k + load<i32>(y, SIZE) - 1)) << 2)), LAST);
  }
}

/** Potentials of all nodes from the tree, in f64 and f32; returns the largest magnitude. */
function potentials(s: usize): f64 {
  const sinksAt = load<usize>(s, SINKS);
  const root = load<usize>(s, ROOT);
  const pots = load<usize>(s, POT32) - (load<usize>(s, NODES) >> 3);
  store<f64>(root, 0, POTENTIAL);
  store<f32>((root >> 3) + pots, 0);
  let largest: f64 = 0;
  let x = load<usize>(root, NEXT);
  while (x != root) {
    const p = load<usize>(x, PARENT);
    const base = load<f64>(p, POTENTIAL);
    const value = x < sinksAt ? base + arcCost(s, x, p) : base - arcCost(s, p, x);
    store<f64>(x, value, POTENTIAL);
    store<f32>((x >> 3) + pots, <f32>value);
    const size = abs(value);
    if (size > largest) largest = size;
    x = load<usize>(x, NEXT);
  }
  return largest;
}

/** Adds `shift` to the potentials of the nodes from `x` up to, not with, `end` along the thread. */
function shiftPotentials(x: usize, end: usize, pots: usize, shift: f64): void {
  do {
    const value = load<f64>(x, POTENTIAL) + shift;
    store<f64>(x, value, POTENTIAL);
    store<f32>((x >> 3) + pots, <f32>value);
    x = load<usize>(x, NEXT);
  } while (x != end);
}

/** One pivot: the arc from source record `tail` to sink record `head`, with reduced cost `reduced` < 0, enters. */
function pivot(s: usize, tail: usize, head: usize, reduced: f64): void {
  const nodes = load<usize>(s, NODES);
  const sinksAt = load<usize>(s, SINKS);
  const flows = load<usize>(s, FLOWS) - (nodes >> 2);
  // The cycle: from the apex down to the tail, over the entering arc, and up from the head. Blocking arcs are those whose
  // flow falls; the last one along the cycle leaves (Cunningham), which keeps the tree strongly feasible.
  let x = tail;
  let y = head;
  let leastX: f64 = Infinity;
  let leastY: f64 = Infinity;
  let leaveX: usize = 0;
  let leaveY: usize = 0;
  let sizeX = load<i32>(x, SIZE);
  let sizeY = load<i32>(y, SIZE);
  while (x != y) {
    if (sizeX < sizeY) {
      const f = load<f64>((x >> 2) + flows);
      const better = <i32>(x < sinksAt) & <i32>(f < leastX);
      leastX = select<f64>(f, leastX, better);
      leaveX = select<usize>(x, leaveX, better);
      x = load<usize>(x, PARENT);
      sizeX = load<i32>(x, SIZE);
    } else {
      const f = load<f64>((y >> 2) + flows);
      const better = <i32>(y >= sinksAt) & <i32>(f <= leastY);
      leastY = select<f64>(f, leastY, better);
      leaveY = select<usize>(y, leaveY, better);
      y = load<usize>(y, PARENT);
      sizeY = load<i32>(y, SIZE);
    }
  }
  const apex = x;
  const headSide = leastY <= leastX;
  const delta = headSide ? leastY : leastX;
  const leaving = headSide ? leaveY : leaveX;
  // The subtree below the leaving arc hangs on `joint` in `q` from now on.
  const q = headSide ? head : tail;
  const joint = headSide ? tail : head;
  const moved = load<i32>(leaving, SIZE);
  const count = load<i32>(s, SOURCE_COUNT) + load<i32>(s, SINK_COUNT);
  const pots = load<usize>(s, POT32) - (nodes >> 3);
  const shift = headSide ? -reduced : reduced;
  const after = load<usize>(load<usize>(leaving, LAST), NEXT);
  if (moved + moved <= count) shiftPotentials(leaving, after, pots, shift);
  else shiftPotentials(after, leaving, pots, -shift);

  // On the way from either end of the entering arc to the apex flows fall and rise in turn, falling first.
  let signed = -delta;
  for (x = joint; x != apex; x = load<usize>(x, PARENT)) {
    const place = (x >> 2) + flows;
    store<f64>(place, load<f64>(place) + signed);
    store<i32>(x, load<i32>(x, SIZE) + moved, SIZE);
    signed = -signed;
  }

  // Take the subtree out of the thread.
  const above = load<usize>(leaving, PARENT);
  const oldLast = load<usize>(leaving, LAST);
  const before = load<usize>(leaving, PREV);
  store<usize>(before, after, NEXT);
  store<usize>(after, before, PREV);
  for (x = above; x != 0 && load<usize>(x, LAST) == oldLast; x = load<usize>(x, PARENT)) store<usize>(x, before, LAST);

  // Turn it round: each node of the path from q to its old root becomes the last child of the one before it.
  let w = q;
  let end = load<usize>(q, LAST);
  let successor = load<usize>(end, NEXT);
  let lastOfChild = end;
  let previous = load<usize>(q, PREV);
  let oldSize = load<i32>(q, SIZE);
  let up = load<usize>(q, PARENT);
  const at = (q >> 2) + flows;
  let oldFlow = load<f64>(at) - delta;
  store<f64>(at, delta);
  store<usize>(q, joint, PARENT);
  store<i32>(q, moved, SIZE);
  signed = delta;
  while (w != leaving) {
    const child = w;
    w = up;
    const last = load<usize>(w, LAST);
    const wPrevious = load<usize>(w, PREV);
    up = load<usize>(w, PARENT);
    // w and what stands between it and its child, then what follows the child's subtree.
    store<usize>(end, w, NEXT);
    store<usize>(w, end, PREV);
    if (last != lastOfChild) {
      const nextSuccessor = load<usize>(last, NEXT);
      store<usize>(previous, successor, NEXT);
      store<usize>(successor, previous, PREV);
      end = last;
      successor = nextSuccessor;
      lastOfChild = last;
    } else {
      end = previous;
    }
    previous = wPrevious;
    const size = load<i32>(w, SIZE);
    store<i32>(w, moved - oldSize, SIZE);
    oldSize = size;
    // The arc between w and its child belongs to w from now on.
    const place = (w >> 2) + flows;
    const flow = load<f64>(place) + signed;
    store<f64>(place, oldFlow);
    oldFlow = flow;
    signed = -signed;
    store<usize>(w, child, PARENT);
  }
  for (x = above; x != apex; x = load<usize>(x, PARENT)) {
    const place = (x >> 2) + flows;
    store<f64>(place, load<f64>(place) + signed);
    store<i32>(x, load<i32>(x, SIZE) - moved, SIZE);
    signed = -signed;
  }
  // The parents now lead from `leaving` down to q, and all of them end where the turned thread ends.
  for (x = leaving; x != q; x = load<usize>(x, PARENT)) store<usize>(x, end, LAST);
  store<usize>(q, end, LAST);

  // Put it in behind the joint, as its first child.
  const follow = load<usize>(joint, NEXT);
  store<usize>(joint, q, NEXT);
  store<usize>(q, joint, PREV);
  store<usize>(end, follow, NEXT);
  store<usize>(follow, end, PREV);
  if (load<usize>(joint, LAST) == joint) {
    for (x = joint; x != 0 && load<usize>(x, LAST) == joint; x = load<usize>(x, PARENT)) store<usize>(x, end, LAST);
  }
  store<i32>(s, load<i32>(s, PIVOTS) + 1, PIVOTS);
}

/**
 * Prices rows in f32 from row `from` on, round and round, until `enough` of them can be improved or all are done. The minima
 * go to BEST. Returns the number of rows done.
 */
function reprice(s: usize, from: i32, enough: i32): i32 {
  const sources = load<i32>(s, SOURCE_COUNT);
  const pots = load<usize>(s, POT32);
  const addends = pots + ((<usize>load<i32>(s, FIRST_SINK)) << 2);
  const keys = load<usize>(s, KEYS);
  const costs = load<usize>(s, COSTS);
  const stride = load<usize>(s, STRIDE);
  let found = 0;
  let done = 0;
  let i = from;
  while (done < sources && found < enough) {
    const o = (<usize>i) << 2;
    const reduced = rowMinimum(costs + <usize>i * stride, addends, stride) - load<f32>(pots + o);
    store<i32>(keys + o, keyOf(reduced, i));
    found += <i32>(reduced < -EPS32);
    done++;
    i = i + 1 == sources ? 0 : i + 1;
  }
  return done;
}

/** Pivots until no row shows a clearly negative reduced cost in f32; false when the cap is reached. */
function simplex32(s: usize): bool {
  const nodes = load<usize>(s, NODES);
  const sinksAt = load<usize>(s, SINKS);
  const pots = load<usize>(s, POT32);
  const addends = pots + ((<usize>load<i32>(s, FIRST_SINK)) << 2);
  const keys = load<usize>(s, KEYS);
  const costs = load<usize>(s, COSTS);
  const stride = load<usize>(s, STRIDE);
  const cap = load<i32>(s, CAP);
  const keyBytes = (<usize>pad16(load<i32>(s, SOURCE_COUNT))) << 2;
  const sources = load<i32>(s, SOURCE_COUNT);
  const enough = max(8, sources >> 3);
  for (let i = sources; i < pad16(sources); i++) store<i32>(keys + ((<usize>i) << 2), NO_KEY);
  let cursor = 0;
  let last = -1; // pivots at the last repricing
  reprice(s, 0, sources + 1);
  for (;;) {
    const key = leastKey(keys, keyBytes);
    const then = valueOf(key);
    if (!(then < -EPS32)) {
      // Rows that are found and lead to no pivot are the doing of f32: the finish decides on them.
      const pivots = load<i32>(s, PIVOTS);
      if (pivots == last) break;
      last = pivots;
      const done = reprice(s, cursor, enough);
      cursor = (cursor + done) % sources;
      continue;
    }
    const i = key & ROW_MASK;
    const o = (<usize>i) << 2;
    const row = costs + <usize>i * stride;
    const least = rowMinimum(row, addends, stride);
    const now = least - load<f32>(pots + o);
    store<i32>(keys + o, now < -EPS32 ? keyOf(now, i) : NO_KEY);
    if (!(now < -EPS32) || now > then * 0.5) continue;
    const tail = nodes + ((<usize>i) << 5);
    const head = sinksAt + ((<usize>rowFind(row, addends, least)) << 5);
    const reduced = arcCost(s, tail, head) - load<f64>(tail, POTENTIAL) + load<f64>(head, POTENTIAL);
    if (!(reduced < 0)) {
      store<i32>(keys + o, NO_KEY);
      continue;
    }
    store<i32>(keys + o, keyOf(now * 0.5, i));
    pivot(s, tail, head, reduced);
    if (load<i32>(s, PIVOTS) >= cap) return false;
  }
  return true;
}

/** Which of 16 columns have a cost + addend below the limit, as bits. */
@inline
function unsureOf(row: usize, addends: usize, limit: f32): i32 {
  if (ASC_FEATURE_SIMD) {
    const bound = f32x4.splat(limit);
    const a = f32x4.lt(f32x4.add(v128.load(row), v128.load(addends)), bound);
    const b = f32x4.lt(f32x4.add(v128.load(row, 16), v128.load(addends, 16)), bound);
    const c = f32x4.lt(f32x4.add(v128.load(row, 32), v128.load(addends, 32)), bound);
    const d = f32x4.lt(f32x4.add(v128.load(row, 48), v128.load(addends, 48)), bound);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return 0;
    return i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(c) << 8) | (i32x4.bitmask(d) << 12);
  } else {
    let mask = 0;
    for (let k = 0; k < 16; k++) {
      const o = (<usize>k) << 2;
      mask |= <i32>(load<f32>(row + o) + load<f32>(addends + o) < limit) << k;
    }
    return mask;
  }
}

/**
 * The finish: every arc whose f32 reduced cost is not clearly positive is priced in f64. Passes go on until one finds
 * nothing with fresh potentials; false when the cap is reached.
 */
function simplex64(s: usize): bool {
  const nodes = load<usize>(s, NODES);
  const sinksAt = load<usize>(s, SINKS);
  const pots = load<usize>(s, POT32);
  const addends = pots + ((<usize>load<i32>(s, FIRST_SINK)) << 2);
  const costs = load<usize>(s, COSTS);
  const stride = load<usize>(s, STRIDE);
  const sources = load<i32>(s, SOURCE_COUNT);
  const cap = load<i32>(s, CAP);
  const gauge = load<f64>(s, GAUGE);
  const count = sources + load<i32>(s, SINK_COUNT);
  let cut = EPS64;
  for (let pass = 0; ; pass++) {
    const size = potentials(s) + gauge;
    const before = load<i32>(s, PIVOTS);
    if (pass > PATIENCE) cut += cut;
    // Four roundings to f32 (cost, two potentials, two sums) of values below 2 * size.
    const unsure = <f32>(size * 4.76837158203125e-7);
    let found = false;
    for (let i = 0; i < sources; i++) {
      const tail = nodes + ((<usize>i) << 5);
      const row = costs + <usize>i * stride;
      for (;;) {
        const limit = load<f32>(pots + ((<usize>i) << 2)) + unsure;
        let head: usize = 0;
        let reduced = -cut * size * <f64>(1 + (load<i32>(s, PIVOTS) - before) / count);
        for (let o: usize = 0; o < stride; o += 64) {
          let mask = unsureOf(row + o, addends + o, limit);
          while (mask != 0) {
            const j = sinksAt + ((o + ((<usize>ctz(mask)) << 2)) << 3);
            mask &= mask - 1;
            if (load<usize>(j, PARENT) == tail || load<usize>(tail, PARENT) == j) continue; // in the tree
            const r = arcCost(s, tail, j) - load<f64>(tail, POTENTIAL) + load<f64>(j, POTENTIAL);
            if (r < reduced) {
              reduced = r;
              head = j;
            }
          }
        }
        if (head == 0) break;
        pivot(s, tail, head, reduced);
        found = true;
        if (load<i32>(s, PIVOTS) >= cap) return false;
      }
    }
    if (!found) break;
  }
  return true;
}

/** Total cost and, when wanted, the flows, from the caller's masses along the tree. */
function writeFlows(s: usize, supply: usize, demand: usize, shrink: f64, flow: usize, n: i32, m: i32): f64 {
  const count = load<i32>(s, SOURCE_COUNT) + load<i32>(s, SINK_COUNT);
  const nodes = load<usize>(s, NODES);
  const sinksAt = load<usize>(s, SINKS);
  const sums = load<usize>(s, RESTS) - (nodes >> 2);
  const origin = load<usize>(s, ORIGIN) - (nodes >> 3);
  const root = load<usize>(s, ROOT);
  const cost = load<usize>(s, COST64);
  if (flow != 0) memory.fill(flow, 0, ((<usize>n) * (<usize>m)) << 3);
  let x = root;
  for (let k = 0; k < count; k++) {
    const at = (<usize>load<i32>((x >> 3) + origin)) << 3;
    store<f64>((x >> 2) + sums, x < sinksAt ? load<f64>(supply + at) : -(load<f64>(demand + at) * shrink));
    x = load<usize>(x, NEXT);
  }
  let total: f64 = 0;
  let lost: f64 = 0;
  x = load<usize>(root, LAST);
  while (x != root) {
    const p = load<usize>(x, PARENT);
    const below = load<f64>((x >> 2) + sums);
    const up = (p >> 2) + sums;
    store<f64>(up, load<f64>(up) + below);
    const source = x < sinksAt ? x : p;
    const sink = x < sinksAt ? p : x;
    const row = <usize>load<i32>((source >> 3) + origin);
    const column = <usize>load<i32>((sink >> 3) + origin);
    const at = (row * <usize>m + column) << 3;
    // Below zero only by the rounding of the sums.
    const f = max(0.0, x < sinksAt ? below : -below);
    if (flow != 0) store<f64>(flow + at, f);
    const term = f * load<f64>(cost + at) - lost;
    const next = total + term;
    lost = next - total - term;
    total = next;
    x = load<usize>(x, PREV);
  }
  return total;
}

/** Dual potentials of every node; those without mass get the largest value that is feasible. */
function writeDuals(s: usize, u: usize, v: usize, n: i32, m: i32): void {
  const sources = load<i32>(s, SOURCE_COUNT);
  const sinks = load<i32>(s, SINK_COUNT);
  const nodes = load<usize>(s, NODES);
  const sinksAt = load<usize>(s, SINKS);
  const origin = load<usize>(s, ORIGIN);
  const sinkOrigin = origin + ((<usize>load<i32>(s, FIRST_SINK)) << 2);
  const cost = load<usize>(s, COST64);
  const back = 1.0 / load<f64>(s, SCALE);
  for (let j = 0; j < m; j++) store<f64>(v + ((<usize>j) << 3), Infinity);
  for (let k = 0; k < sinks; k++) {
    const j = <usize>load<i32>(sinkOrigin + ((<usize>k) << 2));
    store<f64>(v + (j << 3), -load<f64>(sinksAt + ((<usize>k) << 5), POTENTIAL) * back);
  }
  for (let i = 0; i < n; i++) store<f64>(u + ((<usize>i) << 3), Infinity);
  for (let k = 0; k < sources; k++) {
    const i = <usize>load<i32>(origin + ((<usize>k) << 2));
    store<f64>(u + (i << 3), load<f64>(nodes + ((<usize>k) << 5), POTENTIAL) * back);
  }
  if (sources < n) {
    for (let i = 0; i < n; i++) {
      const at = u + ((<usize>i) << 3);
      if (load<f64>(at) < Infinity) continue;
      let least: f64 = Infinity;
      for (let j = 0; j < m; j++) {
        const other = load<f64>(v + ((<usize>j) << 3));
        if (other == Infinity) continue; // a column without mass: its turn comes below
        const d = load<f64>(cost + ((<usize>(i * m + j)) << 3)) - other;
        if (d < least) least = d;
      }
      store<f64>(at, least);
    }
  }
  if (sinks == m) return;
  for (let j = 0; j < m; j++) {
    const at = v + ((<usize>j) << 3);
    if (load<f64>(at) < Infinity) continue;
    let least: f64 = Infinity;
    for (let i = 0; i < n; i++) {
      const d = load<f64>(cost + ((<usize>(i * m + j)) << 3)) - load<f64>(u + ((<usize>i) << 3));
      if (d < least) least = d;
    }
    store<f64>(at, least);
  }
}

/** The f32 copy of the costs and the two sets of means that `start` wants, in place of the potentials; padding becomes zero. */
function prepare(s: usize, weights: usize, total: f64): void {
  const sources = load<i32>(s, SOURCE_COUNT);
  const sinks = load<i32>(s, SINK_COUNT);
  const columns = load<i32>(s, COLUMNS);
  const firstSink = <usize>load<i32>(s, FIRST_SINK);
  const rests = load<usize>(s, RESTS);
  const sinkRests = rests + (firstSink << 3);
  const origin = load<usize>(s, ORIGIN);
  const rowMeans = load<usize>(s, POT32);
  const means = rowMeans + (firstSink << 2);
  const costs = load<usize>(s, COSTS);
  const stride = load<usize>(s, STRIDE);
  const cost = load<usize>(s, COST64);
  const scale = load<f64>(s, SCALE);
  const share = 1.0 / total;
  memory.fill(means, 0, stride);
  for (let j = 0; j < sinks; j++) {
    store<f32>(weights + ((<usize>j) << 2), <f32>(load<f64>(sinkRests + ((<usize>j) << 3)) * share));
  }
  for (let i = 0; i < sources; i++) {
    const from = cost + ((<usize>load<i32>(origin + ((<usize>i) << 2)) * <usize>columns) << 3);
    const to = costs + <usize>i * stride;
    const weight = <f32>(load<f64>(rests + ((<usize>i) << 3)) * share);
    const mean = copyRow(from, to, origin + (firstSink << 2), sinks == columns, sinks, scale, weight, means, weights);
    for (let o = (<usize>sinks) << 2; o < stride; o += 4) store<f32>(to + o, UNREACHABLE);
    store<f32>(rowMeans + ((<usize>i) << 2), RUSSELL * mean);
  }
  for (let o: usize = 0; o < stride; o += 4) store<f32>(means + o, -RUSSELL * load<f32>(means + o));
}

/** Nothing to move: no flow, and zero potentials are feasible since no cost is negative. */
function writeNothing(n: i32, m: i32, total: usize, flow: usize, u: usize, v: usize): void {
  store<f64>(total, 0);
  if (flow != 0) memory.fill(flow, 0, ((<usize>n) * (<usize>m)) << 3);
  if (u == 0) return;
  memory.fill(u, 0, (<usize>n) << 3);
  memory.fill(v, 0, (<usize>m) << 3);
}

/**
 * args: supply f64[n], demand f64[m], cost f64[n, m]; total f64[1], flow f64[n, m], u f64[n], v f64[m], pivots i32[1];
 * scratch costs (n * pad16(m) * 4 bytes), tree (128 + 68 * (pad16(n) + pad16(m)) bytes).
 * wants: 1 writes flow, 2 writes u and v; an output that is not wanted is not touched. n, m <= 2048.
 * When the two sums differ (by at most 1e-6, relative) the demand is rescaled to the supply.
 */
export function transport(args: usize, n: i32, m: i32, wants: i32): i32 {
  if (n < 1 || m < 1 || n > LIMIT || m > LIMIT) return BAD_SHAPE;
  const supply = load<usize>(args);
  const demand = load<usize>(args, 4);
  const cost = load<usize>(args, 8);
  const total = load<usize>(args, 12);
  const flow = (wants & WANT_FLOW) != 0 ? load<usize>(args, 16) : 0;
  const u = (wants & WANT_DUALS) != 0 ? load<usize>(args, 20) : 0;
  const v = load<usize>(args, 24);
  const pivots = load<usize>(args, 28);
  const s = load<usize>(args, 36);

  const supplied = sumOf(supply, n);
  const demanded = sumOf(demand, m);
  const largest = largestCost(cost, n * m);
  if (supplied != supplied || demanded != demanded || largest != largest) return NON_FINITE;
  if (supplied < 0 || demanded < 0 || largest < 0) return NEGATIVE;
  if (abs(supplied - demanded) > MASS_TOLERANCE * max(supplied, demanded)) return MASS;
  store<i32>(pivots, 0);

  const firstSink = pad16(n);
  const nodeCount = <usize>(firstSink + pad16(m));
  const flows = s + STATE_BYTES + (nodeCount << 5);
  const rests = flows + (nodeCount << 3);
  const pots = rests + (nodeCount << 3);
  const origin = pots + (nodeCount << 2);
  const order = origin + (nodeCount << 2);
  const keys = order + (nodeCount << 2);
  const weights = keys + (nodeCount << 2);
  const factor = supplied > 0 ? massScale(supplied) : 0;
  const shrink = demanded > 0 ? supplied / demanded : 0;
  const sources = compact(supply, n, factor, rests, origin, s);
  const rounded = load<f64>(s);
  const sinkRests = rests + ((<usize>firstSink) << 3);
  const sinks = compact(demand, m, factor * shrink, sinkRests, origin + ((<usize>firstSink) << 2), s);
  if (sources == 0 || sinks == 0) {
    writeNothing(n, m, total, flow, u, v);
    return OK;
  }
  absorb(sinkRests, sinks, rounded - load<f64>(s));

  const scale = largest > 0 ? scaleOf(largest) : 1.0;
  store<usize>(s, s + STATE_BYTES, NODES);
  store<usize>(s, s + STATE_BYTES + ((<usize>firstSink) << 5), SINKS);
  store<usize>(s, flows, FLOWS);
  store<usize>(s, pots, POT32);
  store<usize>(s, keys, KEYS);
  store<usize>(s, rests, RESTS);
  store<usize>(s, origin, ORIGIN);
  store<usize>(s, order, ORDER);
  store<usize>(s, load<usize>(args, 32), COSTS);
  store<usize>(s, (<usize>pad16(sinks)) << 2, STRIDE);
  store<usize>(s, cost, COST64);
  store<i32>(s, m, COLUMNS);
  store<i32>(s, sources, SOURCE_COUNT);
  store<i32>(s, sinks, SINK_COUNT);
  store<i32>(s, firstSink, FIRST_SINK);
  store<i32>(s, 0, PIVOTS);
  store<i32>(s, 1000 + 200 * (sources + sinks), CAP);
  store<f64>(s, scale, SCALE);
  store<f64>(s, largest * scale, GAUGE);

  prepare(s, weights, rounded);
  start(s, pots + ((<usize>firstSink) << 2), pots);
  thread(s);
  potentials(s);
  const done = simplex32(s) && simplex64(s);
  store<i32>(pivots, load<i32>(s, PIVOTS));
  if (!done) return NOT_CONVERGED;
  const sum = writeFlows(s, supply, demand, shrink, flow, n, m);
  if (!(sum - sum == 0)) return NON_FINITE;
  store<f64>(total, sum);
  if (u != 0) writeDuals(s, u, v, n, m);
  return OK;
}
