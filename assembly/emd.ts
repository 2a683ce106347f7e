// Exact earth mover's distance between many pairs of small histograms over one symmetric ground distance.
//
// Each pair is one transportation problem: a Russell-type start, then a primal network simplex whose spanning tree is kept as
// bit sets (which tree arcs lie between a node and the root), so that a pivot is a change of basis over GF(2) and needs no
// walk along the tree. Arcs are priced in scaled integers; whatever those cannot decide is decided in float64 (`decide`).
// It does not handle more than 64 nodes: with a non-metric cost that means at most 32 cells (see transport for larger ones).
import { OK, BAD_SHAPE, NON_FINITE, NEGATIVE, NOT_CONVERGED, EMPTY_IN, EMPTY_OUT } from "./_status";

const MAX_CELLS: i32 = 64;
const MAX_SPLIT_CELLS: i32 = 32; // without cancelling, both sides may hold every cell

// A priced cost is `scaled cost << 11 | row << 6 | column`: the minimum of several is a value and its place at once.
const PLACE_BITS: i32 = 11;
const PLACE_MASK: i32 = 2047;
const ROW_SHIFT: i32 = 6;
const COLUMN_MASK: i32 = 63;
const FAR: i32 = 1 << 30; // added to a cost that must never be chosen: basic arcs, used columns, padding

const ZERO_CUT: f64 = 1e-15; // share of the total below which a difference is rounding
const EPSILON: f64 = 1.4210854715202004e-14; // 2^-46 of the largest distance: what counts as an improvement
const SMALLEST_SUM: f64 = 1.2e-301; // about 2^-999: the weights of anything between these two are harmless
const LARGEST_SUM: f64 = 9.7e288; // about 2^960
const SCALE_UP: f64 = 4.149515568880993e180; // 2^600
const SCALE_DOWN: f64 = 5.421010862427522e-20; // 2^-64
const MAX_PIVOTS: i32 = 8192;
const DUAL_WEIGHT: f32 = 1.1; // the start's keys are cost - 1.1 (row mean + column mean)

// Scaled costs: 64 rows of 68, column 64 is always 0 (read by padding lanes).
const SCALED_STRIDE: i32 = 272;
const ZERO_COLUMN: i32 = 256;
const SCALED: usize = memory.data(17408, 64);

const PADDED_A: usize = memory.data(512, 64);
const PADDED_B: usize = memory.data(512, 64);
const MASS_A: usize = memory.data(512, 64); // a - b with cancelling, else a; in shares of `unit`
const MASS_B: usize = memory.data(512, 64);

const SUPPLY: usize = memory.data(512, 64); // f64 by row
const DEMAND: usize = memory.data(768, 64); // f64 by column
const SUPPLY32: usize = memory.data(256, 64);
const DEMAND32: usize = memory.data(272, 64);
const ROW_AT: usize = memory.data(256, 64); // address of a row's scaled costs
const COLUMN_AT: usize = memory.data(272, 64); // byte offset of a column in them
const ROW_CELL: usize = memory.data(256, 64); // byte offset of a row in the metric
const COLUMN_CELL: usize = memory.data(272, 64); // byte offset of a column in the metric

const COST: usize = memory.data(8192, 64); // priced costs, [row][column block][4]
const ROW_SUM: usize = memory.data(1024, 64); // demand-weighted cost sums by row, 4 partial sums each
const KEY_SHIFT: usize = memory.data(256, 64); // column part of the start's keys
const ROW_KEY: usize = memory.data(144, 64);
const RANK: usize = memory.data(144, 64);
// In the order in which the start serves the rows, one entry more than there are rows:
const ORDER: usize = memory.data(144, 64); // address of the row's priced costs
const ORDERED_SUPPLY: usize = memory.data(288, 64);
// By tree arc of the start:
const CHILD: usize = memory.data(256, 64); // byte offsets of the exhausted node << 16 | its parent
const COST_AT: usize = memory.data(256, 64); // address of the arc's priced cost

const NEAR: usize = memory.data(528, 64); // rows with near ties: set of columns, row
const PLACE: usize = memory.data(256, 64); // row << 6 | column of each tree arc
// By tree arc; entry 64 belongs to no arc (the lowest bit of an empty set) and stays at infinity and at zero.
const FLOW: usize = memory.data(528, 64);
const LENGTH: usize = memory.data(528, 64); // float64 ground distance
const NO_ARC: usize = 512;
// By node (rows first, columns from the next multiple of 4): tree arcs on the way to the root, and potentials.
const PATH_LOW: usize = memory.data(384, 64);
const PATH_HIGH: usize = memory.data(384, 64);
const POTENTIAL: usize = memory.data(384, 64);

const LANE_NUMBER: usize = memory.data<i32>([0, 1, 2, 3], 16);

let sources: u64 = 0;
let sinks: u64 = 0;
let sumA: f64 = 0;
let sumB: f64 = 0;
// Bringing both sides to one total without dividing: a * weightA and b * weightB both add up to `unit` (see weigh).
let weightA: f64 = 0;
let weightB: f64 = 0;
let unit: f64 = 0;
// What the last solve left behind, for writePotential: nodes of its tree (none when both sides are equal), which tree arcs
// have a row below them, and whether the rows are the restored side.
let lastRows: i32 = 0;
let lastColumns: i32 = 0;
let lastUp: u64 = 0;
let lastCells: i32 = 0;
let isSwapped: bool = false;
const DUAL: usize = memory.data(512, 64); // by node of the original side: minus its dual variable
const DUAL_CELL: usize = memory.data(256, 64); // byte offset of its row of the metric

/**
 * args: u32 pointers to original [rows, cells], restored [rows, cells], metric [cells, cells], emd [rows], status [rows].
 * The metric is symmetric and not negative; `isMetric` states that it has a zero diagonal and obeys the triangle inequality.
 */
export function emd(args: usize, rows: i32, cells: i32, isMetric: i32): i32 {
  if (rows < 0 || cells < 1 || cells > MAX_CELLS) return BAD_SHAPE;
  if (isMetric != 0 && isMetric != 1) return BAD_SHAPE;
  if (!isMetric && cells > MAX_SPLIT_CELLS) return BAD_SHAPE;
  let a = <usize>load<u32>(args);
  let b = <usize>load<u32>(args, 4);
  const metric = <usize>load<u32>(args, 8);
  let out = <usize>load<u32>(args, 12);
  let status = <usize>load<u32>(args, 16);
  const largest = checkedLargest(metric, cells);
  if (largest < 0) return largest == -1 ? NON_FINITE : largest == -2 ? NEGATIVE : BAD_SHAPE;
  scaleCosts(metric, cells, largest, isMetric);
  store<f64>(FLOW + NO_ARC, Infinity);
  store<f64>(LENGTH + NO_ARC, 0);
  const step = <usize>(cells << 3);
  // Two calls, so that the solver stays a function of its own: an engine can then replace it by optimised code mid-batch.
  for (let row = 1; row < rows; row += 2) {
    store<i32>(status, solve(a, b, metric, cells, isMetric, largest, out));
    a += step;
    b += step;
    store<i32>(status, solve(a, b, metric, cells, isMetric, largest, out + 8), 4);
    a += step;
    b += step;
    out += 16;
    status += 8;
  }
  if (rows & 1) store<i32>(status, solve(a, b, metric, cells, isMetric, largest, out));
  return OK;
}

