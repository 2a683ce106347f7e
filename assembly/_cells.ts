// Points of the plane sorted into square cells, so that everything near a point stands in a few contiguous runs.
//
// A counting sort: `bound` lays a grid over the points, `sort` puts copies of their coordinates in cell order. Empty cells
// surround every layer of the grid, so neighbours need no bounds tests. The number of cells is limited: where it would be
// exceeded (far outliers), cells grow and runs get longer; results never depend on the size of a cell.
import { areFinite } from "./_finite";

/** Widest empty edge, in cells. */
export const EDGE_MAXIMUM: i32 = 8;
/** Layers that can be told apart. */
export const LAYERS_MAXIMUM: i32 = 256;
/** Radii in use are between these: squares of distances near them are normal f32. */
export const LEAST_RADIUS: f64 = 1e-12;
export const MOST_RADIUS: f64 = 1e12;

// f32 squares of distances are off by less than 2^-22: a comparison outside this band is right, one inside is made again in f64.
const BAND: f64 = 1e-6;
// Cells are wider than the radius by this part, which covers the rounding of a point's cell.
const SLACK: f64 = 1e-6;

let left: f64 = 0;
let bottom: f64 = 0;
let side: f64 = 0;
let perUnit: f64 = 0;
let edge: i32 = 0;
let rowsPerLayer: i32 = 0; // empty ones between layers counted
let gridWidth: i32 = 0;
let cellCount: i32 = 0;

export function width(): i32 {
  return gridWidth;
}

export function cells(): i32 {
  return cellCount;
}

export function cellSide(): f64 {
  return side;
}

/** Below it a square of a distance that was computed in f32 is certainly within radius^2. */
export function certainlyWithin(square: f64): f32 {
  return <f32>(square * (1 - BAND));
}

/** Above it a square of a distance that was computed in f32 is certainly beyond radius^2. */
export function certainlyBeyond(square: f64): f32 {
  return <f32>(square * (1 + BAND));
}

/** Most cells that any grid over n points has. */
export function cellLimit(n: i32): i32 {
  return 4 * n + 65536;
}

export function isRadius(r: f64): bool {
  return r >= LEAST_RADIUS && r <= MOST_RADIUS;
}

/**
 * Lays a grid over points f32 [n, 2] (n >= 1) of `layers` layers: cells at least `radius` wide, `around` (1..8) empty cells
 * on every edge. False when a coordinate is not finite.
 */
export function bound(points: usize, n: i32, radius: f64, around: i32, layers: i32): bool {
  if (!areFinite(points, 2 * n)) return false;
  let lowX = load<f32>(points);
  let lowY = load<f32>(points, 4);
  let highX = lowX;
  let highY = lowY;
  let p = points;
  const end = points + ((<usize>n) << 3);
  if (ASC_FEATURE_SIMD) {
    let low = v128.load64_splat(points);
    let high = low;
    for (; p + 16 <= end; p += 16) {
      const pair = v128.load(p);
      low = f32x4.pmin(low, pair);
      high = f32x4.pmax(high, pair);
    }
    low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
    high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
    lowX = f32x4.extract_lane(low, 0);
    lowY = f32x4.extract_lane(low, 1);
    highX = f32x4.extract_lane(high, 0);
    highY = f32x4.extract_lane(high, 1);
  }
  for (; p < end; p += 8) {
    const x = load<f32>(p);
    const y = load<f32>(p, 4);
    lowX = x < lowX ? x : lowX;
    highX = x > highX ? x : highX;
    lowY = y < lowY ? y : lowY;
    highY = y > highY ? y : highY;
  }
  left = lowX;
  bottom = lowY;
  edge = around;
  fit(<f64>highX - <f64>lowX, <f64>highY - <f64>lowY, radius, layers, cellLimit(n));
  return true;
}

/** The least cells, at least `radius` wide, of which no more than `limit` cover the area. */
function fit(spanX: f64, spanY: f64, radius: f64, layers: i32, limit: i32): void {
  const most = <f64>limit;
  const edges = <f64>edge;
  side = radius * (1 + SLACK);
  for (;;) {
    const across = Math.floor(spanX / side) + 1 + 2 * edges;
    const along = (Math.floor(spanY / side) + 1 + edges) * <f64>layers + edges;
    const wanted = across * along;
    if (wanted <= most) {
      gridWidth = <i32>across;
      rowsPerLayer = <i32>((along - edges) / <f64>layers);
      cellCount = <i32>wanted;
      break;
    }
    side *= max<f64>(1.0625, Math.sqrt(wanted / most));
  }
  perUnit = 1 / side;
}

