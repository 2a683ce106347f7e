/**
 * Calls kernels by named buffers: checks what goes in, lays it out in linear memory, calls, checks what comes out.
 *
 * After any trap the instance is replaced by a new one from the same compiled module. No Node modules: this runs in browsers
 * and in workers.
 */
import type { Buffers, Dims, NumericArray } from "../core/kernel.js";
import { MIB, callText, checkDims, checkInputs, memoryLimit } from "./checks.js";
import { Frame, POISON, type FrameOwner } from "./frame.js";
import { KernelInstance } from "./instance.js";
import { layOut, layOutStaying, type Callable, type Layout } from "./layout.js";
import * as memory from "./memory.js";
import { holds, stayingArrays, type Residence } from "./residence.js";

export const DEFAULT_MAXIMUM_BYTES = 1024 * MIB;
/** Sets of resident inputs that an instance keeps; when there is one more, all make room. */
const MOST_RESIDENCES = 16;
/** Part of the memory that they may fill. */
const RESIDENT_PART = 0.25;

export interface HostOptions {
  /** Poisoned memory, guard bands and unchanged inputs, checked at every call. Default false. */
  readonly validation?: boolean;
  /** Byte that unset memory is filled with in validation mode. Default 0xFF. */
  readonly poison?: number;
  /** Largest linear memory of one instance. Default 1 GiB. */
  readonly maximumBytes?: number;
}

/** A call whose inputs stay in linear memory, for timing the kernel alone. */
export interface Prepared {
  readonly bytes: number;
  /** The kernel on the resident inputs; throws unless the status is OK. */
  run(): void;
  /** Copies of the outputs of the last run. */
  read(): Buffers;
}

export class Host implements FrameOwner {
  readonly validation: boolean;
  readonly poison: number;
  readonly maximumBytes: number;
  readonly #module: WebAssembly.Module;
  #instance: KernelInstance | undefined;
  #made = 0;
  #epoch = 0;
  /** First byte after the prepared calls and the resident inputs. */
  #free: number | undefined;
  #prepared = 0;
  #residences: Residence[] = [];
  /** The last ordinary call: nobody has used its room since. */
  #last: Frame | undefined;

  constructor(module: WebAssembly.Module, options: HostOptions = {}) {
    this.#module = module;
    this.validation = options.validation ?? false;
    this.poison = options.poison ?? POISON;
    this.maximumBytes = options.maximumBytes ?? DEFAULT_MAXIMUM_BYTES;
  }

  /** Grows whenever all frames become invalid. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Instances made so far. */
  get instancesMade(): number {
    return this.#made;
  }

  /** Bytes of linear memory now; 0 without an instance. */
  get memoryBytes(): number {
    return this.#instance === undefined ? 0 : memory.sizeOf(this.#instance.memory);
  }

  /** True when the module has the kernel's export. */
  has(symbol: string): boolean {
    return this.#current().has(symbol);
  }

  /**
   * Runs `kernel` once; the outputs are copies, in the arrays of `into` where it has one of the right kind. Constant resident
   * inputs stay. Throws KernelError or LimitError.
   */
  call(kernel: Callable, inputs: Buffers, dims: Dims, into?: Buffers): Buffers {
    if (this.#last?.repeat(kernel, inputs, dims) === true) return this.#last.readAll(into);
    checkDims(kernel, dims);
    checkInputs(kernel, dims, inputs);
    const frame = this.frame(kernel, dims, inputs);
    for (const name of Object.keys(kernel.inputs)) if (!frame.has(name)) frame.write(name, inputs[name]);
    frame.run();
    this.#last = frame;
    return frame.readAll(into);
  }

  /**
   * Room for one call. Frames made later use the same room; the caller ends with one before it makes the next. Resident inputs
   * among `inputs` that are constant are in memory already (`frame.has`).
   */
  frame(kernel: Callable, dims: Dims, inputs: Buffers = {}): Frame {
    this.#last = undefined;
    const residence = this.#residence(kernel, dims, inputs);
    const instance = this.#current();
    const layout = this.#fit(instance, kernel, dims, residence);
    return new Frame(this, instance, layout, kernel, dims, residence);
  }

  /** Puts the inputs into memory to stay there beside those of other prepared calls, until `releaseAll`. */
  prepare(kernel: Callable, inputs: Buffers, dims: Dims): Prepared {
    checkDims(kernel, dims);
    checkInputs(kernel, dims, inputs);
    this.#last = undefined;
    const residence = this.#residence(kernel, dims, inputs);
    const instance = this.#current();
    const layout = this.#fit(instance, kernel, dims, residence);
    const frame = new Frame(this, instance, layout, kernel, dims, residence);
    this.#free = layout.end;
    this.#prepared++;
    for (const name of Object.keys(kernel.inputs)) if (!frame.has(name)) frame.write(name, inputs[name]);
    return {
      bytes: frame.bytes,
      run: () => {
        frame.run();
      },
      read: () => frame.readAll(),
    };
  }

  /** Ends all prepared calls and frames; their memory is used again. */
  releaseAll(): void {
    this.#free = undefined;
    this.#prepared = 0;
    this.#residences = [];
    this.#last = undefined;
    this.#epoch++;
  }

  /** Throws the instance away: the next call gets a new one with fresh statics and memory. */
  drop(): void {
    this.#instance = undefined;
    this.releaseAll();
  }

  #current(): KernelInstance {
    if (this.#instance === undefined) {
      this.#instance = new KernelInstance(this.#module);
      this.#made++;
    }
    return this.#instance;
  }

  /** Where the constant resident inputs of a call stay; undefined when they do not. Validation mode writes all, every time. */
  #residence(kernel: Callable, dims: Dims, inputs: Buffers): Residence | undefined {
    const arrays = this.validation ? undefined : stayingArrays(kernel, inputs);
    if (arrays === undefined) return undefined;
    const found = this.#residences.find((residence) => holds(residence, kernel, arrays));
    if (found !== undefined) return found;
    if (this.#residences.length >= MOST_RESIDENCES && this.#prepared === 0) this.releaseAll();
    return this.#settle(kernel, dims, arrays);
  }

  /** Undefined when what stays would take more than its part of the memory. */
  #settle(kernel: Callable, dims: Dims, arrays: ReadonlyMap<string, NumericArray>): Residence | undefined {
    const instance = this.#current();
    const { places, end } = layOutStaying(kernel, dims, this.#free ?? instance.arenaStart);
    if (end > RESIDENT_PART * this.maximumBytes || !memory.ensure(instance.memory, end)) return undefined;
    this.#free = end;
    const residence = { symbol: kernel.symbol, arrays, places, isPrepared: false };
    this.#residences.push(residence);
    return residence;
  }

  #fit(instance: KernelInstance, kernel: Callable, dims: Dims, residence?: Residence): Layout {
    const start = this.#free ?? instance.arenaStart;
    const layout = layOut(kernel, dims, start, this.validation, residence?.places);
    this.#ensure(instance, kernel, dims, layout.end);
    return layout;
  }

  #ensure(instance: KernelInstance, kernel: Callable, dims: Dims, end: number): void {
    const where = callText(kernel, dims);
    if (end > this.maximumBytes) throw memoryLimit(where, end, this.maximumBytes);
    if (!memory.ensure(instance.memory, end)) throw memoryLimit(where, end, memory.sizeOf(instance.memory));
  }
}

export function createHost(module: WebAssembly.Module, options: HostOptions = {}): Host {
  return new Host(module, options);
}
