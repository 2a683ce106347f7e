/**
 * Generator "hgcal-modules": rows of 48 CALQ of silicon modules, one row from one random stream, so any row can be made alone.
 *
 * A row is a module that was read out with some charge: a layer, a place in the endcap, hard particles near it (a share of
 * the rows) or none, soft particles of pileup, noise, digitisation. Modules are independent: neighbouring modules of one
 * event are not made together. Synthetic; no row or number is taken from a data file.
 */
import { cosTurns, exp, sinTurns, sqrt } from "../core/elementary.js";
import { rng, type Rng } from "../core/rng.js";
import { CELLS, type Label, type Slab } from "../core/table.js";
import { HIGHEST_ETA, siliconAt, TRIGGER_LAYERS, type Layer } from "./detector.js";
import { digitise, type FrontEnd } from "./digitise.js";
import { CELL_X_CM, CELL_Y_CM } from "./modulecells.js";
import { coshEtaAt, depositHard, depositSoft, etaAt, radiusAt, type Place, type Sample } from "./samples.js";

export interface ModuleParameters extends FrontEnd {
  readonly sample: Sample;
  /** Mean number of simultaneous interactions. */
  readonly pileup: number;
  /** Interactions' worth of soft particles that belong to the hard event itself. */
  readonly underlying: number;
  /** Share of rows with hard particles near the module. */
  readonly nearShare: number;
  /** Trigger layers used: first..last. */
  readonly firstLayer: number;
  readonly lastLayer: number;
  /** Modules from |eta| = 3 down to this. */
  readonly lowestEta: number;
}

/** Modules tried for one row before it is a fault of the parameters: 1 in 20 has noise enough in the emptiest samples. */
const MOST_ATTEMPTS = 10_000;

const ROW_LABELS = ["layer", "eta", "subdet", "HD_LD"] as const satisfies readonly Label[];
const SUBDET_CE_E = 1;
const SUBDET_CE_H = 2;

/** Radius over height at pseudorapidity `eta`: 1/sinh(eta). */
function slope(eta: number): number {
  return 2 / (exp(eta) - exp(-eta));
}

function drawPlace(layer: Layer, lowestEta: number, random: Rng): Place {
  const inner = slope(HIGHEST_ETA) * layer.zCm;
  const outer = slope(lowestEta) * layer.zCm;
  // Uniform in area.
  const rCm = sqrt(inner * inner + (outer * outer - inner * inner) * random.uniform());
  const turn = random.uniform();
  return { zCm: layer.zCm, rCm, outward: [cosTurns(turn), sinTurns(turn)] };
}

function cellCosh(place: Place): Float64Array {
  return Float64Array.from({ length: CELLS }, (_, i) =>
    coshEtaAt(radiusAt(place, CELL_X_CM[i], CELL_Y_CM[i]), place.zCm),
  );
}

interface Row {
  readonly calq: Float64Array;
  readonly labels: Readonly<Record<(typeof ROW_LABELS)[number], number>>;
}

function drawModule(parameters: ModuleParameters, layers: readonly Layer[], near: boolean, random: Rng): Row {
  const layer = layers[random.integer(layers.length)];
  const place = drawPlace(layer, parameters.lowestEta, random);
  const coshEta = coshEtaAt(place.rCm, place.zCm);
  const cosine = sqrt(1 - 1 / (coshEta * coshEta)); // tanh(eta)
  const target = { mips: new Float64Array(CELLS), layer, cosine };
  if (near) depositHard(target, place, parameters.sample, random);
  depositSoft(target, place, parameters.pileup + parameters.underlying, random);
  const silicon = siliconAt(place.rCm);
  return {
    calq: digitise(target.mips, cellCosh(place), silicon, parameters, random),
    labels: {
      layer: layer.number,
      eta: etaAt(place.rCm, place.zCm),
      subdet: layer.electromagnetic ? SUBDET_CE_E : SUBDET_CE_H,
      HD_LD: silicon.highDensity ? 1 : 0,
    },
  };
}

/** Row `row` of the data set: the first drawn module that holds any charge, as files of the studies list only those. */
export function makeRow(parameters: ModuleParameters, seed: number, row: number): Row {
  const random = rng(seed, row);
  const layers = TRIGGER_LAYERS.filter(
    ({ number }) => number >= parameters.firstLayer && number <= parameters.lastLayer,
  );
  const near = random.uniform() < parameters.nearShare;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const made = drawModule(parameters, layers, near, random);
    if (made.calq.some((charge) => charge > 0)) return made;
  }
  throw new RangeError(
    `module generator: row ${row}: expected a module with charge within ${MOST_ATTEMPTS} attempts, got none`,
  );
}

/** Rows [from, to) of the data set. */
export function makeModules(parameters: ModuleParameters, seed: number, from: number, to: number): Slab {
  const rows = to - from;
  const calq = new Float64Array(rows * CELLS);
  const labels = new Map<Label, Float64Array>(ROW_LABELS.map((name) => [name, new Float64Array(rows)]));
  for (let i = 0; i < rows; i++) {
    const row = makeRow(parameters, seed, from + i);
    calq.set(row.calq, i * CELLS);
    for (const name of ROW_LABELS) (labels.get(name) as Float64Array)[i] = row.labels[name];
  }
  return { rows, calq, labels };
}