/** Cell of a point of a layer that is among those the grid was laid over. */
@inline
function cellAt(x: f64, y: f64, layer: i32): i32 {
  const column = <i32>((x - left) * perUnit) + edge;
  const row = <i32>((y - bottom) * perUnit) + edge + layer * rowsPerLayer;
  return row * gridWidth + column;
}

/** Cell of the point f32 [2] at `point`, of the first layer; points off the grid are in a cell of its edge. */
export function nearestCell(point: usize): i32 {
  const lastRow = rowsPerLayer + edge - 1;
  if (ASC_FEATURE_SIMD) {
    const from = f64x2.replace_lane(f64x2.splat(left), 1, bottom);
    const last = f64x2.replace_lane(f64x2.splat(<f64>(gridWidth - 1)), 1, <f64>lastRow);
    let t = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(point)), from), f64x2.splat(perUnit));
    t = f64x2.floor(f64x2.add(t, f64x2.splat(<f64>edge)));
    t = f64x2.pmin(last, f64x2.pmax(f64x2.splat(0), t));
    const at = i32x4.trunc_sat_f64x2_s_zero(t);
    return i32x4.extract_lane(at, 1) * gridWidth + i32x4.extract_lane(at, 0);
  }
  const column = Math.floor((<f64>load<f32>(point) - left) * perUnit + <f64>edge);
  const row = Math.floor((<f64>load<f32>(point, 4) - bottom) * perUnit + <f64>edge);
  const across = column < 0 ? 0 : column < <f64>gridWidth ? <i32>column : gridWidth - 1;
  const along = row < 0 ? 0 : row < <f64>lastRow ? <i32>row : lastRow;
  return along * gridWidth + across;
}

/**
 * Sorts points into the cells of the last `bound`. `layers` are u8 [n] below the layers given there, or 0 when there is one.
 * `starts` u32 [cells + 1]: cell c holds places starts[c]..starts[c + 1] - 1. Per place: `xs`, `ys` f32 [n + 4] (the last four
 * infinitely far), `order` u32 [n] (the point's number), `cellOf` u32 [n]. `scratch` u32 [n]. Stable.
 */
export function sort(
  points: usize,
  layers: usize,
  n: i32,
  starts: usize,
  xs: usize,
  ys: usize,
  order: usize,
  cellOf: usize,
  scratch: usize,
): void {
  memory.fill(starts, 0, ((<usize>cellCount) + 1) << 2);
  for (let i: usize = 0; i < <usize>n; i++) {
    const layer = layers == 0 ? 0 : <i32>load<u8>(layers + i);
    const cell = cellAt(<f64>load<f32>(points + (i << 3)), <f64>load<f32>(points + (i << 3), 4), layer);
    store<u32>(scratch + (i << 2), cell);
    const at = starts + ((<usize>cell) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  accumulate(starts);
  store<u32>(starts + ((<usize>cellCount) << 2), n);
  for (let i = <usize>n; i > 0; ) {
    i--;
    const cell = load<u32>(scratch + (i << 2));
    const at = starts + ((<usize>cell) << 2);
    const place = load<u32>(at) - 1;
    store<u32>(at, place);
    const to = (<usize>place) << 2;
    store<f32>(xs + to, load<f32>(points + (i << 3)));
    store<f32>(ys + to, load<f32>(points + (i << 3), 4));
    store<u32>(order + to, <u32>i);
    store<u32>(cellOf + to, cell);
  }
  const last = (<usize>n) << 2;
  for (let at = last; at < last + 16; at += 4) {
    store<f32>(xs + at, Infinity);
    store<f32>(ys + at, Infinity);
  }
}

/** Counts to running sums. */
function accumulate(starts: usize): void {
  let sum: u32 = 0;
  const end = starts + ((<usize>cellCount) << 2);
  for (let at = starts; at < end; at += 4) {
    sum += load<u32>(at);
    store<u32>(at, sum);
  }
}
