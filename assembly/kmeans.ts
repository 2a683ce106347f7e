// k-means: Lloyd's iterations from given centres, and k-means++ seeds from given random numbers; float64, any dimension.
// Points are put in Morton order of their two widest dimensions once, in blocks of 16 that know a centre point and a radius. Per
// iteration a block meets only centres that can be nearest to one of its points: those no further from the block's centre than
// the nearest one plus twice the radius. Points are compared by x.c - |c|^2 / 2 with the origin at the mean, 8 at a time.
// Sums run block by block in Morton order, whatever the build is. Among equally near centres the first wins.
import { BAD_SHAPE, NON_FINITE, OK } from "./_status";

const BLOCK: i32 = 16;
const CELL_BITS: i32 = 6; // per dimension of the Morton grid
const CELLS: i32 = 1 << (2 * CELL_BITS);
/** Squared distances below this part of the largest one from the mean are rounding: such a point is on its centre. */
const DUST: f64 = 8.271806125530277e-25; // 2^-80
/** Keeps centres whose distances differ by rounding only. */
const SLACK: f64 = 1 + 1e-9;

@inline
function pointer(args: usize, index: usize): usize {
  return <usize>load<u32>(args + index * 4);
}

@inline
function at8(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}

@inline
function at4(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** Everything of one call: addresses of its parts of the scratch buffers. One plain record; nothing is allocated. */
@unmanaged
class State {
  points: i32;
  dims: i32;
  clusters: i32;
  padded: i32; // clusters, a multiple of 8
  blocks: i32;
  dust: f64; // least squared distance that counts
  data: usize;
  origin: usize; // [dims]: mean of the points
  table: usize; // [blocks, dims, 16]: points less the origin
  middles: usize; // [blocks, dims]
  radii: usize; // [blocks]
  centres: usize; // [clusters, dims], less the origin
  across: usize; // [dims, padded]: the same, by dimension
  norms: usize; // [padded]: |c|^2 / 2
  squares: usize; // [padded]: squared distances from a block's middle
  sums: usize; // [clusters, dims]
  order: usize; // i32 [points]: the point in each place
  labels: usize; // i32 [blocks * 16], by place
  counts: usize; // i32 [clusters]
  near: usize; // i32 [clusters]: candidates of a block
  cells: usize; // i32 [CELLS + 1]
  keys: usize; // i32 [points]
}

const STATE: usize = memory.data(128, 8);

function layOut(s: State, args: usize, points: i32, dims: i32, clusters: i32, table: usize, index: usize): void {
  s.points = points;
  s.dims = dims;
  s.clusters = clusters;
  s.padded = (clusters + 7) & ~7;
  s.blocks = (points + BLOCK - 1) / BLOCK;
  s.data = pointer(args, 0);
  s.table = table;
  s.origin = at8(s.table, s.blocks * BLOCK * dims);
  s.middles = at8(s.origin, dims);
  s.radii = at8(s.middles, s.blocks * dims);
  s.centres = at8(s.radii, s.blocks);
  s.across = at8(s.centres, clusters * dims);
  s.norms = at8(s.across, s.padded * dims);
  s.squares = at8(s.norms, s.padded);
  s.sums = at8(s.squares, s.padded);
  s.order = index;
  s.labels = at4(s.order, points);
  s.counts = at4(s.labels, s.blocks * BLOCK);
  s.near = at4(s.counts, clusters);
  s.cells = at4(s.near, clusters);
  s.keys = at4(s.cells, CELLS + 1);
}

/** True when all `count` values are finite. */
function areFinite(values: usize, count: i32): bool {
  let check: f64 = 0;
  for (const end = at8(values, count); values < end; values += 8) {
    const x = load<f64>(values);
    check += x - x;
  }
  return check == 0;
}

/** Means of the columns. */
function setOrigin(s: State): void {
  for (let j = 0; j < s.dims; j++) {
    let sum: f64 = 0;
    for (let i = 0; i < s.points; i++) sum += load<f64>(at8(s.data, i * s.dims + j));
    store<f64>(at8(s.origin, j), sum / <f64>s.points);
  }
}

/** Every second bit, from the lowest. */
@inline
function spread(x: i32): i32 {
  x = (x | (x << 4)) & 0x0f0f;
  x = (x | (x << 2)) & 0x3333;
  return (x | (x << 1)) & 0x5555;
}

/** Adds the cell of every point along dimension j to its key. */
function addKeys(s: State, j: i32, low: f64, width: f64, shift: i32): void {
  const scale = width > 0 ? <f64>((1 << CELL_BITS) - 1) / width : 0;
  for (let i = 0; i < s.points; i++) {
    const cell = <i32>((load<f64>(at8(s.data, i * s.dims + j)) - low) * scale);
    const key = at4(s.keys, i);
    store<i32>(key, load<i32>(key) | (spread(cell) << shift));
  }
}

/** Places in Morton order of the two widest dimensions, by counting; points of one cell stay in their order. */
function setOrder(s: State): void {
  let first = -1;
  let second = -1;
  let firstLow: f64 = 0;
  let secondLow: f64 = 0;
  let firstWidth: f64 = -1;
  let secondWidth: f64 = -1;
  for (let j = 0; j < s.dims; j++) {
    let low = load<f64>(at8(s.data, j));
    let high = low;
    for (let i = 1; i < s.points; i++) {
      const x = load<f64>(at8(s.data, i * s.dims + j));
      low = x < low ? x : low;
      high = x > high ? x : high;
    }
    const width = high - low;
    if (width > firstWidth) {
      second = first;
      secondLow = firstLow;
      secondWidth = firstWidth;
      first = j;
      firstLow = low;
      firstWidth = width;
    } else if (width > secondWidth) {
      second = j;
      secondLow = low;
      secondWidth = width;
    }
  }
  memory.fill(s.keys, 0, (<usize>s.points) << 2);
  addKeys(s, first, firstLow, firstWidth, 0);
  if (second >= 0) addKeys(s, second, secondLow, secondWidth, 1);
  memory.fill(s.cells, 0, (<usize>(CELLS + 1)) << 2);
  for (let i = 0; i < s.points; i++) {
    const cell = at4(s.cells, load<i32>(at4(s.keys, i)) + 1);
    store<i32>(cell, load<i32>(cell) + 1);
  }
  for (let c = 1; c <= CELLS; c++) {
    const cell = at4(s.cells, c);
    store<i32>(cell, load<i32>(cell) + load<i32>(cell - 4));
  }
  for (let i = 0; i < s.points; i++) {
    const cell = at4(s.cells, load<i32>(at4(s.keys, i)));
    const place = load<i32>(cell);
    store<i32>(cell, place + 1);
    store<i32>(at4(s.order, place), i);
  }
}

/** Points by place and dimension; the last block is filled up with its last point. Middle and radius of each block. */
function setBlocks(s: State): void {
  s.dust = 0;
  const dims = s.dims;
  for (let b = 0; b < s.blocks; b++) {
    const block = at8(s.table, b * BLOCK * dims);
    const count = min(BLOCK, s.points - b * BLOCK);
    for (let k = 0; k < BLOCK; k++) {
      const i = load<i32>(at4(s.order, b * BLOCK + min(k, count - 1)));
      for (let j = 0; j < dims; j++) {
        const x = load<f64>(at8(s.data, i * dims + j)) - load<f64>(at8(s.origin, j));
        store<f64>(at8(block, j * BLOCK + k), x);
      }
    }
    for (let j = 0; j < dims; j++) {
      let total: f64 = 0;
      for (let k = 0; k < count; k++) total += load<f64>(at8(block, j * BLOCK + k));
      store<f64>(at8(s.middles, b * dims + j), total / <f64>count);
    }
    let furthest: f64 = 0;
    for (let k = 0; k < count; k++) {
      let square: f64 = 0;
      let size: f64 = 0;
      for (let j = 0; j < dims; j++) {
        const own = load<f64>(at8(block, j * BLOCK + k));
        size += own * own;
        const x = own - load<f64>(at8(s.middles, b * dims + j));
        square += x * x;
      }
      if (square > furthest) furthest = square;
      if (size * DUST > s.dust) s.dust = size * DUST;
    }
    store<f64>(at8(s.radii, b), Math.sqrt(furthest));
  }
}

/** The centres by dimension, and half their squared lengths; padding lanes are centres that are infinitely far. */
function spreadCentres(s: State): void {
  const padded = s.padded;
  for (let c = 0; c < s.clusters; c++) {
    let square: f64 = 0;
    for (let j = 0; j < s.dims; j++) {
      const x = load<f64>(at8(s.centres, c * s.dims + j));
      store<f64>(at8(s.across, j * padded + c), x);
      square += x * x;
    }
    store<f64>(at8(s.norms, c), 0.5 * square);
  }
  for (let c = s.clusters; c < padded; c++) {
    for (let j = 0; j < s.dims; j++) store<f64>(at8(s.across, j * padded + c), Infinity);
  }
}

/** Squared distances of all centres from a block's middle into `squares`; returns the smallest. */
function distancesFrom(s: State, middle: usize): f64 {
  const stride = (<usize>s.padded) << 3;
  if (ASC_FEATURE_SIMD) {
    let least = f64x2.splat(Infinity);
    for (let o: usize = 0; o < stride; o += 64) {
      let s0 = f64x2.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      let c = s.across + o;
      for (let m = middle, end = at8(middle, s.dims); m < end; m += 8) {
        const x = v128.load64_splat(m);
        const d0 = f64x2.sub(v128.load(c), x);
        const d1 = f64x2.sub(v128.load(c, 16), x);
        const d2 = f64x2.sub(v128.load(c, 32), x);
        const d3 = f64x2.sub(v128.load(c, 48), x);
        s0 = f64x2.add(s0, f64x2.mul(d0, d0));
        s1 = f64x2.add(s1, f64x2.mul(d1, d1));
        s2 = f64x2.add(s2, f64x2.mul(d2, d2));
        s3 = f64x2.add(s3, f64x2.mul(d3, d3));
        c += stride;
      }
      const squares = s.squares + o;
      v128.store(squares, s0);
      v128.store(squares, s1, 16);
      v128.store(squares, s2, 32);
      v128.store(squares, s3, 48);
      least = f64x2.pmin(least, f64x2.pmin(f64x2.pmin(s0, s1), f64x2.pmin(s2, s3)));
    }
    const a = f64x2.extract_lane(least, 0);
    const b = f64x2.extract_lane(least, 1);
    return a < b ? a : b;
  }
  let least = Infinity;
  for (let o: usize = 0; o < stride; o += 8) {
    let square: f64 = 0;
    let c = s.across + o;
    for (let m = middle, end = at8(middle, s.dims); m < end; m += 8) {
      const x = load<f64>(c) - load<f64>(m);
      square += x * x;
      c += stride;
    }
    store<f64>(s.squares + o, square);
    if (square < least) least = square;
  }
  return least;
}

/** Lists the centres that can be nearest to a point of block b; returns how many. */
function candidates(s: State, b: i32): i32 {
  const least = distancesFrom(s, at8(s.middles, b * s.dims));
  const reach = Math.sqrt(least) + 2 * load<f64>(at8(s.radii, b));
  const limit = reach * reach * SLACK;
  let count = 0;
  if (ASC_FEATURE_SIMD) {
    const bound = f64x2.splat(limit);
    for (let c = 0; c < s.padded; c += 8) {
      const squares = at8(s.squares, c);
      const low = v128.shuffle<i32>(f64x2.le(v128.load(squares), bound), f64x2.le(v128.load(squares, 16), bound), 0, 2, 4, 6);
      const high = v128.shuffle<i32>(
        f64x2.le(v128.load(squares, 32), bound),
        f64x2.le(v128.load(squares, 48), bound),
        0,
        2,
        4,
        6,
      );
      for (let bits = i16x8.bitmask(i16x8.narrow_i32x4_s(low, high)); bits != 0; bits &= bits - 1) {
        const found = c + ctz(bits);
        if (found == s.clusters) break;
        store<i32>(at4(s.near, count), found);
        count++;
      }
    }
    return count;
  }
  for (let c = 0; c < s.clusters; c++) {
    if (load<f64>(at8(s.squares, c)) > limit) continue;
    store<i32>(at4(s.near, count), c);
    count++;
  }
  return count;
}

/** Labels of 8 points from `x` [dims, 16]: the candidate with the largest x.c - |c|^2 / 2, the first of equals. */
function nearestOf8(s: State, x: usize, count: i32, labels: usize): void {
  const dims = s.dims;
  if (ASC_FEATURE_SIMD) {
    let best0 = f64x2.splat(-Infinity);
    let best1 = best0;
    let best2 = best0;
    let best3 = best0;
    let mine0 = f64x2.splat(0);
    let mine1 = mine0;
    let mine2 = mine0;
    let mine3 = mine0;
    for (let n = s.near, end = at4(s.near, count); n < end; n += 4) {
      const c = load<i32>(n);
      let centre = at8(s.centres, c * dims);
      let a0 = f64x2.neg(v128.load64_splat(at8(s.norms, c)));
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      for (let p = x, last = x + ((<usize>dims) << 7); p < last; p += 128) {
        const f = v128.load64_splat(centre);
        a0 = f64x2.add(a0, f64x2.mul(f, v128.load(p)));
        a1 = f64x2.add(a1, f64x2.mul(f, v128.load(p, 16)));
        a2 = f64x2.add(a2, f64x2.mul(f, v128.load(p, 32)));
        a3 = f64x2.add(a3, f64x2.mul(f, v128.load(p, 48)));
        centre += 8;
      }
      // Candidates come in rising order, so a better one's number is the larger.
      const number = f64x2.splat(<f64>c);
      mine0 = f64x2.pmax(mine0, v128.and(f64x2.gt(a0, best0), number));
      mine1 = f64x2.pmax(mine1, v128.and(f64x2.gt(a1, best1), number));
      mine2 = f64x2.pmax(mine2, v128.and(f64x2.gt(a2, best2), number));
      mine3 = f64x2.pmax(mine3, v128.and(f64x2.gt(a3, best3), number));
      best0 = f64x2.pmax(best0, a0);
      best1 = f64x2.pmax(best1, a1);
      best2 = f64x2.pmax(best2, a2);
      best3 = f64x2.pmax(best3, a3);
    }
    v128.store64_lane(labels, i32x4.trunc_sat_f64x2_s_zero(mine0), 0);
    v128.store64_lane(labels, i32x4.trunc_sat_f64x2_s_zero(mine1), 0, 8);
    v128.store64_lane(labels, i32x4.trunc_sat_f64x2_s_zero(mine2), 0, 16);
    v128.store64_lane(labels, i32x4.trunc_sat_f64x2_s_zero(mine3), 0, 24);
    return;
  }
  for (let k = 0; k < 8; k++) {
    let best = -Infinity;
    let mine = 0;
    for (let n = 0; n < count; n++) {
      const c = load<i32>(at4(s.near, n));
      let score = -load<f64>(at8(s.norms, c));
      for (let j = 0; j < dims; j++) {
        score += load<f64>(at8(s.centres, c * dims + j)) * load<f64>(at8(x, j * BLOCK + k));
      }
      if (score > best) {
        best = score;
        mine = c;
      }
    }
    store<i32>(at4(labels, k), mine);
  }
}

const FRESH: usize = memory.data(BLOCK * 4, 16);

/** Moves a point, whose coordinates are `step` bytes apart, into cluster c, or out of it with a count of -1. */
@inline
function addTo(s: State, c: i32, from: usize, step: usize, count: i32): void {
  const own = at4(s.counts, c);
  store<i32>(own, load<i32>(own) + count);
  const sign: f64 = count < 0 ? -1 : 1;
  let sum = at8(s.sums, c * s.dims);
  for (const end = at8(sum, s.dims); sum < end; sum += 8) {
    store<f64>(sum, load<f64>(sum) + sign * load<f64>(from));
    from += step;
  }
}

/** True when two lists of 16 labels are equal. */
@inline
function isSame(a: usize, b: usize): bool {
  if (ASC_FEATURE_SIMD) {
    const low = v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(a, 16), v128.load(b, 16)));
    const high = v128.or(v128.xor(v128.load(a, 32), v128.load(b, 32)), v128.xor(v128.load(a, 48), v128.load(b, 48)));
    return !v128.any_true(v128.or(low, high));
  }
  let differs = 0;
  for (let k = 0; k < BLOCK; k++) differs |= load<i32>(at4(a, k)) ^ load<i32>(at4(b, k));
  return differs == 0;
}

