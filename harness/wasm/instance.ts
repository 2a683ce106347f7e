/**
 * One WebAssembly instance: made from a compiled module, called once per run, thrown away after any trap.
 *
 * It knows nothing about buffers; `host.ts` lays them out. Works in Node and in browsers.
 */
import { KernelError } from "../core/errors.js";
import { assemblyScriptString } from "./memory.js";

export type WasmFunction = (...args: number[]) => unknown;

export class KernelInstance {
  readonly memory: WebAssembly.Memory;
  /** First byte that belongs to the host, a multiple of 64. */
  readonly arenaStart: number;
  readonly #exports: WebAssembly.Exports;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, { env: { abort: this.#abort } }).exports;
    const { memory } = this.#exports;
    if (!isMemory(memory)) {
      throw new KernelError("wasm module: no memory: expected an export named memory", {
        tag: "missing-export",
      });
    }
    this.memory = memory;
    this.arenaStart = this.#checkedStart(this.invoke("arenaStart", []));
  }

  has(symbol: string): boolean {
    return typeof this.#exports[symbol] === "function";
  }

  /** Calls an export; what it throws is passed on (a trap: the caller must drop this instance). */
  invoke(symbol: string, args: readonly number[]): unknown {
    return this.callee(symbol)(...args);
  }

  /** The export called `symbol`. */
  callee(symbol: string): WasmFunction {
    const callee = this.#exports[symbol];
    if (typeof callee !== "function") {
      throw new KernelError(`wasm module: no export ${symbol}: expected a build that has it`, {
        tag: "missing-export",
        remedy: "npm run build",
      });
    }
    return callee as WasmFunction;
  }

  /** A number that comes back from wasm is believed only after this. */
  #checkedStart(value: unknown): number {
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value % 64 === 0) return value;
    throw new KernelError(`wasm module: arenaStart: expected a multiple of 64, got ${String(value)}`, {
      tag: "bad-build",
    });
  }

  /** AssemblyScript's `abort`: a failed assertion. Throwing is what ends the call. */
  readonly #abort = (message: number, file: number, line: number, column: number): never => {
    const what = assemblyScriptString(this.memory, message >>> 0) ?? "aborted";
    const where = assemblyScriptString(this.memory, file >>> 0) ?? "unknown file";
    throw new Error(`${what} at ${where}:${line}:${column}`);
  };
}

function isMemory(value: unknown): value is WebAssembly.Memory {
  return value instanceof WebAssembly.Memory;
}