/**
 * As `emd`, and after status one more output: potential [rows, cells], an optimal dual variable of the restored side, smallest
 * value 0. It says how the distance changes when the restored share of a cell grows: a subgradient. With a metric it is
 * 1-Lipschitz. NaN in rows that have no distance.
 */
export function emdPotential(args: usize, rows: i32, cells: i32, isMetric: i32): i32 {
  const refused = emd(args, 0, cells, isMetric);
  if (rows < 0 || refused != OK) return refused != OK ? refused : BAD_SHAPE;
  let a = <usize>load<u32>(args);
  let b = <usize>load<u32>(args, 4);
  const metric = <usize>load<u32>(args, 8);
  let out = <usize>load<u32>(args, 12);
  let status = <usize>load<u32>(args, 16);
  let potential = <usize>load<u32>(args, 20);
  const largest = checkedLargest(metric, cells);
  const step = <usize>(cells << 3);
  for (let row = 0; row < rows; row++) {
    const code = solve(a, b, metric, cells, isMetric, largest, out);
    store<i32>(status, code);
    if (code == OK) writePotential(metric, cells, potential);
    else for (let at: usize = 0; at < step; at += 8) store<f64>(potential + at, NaN);
    a += step;
    b += step;
    potential += step;
    out += 8;
    status += 4;
  }
  return OK;
}

/**
 * Float64 duals from the lengths of the tree arcs (reduced cost zero on every one of them), extended to all cells as far as
 * the constraints allow: v(k) = min over the original side's nodes i of d(i, k) - u(i).
 */
function writePotential(metric: usize, cells: i32, to: usize): void {
  const step = <usize>(cells << 3);
  const nodes = originalDuals(metric);
  let lowest = Infinity;
  for (let at: usize = 0; at < step; at += 8) {
    let value = nodes > 0 ? Infinity : 0.0;
    for (let node: usize = 0; node < <usize>nodes; node++) {
      const via = load<f64>(metric + <usize>load<i32>(DUAL_CELL + (node << 2)) + at) + load<f64>(DUAL + (node << 3));
      value = via < value ? via : value;
    }
    store<f64>(to + at, value);
    lowest = value < lowest ? value : lowest;
  }
  for (let at: usize = 0; at < step; at += 8) store<f64>(to + at, load<f64>(to + at) - lowest);
}

/** Fills DUAL and DUAL_CELL; returns their number. The tree gives row - column = distance, so a column's sign is its own. */
function originalDuals(metric: usize): i32 {
  const m = lastRows;
  const n = lastColumns;
  const firstColumn = (m + 3) & ~3;
  const count = isSwapped ? n : m;
  for (let k = 0; k < count; k++) {
    let value: f64 = 0;
    if (m == 1) {
      value = isSwapped ? -distance(metric, k) : 0;
    } else {
      const above = path(isSwapped ? firstColumn + k : k);
      for (let left = above & lastUp; left != 0; left &= left - 1) value += lengthOf(left);
      for (let left = above & ~lastUp; left != 0; left &= left - 1) value -= lengthOf(left);
    }
    store<f64>(DUAL + (k << 3), isSwapped ? value : -value);
    // The metric is symmetric: a column's distances are its row's.
    const columnCell = load<i32>(COLUMN_AT + (k << 2)) >> 2;
    store<i32>(DUAL_CELL + (k << 2), isSwapped ? columnCell * lastCells << 3 : load<i32>(ROW_CELL + (k << 2)));
  }
  return count;
}

/** Largest entry; -1, -2, -3 for a metric with a non-finite entry, a negative entry, or without symmetry. */
function checkedLargest(metric: usize, cells: i32): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const d = load<f64>(metric + ((i * cells + j) << 3));
      if (!(d - d == 0)) return -1;
      if (d < 0) return -2;
      if (d != load<f64>(metric + ((j * cells + i) << 3))) return -3;
      if (d > largest) largest = d;
    }
  }
  return largest;
}

/** Integer costs so small that no sum along a cycle (at most `longest` forward arcs) can leave 30 bits. */
function scaleCosts(metric: usize, cells: i32, largest: f64, isMetric: i32): void {
  const longest = isMetric && cells > 1 ? cells >> 1 : cells;
  const scale = largest > 0 ? <f64>((1 << (30 - PLACE_BITS)) / longest - 1) / largest : 0;
  for (let i = 0; i < cells; i++) {
    const row = SCALED + i * SCALED_STRIDE;
    for (let j = 0; j < cells; j++) {
      const d = load<f64>(metric + ((i * cells + j) << 3)) * scale + 0.5;
      store<i32>(row + (j << 2), <i32>d << PLACE_BITS);
    }
  }
}

function solve(a: usize, b: usize, metric: usize, cells: i32, isMetric: i32, largest: f64, out: usize): i32 {
  store<f64>(out, NaN);
  const padded = (cells + 15) & ~15;
  if (padded != cells) {
    a = paddedCopy(a, cells, PADDED_A);
    b = paddedCopy(b, cells, PADDED_B);
  }
  let refused = addUp(a, b, padded);
  if (refused == NON_FINITE || (refused == OK && !harmless())) {
    a = scaledCopy(a, cells, PADDED_A);
    b = scaledCopy(b, cells, PADDED_B);
    refused = addUp(a, b, padded);
  }
  if (refused != OK) return refused;
  weigh();
  if (isMetric) cancel(a, b, padded);
  else split(a, b, padded);
  let m = <i32>popcnt(sources);
  let n = <i32>popcnt(sinks);
  lastRows = 0;
  lastColumns = 0;
  lastCells = cells;
  if (m == 0 || n == 0) {
    isSwapped = false;
    store<f64>(out, 0);
    return OK;
  }
  isSwapped = m > n;
  let massA = MASS_A;
  let massB = isMetric ? MASS_A : MASS_B;
  if (m > n) {
    const swappedMask = sources;
    sources = sinks;
    sinks = swappedMask;
    const swappedCount = m;
    m = n;
    n = swappedCount;
    const swappedMass = massA;
    massA = massB;
    massB = swappedMass;
  }
  lastRows = m;
  lastColumns = n;
  const total = list(massA, massB, cells);
  if (m == 1) {
    store<f64>(out, oneSource(metric, n) / unit);
    return OK;
  }
  const blocks = (n + 3) >> 2;
  gather(m, n, blocks);
  startKeys(m, blocks, total);
  const firstColumn = (m + 3) & ~3;
  const directions = start(m, n, blocks, firstColumn);
  hang(metric, m, n, blocks, firstColumn);
  const margin = m;
  const pivots = simplex(metric, m, n, blocks, firstColumn, directions, margin, EPSILON * largest);
  if (pivots < 0) return NOT_CONVERGED;
  store<f64>(out, treeCost(m + n - 1) / unit);
  return OK;
}

function harmless(): bool {
  return sumA >= SMALLEST_SUM && sumB >= SMALLEST_SUM && sumA <= LARGEST_SUM && sumB <= LARGEST_SUM;
}

/**
 * Weights that make a * sumB and b * sumA of order 1 by powers of two. Where masses are whole numbers these products, and so the
 * differences a * sumB - b * sumA, are exact: nearly equal sides keep all digits of their small distance, which dividing each
 * side by its own sum would lose.
 */
