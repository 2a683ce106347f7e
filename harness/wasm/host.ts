/**
 * Calls kernels by named buffers: checks what goes in, lays it out in linear memory, calls, checks what comes out.
 *
 * After any trap the instance is replaced by a new one from the same compiled module. No Node modules: this runs in browsers
 * and in workers.
 */
import type { Buffers, Dims } from "../core/kernel.js";
import { MIB, callText, checkDims, checkInputs, memoryLimit } from "./checks.js";
import { Frame, POISON, type FrameOwner } from "./frame.js";
import { KernelInstance } from "./instance.js";
import { layOut, type Callable, type Layout } from "./layout.js";
import * as memory from "./memory.js";

export const DEFAULT_MAXIMUM_BYTES = 1024 * MIB;

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
  /** First byte after the prepared calls. */
  #free: number | undefined;

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

  /** Runs `kernel` once; the outputs are copies. Throws KernelError or LimitError. */
  call(kernel: Callable, inputs: Buffers, dims: Dims): Buffers {
    checkDims(kernel, dims);
    checkInputs(kernel, dims, inputs);
    const frame = this.frame(kernel, dims);
    for (const name of Object.keys(kernel.inputs)) frame.write(name, inputs[name]);
    frame.run();
    return frame.readAll();
  }

  /** Room for one call. Frames made later use the same room; the caller ends with one before it makes the next. */
  frame(kernel: Callable, dims: Dims): Frame {
    const instance = this.#current();
    const layout = this.#fit(instance, kernel, dims);
    return new Frame(this, instance, layout, kernel, dims);
  }

  /** Puts the inputs into memory to stay there beside those of other prepared calls, until `releaseAll`. */
  prepare(kernel: Callable, inputs: Buffers, dims: Dims): Prepared {
    checkDims(kernel, dims);
    checkInputs(kernel, dims, inputs);
    const instance = this.#current();
    const layout = this.#fit(instance, kernel, dims);
    const frame = new Frame(this, instance, layout, kernel, dims);
    this.#free = layout.end;
    for (const name of Object.keys(kernel.inputs)) frame.write(name, inputs[name]);
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

  #fit(instance: KernelInstance, kernel: Callable, dims: Dims): Layout {
    const layout = layOut(kernel, dims, this.#free ?? instance.arenaStart, this.validation);
    const where = callText(kernel, dims);
    if (layout.end > this.maximumBytes) throw memoryLimit(where, layout.end, this.maximumBytes);
    if (!memory.ensure(instance.memory, layout.end)) {
      throw memoryLimit(where, layout.end, memory.sizeOf(instance.memory));
    }
    return layout;
  }
}

export function createHost(module: WebAssembly.Module, options: HostOptions = {}): Host {
  return new Host(module, options);
}
