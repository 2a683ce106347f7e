/**
 * How the WebAssembly deposits (assembly/deposits.ts) are called: their buffers, and the tables of a grid's layers and wafers.
 *
 * The tables are made here from detector.ts, wafers.ts and modulecells.ts, so that the kernel holds no geometry of its own.
 */
import { constant } from "../core/constant.js";
import { f64, i32, resident, u32, u8, type Buffers } from "../core/kernel.js";
import { CELLS } from "../core/table.js";
import type { Callable } from "../wasm/layout.js";
import { LAYERS, type Layer } from "./detector.js";
import type { EventGrid } from "./eventgrid.js";
import { NEAREST, SIDE as MAP_SIDE } from "./modulecells.js";
import { PDG, type Particle } from "./particles.js";
import { radialScaleCm } from "./shower.js";
import { SIDE } from "./wafers.js";

/** Blanks of entries after the last charge are wanted: only where whole outputs are compared. */
export const WANT_BLANK = 1;

export const PARTICLE_COLUMNS = 5;
const LAYER_COLUMNS = 8;
const ABSORBER_COLUMNS = 4;
/** Simpson's pieces of a layer's block: see shower.ts. */
const HADRONIC_PIECES = 4;

export const DEPOSITS: Callable = {
  id: "deposits",
  symbol: "deposits",
  dims: ["particles", "layers", "modules", "limit", "blank"],
  inputs: {
    particles: f64(`particles ${PARTICLE_COLUMNS}`, "kind, GeV, 1, turns, e"),
    sequence: u32("4", "1"),
    position: f64("3", "1"),
    layers: resident(f64(`layers ${LAYER_COLUMNS}`, "cm, X0, X0, lambda, lambda, 1, cm, MIP/GeV")),
    absorbers: resident(f64(`${LAYERS.length} ${ABSORBER_COLUMNS}`, "X0, X0, lambda, lambda")),
    lattice: resident(i32(`layers ${SIDE * SIDE}`, "module")),
    centres: resident(f64("modules 2", "cm")),
    present: resident(u8(`modules ${CELLS}`, "1")),
    nearest: resident(u8(`${MAP_SIDE * MAP_SIDE}`, "cell")),
  },
  outputs: {
    count: i32("1", "charges"),
    end: f64("3", "1"),
    cells: i32("limit", "module * 48 + cell"),
    mips: f64("limit", "MIP"),
  },
};

/** Charges that one particle can leave in a layer, as MIP, hadronic and electromagnetic spots; a Poisson number far above 240. */
const MOST_PER_LAYER = 1024;

export function mostCharges(particles: number, layers: number): number {
  return particles * layers * MOST_PER_LAYER;
}

const KINDS: ReadonlyMap<number, number> = new Map([
  [PDG.electron, 0],
  [PDG.photon, 1],
  [PDG.muon, 2],
]);
const HADRON = 3;

/** Writes a particle's row of `particles` from element `at` on. */
export function writeParticle(
  { pdgId, pt, sinhEta, turn, charge }: Particle,
  into: Float64Array,
  at = 0,
): void {
  into[at] = KINDS.get(Math.abs(pdgId)) ?? HADRON;
  into[at + 1] = pt;
  into[at + 2] = sinhEta;
  into[at + 3] = turn;
  into[at + 4] = charge;
}

function layerRow({ number, electromagnetic, ...layer }: Layer): number[] {
  return [
    layer.zCm, layer.depthX0, layer.thicknessX0, layer.depthLambda, layer.thicknessLambda,
    electromagnetic ? 1 : HADRONIC_PIECES, radialScaleCm(number), 1000 / layer.mevPerMip,
  ]; // prettier-ignore
}

const ABSORBERS = constant(
  Float64Array.from(
    LAYERS.flatMap((layer) => [layer.depthX0, layer.thicknessX0, layer.depthLambda, layer.thicknessLambda]),
  ),
);
const CELL_MAP = constant(NEAREST);

/** The inputs that belong to a grid. */
export function gridTables({ layers, firstModule }: EventGrid): Buffers {
  const wafers = layers.flatMap((plane) => plane.wafers);
  return {
    layers: constant(Float64Array.from(layers.flatMap(({ layer }) => layerRow(layer)))),
    absorbers: ABSORBERS,
    lattice: constant(
      Int32Array.from(
        layers.flatMap(({ lattice }, i) =>
          Array.from(lattice, (index) => (index < 0 ? -1 : firstModule[i] + index)),
        ),
      ),
    ),
    centres: constant(Float64Array.from(wafers.flatMap(({ xCm, yCm }) => [xCm, yCm]))),
    present: constant(Uint8Array.from(wafers.flatMap(({ present }) => [...present]))),
    nearest: CELL_MAP,
  };
}