/** Labels of block b; what a point that changed its cluster brings along is moved. True when one did. */
function assignBlock(s: State, b: i32): bool {
  const near = candidates(s, b);
  const count = min(BLOCK, s.points - b * BLOCK);
  const labels = at4(s.labels, b * BLOCK);
  const block = at8(s.table, b * BLOCK * s.dims);
  if (near == 1) {
    const only = load<i32>(s.near);
    for (let k = 0; k < BLOCK; k++) store<i32>(at4(FRESH, k), only);
  } else {
    nearestOf8(s, block, near, FRESH);
    nearestOf8(s, block + 64, near, FRESH + 32);
  }
  if (isSame(labels, FRESH)) return false;
  for (let k = count; k < BLOCK; k++) store<i32>(at4(labels, k), load<i32>(at4(FRESH, k)));
  for (let k = 0; k < count; k++) {
    const c = load<i32>(at4(FRESH, k));
    const old = load<i32>(at4(labels, k));
    if (c == old) continue;
    store<i32>(at4(labels, k), c);
    addTo(s, c, at8(block, k), BLOCK * 8, 1);
    if (old >= 0) addTo(s, old, at8(block, k), BLOCK * 8, -1);
  }
  return true;
}

/** One assignment of all points; true when a label changed. */
function assign(s: State): bool {
  spreadCentres(s);
  let changed = false;
  for (let b = 0; b < s.blocks; b++) if (assignBlock(s, b)) changed = true;
  return changed;
}

