/**
 * Figures of simulated electromagnetic showers that a physicist asks for first: linearity, resolution, width, depth of the maximum.
 *
 * Electrons at |eta| = 2, even in azimuth, started at the front face, in all 28 layers of CE-E, before the front end. Seeded: the
 * same figures each time.
 */
import { cosTurns, log, sinTurns, sqrt } from "../core/elementary.js";
import { rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";
import { depositShower } from "./deposits.js";
import { LAYERS } from "./detector.js";
import { EventGrid } from "./eventgrid.js";
import { CELL_X_CM, CELL_Y_CM } from "./modulecells.js";
import { drawProfile, layerFraction } from "./shower.js";
import { sinhOf, type Track } from "./tracks.js";

/** One figure and the bounds it is meant to lie in (included). */
export interface ShowerFigure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const SINH_ETA = sinhOf(2);
const CE_E = LAYERS.filter(({ electromagnetic }) => electromagnetic);
const SEED = 17;
const ENERGIES_GEV = [10, 20, 50, 100, 200];
/** Showers per energy so that its mean is known to about 0.5 %. */
const SHOWER_GEV = 4000;
const LEAST_SHOWERS = 40;
const RESOLUTION_GEV = [10, 100] as const;
const RESOLUTION_SHOWERS = 800;

function electron(gev: number, turn: number): Track {
  return { pt: gev / sqrt(1 + SINH_ETA * SINH_ETA), sinhEta: SINH_ETA, turn, charge: 0 };
}

function depositedGev(grid: EventGrid): number {
  let sum = 0;
  grid.layers.forEach(({ layer }, i) => {
    for (let module = grid.firstModule[i]; module < grid.firstModule[i + 1]; module++) {
      if (grid.touched[module] === 0) continue;
      let mips = 0;
      for (let at = module * CELLS; at < (module + 1) * CELLS; at++) mips += grid.signal[at];
      sum += (mips * layer.mevPerMip) / 1000;
    }
  });
  return sum;
}

/** Mean of deposited over true energy, and its standard deviation. */
function response(
  grid: EventGrid,
  gev: number,
  showers: number,
): { readonly mean: number; readonly spread: number } {
  const random = rng(SEED, gev);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < showers; i++) {
    grid.clear();
    depositShower(grid, electron(gev, random.uniform()), "electron", random);
    const ratio = depositedGev(grid) / gev;
    sum += ratio;
    squares += ratio * ratio;
  }
  const mean = sum / showers;
  return { mean, spread: sqrt(squares / showers - mean * mean) };
}

/** Largest departure of the mean response from their middle. */
function linearity(grid: EventGrid): number {
  const means = ENERGIES_GEV.map(
    (gev) => response(grid, gev, Math.max(LEAST_SHOWERS, SHOWER_GEV / gev)).mean,
  );
  const [least, most] = [Math.min(...means), Math.max(...means)];
  return (most - least) / (most + least);
}

/** Stochastic term: slope of the squared resolution against 1 / E. */
function stochasticTerm(grid: EventGrid): number {
  const [low, high] = RESOLUTION_GEV.map((gev) => response(grid, gev, RESOLUTION_SHOWERS).spread);
  return sqrt((low * low - high * high) / (1 / RESOLUTION_GEV[0] - 1 / RESOLUTION_GEV[1]));
}

/** Radius (cm) that holds 90 % of the energy of 50 GeV, all layers together; cells count by their centre. */
function containment(grid: EventGrid): number {
  const random = rng(SEED, 1);
  const binCm = 0.05;
  const bins = new Float64Array(400);
  for (let i = 0; i < LEAST_SHOWERS; i++) {
    grid.clear();
    const track = electron(50, random.uniform());
    depositShower(grid, track, "electron", random);
    grid.layers.forEach(({ layer, wafers }, l) => {
      const rCm = layer.zCm / track.sinhEta;
      const [x, y] = [rCm * cosTurns(track.turn), rCm * sinTurns(track.turn)];
      wafers.forEach(({ xCm, yCm }, index) => {
        const module = grid.firstModule[l] + index;
        if (grid.touched[module] === 0) return;
        for (let cell = 0; cell < CELLS; cell++) {
          const [dx, dy] = [xCm + CELL_X_CM[cell] - x, yCm + CELL_Y_CM[cell] - y];
          const bin = Math.floor(sqrt(dx * dx + dy * dy) / binCm);
          bins[Math.min(bin, bins.length - 1)] += grid.signal[module * CELLS + cell] * layer.mevPerMip;
        }
      });
    });
  }
  const total = bins.reduce((sum, one) => sum + one, 0);
  let inside = 0;
  let bin = 0;
  while (inside < 0.9 * total) inside += bins[bin++];
  return bin * binCm;
}

/** Depth (X0) of the largest layer of the mean profile, by a parabola through its neighbours. */
function depthOfMaximum(gev: number): number {
  const random = rng(SEED, 2);
  const sums = CE_E.map(() => 0);
  for (let i = 0; i < 400; i++) {
    const profile = drawProfile(gev, 0, random);
    CE_E.forEach((layer, k) => {
      sums[k] += layerFraction(profile, layer, 1);
    });
  }
  const at = sums.indexOf(Math.max(...sums));
  const [before, top, after] = [sums[at - 1], sums[at], sums[at + 1]];
  const shift = (before - after) / (2 * (before - 2 * top + after));
  return CE_E[at].depthX0 + CE_E[at].thicknessX0 * (shift - 0.5);
}

/** The figures with their bounds (the synthetic sets' specification: linear within 2 %, term 0.20 to 0.26). */
export function showerFigures(): ShowerFigure[] {
  const grid = new EventGrid(CE_E);
  const growth = (depthOfMaximum(500) - depthOfMaximum(5)) / log(100);
  return [
    { id: "linearity", title: "departure from linear response, 10 to 200 GeV", unit: "", value: linearity(grid), low: 0, high: 0.02 },
    { id: "stochastic-term", title: "stochastic term", unit: "sqrt(GeV)", value: stochasticTerm(grid), low: 0.2, high: 0.26 },
    { id: "containment-90", title: "radius of 90 % of 50 GeV", unit: "cm", value: containment(grid), low: 2, high: 3.5 },
    { id: "maximum-growth", title: "shower maximum per e in energy", unit: "X0", value: growth, low: 0.8, high: 1.2 },
  ]; // prettier-ignore
}
