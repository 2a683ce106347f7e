/**
 * What is checked about a call before and after it: dimensions, buffer types and lengths, the memory it needs, its status.
 *
 * Finiteness, sums and convergence are the kernel's own checks; it answers by its status.
 */
import { KernelError, LimitError } from "../core/errors.js";
import {
  STATUS,
  STATUS_NAME,
  elements,
  type BufferSpec,
  type Buffers,
  type Dims,
  type Dtype,
  type NumericArray,
} from "../core/kernel.js";
import type { Callable } from "./layout.js";

export const MIB = 1_048_576;
const LARGEST_DIMENSION = 2 ** 31 - 1;

const TAG: Readonly<Record<Dtype, string>> = {
  f64: "Float64Array",
  f32: "Float32Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  u16: "Uint16Array",
  u8: "Uint8Array",
};

/** "rows=1000 n=48": how messages and reports name a shape. */
export function shapeText(dims: Dims): string {
  const text = Object.entries(dims)
    .map(([name, size]) => `${name}=${size}`)
    .join(" ");
  return text === "" ? "no dimensions" : text;
}

/** "kernel emd at rows=1000", the place in every message about a call. */
export function callText(kernel: Pick<Callable, "id">, dims: Dims): string {
  return `kernel ${kernel.id} at ${shapeText(dims)}`;
}

/** Refuses dimensions that are missing, fractional, negative or beyond i32. */
export function checkDims(kernel: Callable, dims: Dims): void {
  for (const name of kernel.dims) {
    const size: number | undefined = dims[name];
    if (!Number.isInteger(size) || size < 0 || size > LARGEST_DIMENSION) {
      throw new KernelError(
        `${callText(kernel, dims)}: dimension ${name}: expected a whole number in 0..2^31-1, got ${String(size)}`,
        { tag: "bad-shape" },
      );
    }
  }
}

/** Refuses an array of another type or length than `spec` says. */
export function checkBuffer(
  kernel: Callable,
  dims: Dims,
  name: string,
  spec: BufferSpec,
  values: NumericArray | undefined,
): void {
  const where = `${callText(kernel, dims)}: buffer ${name}`;
  const tag = Object.prototype.toString.call(values).slice(8, -1);
  if (values === undefined || tag !== TAG[spec.dtype]) {
    throw new KernelError(`${where}: wrong type: expected ${TAG[spec.dtype]}, got ${tag}`, {
      tag: "bad-type",
    });
  }
  const count = elements(spec, dims);
  if (values.length !== count) {
    throw new KernelError(`${where}: wrong length: expected ${count} values, got ${values.length}`, {
      tag: "bad-shape",
    });
  }
}

/** Refuses missing, wrong and unknown inputs. */
export function checkInputs(kernel: Callable, dims: Dims, inputs: Buffers): void {
  for (const [name, spec] of Object.entries(kernel.inputs)) {
    checkBuffer(kernel, dims, name, spec, inputs[name]);
  }
  const unknown = Object.keys(inputs).find((name) => !(name in kernel.inputs));
  if (unknown === undefined) return;
  throw new KernelError(
    `${callText(kernel, dims)}: unknown input: expected ${Object.keys(kernel.inputs).join(", ")}, got ${unknown}`,
    { tag: "bad-shape" },
  );
}

/** "needs N MiB, limit M MiB", rounded so that the two never look equal. */
export function memoryLimit(where: string, needed: number, limit: number): LimitError {
  const needs = Math.ceil((needed / MIB) * 100) / 100;
  const allows = Math.floor((limit / MIB) * 100) / 100;
  return new LimitError(`${where}: memory: needs ${needs} MiB, limit ${allows} MiB`, { tag: "memory" });
}

/** Turns the status of a call into an error unless it is OK. */
export function checkStatus(where: string, status: unknown, needed: number, limit: number): void {
  if (status === STATUS.ok) return;
  const name = typeof status === "number" ? STATUS_NAME[status] : undefined;
  if (name === undefined) {
    throw new KernelError(`${where}: status: expected one of _status.ts, got ${String(status)}`, {
      tag: "bad-status",
    });
  }
  if (status === STATUS.noMemory) throw memoryLimit(where, needed, limit);
  throw new KernelError(`${where}: refused: expected status ok, got ${name}`, {
    tag: name.replaceAll(" ", "-"),
  });
}