/** Squared distance of the point in a place from its centre. */
function squareAt(s: State, place: i32): f64 {
  const block = at8(s.table, (place / BLOCK) * BLOCK * s.dims + (place % BLOCK));
  const centre = at8(s.centres, load<i32>(at4(s.labels, place)) * s.dims);
  let square: f64 = 0;
  for (let j = 0; j < s.dims; j++) {
    const x = load<f64>(at8(block, j * BLOCK)) - load<f64>(at8(centre, j));
    square += x * x;
  }
  return square;
}

/**
 * Gives cluster c, which has no points, the point that is furthest from its centre (of equals the first of the table) and that
 * is not alone in its cluster; false when no such point has a distance. `taken` marks points that were given already.
 */
function refill(s: State, c: i32, taken: usize): bool {
  let best = -1;
  let bestPoint = 0;
  let most = s.dust;
  for (let place = 0; place < s.points; place++) {
    const point = load<i32>(at4(s.order, place));
    if (load<i32>(at4(taken, point)) < 0) continue;
    if (load<i32>(at4(s.counts, load<i32>(at4(s.labels, place)))) < 2) continue;
    const square = squareAt(s, place);
    if (square > most || (square == most && best >= 0 && point < bestPoint)) {
      best = place;
      bestPoint = point;
      most = square;
    }
  }
  if (best < 0) return false;
  store<i32>(at4(taken, bestPoint), -1);
  const from = at8(s.table, (best / BLOCK) * BLOCK * s.dims + (best % BLOCK));
  addTo(s, load<i32>(at4(s.labels, best)), from, BLOCK * 8, -1);
  memory.fill(at8(s.sums, c * s.dims), 0, (<usize>s.dims) << 3);
  addTo(s, c, from, BLOCK * 8, 1);
  store<i32>(at4(s.labels, best), c);
  return true;
}

