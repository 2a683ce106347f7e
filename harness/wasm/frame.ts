/**
 * A laid-out call: where its buffers stand, what was written, one run or many. In validation mode every run is surrounded by
 * poison and guard bands, and checked.
 *
 * A frame lives as long as its instance and its room; afterwards every use is refused (KernelError, tag "stale").
 */
import { HarnessError, KernelError } from "../core/errors.js";
import { STATUS, type Buffers, type Dims, type NumericArray } from "../core/kernel.js";
import { callText, checkStatus } from "./checks.js";
import type { KernelInstance, WasmFunction } from "./instance.js";
import type { Callable, Layout, Place } from "./layout.js";
import * as memory from "./memory.js";
import type { Residence } from "./residence.js";

/** Unset memory in validation mode: NaN as f32 and f64, -1 as an integer. */
export const POISON = 0xff;

/** Whose room a frame stands in. */
export interface FrameOwner {
  readonly validation: boolean;
  readonly poison: number;
  readonly maximumBytes: number;
  /** Grows whenever all frames become invalid. */
  readonly epoch: number;
  /** Throws the instance away. */
  drop(): void;
}

/** Refusals after which the memory cannot be trusted. */
const DAMAGE: ReadonlySet<string> = new Set(["overrun", "bad-status"]);

const NO_BUFFERS: Buffers = {};

/** Names in a plain record; quicker than making the list of them, and than asking for each whether it is its own. */
function countOf(buffers: Buffers): number {
  let count = 0;
  for (const name in buffers) count += name === "" ? 0 : 1;
  return count;
}

/** A call with its arguments written out is half as long as one that spreads a list. */
function callWith(callee: WasmFunction, args: readonly number[]): unknown {
  switch (args.length) {
    case 1:
      return callee(args[0]);
    case 2:
      return callee(args[0], args[1]);
    case 3:
      return callee(args[0], args[1], args[2]);
    case 4:
      return callee(args[0], args[1], args[2], args[3]);
    default:
      return callee(...args);
  }
}

/** A laid-out call: write the inputs, run, read the outputs; any number of times while its instance lives. */
export class Frame {
  readonly #host: FrameOwner;
  readonly #instance: KernelInstance;
  readonly #layout: Layout;
  readonly #kernel: Callable;
  readonly #dims: Dims;
  readonly #args: readonly number[];
  readonly #written = new Map<string, NumericArray>();
  readonly #places: ReadonlyMap<string, Place>;
  readonly #windows: ReadonlyMap<string, memory.Window>;
  readonly #outputs: readonly memory.Window[];
  readonly #inputs: readonly memory.Window[];
  readonly #residence: Residence | undefined;
  readonly #staying: readonly { readonly name: string; readonly values: NumericArray }[];
  #callee: WasmFunction | undefined;
  /** Whether the kept buffers belong to the resident inputs as they are. */
  #isPrepared: boolean;
  #epoch: number;

