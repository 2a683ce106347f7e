/**
 * Generator "hgcal-cells": trigger cells of simulated events, one a row, in the column names of the trigger's ntuples.
 *
 * A row is a cell whose CALQ is above zero. Charges are as the trigger restores them: tc_mipPt is CALQ over 35.1 counts, tc_pt its
 * weight of the layer in GeV, tc_energy that times cosh(eta). Energies of truth are GeV by the same weights. Lengths cm, angles
 * radians. The columns of the generator's particle repeat in every row of its event: for top pairs, the hardest one.
 */
import { sqrt } from "../core/elementary.js";
import { CELLS } from "../core/table.js";
import { COUNTS_PER_MIP, FRONT_Z_CM, triggerMevPerMip, type Layer } from "./detector.js";
import { phiOf } from "./jets/momentum.js";
import type { EventMaker } from "./makeevent.js";
import { CELL_X_CM, CELL_Y_CM } from "./modulecells.js";
import { PDG, type Particle } from "./particles.js";
import { crossingPoint, etaOfSinh, sinhOf, TURN, type Track } from "./tracks.js";
import { CELL_U, CELL_V } from "./triggercelluv.js";
import { coshEtaAt, type Wafer } from "./wafers.js";

export const CELL_COLUMNS = [
  "event", "tc_subdet", "tc_zside", "tc_layer", "tc_waferu", "tc_waferv", "tc_wafertype", "tc_cellu", "tc_cellv",
  "tc_data", "tc_calq", "tc_x", "tc_y", "tc_z", "tc_eta", "tc_phi", "tc_mipPt", "tc_pt", "tc_energy", "tc_simenergy",
  "tc_puenergy", "event_simenergy", "genpart_pt", "genpart_eta", "genpart_phi", "genpart_exeta", "genpart_exphi",
  "genpart_reachedEE",
] as const; // prettier-ignore

/** Those that hold whole numbers. */
export const WHOLE_CELL_COLUMNS: readonly string[] = [...CELL_COLUMNS.slice(0, 11), "genpart_reachedEE"];

/** Units of the columns, in their order. */
export const CELL_UNITS: readonly string[] = CELL_COLUMNS.map((name) => {
  if (/_(x|y|z)$/.test(name)) return "cm";
  if (/energy$|_pt$/.test(name)) return "GeV";
  if (/phi$/.test(name)) return "rad";
  return name === "tc_mipPt" ? "MIP_T" : name === "tc_calq" ? "counts" : "1";
});

/** What the studies' genpart_reachedEE holds for a particle that comes to the calorimeter. */
const REACHED = 2;
const EDGES = [1.5, 3] as const;

/** The track the event is known by: what it began with, charged when it was an electron, else its hardest particle. */
function generated({ first, hard }: EventMaker): Track {
  const isElectron = ({ pdgId }: Particle): boolean => Math.abs(pdgId) === PDG.electron;
  if (first !== undefined) {
    const { pt, eta, turn } = first;
    return { pt, sinhEta: sinhOf(eta), turn, charge: hard.find(isElectron)?.charge ?? 0 };
  }
  return hard.reduce((most, one) => (one.pt > most.pt ? one : most));
}

function azimuth(turn: number): number {
  const inside = turn - Math.floor(turn + 0.5);
  return TURN * inside;
}

/** pt, eta, phi, extrapolated eta and phi, and whether it reaches the front face between the edges of the endcap. */
function generatorColumns(maker: EventMaker): number[] {
  const track = generated(maker);
  const eta = etaOfSinh(track.sinhEta);
  const phi = azimuth(track.turn);
  if (eta <= 0) return [track.pt, eta, phi, eta, phi, 0];
  const at = { x: 0, y: 0 };
  crossingPoint(track, FRONT_Z_CM, at);
  const extrapolated = etaOfSinh(FRONT_Z_CM / sqrt(at.x * at.x + at.y * at.y));
  const reached = extrapolated > EDGES[0] && extrapolated < EDGES[1] ? REACHED : 0;
  return [track.pt, eta, phi, extrapolated, phiOf(at), reached];
}

function cellColumns(maker: EventMaker, at: number, cell: number, layer: Layer, wafer: Wafer): number[] {
  const { grid, frontEnd } = maker;
  const x = wafer.xCm + CELL_X_CM[cell];
  const y = wafer.yCm + CELL_Y_CM[cell];
  const rCm = sqrt(x * x + y * y);
  const coshEta = coshEtaAt(rCm, layer.zCm);
  const mipPt = frontEnd.calq[at] / COUNTS_PER_MIP;
  const gevPerMip = triggerMevPerMip(layer) / 1000;
  return [
    layer.electromagnetic ? 1 : 2, 1, layer.number, wafer.u, wafer.v, wafer.type, CELL_U[cell], CELL_V[cell],
    frontEnd.codes[at], frontEnd.calq[at], x, y, layer.zCm, etaOfSinh(layer.zCm / rCm), phiOf({ x, y }),
    mipPt, mipPt * gevPerMip, mipPt * gevPerMip * coshEta, grid.signal[at] * gevPerMip, grid.pileup[at] * gevPerMip,
  ]; // prettier-ignore
}

function addEvent(maker: EventMaker, event: number, values: number[]): void {
  const { grid, frontEnd } = maker;
  const energy = maker.simEnergies().reduce((sum, one) => sum + one, 0);
  const particle = generatorColumns(maker);
  grid.layers.forEach(({ layer, wafers }, i) => {
    wafers.forEach((wafer, index) => {
      const module = grid.firstModule[i] + index;
      if (frontEnd.fired[module] === 0) return;
      for (let cell = 0; cell < CELLS; cell++) {
        const at = module * CELLS + cell;
        if (frontEnd.calq[at] === 0) continue;
        values.push(event, ...cellColumns(maker, at, cell, layer, wafer), energy, ...particle);
      }
    });
  });
}

/** Cells of events [from, to), row after row. */
export function makeEventCells(
  maker: EventMaker,
  seed: number,
  from: number,
  to: number,
): { readonly rows: number; readonly values: Float64Array } {
  const values: number[] = [];
  for (let event = from; event < to; event++) {
    maker.make(seed, event);
    addEvent(maker, event, values);
  }
  return { rows: values.length / CELL_COLUMNS.length, values: Float64Array.from(values) };
}
