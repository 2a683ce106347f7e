/**
 * Hexagonal wafers of one layer: place, silicon, and which of its 48 trigger cells exist (partial modules at the edges).
 *
 * One lattice for all layers, a wafer at the beam's place, as CMSSW numbers them: x = (v - 2u) r, y = 1.5 v R with r half the
 * pitch (16.64408 cm flat to flat and 0.1 cm of gap: bye_splits config.yaml) and R = 2r/sqrt(3). All wafers stand alike.
 */
import { sqrt } from "../core/elementary.js";
import { MODULE_TYPES } from "../core/moduletypes.js";
import { CELLS } from "../core/table.js";
import { CALIBRATION_ONE } from "../chip/calibration.js";
import { MIDDLE, siliconAt, THIN, type Layer, type Silicon } from "./detector.js";
import { CELL_X_CM, CELL_Y_CM, PITCH_OF_WAFERS_CM } from "./modulecells.js";

const HALF_PITCH_CM = PITCH_OF_WAFERS_CM / 2;
const ROW_CM = 1.5 * ((2 * HALF_PITCH_CM) / sqrt(3));
/** |u| and |v| of any wafer are at most this: 190 cm over the distance of rows. */
export const REACH = 14;
export const SIDE = 2 * REACH + 1;

/** Partial modules of fewer cells are not built; chosen: a quarter of a wafer, about the smallest of the public module table. */
const LEAST_CELLS = CELLS / 4;

export interface Wafer {
  readonly u: number;
  readonly v: number;
  /** Centre. */
  readonly xCm: number;
  readonly yCm: number;
  readonly rCm: number;
  readonly silicon: Silicon;
  /** Position in MODULE_TYPES. */
  readonly type: number;
  readonly partial: boolean;
  /** 1 where the trigger cell exists, [48]. */
  readonly present: Uint8Array;
  /** 12-bit calibration factor of each cell: 2^11 / cosh(eta), rounded. */
  readonly factors: Uint16Array;
}

/** cosh(eta) of a point at radius r and height z: its distance from the origin over r. */
export function coshEtaAt(rCm: number, zCm: number): number {
  return sqrt(1 + (zCm / rCm) * (zCm / rCm));
}

/** Trigger cells whose centre lies on the layer's silicon. */
function presentCells(layer: Layer, x: number, y: number): Uint8Array {
  return Uint8Array.from({ length: CELLS }, (_, i) => {
    const cx = x + CELL_X_CM[i];
    const cy = y + CELL_Y_CM[i];
    const square = cx * cx + cy * cy;
    return square >= layer.innerCm * layer.innerCm && square <= layer.outerCm * layer.outerCm ? 1 : 0;
  });
}

/**
 * The module's type. Which outline a partial module has is not simulated; its letter follows the share of cells it keeps
 * (chosen: CMSSW names a "five", b "half", c "three", d "semi", g "chopped in two" of the six corners).
 */
function typeOf(silicon: Silicon, share: number): number {
  const ring = silicon === THIN ? "I" : silicon === MIDDLE ? "M" : "O";
  const shape = share === 1 ? "F" : share > 0.7 ? "a" : share > 0.45 || ring === "M" ? "b" : "d";
  const innermost = ring === "I" && shape === "a" && share > 0.85 ? "g" : shape;
  const outermost = ring === "O" && shape === "d" && share < 0.3 ? "c" : innermost;
  const word: string = shape === "F" ? `F${ring}` : `${outermost}${ring}`;
  return (MODULE_TYPES as readonly string[]).indexOf(word);
}

function waferAt(layer: Layer, u: number, v: number): Wafer | undefined {
  const xCm = (v - 2 * u) * HALF_PITCH_CM;
  const yCm = v * ROW_CM;
  const present = presentCells(layer, xCm, yCm);
  const count = present.reduce((sum, one) => sum + one, 0);
  if (count < LEAST_CELLS) return undefined;
  const rCm = sqrt(xCm * xCm + yCm * yCm);
  const silicon = siliconAt(layer, rCm);
  const factors = Uint16Array.from({ length: CELLS }, (_, i) => {
    const cx = xCm + CELL_X_CM[i];
    const cy = yCm + CELL_Y_CM[i];
    return Math.floor(CALIBRATION_ONE / coshEtaAt(sqrt(cx * cx + cy * cy), layer.zCm) + 0.5);
  });
  const type = typeOf(silicon, count / CELLS);
  return { u, v, xCm, yCm, rCm, silicon, type, partial: count < CELLS, present, factors };
}

/** The wafers of a layer, and the one at a point. */
export class WaferLayer {
  readonly wafers: readonly Wafer[];
  /** Index into `wafers` by place of the lattice, (u + REACH) * SIDE + v + REACH; -1 for none. */
  readonly lattice = new Int16Array(SIDE * SIDE).fill(-1);

  constructor(readonly layer: Layer) {
    const wafers: Wafer[] = [];
    for (let v = -REACH; v <= REACH; v++) {
      for (let u = -REACH; u <= REACH; u++) {
        const wafer = waferAt(layer, u, v);
        if (wafer === undefined) continue;
        this.lattice[(u + REACH) * SIDE + v + REACH] = wafers.length;
        wafers.push(wafer);
      }
    }
    this.wafers = wafers;
  }

  /** Index into `wafers` of the hexagon that holds the point, -1 where the layer has none. */
  at(x: number, y: number): number {
    // Cube rounding in the basis (1, 0), (1/2, sqrt(3)/2) of the lattice, in which u counts backwards.
    const s = y / ROW_CM;
    const q = x / (2 * HALF_PITCH_CM) - s / 2;
    let column = Math.floor(q + 0.5);
    let row = Math.floor(s + 0.5);
    const third = Math.floor(-q - s + 0.5);
    const dq = Math.abs(column - q);
    const ds = Math.abs(row - s);
    const dt = Math.abs(third + q + s);
    if (dq > ds && dq > dt) column = -row - third;
    else if (ds > dt) row = -column - third;
    // x = column * pitch + row * pitch / 2 = (v - 2u) pitch / 2 with v = row: u = -column.
    const u = -column;
    if (u < -REACH || u > REACH || row < -REACH || row > REACH) return -1;
    return this.lattice[(u + REACH) * SIDE + row + REACH];
  }
}
