/**
 * One call of a kernel as worker threads see it: plain data that can be posted, and its division into chunks of rows.
 *
 * Chunks depend on the call alone, never on the number of threads.
 */
import {
  BYTES_PER,
  elements,
  isBatched,
  type Buffers,
  type BufferSpec,
  type Dims,
  type NumericArray,
} from "../core/kernel.js";
import type { Callable } from "./layout.js";

/** What a chunk's rows should take: small enough for a core's cache, large enough to outweigh a call. */
const CHUNK_BYTES = 262_144;
/** Chunks per job at least, as long as there are rows: the last one to finish then costs little. */
const LEAST_CHUNKS = 32;
const ROW_MULTIPLE = 16;

export interface Job {
  readonly kernel: Omit<Callable, "scratch">;
  readonly dims: Dims;
  /** Scratch bytes of a full chunk and of the last, by buffer. */
  readonly scratch: Readonly<Record<string, readonly [full: number, last: number]>>;
  /** Rows of the whole call; 1 when it is not divided. */
  readonly rows: number;
  readonly chunkRows: number;
  readonly chunks: number;
  readonly divided: boolean;
  /** Whole inputs and outputs on shared memory. */
  readonly inputs: Buffers;
  readonly outputs: Buffers;
  /** Inputs that are constant, by name: what a worker has seen under the same number has the same values. */
  readonly constants: Readonly<Record<string, number>>;
  /** Element 0: the next chunk to take. */
  readonly counter: Int32Array;
}

/** Stored in the counter to make every thread stop after its present chunk. */
export const NO_MORE = 2 ** 30;

export interface JobFailure {
  readonly chunk: number;
  readonly kind: "kernel" | "limit" | "other";
  readonly message: string;
  readonly tag: string;
}

/** What a worker posts when it has no more chunks to do. */
export interface JobReport {
  readonly failure: JobFailure | undefined;
}

/** True when rows can be divided: there is a batch dimension and every output has it. */
export function isDivisible(kernel: Callable): boolean {
  return (
    kernel.batch !== undefined && Object.values(kernel.outputs).every((spec) => isBatched(spec, kernel.batch))
  );
}

/** Values per row of a batched buffer. */
export function rowLength(spec: BufferSpec, kernel: Pick<Callable, "batch">, dims: Dims): number {
  return elements(spec, { ...dims, [kernel.batch as string]: 1 });
}

/** Rows of a chunk, from the bytes of a row and the number of rows. */
export function chunkRowsOf(rows: number, rowBytes: number): number {
  const byBytes = Math.floor(CHUNK_BYTES / Math.max(1, rowBytes));
  const byCount = Math.ceil(rows / LEAST_CHUNKS);
  const wanted = Math.max(1, Math.min(byBytes, byCount));
  return wanted < ROW_MULTIPLE ? wanted : wanted - (wanted % ROW_MULTIPLE);
}

function rowBytes(kernel: Callable, dims: Dims): number {
  let bytes = 0;
  for (const spec of [...Object.values(kernel.inputs), ...Object.values(kernel.outputs)]) {
    if (isBatched(spec, kernel.batch)) bytes += rowLength(spec, kernel, dims) * BYTES_PER[spec.dtype];
  }
  return bytes;
}

export type Division = Pick<Job, "rows" | "chunkRows" | "chunks" | "divided">;

/** A call that one thread runs as it is. */
export const WHOLE: Division = { rows: 1, chunkRows: 1, chunks: 1, divided: false };

export function divide(kernel: Callable, dims: Dims): Division {
  const rows = kernel.batch === undefined ? 0 : dims[kernel.batch];
  if (!isDivisible(kernel) || rows < 2) return WHOLE;
  const chunkRows = chunkRowsOf(rows, rowBytes(kernel, dims));
  return { rows, chunkRows, chunks: Math.ceil(rows / chunkRows), divided: true };
}

/** Dimensions of a chunk with `rows` rows. */
export function chunkDims(
  kernel: Pick<Callable, "batch">,
  dims: Dims,
  division: Division,
  rows: number,
): Dims {
  return division.divided ? { ...dims, [kernel.batch as string]: rows } : dims;
}

/** Scratch sizes are functions of the declaration, which cannot be posted: evaluated here for both chunk sizes. */
export function scratchSizes(kernel: Callable, dims: Dims, division: Division): Job["scratch"] {
  const last = division.rows - (division.chunks - 1) * division.chunkRows;
  return Object.fromEntries(
    Object.entries(kernel.scratch ?? {}).map(([name, bytes]) => [
      name,
      [
        bytes(chunkDims(kernel, dims, division, division.chunkRows)),
        bytes(chunkDims(kernel, dims, division, last)),
      ] as const,
    ]),
  );
}

/** The rows [from, to) of a batched array. */
export function rowsOf(values: NumericArray, perRow: number, from: number, to: number): NumericArray {
  return values.subarray(from * perRow, to * perRow);
}