function weigh(): void {
  const powerA = powerBelow(sumA);
  const powerB = powerBelow(sumB);
  weightA = sumB * powerB * powerA;
  weightB = sumA * powerA * powerB;
  unit = sumA * powerA * (sumB * powerB);
}

/** 2^-floor(log2 x) for a positive normal x. */
function powerBelow(x: f64): f64 {
  return reinterpret<f64>((2046 - (reinterpret<u64>(x) >> 52)) << 52);
}

function paddedCopy(from: usize, cells: i32, to: usize): usize {
  for (let i = 0; i < cells; i++) store<f64>(to + (i << 3), load<f64>(from + (i << 3)));
  for (let i = cells; i < MAX_CELLS; i++) store<f64>(to + (i << 3), 0);
  return to;
}

/** A copy times a power of two, so that neither its sum nor its weight overflows. */
function scaledCopy(from: usize, cells: i32, to: usize): usize {
  let largest: f64 = 0;
  for (let i = 0; i < cells; i++) {
    const mass = load<f64>(from + (i << 3));
    if (mass > largest) largest = mass;
  }
  const factor = largest < SMALLEST_SUM ? SCALE_UP : largest > 1 ? SCALE_DOWN : 1;
  paddedCopy(from, cells, to);
  for (let i = 0; i < cells; i++) store<f64>(to + (i << 3), load<f64>(to + (i << 3)) * factor);
  return to;
}

/** Sums of both sides into sumA, sumB; anything but OK when the pair has no distance. */
function addUp(a: usize, b: usize, padded: i32): i32 {
  let lowest: f64;
  if (ASC_FEATURE_SIMD) {
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let low = a0;
    let low2 = a0;
    const end = <usize>(padded << 3);
    for (let at: usize = 0; at < end; at += 32) {
      const x0 = v128.load(a + at);
      const x1 = v128.load(a + at, 16);
      const y0 = v128.load(b + at);
      const y1 = v128.load(b + at, 16);
      a0 = f64x2.add(a0, x0);
      a1 = f64x2.add(a1, x1);
      b0 = f64x2.add(b0, y0);
      b1 = f64x2.add(b1, y1);
      low = f64x2.pmin(low, f64x2.pmin(x0, x1));
      low2 = f64x2.pmin(low2, f64x2.pmin(y0, y1));
    }
    a0 = f64x2.add(a0, a1);
    b0 = f64x2.add(b0, b1);
    low = f64x2.pmin(low, low2);
    sumA = f64x2.extract_lane(a0, 0) + f64x2.extract_lane(a0, 1);
    sumB = f64x2.extract_lane(b0, 0) + f64x2.extract_lane(b0, 1);
    const first = f64x2.extract_lane(low, 0);
    const second = f64x2.extract_lane(low, 1);
    lowest = first < second ? first : second;
  } else {
    let sa: f64 = 0;
    let sb: f64 = 0;
    lowest = 0;
    for (let i = 0; i < padded; i++) {
      const x = load<f64>(a + (i << 3));
      const y = load<f64>(b + (i << 3));
      sa += x;
      sb += y;
      const low = x < y ? x : y;
      lowest = low < lowest ? low : lowest;
    }
    sumA = sa;
    sumB = sb;
  }
  if (!(sumA - sumA == 0) || !(sumB - sumB == 0)) return NON_FINITE;
  if (lowest < 0) return NEGATIVE;
  if (sumA == 0) return EMPTY_IN;
  if (sumB == 0) return EMPTY_OUT;
  return OK;
}

@inline
function bits16(g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, g5: v128, g6: v128, g7: v128): u64 {
  const h0 = i16x8.narrow_i32x4_s(v128.shuffle<i32>(g0, g1, 0, 2, 4, 6), v128.shuffle<i32>(g2, g3, 0, 2, 4, 6));
  const h1 = i16x8.narrow_i32x4_s(v128.shuffle<i32>(g4, g5, 0, 2, 4, 6), v128.shuffle<i32>(g6, g7, 0, 2, 4, 6));
  return <u64>(<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(h0, h1)));
}

@inline
function difference(at: usize, a: usize, b: usize, ia: v128, ib: v128): v128 {
  const x = f64x2.sub(f64x2.mul(v128.load(a + at), ia), f64x2.mul(v128.load(b + at), ib));
  v128.store(MASS_A + at, x);
  return x;
}

/** MASS_A = a - b of the sides brought to one total; sources where it is positive, sinks where it is negative. */
function cancel(a: usize, b: usize, padded: i32): void {
  const scaleA = weightA;
  const scaleB = weightB;
  const cut = ZERO_CUT * unit;
  let more: u64 = 0;
  let less: u64 = 0;
  if (ASC_FEATURE_SIMD) {
    const ia = f64x2.splat(scaleA);
    const ib = f64x2.splat(scaleB);
    const high = f64x2.splat(cut);
    const low = f64x2.splat(-cut);
    for (let i = 0; i < padded; i += 16) {
      const at = <usize>(i << 3);
      const x0 = difference(at, a, b, ia, ib);
      const x1 = difference(at + 16, a, b, ia, ib);
      const x2 = difference(at + 32, a, b, ia, ib);
      const x3 = difference(at + 48, a, b, ia, ib);
      const x4 = difference(at + 64, a, b, ia, ib);
      const x5 = difference(at + 80, a, b, ia, ib);
      const x6 = difference(at + 96, a, b, ia, ib);
      const x7 = difference(at + 112, a, b, ia, ib);
      more |=
        bits16(
          f64x2.gt(x0, high), f64x2.gt(x1, high), f64x2.gt(x2, high), f64x2.gt(x3, high),
          f64x2.gt(x4, high), f64x2.gt(x5, high), f64x2.gt(x6, high), f64x2.gt(x7, high),
        ) << i;
      less |=
        bits16(
          f64x2.lt(x0, low), f64x2.lt(x1, low), f64x2.lt(x2, low), f64x2.lt(x3, low),
          f64x2.lt(x4, low), f64x2.lt(x5, low), f64x2.lt(x6, low), f64x2.lt(x7, low),
        ) << i;
    }
  } else {
    for (let i = 0; i < padded; i++) {
      const x = load<f64>(a + (i << 3)) * scaleA - load<f64>(b + (i << 3)) * scaleB;
      store<f64>(MASS_A + (i << 3), x);
      more |= (<u64>(x > cut)) << i;
      less |= (<u64>(x < -cut)) << i;
    }
  }
  sources = more;
  sinks = less;
}

/** Without cancelling: every cell with mass is a source, a sink, or both. */
function split(a: usize, b: usize, padded: i32): void {
  const cut = ZERO_CUT * unit;
  let from: u64 = 0;
  let to: u64 = 0;
  for (let i = 0; i < padded; i++) {
    const x = load<f64>(a + (i << 3)) * weightA;
    const y = load<f64>(b + (i << 3)) * weightB;
    store<f64>(MASS_A + (i << 3), x);
    store<f64>(MASS_B + (i << 3), y);
    from |= (<u64>(x > cut)) << i;
    to |= (<u64>(y > cut)) << i;
  }
  sources = from;
  sinks = to;
}

