/**
 * Principal components as a side that sums parts of the table in cache, on one thread or several (components.ts): the same outputs
 * as the kernel's, in other bits, so that they are validated on their own and held against the kernel's.
 */
import { KernelError } from "../core/errors.js";
import type { Buffers, Kernel } from "../core/kernel.js";
import { loadBinary, whyNot, type Target } from "../wasm/binary.js";
import { createHost, type Host } from "../wasm/host.js";
import { openPool } from "../wasm/pool.js";
import { validatedOutputs, type Validated } from "./benchcheck.js";
import type { Opened } from "./benchside.js";
import { outputsHash, type Windows } from "./benchwindows.js";
import { ComponentsFit, componentsOnThreads, type Components, type Table } from "./components.js";

const KERNELS: readonly string[] = ["pca-f32", "pca-f64"];
/** A subject that works in parts: "wasm:slabs" on this thread, "wasm:threads=2". */
const IN_PARTS = /:(slabs|threads=\d+)$/;
/** Poison of the host that the outputs of parts are validated on. */
const POISON = 0xa5;

export function hasParts(kernel: Kernel): boolean {
  return KERNELS.includes(kernel.id);
}

/** True when `subject` works through a kernel's table in parts. */
export function isInParts(kernel: Kernel, subject: string): boolean {
  return hasParts(kernel) && IN_PARTS.test(subject);
}

function buffersOf({ mean, covariance, values, vectors }: Components): Buffers {
  return { mean, covariance, values, vectors };
}

function fitted(host: Host, { data }: Buffers, columns: number): Buffers {
  const fit = new ComponentsFit(host, columns, data instanceof Float32Array ? "f32" : "f64");
  fit.add(data as Table); // the declared type of both kernels' tables
  return buffersOf(fit.components());
}

/** Outputs of validation mode by window; they must agree with the kernel's own within its tolerance. */
export async function validatedComponents(target: Target, windows: Windows): Promise<Validated> {
  const { kernel, dims, inputs } = windows;
  const whole = await validatedOutputs(target, windows);
  const { module } = await loadBinary(target);
  const host = createHost(module, { validation: true, poison: POISON });
  const outputs = inputs.map((window) => fitted(host, window, dims["columns"]));
  for (const [i, own] of outputs.entries()) {
    const { ratio, where, measure, worst } = kernel.agrees(own, whole.outputs[i], inputs[i], dims);
    if (!(ratio <= 1)) {
      throw new KernelError(
        `${kernel.id} in parts: ${where}: expected the kernel's, got a ${measure} of ${worst}`,
      );
    }
  }
  return { outputs, names: whole.names, hash: outputsHash(outputs, whole.names) };
}

/** A side that fits each window anew. */
export async function openComponents(target: Target, threads: number, windows: Windows): Promise<Opened> {
  const reason = whyNot(target);
  if (reason !== undefined) return { notAvailable: reason };
  const { dims, inputs } = windows;
  const { columns } = dims;
  const outputs = new Array<Buffers | undefined>(inputs.length).fill(undefined);
  const host = createHost((await loadBinary(target)).module);
  if (threads === 1) {
    const run = (window: number): void => {
      outputs[window] = fitted(host, inputs[window], columns);
    };
    return { side: { kind: "sync", run }, threads, versions: {}, outputs, close: () => undefined };
  }
  const pool = await openPool({ threads, target });
  const run = async (window: number): Promise<void> => {
    const table = inputs[window]["data"] as Table; // as above
    outputs[window] = buffersOf(await componentsOnThreads(pool, host, table, columns));
  };
  return { side: { kind: "async", run }, threads, versions: {}, outputs, close: () => pool.close() };
}
