/** Charges of one event in every trigger cell of the layers that are simulated, signal and pileup apart. Units: MIPs. */
import { CELLS } from "../core/table.js";
import { cellAt } from "./modulecells.js";
import type { Layer } from "./detector.js";
import { WaferLayer } from "./wafers.js";

/** Whose energy is being deposited. */
export type Origin = "signal" | "pileup";

export class EventGrid {
  readonly layers: readonly WaferLayer[];
  /** First module of each layer; modules are numbered layer after layer, the last entry is their number. */
  readonly firstModule: readonly number[];
  /** [modules, 48]. */
  readonly signal: Float64Array;
  readonly pileup: Float64Array;
  /** 1 where a module has any charge. */
  readonly touched: Uint8Array;
  #into: Float64Array;

  constructor(layers: readonly Layer[]) {
    this.layers = layers.map((layer) => new WaferLayer(layer));
    const first = [0];
    for (const { wafers } of this.layers) first.push(first[first.length - 1] + wafers.length);
    this.firstModule = first;
    const modules = first[first.length - 1];
    this.signal = new Float64Array(modules * CELLS);
    this.pileup = new Float64Array(modules * CELLS);
    this.touched = new Uint8Array(modules);
    this.#into = this.signal;
  }

  clear(): void {
    const { touched, signal, pileup } = this;
    for (let module = 0; module < touched.length; module++) {
      if (touched[module] === 0) continue;
      signal.fill(0, module * CELLS, (module + 1) * CELLS);
      pileup.fill(0, module * CELLS, (module + 1) * CELLS);
    }
    touched.fill(0);
  }

  /** What follows belongs to the signal, or to pileup. */
  from(origin: Origin): void {
    this.#into = origin === "signal" ? this.signal : this.pileup;
  }

  /** The cell (module times 48 plus cell) at (x, y) cm of layer number `layer` of `layers`; -1 where there is no silicon. */
  locate(layer: number, x: number, y: number): number {
    const plane = this.layers[layer];
    const index = plane.at(x, y);
    if (index < 0) return -1;
    const wafer = plane.wafers[index];
    const cell = cellAt(x - wafer.xCm, y - wafer.yCm);
    return wafer.present[cell] === 0 ? -1 : (this.firstModule[layer] + index) * CELLS + cell;
  }

  /** Adds charge to the cell at (x, y) cm of layer number `layer`; nothing where there is no silicon. */
  add(layer: number, x: number, y: number, mips: number): void {
    const at = this.locate(layer, x, y);
    if (at >= 0) this.addTo(at, mips);
  }

  /** Adds charge to a cell that `locate` gave. */
  addTo(at: number, mips: number): void {
    this.#into[at] += mips;
    this.touched[Math.floor(at / CELLS)] = 1;
  }
}