/** Writes masses and addresses of rows and columns; returns the mass to be moved. */
function list(massA: usize, massB: usize, cells: i32): f64 {
  let total: f64 = 0;
  let i: usize = 0;
  let left = sources;
  do {
    const cell = <i32>ctz(left);
    left &= left - 1;
    const mass = abs(load<f64>(massA + (cell << 3)));
    store<f64>(SUPPLY + (i << 3), mass);
    store<f32>(SUPPLY32 + (i << 2), <f32>mass);
    store<i32>(ROW_AT + (i << 2), <i32>SCALED + cell * SCALED_STRIDE);
    store<i32>(ROW_CELL + (i << 2), (cell * cells) << 3);
    total += mass;
    i++;
  } while (left != 0);
  let j: usize = 0;
  left = sinks;
  do {
    const cell = <i32>ctz(left);
    left &= left - 1;
    const mass = abs(load<f64>(massB + (cell << 3)));
    store<f64>(DEMAND + (j << 3), mass);
    store<f32>(DEMAND32 + (j << 2), <f32>mass);
    store<i32>(COLUMN_AT + (j << 2), cell << 2);
    j++;
  } while (left != 0);
  for (let pad = j; pad < j + 3; pad++) {
    store<f32>(DEMAND32 + (pad << 2), 0);
    store<i32>(COLUMN_AT + (pad << 2), ZERO_COLUMN);
  }
  return total;
}

function oneSource(metric: usize, n: i32): f64 {
  const row = metric + load<i32>(ROW_CELL);
  let cost: f64 = 0;
  for (let j = 0; j < n; j++) {
    cost += load<f64>(DEMAND + (j << 3)) * load<f64>(row + (load<i32>(COLUMN_AT + (j << 2)) << 1));
  }
  return cost;
}

/** Compact priced costs of the rows and columns in use, and the mass-weighted cost sums of both. */
function gather(m: i32, n: i32, blocks: i32): void {
  if (ASC_FEATURE_SIMD) {
    const stride = <usize>(blocks << 4);
    for (let block = 0; block < blocks; block++) {
      let to = COST + (block << 4);
      const o0 = <usize>load<u32>(COLUMN_AT + (block << 4));
      const o1 = <usize>load<u32>(COLUMN_AT + (block << 4), 4);
      const o2 = <usize>load<u32>(COLUMN_AT + (block << 4), 8);
      const o3 = <usize>load<u32>(COLUMN_AT + (block << 4), 12);
      const lanes = i32x4.add(v128.load(LANE_NUMBER), i32x4.splat(block << 2));
      let place = v128.or(lanes, v128.and(i32x4.ge_s(lanes, i32x4.splat(n)), i32x4.splat(FAR)));
      const demand = v128.load(DEMAND32 + (block << 4));
      let columnSum = f32x4.splat(0);
      for (let i = 0; i < m; i++) {
        const row = <usize>load<u32>(ROW_AT + (i << 2));
        let c = v128.load32_zero(row + o0);
        c = v128.load_lane<i32>(row + o1, c, 1);
        c = v128.load_lane<i32>(row + o2, c, 2);
        c = v128.load_lane<i32>(row + o3, c, 3);
        v128.store(to, i32x4.add(c, place));
        const f = f32x4.convert_i32x4_s(c);
        columnSum = f32x4.add(columnSum, f32x4.mul(f, v128.load32_splat(SUPPLY32 + (i << 2))));
        const sum = f32x4.mul(f, demand);
        v128.store(ROW_SUM + (i << 4), block == 0 ? sum : f32x4.add(v128.load(ROW_SUM + (i << 4)), sum));
        place = i32x4.add(place, i32x4.splat(1 << ROW_SHIFT));
        to += stride;
      }
      v128.store(KEY_SHIFT + (block << 4), columnSum);
    }
  } else {
    for (let block = 0; block < blocks; block++) {
      for (let lane = 0; lane < 4; lane++) {
        const j = (block << 2) + lane;
        const far = j >= n ? FAR : 0;
        const offset = <usize>load<u32>(COLUMN_AT + (j << 2));
        const demand = load<f32>(DEMAND32 + (j << 2));
        let columnSum: f32 = 0;
        for (let i = 0; i < m; i++) {
          const c = load<i32>(<usize>load<u32>(ROW_AT + (i << 2)) + offset);
          store<i32>(COST + ((i * blocks) << 4) + (j << 2), c + ((i << ROW_SHIFT) | j | far));
          columnSum += <f32>c * load<f32>(SUPPLY32 + (i << 2));
          const at = ROW_SUM + (i << 4);
          store<f32>(at, (j == 0 ? 0 : load<f32>(at)) + <f32>c * demand);
        }
        store<f32>(KEY_SHIFT + (j << 2), columnSum);
      }
    }
  }
}

@inline
function lowestLane(v: v128): i32 {
  const half = i32x4.min_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(i32x4.min_s(half, v128.shuffle<i32>(half, half, 1, 0, 3, 2)), 0);
}

