/** The input windows of one bench job, parts of them, and a hash over outputs. Pure memory; nothing is timed here. */
import { createHash } from "node:crypto";
import {
  elements,
  isBatched,
  type Buffers,
  type Dims,
  type Kernel,
  type NumericArray,
} from "../core/kernel.js";

/** Inputs of all windows of a job and the dimensions they share. */
export interface Windows {
  readonly kernel: Kernel;
  readonly dims: Dims;
  readonly inputs: readonly Buffers[];
}

/** The first `rows` rows of a window. */
export function firstRows(
  kernel: Kernel,
  specs: Kernel["inputs"],
  buffers: Buffers,
  dims: Dims,
  rows: number,
): Buffers | undefined {
  return rowsFrom(0, kernel, specs, buffers, dims, rows);
}

/** Parts of inputs that were cut before: what a kernel works out about inputs is kept by their identity. */
const cutInputs = new WeakMap<Buffers, Map<string, Buffers>>();

/** `rows` rows of a window from row `from` on: batched buffers are cut, others shared. Undefined for a kernel without rows. */
export function rowsFrom(
  from: number,
  kernel: Kernel,
  specs: Kernel["inputs"],
  buffers: Buffers,
  dims: Dims,
  rows: number,
): Buffers | undefined {
  const { batch } = kernel;
  if (batch === undefined || from + rows > dims[batch]) return undefined;
  const parts = cutInputs.get(buffers) ?? new Map<string, Buffers>();
  const key = `${from} ${rows}`;
  const kept = parts.get(key);
  if (kept !== undefined) return kept;
  const before = { ...dims, [batch]: from };
  const upTo = { ...dims, [batch]: from + rows };
  const part = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const values = buffers[name];
      if (!isBatched(spec, batch)) return [name, values];
      return [name, values.subarray(elements(spec, before), elements(spec, upTo))];
    }),
  );
  if (specs === kernel.inputs) cutInputs.set(buffers, parts.set(key, part));
  return part;
}

function bytesOf(values: NumericArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** SHA-256 over the named outputs of all windows, in order. */
export function outputsHash(outputs: readonly Buffers[], names: readonly string[]): string {
  const hash = createHash("sha256");
  for (const window of outputs) for (const name of names) hash.update(bytesOf(window[name]));
  return hash.digest("hex");
}

/** Names of the outputs that have the same bytes in both: with differently poisoned memory, those the kernel wrote. */
export function equalOutputs(a: Buffers, b: Buffers): string[] {
  return Object.keys(a).filter((name) => Buffer.compare(bytesOf(a[name]), bytesOf(b[name])) === 0);
}
