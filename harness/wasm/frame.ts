/**
 * A laid-out call: where its buffers stand, what was written, one run or many. In validation mode every run is surrounded by
 * poison and guard bands, and checked.
 *
 * A frame lives as long as its instance and its room; afterwards every use is refused (KernelError, tag "stale").
 */
import { HarnessError, KernelError } from "../core/errors.js";
import { STATUS, type Buffers, type Dims, type NumericArray } from "../core/kernel.js";
import { callText, checkStatus } from "./checks.js";
import type { KernelInstance } from "./instance.js";
import type { Callable, Layout, Place } from "./layout.js";
import * as memory from "./memory.js";

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
  #epoch: number;

  /** Made by Host only. */
  constructor(host: FrameOwner, instance: KernelInstance, layout: Layout, kernel: Callable, dims: Dims) {
    this.#host = host;
    this.#instance = instance;
    this.#layout = layout;
    this.#kernel = kernel;
    this.#dims = dims;
    this.#epoch = host.epoch;
    this.#args = [layout.table.offset, ...kernel.dims.map((name) => dims[name])];
    this.#places = new Map(layout.places.map((place) => [place.name, place]));
    const { memory: linear } = instance;
    if (host.validation) {
      memory.fill(linear, layout.start, layout.end, host.poison);
      for (const gap of layout.gaps) memory.fillGap(linear, gap);
    }
    memory.write(linear, layout.table, this.#pointers());
  }

  /** Linear memory that the call takes, in bytes. */
  get bytes(): number {
    return this.#layout.end - this.#layout.start;
  }

  /** Copies an input in. Its type and length have been checked by the caller. */
  write(name: string, values: NumericArray): void {
    this.#mustBeCurrent();
    memory.write(this.#instance.memory, this.#place(name), values);
    if (this.#host.validation) this.#written.set(name, values);
  }

  /** Runs the kernel on what was written; throws unless the status is OK. */
  run(): void {
    this.#mustBeCurrent();
    if (this.#host.validation) this.#poison();
    const status = this.#invoke();
    try {
      if (this.#host.validation) this.#checkMemory();
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
    return memory.read(this.#instance.memory, this.#place(name));
  }

  readInto(name: string, target: NumericArray): void {
    this.#mustBeCurrent();
    memory.readInto(this.#instance.memory, this.#place(name), target);
  }

  /** Copies of all outputs by name. */
  readAll(): Buffers {
    return Object.fromEntries(Object.keys(this.#kernel.outputs).map((name) => [name, this.read(name)]));
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

  #mustBeCurrent(): void {
    if (this.#epoch === this.#host.epoch) return;
    throw new KernelError(
      `${this.#where()}: stale call: its memory was given to another call or its instance replaced`,
      {
        tag: "stale",
      },
    );
  }

  #invoke(): unknown {
    try {
      return this.#instance.invoke(this.#kernel.symbol, this.#args);
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