/** Turns the column sums into key shifts, and sorts the rows by their smallest key. */
function startKeys(m: i32, blocks: i32, total: f64): void {
  const weight = DUAL_WEIGHT / <f32>total;
  if (ASC_FEATURE_SIMD) {
    const weights = f32x4.splat(weight);
    const noPlace = i32x4.splat(~PLACE_MASK);
    for (let block = 0; block < blocks; block++) {
      const at = KEY_SHIFT + (block << 4);
      v128.store(at, v128.and(i32x4.trunc_sat_f32x4_s(f32x4.mul(v128.load(at), weights)), noPlace));
    }
    const stride = <usize>(blocks << 4);
    // Pricing takes two rows at a time.
    if (m & 1) {
      const end = COST + <usize>(m + 1) * stride;
      for (let at = end - stride; at < end; at += 16) v128.store(at, i32x4.splat(FAR));
    }
    // The rows after the last one of a block of four are read from stale memory and sorted behind by their key.
    for (let i = 0; i < m; i += 4) {
      let from0 = COST + <usize>i * stride;
      let from1 = from0 + stride;
      let from2 = from1 + stride;
      let from3 = from2 + stride;
      let k0 = i32x4.splat(i32.MAX_VALUE);
      let k1 = k0;
      let k2 = k0;
      let k3 = k0;
      for (let block = 0; block < blocks; block++) {
        const shift = v128.load(KEY_SHIFT + (block << 4));
        k0 = i32x4.min_s(k0, i32x4.sub(v128.load(from0), shift));
        k1 = i32x4.min_s(k1, i32x4.sub(v128.load(from1), shift));
        k2 = i32x4.min_s(k2, i32x4.sub(v128.load(from2), shift));
        k3 = i32x4.min_s(k3, i32x4.sub(v128.load(from3), shift));
        from0 += 16;
        from1 += 16;
        from2 += 16;
        from3 += 16;
      }
      const p0 = i32x4.min_s(v128.shuffle<i32>(k0, k1, 0, 4, 1, 5), v128.shuffle<i32>(k0, k1, 2, 6, 3, 7));
      const p1 = i32x4.min_s(v128.shuffle<i32>(k2, k3, 0, 4, 1, 5), v128.shuffle<i32>(k2, k3, 2, 6, 3, 7));
      const low = i32x4.min_s(v128.shuffle<i64>(p0, p1, 0, 2), v128.shuffle<i64>(p0, p1, 1, 3));
      const u0 = v128.load(ROW_SUM + (i << 4));
      const u1 = v128.load(ROW_SUM + (i << 4), 16);
      const u2 = v128.load(ROW_SUM + (i << 4), 32);
      const u3 = v128.load(ROW_SUM + (i << 4), 48);
      const s0 = f32x4.add(v128.shuffle<i32>(u0, u1, 0, 4, 1, 5), v128.shuffle<i32>(u0, u1, 2, 6, 3, 7));
      const s1 = f32x4.add(v128.shuffle<i32>(u2, u3, 0, 4, 1, 5), v128.shuffle<i32>(u2, u3, 2, 6, 3, 7));
      const u = f32x4.add(v128.shuffle<i64>(s0, s1, 0, 2), v128.shuffle<i64>(s0, s1, 1, 3));
      const dual = v128.and(i32x4.trunc_sat_f32x4_s(f32x4.mul(u, weights)), noPlace);
      const beyond = i32x4.ge_s(i32x4.add(v128.load(LANE_NUMBER), i32x4.splat(i)), i32x4.splat(m));
      v128.store(
        ROW_KEY + (i << 2),
        v128.bitselect(i32x4.splat(i32.MAX_VALUE), i32x4.sub(low, dual), beyond),
      );
    }
    for (let i = 0; i < m; i += 4) {
      const mine = v128.load(ROW_KEY + (i << 2));
      let rank = i32x4.splat(0);
      for (let k = 0; k < m; k++) {
        rank = i32x4.sub(rank, i32x4.gt_s(mine, v128.load32_splat(ROW_KEY + (k << 2))));
      }
      v128.store(RANK + (i << 2), rank);
    }
  } else {
    for (let j = 0; j < blocks << 2; j++) {
      const at = KEY_SHIFT + (j << 2);
      store<i32>(at, <i32>(load<f32>(at) * weight) & ~PLACE_MASK);
    }
    for (let i = 0; i < m; i++) {
      let low = i32.MAX_VALUE;
      for (let j = 0; j < blocks << 2; j++) {
        const c = load<i32>(COST + ((i * blocks) << 4) + (j << 2));
        low = min(low, c - load<i32>(KEY_SHIFT + (j << 2)));
      }
      store<i32>(ROW_KEY + (i << 2), low - (<i32>(load<f32>(ROW_SUM + (i << 4)) * weight) & ~PLACE_MASK));
    }
    for (let i = 0; i < m; i++) {
      let rank = 0;
      for (let k = 0; k < m; k++) {
        rank += i32(load<i32>(ROW_KEY + (i << 2)) > load<i32>(ROW_KEY + (k << 2)));
      }
      store<i32>(RANK + (i << 2), rank);
    }
  }
  for (let i = 0; i < m; i++) {
    const rank = <usize>load<i32>(RANK + (i << 2));
    store<i32>(ORDER + (rank << 2), <i32>rowAt(i, blocks));
    store<f64>(ORDERED_SUPPLY + (rank << 3), load<f64>(SUPPLY + (i << 3)));
  }
  store<i32>(ORDER + (m << 2), <i32>COST);
}

@inline
function rowAt(place: i32, blocks: i32): usize {
  return COST + ((place * blocks) << 4);
}

@inline
function lowestEverywhere(v: v128): v128 {
  const half = i32x4.min_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.min_s(half, v128.shuffle<i32>(half, half, 1, 0, 3, 2));
}

@inline
function used(keys: v128, lowest: v128): v128 {
  return i32x4.add(keys, v128.and(i32x4.eq(keys, lowest), i32x4.splat(FAR)));
}

@inline
function turned(keys: v128, from: usize, to: usize): v128 {
  return i32x4.add(keys, i32x4.sub(v128.load(to), v128.load(from)));
}

@inline
function firstKeys(at: usize, shift: usize): v128 {
  return i32x4.sub(v128.load(at), v128.load(shift));
}

/**
 * First tree: serves the rows in order, each from its cheapest columns. An arc's child is the node that it exhausts; on ties
 * the column, so that every arc without flow points to the root. Returns the set of arcs whose child is a row.
 * The keys of the row being served live in WIDTH registers.
 */
@inline
function startIn(width: i32, m: i32, n: i32, firstColumn: i32): u64 {
  let up: u64 = 0;
  let at = <usize>load<i32>(ORDER);
  let next = <usize>load<i32>(ORDER, 4);
  let supply = load<f64>(ORDERED_SUPPLY);
  let served: usize = 1;
  let columns = n;
  const rows = <usize>m;
  const arcs = m + n - 1;
  let k0 = firstKeys(at, KEY_SHIFT);
  let k1 = width > 1 ? firstKeys(at + 16, KEY_SHIFT + 16) : k0;
  let k2 = width > 2 ? firstKeys(at + 32, KEY_SHIFT + 32) : k0;
  let k3 = width > 3 ? firstKeys(at + 48, KEY_SHIFT + 48) : k0;
  let k4 = width > 4 ? firstKeys(at + 64, KEY_SHIFT + 64) : k0;
  let k5 = width > 5 ? firstKeys(at + 80, KEY_SHIFT + 80) : k0;
  let k6 = width > 6 ? firstKeys(at + 96, KEY_SHIFT + 96) : k0;
  let k7 = width > 7 ? firstKeys(at + 112, KEY_SHIFT + 112) : k0;
  for (let arc = 0; arc < arcs; arc++) {
    let low = k0;
    if (width > 1) low = i32x4.min_s(low, k1);
    if (width == 3) low = i32x4.min_s(low, k2);
    if (width > 3) low = i32x4.min_s(low, i32x4.min_s(k2, k3));
    if (width == 5) low = i32x4.min_s(low, k4);
    if (width > 5) low = i32x4.min_s(low, i32x4.min_s(k4, k5));
    if (width == 7) low = i32x4.min_s(low, k6);
    if (width > 7) low = i32x4.min_s(low, i32x4.min_s(k6, k7));
    low = lowestEverywhere(low);
    const place = i32x4.extract_lane(low, 0) & PLACE_MASK;
    const demandAt = DEMAND + ((place & COLUMN_MASK) << 3);
    const demand = load<f64>(demandAt);
    const row = (place >> ROW_SHIFT) << 2;
    const column = (firstColumn + (place & COLUMN_MASK)) << 2;
    store<i32>(PLACE + (arc << 2), place);
    store<i32>(COST_AT + (arc << 2), <i32>at + ((place & COLUMN_MASK) << 2));
    if ((demand <= supply && columns > 1) || served == rows) {
      store<f64>(FLOW + (arc << 3), demand > 0 ? demand : 0);
      store<i32>(CHILD + (arc << 2), (column << 16) | row);
      supply -= demand;
      columns--;
      k0 = used(k0, low);
      if (width > 1) k1 = used(k1, low);
      if (width > 2) k2 = used(k2, low);
      if (width > 3) k3 = used(k3, low);
      if (width > 4) k4 = used(k4, low);
      if (width > 5) k5 = used(k5, low);
      if (width > 6) k6 = used(k6, low);
      if (width > 7) k7 = used(k7, low);
    } else {
      store<f64>(FLOW + (arc << 3), supply > 0 ? supply : 0);
      store<f64>(demandAt, demand - supply);
      store<i32>(CHILD + (arc << 2), (row << 16) | column);
      up |= (<u64>1) << arc;
      k0 = turned(k0, at, next);
      if (width > 1) k1 = turned(k1, at + 16, next + 16);
      if (width > 2) k2 = turned(k2, at + 32, next + 32);
      if (width > 3) k3 = turned(k3, at + 48, next + 48);
      if (width > 4) k4 = turned(k4, at + 64, next + 64);
      if (width > 5) k5 = turned(k5, at + 80, next + 80);
      if (width > 6) k6 = turned(k6, at + 96, next + 96);
      if (width > 7) k7 = turned(k7, at + 112, next + 112);
      at = next;
      supply = load<f64>(ORDERED_SUPPLY + (served << 3));
      served++;
      next = <usize>load<i32>(ORDER + (served << 2));
    }
  }
  return up;
}