/** Centres become the means of their points; true when an empty cluster was given a point. */
function update(s: State): bool {
  let refilled = false;
  for (let c = 0; c < s.clusters; c++) {
    if (load<i32>(at4(s.counts, c)) == 0 && refill(s, c, s.keys)) refilled = true;
  }
  if (refilled) memory.fill(s.keys, 0, (<usize>s.points) << 2);
  for (let c = 0; c < s.clusters; c++) {
    const count = load<i32>(at4(s.counts, c));
    if (count == 0) continue; // nothing was left to give it: it stays where it is
    for (let j = 0; j < s.dims; j++) {
      store<f64>(at8(s.centres, c * s.dims + j), load<f64>(at8(s.sums, c * s.dims + j)) / <f64>count);
    }
  }
  return refilled;
}

/** Labels by point, centres in the table's coordinates, sum of squared distances. */
function deliver(s: State, args: usize): i32 {
  const centres = pointer(args, 2);
  const labels = pointer(args, 3);
  let inertia: f64 = 0;
  for (let place = 0; place < s.points; place++) {
    store<i32>(at4(labels, load<i32>(at4(s.order, place))), load<i32>(at4(s.labels, place)));
    inertia += squareAt(s, place);
  }
  for (let c = 0; c < s.clusters; c++) {
    for (let j = 0; j < s.dims; j++) {
      const x = load<f64>(at8(s.centres, c * s.dims + j)) + load<f64>(at8(s.origin, j));
      store<f64>(at8(centres, c * s.dims + j), x);
    }
  }
  store<f64>(pointer(args, 4), inertia);
  return inertia - inertia == 0 ? OK : NON_FINITE; // squares that overflow
}

