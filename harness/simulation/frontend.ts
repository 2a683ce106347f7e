/**
 * From MIPs in the silicon to CALQ counts, as the front end and the chip do it: noise and threshold of sensor cells, 7-bit float
 * code of their sum, 12-bit calibration by 1/cosh(eta). Codes and calibration are those of harness/chip.
 *
 * Sensor cells below about half a MIP of their thickness are suppressed before the sum (CMSSW hgcalDigitizer_cfi.py,
 * thresholdFollowsMIP). Charges are known by trigger cell: all of a cell's charge is taken as seen by one sensor cell; the others can only fire by noise alone.
 */
import { log } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { CALIBRATION_ONE, densityDrop, fixedPoint } from "../chip/calibration.js";
import { CODE_4E3M, dropBits, encodeFloat } from "../chip/floatcodes.js";
import { CELLS } from "../core/table.js";
import { COUNTS_PER_MIP, SENSORS, type Silicon } from "./detector.js";
import type { EventGrid } from "./eventgrid.js";
import { cellsToPass, drawAbove, normalTail } from "./noise.js";

export interface FrontEndParameters {
  /** Sensor cells below this charge are left out, MIPs of their own thickness. */
  readonly thresholdMips: number;
}

/** Fixed-point charge of each of the 128 codes, by density. */
const FIXED = [false, true].map((highDensity) =>
  Float64Array.from({ length: 128 }, (_, code) => fixedPoint(code, highDensity)),
);

/** Probability that at least one of `count` cells fires when each does with `probability`. */
function anyOf(count: number, probability: number): number {
  let none = 1;
  for (let i = 0; i < count; i++) none *= 1 - probability;
  return 1 - none;
}

/** Wafers of one layer with the same sensor, by index into its wafers. */
interface Group {
  readonly layer: number;
  readonly silicon: Silicon;
  readonly wafers: readonly number[];
}

export class FrontEnd {
  readonly #threshold: number;
  /** ln(1 - p), p the share of trigger cells that noise alone lifts above threshold, by sensor. */
  readonly #quiet: ReadonlyMap<Silicon, number>;
  /** The grid's wafers in the order that noise visits them. */
  readonly #groups: readonly Group[];
  /** Of the last event: codes and CALQ [modules, 48], 1 where a module has a cell above zero. */
  readonly codes: Uint8Array;
  readonly calq: Float64Array;
  readonly fired: Uint8Array;

  constructor(
    private readonly grid: EventGrid,
    { thresholdMips }: FrontEndParameters,
  ) {
    this.#threshold = thresholdMips * COUNTS_PER_MIP;
    this.#quiet = new Map(
      SENSORS.map((silicon) => [
        silicon,
        log(1 - anyOf(silicon.cells, normalTail(this.#threshold / silicon.noiseCounts))),
      ]),
    );
    this.#groups = grid.layers.flatMap(({ wafers }, layer) =>
      SENSORS.map((silicon) => ({
        layer,
        silicon,
        wafers: Array.from(wafers.keys()).filter((index) => wafers[index].silicon === silicon),
      })),
    );
    const modules = grid.touched.length;
    this.codes = new Uint8Array(modules * CELLS);
    this.calq = new Float64Array(modules * CELLS);
    this.fired = new Uint8Array(modules);
  }

  /** Digitises the charges of the grid. */
  read(random: Rng): void {
    this.#clear();
    const { touched, firstModule } = this.grid;
    for (const { layer, silicon, wafers } of this.#groups) {
      const quiet = this.#quiet.get(silicon) ?? 0;
      let passing = cellsToPass(quiet, random);
      for (const index of wafers) {
        if (touched[firstModule[layer] + index] === 1) this.#charged(layer, index, random);
        while (passing < CELLS) {
          this.#empty(layer, index, passing, random);
          passing += 1 + cellsToPass(quiet, random);
        }
        passing -= CELLS;
      }
    }
  }

  #clear(): void {
    for (let module = 0; module < this.fired.length; module++) {
      if (this.fired[module] === 0) continue;
      this.codes.fill(0, module * CELLS, (module + 1) * CELLS);
      this.calq.fill(0, module * CELLS, (module + 1) * CELLS);
    }
    this.fired.fill(0);
  }

  /** Cells with charge. */
  #charged(layer: number, index: number, random: Rng): void {
    const { signal, pileup } = this.grid;
    const { noiseCounts } = this.grid.layers[layer].wafers[index].silicon;
    const first = (this.grid.firstModule[layer] + index) * CELLS;
    for (let cell = 0; cell < CELLS; cell++) {
      const mips = signal[first + cell] + pileup[first + cell];
      if (mips === 0) continue;
      const counts = mips * COUNTS_PER_MIP + noiseCounts * random.normal();
      if (counts >= this.#threshold) this.#put(layer, index, cell, counts);
    }
  }

  /** A cell that noise alone has lifted above threshold, unless it has charge or does not exist. */
  #empty(layer: number, index: number, cell: number, random: Rng): void {
    const wafer = this.grid.layers[layer].wafers[index];
    const { noiseCounts } = wafer.silicon;
    const counts = noiseCounts * drawAbove(this.#threshold / noiseCounts, random);
    if (wafer.present[cell] === 0) return;
    const at = (this.grid.firstModule[layer] + index) * CELLS + cell;
    if (this.grid.signal[at] + this.grid.pileup[at] === 0) this.#put(layer, index, cell, counts);
  }

  #put(layer: number, index: number, cell: number, counts: number): void {
    const { silicon, factors } = this.grid.layers[layer].wafers[index];
    const at = (this.grid.firstModule[layer] + index) * CELLS + cell;
    const code = encodeFloat(dropBits(Math.floor(counts), densityDrop(silicon.highDensity)), CODE_4E3M);
    if (code === 0) return;
    const calq = Math.floor((FIXED[silicon.highDensity ? 1 : 0][code] * factors[cell]) / CALIBRATION_ONE);
    this.codes[at] = code;
    this.calq[at] = calq;
    if (calq > 0) this.fired[this.grid.firstModule[layer] + index] = 1;
  }
}