/** As startIn, for any number of blocks, with the keys in KEY_SHIFT. */
function startWide(m: i32, n: i32, blocks: i32, firstColumn: i32): u64 {
  let up: u64 = 0;
  let at = <usize>load<i32>(ORDER);
  let supply = load<f64>(ORDERED_SUPPLY);
  let served = 1;
  let columns = n;
  const arcs = m + n - 1;
  const count = blocks << 2;
  for (let j = 0; j < count; j++) {
    const key = KEY_SHIFT + (j << 2);
    store<i32>(key, load<i32>(at + (j << 2)) - load<i32>(key));
  }
  for (let arc = 0; arc < arcs; arc++) {
    const place = lowestKey(blocks) & PLACE_MASK;
    const row = (place >> ROW_SHIFT) << 2;
    const column = (firstColumn + (place & COLUMN_MASK)) << 2;
    const demandAt = DEMAND + ((place & COLUMN_MASK) << 3);
    const demand = load<f64>(demandAt);
    store<i32>(PLACE + (arc << 2), place);
    store<i32>(COST_AT + (arc << 2), <i32>at + ((place & COLUMN_MASK) << 2));
    if ((demand <= supply && columns > 1) || served == m) {
      store<f64>(FLOW + (arc << 3), demand > 0 ? demand : 0);
      store<i32>(CHILD + (arc << 2), (column << 16) | row);
      supply -= demand;
      columns--;
      const key = KEY_SHIFT + ((place & COLUMN_MASK) << 2);
      store<i32>(key, load<i32>(key) + FAR);
    } else {
      store<f64>(FLOW + (arc << 3), supply > 0 ? supply : 0);
      store<f64>(demandAt, demand - supply);
      store<i32>(CHILD + (arc << 2), (row << 16) | column);
      up |= (<u64>1) << arc;
      const next = <usize>load<i32>(ORDER + (served << 2));
      supply = load<f64>(ORDERED_SUPPLY + (served << 3));
      served++;
      for (let j = 0; j < count; j++) {
        const key = KEY_SHIFT + (j << 2);
        store<i32>(key, load<i32>(key) + load<i32>(next + (j << 2)) - load<i32>(at + (j << 2)));
      }
      at = next;
    }
  }
  return up;
}

function lowestKey(blocks: i32): i32 {
  const end = KEY_SHIFT + (blocks << 4);
  if (ASC_FEATURE_SIMD) {
    let low = v128.load(KEY_SHIFT);
    for (let at = KEY_SHIFT + 16; at < end; at += 16) low = i32x4.min_s(low, v128.load(at));
    return lowestLane(low);
  } else {
    let low = i32.MAX_VALUE;
    for (let at = KEY_SHIFT; at < end; at += 4) low = min(low, load<i32>(at));
    return low;
  }
}

function start(m: i32, n: i32, blocks: i32, firstColumn: i32): u64 {
  if (ASC_FEATURE_SIMD) {
    switch (blocks) {
      case 1:
        return startIn(1, m, n, firstColumn);
      case 2:
        return startIn(2, m, n, firstColumn);
      case 3:
        return startIn(3, m, n, firstColumn);
      case 4:
        return startIn(4, m, n, firstColumn);
      case 5:
        return startIn(5, m, n, firstColumn);
      case 6:
        return startIn(6, m, n, firstColumn);
      case 7:
        return startIn(7, m, n, firstColumn);
      case 8:
        return startIn(8, m, n, firstColumn);
    }
  }
  return startWide(m, n, blocks, firstColumn);
}

@inline
function costAt(place: i32, blocks: i32): usize {
  return COST + (((place >> ROW_SHIFT) * blocks) << 4) + ((place & COLUMN_MASK) << 2);
}

/** Paths to the root and potentials of all nodes, from the arcs in reverse order of elimination; takes tree arcs off sale. */
function hang(metric: usize, m: i32, n: i32, blocks: i32, firstColumn: i32): void {
  const end = <usize>((firstColumn + (blocks << 2)) << 2);
  // Not memory.fill: engines call out of the compiled code for it.
  for (let at: usize = 0; at < end; at += 8) {
    store<u64>(PATH_LOW + at, 0);
    store<u64>(PATH_HIGH + at, 0);
    store<u64>(POTENTIAL + at, 0);
  }
  const hasHigh = m + n - 1 > 32;
  for (let arc = m + n - 2; arc >= 0; arc--) {
    const at = <usize>load<i32>(COST_AT + (arc << 2));
    const nodes = load<u32>(CHILD + (arc << 2));
    const child = <usize>(nodes >> 16);
    const parent = <usize>(nodes & 0xffff);
    const cost = load<i32>(at);
    store<i32>(at, cost + FAR);
    store<f64>(LENGTH + (arc << 3), distance(metric, cost & PLACE_MASK));
    const scaled = cost & ~PLACE_MASK;
    const step = child < parent ? scaled : -scaled; // rows come before columns
    const bit = 1 << arc;
    if (hasHigh) {
      store<i32>(PATH_LOW + child, load<i32>(PATH_LOW + parent) | (arc < 32 ? bit : 0));
      store<i32>(PATH_HIGH + child, load<i32>(PATH_HIGH + parent) | (arc < 32 ? 0 : bit));
    } else {
      store<i32>(PATH_LOW + child, load<i32>(PATH_LOW + parent) | bit);
    }
    store<i32>(POTENTIAL + child, load<i32>(POTENTIAL + parent) + step);
  }
}

/** Lane-wise smallest reduced costs over all rows of the columns in WIDTH blocks. */
@inline
function priceBlocks(width: i32, m: i32, stride: usize, from: usize, columns: usize): v128 {
  const v0 = v128.load(columns);
  const v1 = width > 1 ? v128.load(columns, 16) : v0;
  const v2 = width > 2 ? v128.load(columns, 32) : v0;
  const v3 = width > 3 ? v128.load(columns, 48) : v0;
  const end = POTENTIAL + (m << 2);
  let low = i32x4.splat(i32.MAX_VALUE);
  for (let at = POTENTIAL; at < end; at += 8) {
    const next = from + stride;
    let row = i32x4.add(v128.load(from), v0);
    let row2 = i32x4.add(v128.load(next), v0);
    if (width > 1) row = i32x4.min_s(row, i32x4.add(v128.load(from, 16), v1));
    if (width > 1) row2 = i32x4.min_s(row2, i32x4.add(v128.load(next, 16), v1));
    if (width > 2) row = i32x4.min_s(row, i32x4.add(v128.load(from, 32), v2));
    if (width > 2) row2 = i32x4.min_s(row2, i32x4.add(v128.load(next, 32), v2));
    if (width > 3) row = i32x4.min_s(row, i32x4.add(v128.load(from, 48), v3));
    if (width > 3) row2 = i32x4.min_s(row2, i32x4.add(v128.load(next, 48), v3));
    row = i32x4.sub(row, v128.load32_splat(at));
    row2 = i32x4.sub(row2, v128.load32_splat(at, 4));
    low = i32x4.min_s(low, i32x4.min_s(row, row2));
    from = next + stride;
  }
  return low;
}

