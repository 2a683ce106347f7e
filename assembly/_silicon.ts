// Which trigger cell a point of a layer is in, and the list of charges of the current call. The lattice of wafers and the map of a
// wafer's points are those of harness/simulation/wafers.ts and modulecells.ts.

const CELLS: usize = 48;
const NOWHERE: i32 = -1;

const PITCH_CM: f64 = 16.74408;
const ROW_CM: f64 = 14.500798642998944; // 1.5 * pitch / sqrt(3)
const REACH: i32 = 14;
const SIDE: i32 = 29;
const HALF_SIDE_CM: f64 = 9.75;
const STEP_CM: f64 = 0.1;
const MAP_SIDE: i32 = 195;

// Of the current call.
let lattice: usize = 0;
let centres: usize = 0;
let present: usize = 0;
let nearest: usize = 0;
let cells: usize = 0;
let mips: usize = 0;
let room: i32 = 0;
/** Charges so far; those beyond the room are counted only. */
export let written: i32 = 0;

/** Geometry from `tables` on (lattice, centres, present, nearest), `list` (cells, mips) with room for `limit` charges. */
export function beginList(tables: usize, list: usize, limit: i32): void {
  lattice = load<u32>(tables);
  centres = load<u32>(tables, 4);
  present = load<u32>(tables, 8);
  nearest = load<u32>(tables, 12);
  cells = load<u32>(list);
  mips = load<u32>(list, 4);
  room = limit;
  written = 0;
}

/** Fills the list's entries after the last charge with -1 and 0. */
export function blankRest(): void {
  const rest = <usize>(room - written);
  memory.fill(cells + (<usize>written << 2), 0xff, rest << 2);
  memory.fill(mips + (<usize>written << 3), 0, rest << 3);
}

@inline
function append(at: usize, charge: f64): void {
  if (load<u8>(present + at) == 0) return;
  if (written < room) {
    store<i32>(cells + (<usize>written << 2), <i32>at);
    store<f64>(mips + (<usize>written << 3), charge);
  }
  written++;
}

/** Module at a place of the lattice; -1 beyond its edge and where the layer has none. */
@inline
function moduleOf(layer: usize, column: i32, line: i32): i32 {
  // As unsigned numbers, places before the first are beyond the last.
  const u = <u32>(REACH - column);
  const v = <u32>(line + REACH);
  if (u >= <u32>SIDE || v >= <u32>SIDE) return NOWHERE;
  return load<i32>(lattice + ((layer * <usize>(SIDE * SIDE) + u * <u32>SIDE + v) << 2));
}

/** Lists a charge at (x, y) cm of layer number `layer`; nothing where there is no silicon. */
export function put(layer: usize, x: f64, y: f64, charge: f64): void {
  // Cube rounding on the lattice.
  const s = y / ROW_CM;
  const q = x / PITCH_CM - s / 2;
  let column = Math.floor(q + 0.5);
  let line = Math.floor(s + 0.5);
  const third = Math.floor(-q - s + 0.5);
  const dq = Math.abs(column - q);
  const ds = Math.abs(line - s);
  const dt = Math.abs(third + q + s);
  if (dq > ds && dq > dt) column = -line - third;
  else if (ds > dt) line = -column - third;
  if (!(column >= -REACH && column <= REACH && line >= -REACH && line <= REACH)) return;
  const module = moduleOf(layer, <i32>column, <i32>line);
  if (module < 0) return;
  const centre = centres + (<usize>module << 4);
  const i = mapPlace((x - load<f64>(centre) + HALF_SIDE_CM) / STEP_CM);
  const j = mapPlace((y - load<f64>(centre, 8) + HALF_SIDE_CM) / STEP_CM);
  append(<usize>module * CELLS + <usize>load<u8>(nearest + <usize>(j * MAP_SIDE + i)), charge);
}

@inline
function mapPlace(place: f64): i32 {
  return <i32>min<f64>(max<f64>(Math.floor(place), 0), MAP_SIDE - 1);
}

/** The same for two charges of one layer, in their order; SIMD. */
@inline
export function putPair(layer: usize, x: v128, y: v128, charges: v128): void {
  const half = f64x2.splat(0.5);
  const s = f64x2.div(y, f64x2.splat(ROW_CM));
  const q = f64x2.sub(f64x2.div(x, f64x2.splat(PITCH_CM)), f64x2.mul(s, half));
  const column = f64x2.floor(f64x2.add(q, half));
  const line = f64x2.floor(f64x2.add(s, half));
  const third = f64x2.floor(f64x2.add(f64x2.sub(f64x2.neg(q), s), half));
  const dq = f64x2.abs(f64x2.sub(column, q));
  const ds = f64x2.abs(f64x2.sub(line, s));
  const dt = f64x2.abs(f64x2.add(f64x2.add(third, q), s));
  const offColumn = v128.and(f64x2.gt(dq, ds), f64x2.gt(dq, dt));
  const offLine = v128.andnot(f64x2.gt(ds, dt), offColumn);
  const rounded = v128.bitselect(f64x2.sub(f64x2.neg(line), third), column, offColumn);
  const columns = i32x4.trunc_sat_f64x2_s_zero(rounded);
  const lines = i32x4.trunc_sat_f64x2_s_zero(
    v128.bitselect(f64x2.sub(f64x2.neg(column), third), line, offLine),
  );
  const first = moduleOf(layer, i32x4.extract_lane(columns, 0), i32x4.extract_lane(lines, 0));
  const second = moduleOf(layer, i32x4.extract_lane(columns, 1), i32x4.extract_lane(lines, 1));
  // Where there is no module any centre will do: its cell is not used.
  const centreA = v128.load(centres + (<usize>max(first, 0) << 4));
  const centreB = v128.load(centres + (<usize>max(second, 0) << 4));
  const i = mapPlaces(f64x2.sub(x, v128.shuffle<i64>(centreA, centreB, 0, 2)));
  const j = mapPlaces(f64x2.sub(y, v128.shuffle<i64>(centreA, centreB, 1, 3)));
  const places = i32x4.add(i32x4.mul(j, i32x4.splat(MAP_SIDE)), i);
  const cellA = <usize>load<u8>(nearest + <usize>i32x4.extract_lane(places, 0));
  const cellB = <usize>load<u8>(nearest + <usize>i32x4.extract_lane(places, 1));
  if (first >= 0) append(<usize>first * CELLS + cellA, f64x2.extract_lane(charges, 0));
  if (second >= 0) append(<usize>second * CELLS + cellB, f64x2.extract_lane(charges, 1));
}

@inline
function mapPlaces(offsets: v128): v128 {
  const place = f64x2.floor(f64x2.div(f64x2.add(offsets, f64x2.splat(HALF_SIDE_CM)), f64x2.splat(STEP_CM)));
  const whole = i32x4.trunc_sat_f64x2_s_zero(place);
  return i32x4.max_s(i32x4.min_s(whole, i32x4.splat(MAP_SIDE - 1)), i32x4.splat(0));
}