/**
 * Lloyd's iterations from `start` until no label changes, at most `limit` of them. args: data [points, dims], start
 * [clusters, dims] (f64); centres, labels (i32), inertia, iterations (i32); scratch table, index. The labels are those of the
 * centres that are returned. A cluster that loses all its points gets the one furthest from its centre.
 */
export function kmeans(args: usize, points: i32, dims: i32, clusters: i32, limit: i32): i32 {
  if (points < 1 || dims < 1 || clusters < 1 || clusters > points || limit < 0) return BAD_SHAPE;
  const s = changetype<State>(STATE);
  layOut(s, args, points, dims, clusters, pointer(args, 6), pointer(args, 7));
  const start = pointer(args, 1);
  if (!areFinite(s.data, points * dims) || !areFinite(start, clusters * dims)) return NON_FINITE;
  setOrigin(s);
  setOrder(s);
  setBlocks(s);
  for (let at = 0; at < clusters * dims; at++) {
    store<f64>(at8(s.centres, at), load<f64>(at8(start, at)) - load<f64>(at8(s.origin, at % dims)));
  }
  memory.fill(s.labels, 0xff, (<usize>(s.blocks * BLOCK)) << 2);
  memory.fill(s.keys, 0, (<usize>points) << 2);
  memory.fill(s.sums, 0, (<usize>(clusters * dims)) << 3);
  memory.fill(s.counts, 0, (<usize>clusters) << 2);
  let done = 0;
  let settled = false;
  while (done < limit && !settled) {
    const changed = assign(s);
    done++;
    const refilled = changed ? update(s) : false;
    settled = !changed && !refilled;
  }
  if (!settled) assign(s);
  store<i32>(pointer(args, 5), done);
  return deliver(s, args);
}