/** Smallest reduced cost, with its place. */
function price(m: i32, blocks: i32, firstColumn: i32): i32 {
  let columns = POTENTIAL + (firstColumn << 2);
  let from = COST;
  if (ASC_FEATURE_SIMD) {
    const stride = <usize>(blocks << 4);
    let low = i32x4.splat(i32.MAX_VALUE);
    while (blocks > 4) {
      low = i32x4.min_s(low, priceBlocks(4, m, stride, from, columns));
      from += 64;
      columns += 64;
      blocks -= 4;
    }
    if (blocks == 1) low = i32x4.min_s(low, priceBlocks(1, m, stride, from, columns));
    else if (blocks == 2) low = i32x4.min_s(low, priceBlocks(2, m, stride, from, columns));
    else if (blocks == 3) low = i32x4.min_s(low, priceBlocks(3, m, stride, from, columns));
    else low = i32x4.min_s(low, priceBlocks(4, m, stride, from, columns));
    return lowestLane(low);
  } else {
    let low = i32.MAX_VALUE;
    const end = columns + (blocks << 4);
    for (let i = 0; i < m; i++) {
      const u = load<i32>(POTENTIAL + (i << 2));
      for (let at = columns; at < end; at += 4) {
        low = min(low, load<i32>(from) + load<i32>(at) - u);
        from += 4;
      }
    }
    return low;
  }
}

@inline
function path(node: i32): u64 {
  return <u64>load<u32>(PATH_LOW + (node << 2)) | (<u64>load<u32>(PATH_HIGH + (node << 2)) << 32);
}

@inline
function distance(metric: usize, place: i32): f64 {
  const row = load<i32>(ROW_CELL + ((place >> ROW_SHIFT) << 2));
  const column = load<i32>(COLUMN_AT + ((place & COLUMN_MASK) << 2)) << 1;
  return load<f64>(metric + row + column);
}

/**
 * Among the arcs whose integer reduced cost is within its rounding of zero, one that improves the cost in float64; -1 if none.
 * Returns the packed reduced cost and place as `price` does.
 */
function decide(metric: usize, m: i32, blocks: i32, firstColumn: i32, up: u64, open: i32, epsilon: f64): i32 {
  const columns = POTENTIAL + (firstColumn << 2);
  const columnsEnd = columns + (blocks << 4);
  let count: usize = 0;
  let from = COST;
  for (let i = 0; i < m; i++) {
    const u = load<i32>(POTENTIAL + (i << 2));
    let near: u64 = 0;
    let block: u64 = 0;
    for (let at = columns; at < columnsEnd; at += 16) {
      near |= nearTies(from, at, u, open) << block;
      from += 16;
      block += 4;
    }
    // Written always and kept only when there is one: a branch would be wrong half of the time.
    store<u64>(NEAR + count, near);
    store<u64>(NEAR + count, i, 8);
    count += <usize>(near != 0) << 4;
  }
  let best = -epsilon;
  let found = i32.MAX_VALUE;
  for (let at: usize = 0; at < count; at += 16) {
    const i = <i32>load<u64>(NEAR + at, 8);
    for (let near = load<u64>(NEAR + at); near != 0; near &= near - 1) {
      const j = <i32>ctz(near);
      const exact = around(metric, (i << ROW_SHIFT) | j, path(i), path(firstColumn + j), up);
      if (exact < best) {
        best = exact;
        const reduced = load<i32>(rowAt(i, blocks) + (j << 2)) - load<i32>(POTENTIAL + (i << 2));
        found = reduced + load<i32>(columns + (j << 2));
      }
    }
  }
  return found;
}

/** Which of four arcs have a reduced cost below `open`. */
@inline
function nearTies(from: usize, columns: usize, u: i32, open: i32): u64 {
  if (ASC_FEATURE_SIMD) {
    const reduced = i32x4.add(v128.load(from), v128.load(columns));
    return <u64>i32x4.bitmask(i32x4.lt_s(reduced, i32x4.splat(open + u)));
  } else {
    let near: u64 = 0;
    for (let lane = 0; lane < 4; lane++) {
      const at = <usize>(lane << 2);
      const reduced = load<i32>(from + at) + load<i32>(columns + at) - u;
      near |= (<u64>i32(reduced < open)) << lane;
    }
    return near;
  }
}

/** Length of the lowest arc of a set; zero when it is empty. */
@inline
function lengthOf(arcs: u64): f64 {
  return load<f64>(LENGTH + (<usize>ctz(arcs) << 3));
}

/** Float64 cost of sending one unit over a new arc and back through the tree. */
function around(metric: usize, place: i32, pathI: u64, pathJ: u64, up: u64): f64 {
  const falling = (pathI & ~pathJ & up) | (pathJ & ~pathI & ~up);
  const l1 = falling & (falling - 1);
  const l2 = l1 & (l1 - 1);
  const rising = pathI ^ pathJ ^ falling;
  const r1 = rising & (rising - 1);
  const r2 = r1 & (r1 - 1);
  // The new arc and an even number of others alternate in sign.
  let cost = distance(metric, place) - lengthOf(falling);
  cost += lengthOf(rising) - lengthOf(l1);
  cost += lengthOf(r1) - lengthOf(l2);
  let less = l2 & (l2 - 1);
  let more = r2;
  while ((less | more) != 0) {
    cost += lengthOf(more) - lengthOf(less);
    less &= less - 1;
    more &= more - 1;
  }
  return cost;
}

/** The node of a tree arc that is farther from the root. */
@inline
function lowerEnd(arc: i32, up: u64, firstColumn: i32): i32 {
  const place = load<i32>(PLACE + (arc << 2));
  return select<i32>(place >> ROW_SHIFT, firstColumn + (place & COLUMN_MASK), <bool>((up >> arc) & 1));
}

/** Adds flow to the lowest arc of a set; to no arc when the set is empty. */
@inline
function raise(arcs: u64, flow: f64): void {
  const at = FLOW + (<usize>ctz(arcs) << 3);
  store<f64>(at, load<f64>(at) + flow);
}

/** Which of the arcs that carry `flow` leaves (Cunningham's rule): the last along the cycle from its apex, over the new arc. */
function lastBlocking(falling: u64, flow: f64, pathI: u64, up: u64, firstColumn: i32): i32 {
  let last = -1;
  for (let left = falling; left != 0; left &= left - 1) {
    const arc = <i32>ctz(left);
    if (load<f64>(FLOW + (arc << 3)) != flow) continue;
    last = last < 0 ? arc : laterOnCycle(last, arc, pathI, up, firstColumn);
  }
  return last;
}

function laterOnCycle(first: i32, second: i32, pathI: u64, up: u64, firstColumn: i32): i32 {
  const firstOnI = (pathI >> first) & 1;
  const secondOnI = (pathI >> second) & 1;
  if (firstOnI != secondOnI) return firstOnI ? second : first;
  const firstDepth = popcnt(path(lowerEnd(first, up, firstColumn)));
  const secondDepth = popcnt(path(lowerEnd(second, up, firstColumn)));
  return firstDepth > secondDepth == <bool>firstOnI ? first : second;
}