  /** Made by Host only. Inputs in `residence` are written by the frame; the caller writes the others. */
  constructor(
    host: FrameOwner,
    instance: KernelInstance,
    layout: Layout,
    kernel: Callable,
    dims: Dims,
    residence?: Residence,
  ) {
    this.#host = host;
    this.#instance = instance;
    this.#layout = layout;
    this.#kernel = kernel;
    this.#dims = dims;
    this.#epoch = host.epoch;
    this.#args = [layout.table.offset, ...kernel.dims.map((name) => dims[name])];
    this.#residence = residence;
    this.#staying = [...(residence?.arrays ?? [])].map(([name, values]) => ({ name, values }));
    this.#isPrepared = kernel.prepare === undefined;
    const { memory: linear } = instance;
    this.#places = new Map(layout.places.map((place) => [place.name, place]));
    this.#windows = new Map(layout.places.map((place) => [place.name, new memory.Window(linear, place)]));
    const windows = [...this.#windows.values()];
    this.#outputs = windows.filter(({ place }) => place.role === "output");
    this.#inputs = windows.filter(
      ({ place }) => place.role === "input" && residence?.arrays.has(place.name) !== true,
    );
    if (host.validation) {
      memory.fill(linear, layout.start, layout.end, host.poison);
      for (const gap of layout.gaps) memory.fillGap(linear, gap);
    }
    memory.write(linear, layout.table, this.#pointers());
    if (residence !== undefined) this.#settle(residence);
  }

  /** Resident inputs are written and prepared once, by the first frame that uses them. */
  #settle(residence: Residence): void {
    if (!residence.isPrepared) {
      for (const [name, values] of residence.arrays) this.write(name, values);
      if (this.#kernel.prepare !== undefined) this.#prepare(this.#kernel.prepare);
      residence.isPrepared = true;
    }
    this.#isPrepared = true;
  }

  /** Linear memory that the call takes, in bytes. */
  get bytes(): number {
    return this.#layout.end - this.#layout.start;
  }

  /** True when this input is in memory already, to stay. */
  has(name: string): boolean {
    return this.#residence?.arrays.has(name) === true;
  }

  /** Copies an input in. Its type and length have been checked by the caller. */
  write(name: string, values: NumericArray): void {
    this.#mustBeCurrent();
    this.#window(name).values.set(values);
    if (this.#kernel.inputs[name].resident === true) this.#isPrepared = this.#kernel.prepare === undefined;
    if (this.#host.validation) this.#written.set(name, values);
  }

  /**
   * Writes the inputs and runs, when kernel, dimensions and resident arrays are this frame's and nobody has used its room since
   * (the caller knows); false when something differs, and then nothing was done: a small kernel is quicker than the bookkeeping.
   */
  repeat(kernel: Callable, inputs: Buffers, dims: Dims): boolean {
    if (this.#host.validation || kernel !== this.#kernel || this.#epoch !== this.#host.epoch) return false;
    for (const name of kernel.dims) if (dims[name] !== this.#dims[name]) return false;
    if (!this.#takes(inputs)) return false;
    for (const window of this.#inputs) window.values.set(inputs[window.place.name]);
    if (this.#residence === undefined) this.#isPrepared = kernel.prepare === undefined;
    this.run();
    return true;
  }

  /** Exactly the declared inputs, of the right kind, the resident ones those that are here? */
  #takes(inputs: Buffers): boolean {
    if (countOf(inputs) !== this.#inputs.length + this.#staying.length) return false;
    for (const { name, values } of this.#staying) if (inputs[name] !== values) return false;
    for (const window of this.#inputs) if (!window.fits(inputs[window.place.name])) return false;
    return true;
  }

  /** Runs the kernel on what was written; throws unless the status is OK. */
  run(): void {
    this.#mustBeCurrent();
    if (this.#host.validation) this.#poison();
    if (!this.#isPrepared || (this.#host.validation && this.#kernel.prepare !== undefined)) {
      this.#prepare(this.#kernel.prepare as string);
      this.#isPrepared = true;
    }
    const kept = this.#host.validation ? this.#keptBytes() : [];
    this.#callee ??= this.#find(this.#kernel.symbol);
    const status = this.#invoke(this.#callee);
    try {
      if (this.#host.validation) this.#checkMemory();
      for (const [name, before] of kept) this.#checkKept(name, before);
      // The call's text is made only when it is needed: it costs as much as a small kernel.
      if (status !== STATUS.ok) checkStatus(this.#where(), status, this.#layout.end, this.#host.maximumBytes);
      if (this.#host.validation) this.#checkOutputs();
    } catch (error) {
      if (error instanceof HarnessError && DAMAGE.has(error.tag)) this.#host.drop();
      throw error;
    }
  }

  /** A copy of an output. */
  read(name: string): NumericArray {
    this.#mustBeCurrent();
    return this.#window(name).values.slice();
  }

  readInto(name: string, target: NumericArray): void {
    this.#mustBeCurrent();
    target.set(this.#window(name).values);
  }

  /** The first `count` elements of an output, copied to the start of `target`. */
  readStart(name: string, target: NumericArray, count: number): void {
    this.#mustBeCurrent();
    target.set(this.#window(name).values.subarray(0, count));
  }

  /**
   * Copies of all outputs by name, in the arrays of `into` where it has one of the right kind and length; `into` itself when all
   * fit and it holds nothing else.
   */
  readAll(into: Buffers = NO_BUFFERS): Buffers {
    this.#mustBeCurrent();
    if (this.#fitsAll(into)) {
      for (const window of this.#outputs) into[window.place.name].set(window.values);
      return into;
    }
    const outputs: Record<string, NumericArray> = {};
    for (const window of this.#outputs) {
      const { name } = window.place;
      const target = (into as Partial<Buffers>)[name];
      if (window.fits(target)) {
        target.set(window.values);
        outputs[name] = target;
      } else outputs[name] = window.values.slice();
    }
    return outputs;
  }

  #fitsAll(into: Buffers): boolean {
    for (const window of this.#outputs) if (!window.fits(into[window.place.name])) return false;
    return countOf(into) === this.#outputs.length;
  }

  #where(): string {
    return callText(this.#kernel, this.#dims);
  }

  #pointers(): number[] {
    return this.#layout.places.map((place) => place.offset);
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`${this.#where()}: no buffer named ${name}`);
    return place;
  }

  #window(name: string): memory.Window {
    const window = this.#windows.get(name);
    if (window === undefined) throw new RangeError(`${this.#where()}: no buffer named ${name}`);
    return window;
  }

  #mustBeCurrent(): void {
    if (this.#epoch === this.#host.epoch) return;
    throw new KernelError(
      `${this.#where()}: stale call: its memory was given to another call or its instance replaced`,
      {
        tag: "stale",
      },
    );
  }

  /** Fills the kept buffers. A refusal of the kernel is thrown, as by `run`. */
  #prepare(symbol: string): void {
    const status = this.#invoke(this.#find(symbol));
    if (status !== STATUS.ok) checkStatus(this.#where(), status, this.#layout.end, this.#host.maximumBytes);
  }

  #find(symbol: string): WasmFunction {
    return this.#instance.callee(symbol);
  }

  #keptBytes(): [name: string, before: NumericArray][] {
    return Object.keys(this.#kernel.kept ?? {}).map((name) => [name, this.#window(name).values.slice()]);
  }

  #checkKept(name: string, before: NumericArray): void {
    const byte = memory.firstChange(this.#instance.memory, this.#place(name), before);
    if (byte !== undefined) throw this.#overrun(`changed its kept buffer ${name} at byte ${byte}`);
  }

  #invoke(callee: WasmFunction): unknown {
    try {
      return callWith(callee, this.#args);
    } catch (error) {
      this.#host.drop();
      if (error instanceof HarnessError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new KernelError(`${this.#where()}: trapped: ${reason}`, { tag: "trap", cause: error });
    }
  }

  #poison(): void {
    const { memory: linear } = this.#instance;
    for (const place of this.#layout.places) {
      if (place.role !== "input")
        memory.fill(linear, place.offset, place.offset + place.bytes, this.#host.poison);
    }
  }

  #checkMemory(): void {
    const { memory: linear } = this.#instance;
    for (const gap of this.#layout.gaps) {
      const damage = memory.damageIn(linear, gap);
      if (damage !== undefined) {
        throw this.#overrun(`wrote outside its buffers: ${damage} bytes after the end of ${gap.after}`);
      }
    }
    const pointer = memory.firstChange(linear, this.#layout.table, Uint32Array.from(this.#pointers()));
    if (pointer !== undefined) throw this.#overrun(`changed its pointer table at entry ${pointer}`);
    for (const [name, values] of this.#written) {
      const element = memory.firstChange(linear, this.#place(name), values);
      if (element !== undefined) throw this.#overrun(`changed its input ${name} at element ${element}`);
    }
  }

  #overrun(what: string): KernelError {
    return new KernelError(`${this.#where()}: ${what}`, { tag: "overrun" });
  }

  /** An unset NaN pattern in a floating-point output was never written, or was computed from unset memory. */
  #checkOutputs(): void {
    for (const place of this.#layout.places) {
      if (place.role !== "output" || !place.dtype.startsWith("f") || this.#host.poison !== POISON) continue;
      const element = memory.firstUntouched(this.#instance.memory, place, POISON);
      if (element === undefined) continue;
      throw new KernelError(
        `${this.#where()}: output ${place.name}: left unset or made from unset memory at element ${element}`,
        { tag: "unset" },
      );
    }
  }
}
