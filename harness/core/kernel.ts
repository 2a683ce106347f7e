/**
 * How a kernel is declared: once, as data, read by validate, bench, the report and the tests.
 *
 * A kernel is two files with one stem: `assembly/<id>.ts` (the WebAssembly code) and `harness/kernels/<id>.ts`
 * (this declaration). The exported wasm function has the signature `(args: usize, ...dims: i32) => i32`:
 * `args` points to a table of u32 pointers, one per buffer, in the order inputs, outputs, scratch, kept; the dimensions follow
 * in the order of `dims`; the result is a status of `assembly/_status.ts`. Every buffer starts on a 64-byte boundary.
 */
import type { Rng } from "./rng.js";

export type Dtype = "f64" | "f32" | "i32" | "u32" | "u16" | "u8";
export type NumericArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
export type Buffers = Readonly<Record<string, NumericArray>>;
export type Dims = Readonly<Record<string, number>>;

export const BYTES_PER: Readonly<Record<Dtype, number>> = { f64: 8, f32: 4, i32: 4, u32: 4, u16: 2, u8: 1 };

export interface BufferSpec {
  readonly dtype: Dtype;
  /** Space-separated dimension names and integers, row-major: "n m", "rows 48", "" for one value. */
  readonly shape: string;
  /** Unit of the values; "1" when dimensionless. */
  readonly unit: string;
  /** An output on demand: where that dimension lacks that bit, the buffer has no elements and nothing is copied. Plain data:
   * declarations travel to worker threads. */
  readonly when?: { readonly dim: string; readonly bit: number };
  /** An input that may stay in linear memory from call to call, as long as the same constant array (constant.ts) is handed over. */
  readonly resident?: true;
}

const buffer =
  (dtype: Dtype) =>
  (shape: string, unit: string): BufferSpec => ({ dtype, shape, unit });
export const f64 = buffer("f64");
export const f32 = buffer("f32");
export const i32 = buffer("i32");
export const u32 = buffer("u32");
export const u16 = buffer("u16");
export const u8 = buffer("u8");

/** An input without the batch dimension that every call of a model shares: weights, programs. */
export function resident(spec: BufferSpec): BufferSpec {
  return { ...spec, resident: true };
}

/** What a comparison of a backend's outputs with the reference says. `ratio` <= 1 is agreement. */
export interface Agreement {
  /** Worst error divided by what the tolerance allows. */
  readonly ratio: number;
  /** Worst error itself, in the buffer's unit or relative, as `measure` says. */
  readonly worst: number;
  readonly measure: string;
  /** Output and flat index of the worst element. */
  readonly where: string;
}

export interface Law {
  readonly id: string;
  /** A sentence for the report: "never negative". */
  readonly says: string;
  /** Undefined when the law holds, else what broke it. */
  broken(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined;
}

/** What one call does, for rates. */
export interface Work {
  readonly items: number;
  readonly itemName: string;
  /** Bytes of inputs and outputs that are touched. */
  readonly bytes: number;
  /** Multiplications and additions, of kernels that do little else: their speed is shown as a part of the engine's peak. */
  readonly operations?: { readonly count: number; readonly type: "f32" | "f64" };
}

export interface Kernel {
  readonly id: string;
  readonly title: string;
  /** Papers or formulas, by DOI where there is one. */
  readonly source: string;
  /** Name of the wasm export. */
  readonly symbol: string;
  /** Integer arguments, in call order. */
  readonly dims: readonly string[];
  /** The dimension along which rows are independent: the thread pool splits work along it. */
  readonly batch?: string;
  readonly inputs: Readonly<Record<string, BufferSpec>>;
  readonly outputs: Readonly<Record<string, BufferSpec>>;
  /** Named scratch buffers, sizes in bytes. */
  readonly scratch?: Readonly<Record<string, (dims: Dims) => number>>;
  /** Name of an export with the same signature that is called once when resident inputs have been written: it fills `kept`. */
  readonly prepare?: string;
  /** Buffers that stay with the resident inputs, sizes in bytes: `prepare` writes them, `symbol` only reads them. */
  readonly kept?: Readonly<Record<string, number>>;
  /** Shapes that validate visits; the first one is the headline. */
  readonly shapes: readonly Dims[];
  generate(dims: Dims, rng: Rng): Buffers;
  work(dims: Dims): Work;
  /** Plain TypeScript, float64, slow and obvious. */
  reference(inputs: Buffers, dims: Dims): Buffers;
  agrees(outputs: Buffers, expected: Buffers, inputs: Buffers, dims: Dims): Agreement;
  readonly laws: readonly Law[];
  /** Backends that cannot run this kernel, with the reason. */
  readonly unavailable: Readonly<Record<string, string>>;
}

export function defineKernel(kernel: Kernel): Kernel {
  return kernel;
}

/** Number of elements of a buffer for given dimensions. */
export function elements(spec: BufferSpec, dims: Dims): number {
  if (spec.when !== undefined && (dims[spec.when.dim] & spec.when.bit) === 0) return 0;
  let count = 1;
  for (const token of spec.shape.split(" ")) {
    if (token === "") continue;
    const literal = /^\d+$/.test(token);
    if (!literal && !(token in dims)) throw new RangeError(`kernel buffer: unknown dimension ${token}`);
    const size = literal ? Number(token) : dims[token];
    count *= size;
  }
  return count;
}

/** True when the buffer's first dimension is the batch dimension. */
export function isBatched(spec: BufferSpec, batch: string | undefined): boolean {
  return batch !== undefined && spec.shape.split(" ")[0] === batch;
}

export function allocate(dtype: Dtype, count: number): NumericArray {
  switch (dtype) {
    case "f64":
      return new Float64Array(count);
    case "f32":
      return new Float32Array(count);
    case "i32":
      return new Int32Array(count);
    case "u32":
      return new Uint32Array(count);
    case "u16":
      return new Uint16Array(count);
    case "u8":
      return new Uint8Array(count);
  }
}

/** Statuses of `assembly/_status.ts`. */
export const STATUS = {
  ok: 0,
  badShape: 1,
  nonFinite: 2,
  negative: 3,
  mass: 4,
  notConverged: 5,
  noMemory: 6,
  emptyIn: 7,
  emptyOut: 8,
} as const;

export const STATUS_NAME: Readonly<Record<number, string>> = {
  0: "ok",
  1: "bad shape",
  2: "non-finite value",
  3: "negative value",
  4: "unequal mass",
  5: "not converged",
  6: "out of memory",
  7: "empty input",
  8: "empty output",
};

/** Runs a kernel by id on whatever stands behind it (one instance, a pool of workers, another backend). */
export interface KernelRunner {
  call(kernel: Kernel, inputs: Buffers, dims: Dims): Promise<Buffers>;
}