/** Squared distance between two rows. */
function squareBetween(a: usize, b: usize, dims: i32): f64 {
  let square: f64 = 0;
  for (const end = at8(a, dims); a < end; a += 8) {
    const x = load<f64>(a) - load<f64>(b);
    square += x * x;
    b += 8;
  }
  return square;
}

/**
 * k-means++ (Arthur, Vassilvitskii 2007): the first seed is point floor(draws[0] * points), each further one is drawn with a
 * probability in proportion to its squared distance from the seeds before it, by draws[c] in [0, 1). When all points are
 * seeds already, the first point is taken again. args: data, draws [clusters]; start [clusters, dims], chosen (i32); scratch
 * squares (f64 [points]).
 */
export function kmeansSeeds(args: usize, points: i32, dims: i32, clusters: i32): i32 {
  if (points < 1 || dims < 1 || clusters < 1) return BAD_SHAPE;
  const data = pointer(args, 0);
  const draws = pointer(args, 1);
  const start = pointer(args, 2);
  const chosen = pointer(args, 3);
  const squares = pointer(args, 4);
  if (!areFinite(data, points * dims) || !areFinite(draws, clusters)) return NON_FINITE;
  const row = (<usize>dims) << 3;
  for (let i = 0; i < points; i++) store<f64>(at8(squares, i), Infinity);
  let seed = max(0, min(points - 1, <i32>(load<f64>(draws) * <f64>points)));
  for (let c = 0; c < clusters; c++) {
    const centre = data + <usize>seed * row;
    store<i32>(at4(chosen, c), seed);
    memory.copy(start + <usize>c * row, centre, row);
    if (c + 1 == clusters) break;
    let total: f64 = 0;
    for (let i = 0; i < points; i++) {
      const square = squareBetween(data + <usize>i * row, centre, dims);
      const known = load<f64>(at8(squares, i));
      const least = square < known ? square : known;
      store<f64>(at8(squares, i), least);
      total += least;
    }
    const wanted = load<f64>(at8(draws, c + 1)) * total;
    let sum: f64 = 0;
    seed = 0;
    for (let i = 0; i < points; i++) {
      const share = load<f64>(at8(squares, i));
      if (share > 0) seed = i; // rounding may leave `wanted` beyond the last sum: the last point with a share stands then
      sum += share;
      if (sum > wanted) break;
    }
  }
  return OK;
}