/** Adds `arcs` to the path, and `change` to the potential, of every node whose path holds the arc `bit`. */
@inline
function move(end: i32, hasHigh: bool, bit: u64, arcs: u64, change: i32): void {
  const plane: usize = <u32>bit != 0 ? PATH_LOW : PATH_HIGH;
  const bit32 = <i32>bit | <i32>(bit >> 32);
  if (ASC_FEATURE_SIMD) {
    const bits = i32x4.splat(bit32);
    const low = i32x4.splat(<i32>arcs);
    const high = i32x4.splat(<i32>(arcs >> 32));
    const delta = i32x4.splat(change);
    const endAt = <usize>(end << 2);
    if (hasHigh) {
      for (let at: usize = 0; at < endAt; at += 16) {
        const moved = i32x4.eq(v128.and(v128.load(plane + at), bits), bits);
        v128.store(PATH_LOW + at, v128.xor(v128.load(PATH_LOW + at), v128.and(moved, low)));
        v128.store(PATH_HIGH + at, v128.xor(v128.load(PATH_HIGH + at), v128.and(moved, high)));
        v128.store(POTENTIAL + at, i32x4.add(v128.load(POTENTIAL + at), v128.and(moved, delta)));
      }
    } else {
      for (let at: usize = 0; at < endAt; at += 16) {
        const paths = v128.load(PATH_LOW + at);
        const moved = i32x4.eq(v128.and(paths, bits), bits);
        v128.store(PATH_LOW + at, v128.xor(paths, v128.and(moved, low)));
        v128.store(POTENTIAL + at, i32x4.add(v128.load(POTENTIAL + at), v128.and(moved, delta)));
      }
    }
  } else {
    for (let node = 0; node < end; node++) {
      const at = <usize>(node << 2);
      if (!(load<i32>(plane + at) & bit32)) continue;
      store<i32>(PATH_LOW + at, load<i32>(PATH_LOW + at) ^ <i32>arcs);
      store<i32>(PATH_HIGH + at, load<i32>(PATH_HIGH + at) ^ <i32>(arcs >> 32));
      store<i32>(POTENTIAL + at, load<i32>(POTENTIAL + at) + change);
    }
  }
}

/** Pivots until no arc improves the cost; the number of pivots, or -1 beyond the cap. `up`: arcs whose lower node is a row. */
function simplex(metric: usize, m: i32, n: i32, blocks: i32, firstColumn: i32, up: u64, margin: i32, epsilon: f64): i32 {
  const certain = -margin << PLACE_BITS;
  const open = (margin + 1) << PLACE_BITS;
  const end = firstColumn + (blocks << 2);
  const hasHigh = m + n - 1 > 32;
  for (let pivots = 0; pivots < MAX_PIVOTS; pivots++) {
    let entering = price(m, blocks, firstColumn);
    if (entering >= certain) {
      if (entering < open) entering = decide(metric, m, blocks, firstColumn, up, open, epsilon);
      else entering = i32.MAX_VALUE;
      if (entering == i32.MAX_VALUE) {
        lastUp = up;
        return pivots;
      }
    }
    const place = entering & PLACE_MASK;
    const reduced = entering & ~PLACE_MASK;
    const i = place >> ROW_SHIFT;
    const pathI = path(i);
    const pathJ = path(firstColumn + (place & COLUMN_MASK));
    const cycle = pathI ^ pathJ;
    const falling = (pathI & ~pathJ & up) | (pathJ & ~pathI & ~up);
    // Four at a time and without branches on their number: it is as random as a coin.
    const l0 = falling;
    const l1 = l0 & (l0 - 1);
    const l2 = l1 & (l1 - 1);
    const l3 = l2 & (l2 - 1);
    const more = l3 & (l3 - 1);
    const at0 = FLOW + (<usize>ctz(l0) << 3);
    const at1 = FLOW + (<usize>ctz(l1) << 3);
    const at2 = FLOW + (<usize>ctz(l2) << 3);
    const at3 = FLOW + (<usize>ctz(l3) << 3);
    // Flows are not negative, so their bits are ordered as they are; engines select integers without a branch, not floats.
    const f0 = load<i64>(at0);
    const f1 = load<i64>(at1);
    const f2 = load<i64>(at2);
    const f3 = load<i64>(at3);
    const f01 = select<i64>(f1, f0, f1 < f0);
    const f23 = select<i64>(f3, f2, f3 < f2);
    let least = select<i64>(f23, f01, f23 < f01);
    for (let left = more; left != 0; left &= left - 1) {
      const f = load<i64>(FLOW + (<usize>ctz(left) << 3));
      least = select<i64>(f, least, f < least);
    }
    const flow = reinterpret<f64>(least);
    const at01 = select<usize>(at0, at1, f0 == least);
    const at23 = select<usize>(at2, at3, f2 == least);
    let leavingAt = select<usize>(at01, at23, f01 == least);
    if (more != 0 || i32(f0 == least) + i32(f1 == least) + i32(f2 == least) + i32(f3 == least) > 1) {
      leavingAt = FLOW + (<usize>lastBlocking(falling, flow, pathI, up, firstColumn) << 3);
    }
    const leaving = <i32>((leavingAt - FLOW) >> 3);
    store<f64>(at0, reinterpret<f64>(f0) - flow);
    store<f64>(at1, reinterpret<f64>(f1) - flow);
    store<f64>(at2, reinterpret<f64>(f2) - flow);
    store<f64>(at3, reinterpret<f64>(f3) - flow);
    for (let left = more; left != 0; left &= left - 1) {
      const at = FLOW + (<usize>ctz(left) << 3);
      store<f64>(at, load<f64>(at) - flow);
    }
    const r0 = cycle ^ falling;
    const r1 = r0 & (r0 - 1);
    const r2 = r1 & (r1 - 1);
    raise(r0, flow);
    raise(r1, flow);
    raise(r2, flow);
    for (let left = r2 & (r2 - 1); left != 0; left &= left - 1) raise(left, flow);
    const bit = (<u64>1) << leaving;
    const onI = <bool>((pathI >> leaving) & 1);
    // Arcs between the new arc and the leaving one are turned over.
    const below = select<u64>(pathI, pathJ, onI) & ~path(lowerEnd(leaving, up, firstColumn));
    up = ((up ^ below) & ~bit) | (onI ? bit : 0);
    const oldAt = costAt(load<i32>(PLACE + (leaving << 2)), blocks);
    store<i32>(oldAt, load<i32>(oldAt) - FAR);
    const newAt = costAt(place, blocks);
    store<i32>(newAt, load<i32>(newAt) + FAR);
    store<i32>(PLACE + (leaving << 2), place);
    store<f64>(leavingAt, flow);
    store<f64>(LENGTH + (leaving << 3), distance(metric, place));
    move(end, hasHigh, bit, cycle & ~bit, onI ? reduced : -reduced);
  }
  return -1;
}

function treeCost(arcs: i32): f64 {
  let cost: f64 = 0;
  for (let arc = 0; arc < arcs; arc++) {
    cost += load<f64>(FLOW + (arc << 3)) * load<f64>(LENGTH + (arc << 3));
  }
  return cost;
}
