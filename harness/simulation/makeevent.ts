/**
 * One simulated event: hard particles, pileup, charges in every trigger cell, front end.
 *
 * An event has random streams of its own, so event i needs no event i-1 and threads may share the work. Particles, showers and
 * electronics draw from one stream in that order. The grid is reused: what an event left is gone when the next is made.
 */
import { rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";
import { triggerLayers, triggerMevPerMip } from "./detector.js";
import { EventGrid } from "./eventgrid.js";
import type { Parton } from "./fragmentation.js";
import { FrontEnd, type FrontEndParameters } from "./frontend.js";
import { hardEvent, type HardEvent } from "./hard.js";
import { plainDepositor, type Depositor } from "./depositor.js";
import type { Particle } from "./particles.js";
import { pileup } from "./soft.js";

export interface EventParameters extends HardEvent, FrontEndParameters {
  /** Mean number of simultaneous soft interactions. */
  readonly pileup: number;
  /** Trigger layers that are simulated: first..last of 1..50. */
  readonly firstLayer: number;
  readonly lastLayer: number;
}

export class EventMaker {
  readonly grid: EventGrid;
  readonly frontEnd: FrontEnd;
  /** Particles of the last event's hard part. */
  readonly hard: Particle[] = [];
  /** The parton or particle the last event began with; none for top pairs. */
  first: Parton | undefined;
  readonly #deposit: Depositor;

  /** `depositorOf` says who leaves the charges: the same bytes from each. */
  constructor(
    private readonly parameters: EventParameters,
    depositorOf: (grid: EventGrid) => Depositor = plainDepositor,
  ) {
    this.grid = new EventGrid(triggerLayers(parameters.firstLayer, parameters.lastLayer));
    this.#deposit = depositorOf(this.grid);
    this.frontEnd = new FrontEnd(this.grid, parameters);
  }

  /** Makes event number `event` of the sequence that `seed` begins; read it from `grid` and `frontEnd`. */
  make(seed: number, event: number): void {
    const random = rng(seed, event);
    const { grid, hard, parameters } = this;
    grid.clear();
    hard.length = 0;
    grid.from("signal");
    this.first = hardEvent(parameters, random, (one) => {
      hard.push(one);
      this.#deposit(one, random);
    });
    grid.from("pileup");
    if (parameters.pileup > 0)
      pileup(parameters.pileup, random, (one) => {
        this.#deposit(one, random);
      });
    this.frontEnd.read(random);
  }

  /** Energy (GeV, by the trigger's weights) that the last event's hard part lost in each module of the grid. */
  simEnergies(): Float64Array {
    const { grid } = this;
    const energies = new Float64Array(grid.touched.length);
    grid.layers.forEach(({ layer }, i) => {
      const gevPerMip = triggerMevPerMip(layer) / 1000;
      for (let module = grid.firstModule[i]; module < grid.firstModule[i + 1]; module++) {
        if (grid.touched[module] === 0) continue;
        let mips = 0;
        for (let at = module * CELLS; at < (module + 1) * CELLS; at++) mips += grid.signal[at];
        energies[module] = mips * gevPerMip;
      }
    });
    return energies;
  }
}
