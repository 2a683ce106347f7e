/**
 * Generator "hgcal-events": modules of simulated events as rows of 48 CALQ with the labels of the published training files.
 *
 * A row is a module with at least one trigger cell above zero. Energies are what the hard event lost in the layers' blocks, in GeV,
 * by the trigger's own weights: SimEnergyTotal of the module, EventSimEnergy of all modules that are simulated, and their ratio.
 */
import { rng } from "../core/rng.js";
import { CELLS, LABELS, type Label, type Slab } from "../core/table.js";
import { signalDrivenLinks } from "./detector.js";
import type { EventMaker, EventParameters } from "./makeevent.js";
import { phiOf } from "./jets/momentum.js";
import { pileupDrivenLinks } from "./pileuplinks.js";
import { etaOfSinh } from "./tracks.js";

export interface RowParameters extends EventParameters {
  /** Modules of |eta| below this (at their centre) are left out. */
  readonly lowestEta: number;
  /** Share of an event's modules that are kept, each by its own draw: more events for as many rows. */
  readonly keptShare: number;
}

const SUBDET_CE_E = 1;
const SUBDET_CE_H = 2;
/** Streams of the draws that keep modules: far from those of events. */
const KEEPING = 2 ** 40;

/** Rows collected in arrays that double. */
class Rows {
  #calq: Float64Array = new Float64Array(64 * CELLS);
  readonly #labels = new Map<Label, Float64Array>(LABELS.map((name) => [name, new Float64Array(64)]));
  #rows = 0;

  add(calq: Float64Array, labels: Readonly<Record<Label, number>>): void {
    if ((this.#rows + 1) * CELLS > this.#calq.length) this.#grow();
    this.#calq.set(calq, this.#rows * CELLS);
    for (const [name, column] of this.#labels) column[this.#rows] = labels[name];
    this.#rows++;
  }

  #grow(): void {
    const doubled = (values: Float64Array): Float64Array => {
      const larger = new Float64Array(2 * values.length);
      larger.set(values);
      return larger;
    };
    this.#calq = doubled(this.#calq);
    for (const [name, column] of this.#labels) this.#labels.set(name, doubled(column));
  }

  finish(): Slab {
    return {
      rows: this.#rows,
      calq: this.#calq.slice(0, this.#rows * CELLS),
      labels: new Map([...this.#labels].map(([name, column]) => [name, column.slice(0, this.#rows)])),
    };
  }
}

function addRows(
  maker: EventMaker,
  { lowestEta, keptShare }: RowParameters,
  seed: number,
  entry: number,
  rows: Rows,
): void {
  const { grid, frontEnd } = maker;
  const energies = maker.simEnergies();
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  const keeping = rng(seed, KEEPING + entry);
  grid.layers.forEach(({ layer, wafers }, i) => {
    wafers.forEach((wafer, index) => {
      const module = grid.firstModule[i] + index;
      if (frontEnd.fired[module] === 0) return;
      if (keptShare < 1 && keeping.uniform() >= keptShare) return;
      const eta = etaOfSinh(layer.zCm / wafer.rCm);
      if (eta < lowestEta) return;
      rows.add(frontEnd.calq.subarray(module * CELLS, (module + 1) * CELLS), {
        entry,
        SimEnergyTotal: energies[module],
        EventSimEnergy: total,
        SimEnergyFraction: total > 0 ? energies[module] / total : 0,
        subdet: layer.electromagnetic ? SUBDET_CE_E : SUBDET_CE_H,
        zside: 1,
        layer: layer.number,
        waferu: wafer.u,
        waferv: wafer.v,
        HD_LD: wafer.silicon.highDensity ? 1 : 0,
        ModType: wafer.type,
        eta,
        phi: phiOf({ x: wafer.xCm, y: wafer.yCm }),
        nElinks: signalDrivenLinks(layer.number),
        nElinksPU: pileupDrivenLinks(layer.number, wafer.u, wafer.v),
      });
    });
  });
}

/** Rows of events [from, to). */
export function makeEventRows(
  maker: EventMaker,
  parameters: RowParameters,
  seed: number,
  from: number,
  to: number,
): Slab {
  const rows = new Rows();
  for (let event = from; event < to; event++) {
    maker.make(seed, event);
    addRows(maker, parameters, seed, event, rows);
  }
  return rows.finish();
}
