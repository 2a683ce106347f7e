/**
 * Where a call's pointer table and buffers stand in linear memory: pure arithmetic, no memory is touched.
 *
 * Order: the table of u32 pointers, inputs, outputs, scratch, kept, in declared order, each on a 64-byte boundary. With guards,
 * at least 64 bytes before and after the table and every buffer belong to nobody, so that a write past an end is found.
 */
import { BYTES_PER, elements, type BufferSpec, type Dims, type Dtype, type Kernel } from "../core/kernel.js";

export const ALIGNMENT = 64;
export const GUARD_BYTES = 64;

/** The part of a declaration that a call needs; a plain object of it can be posted to a worker. */
export type Callable = Pick<
  Kernel,
  "id" | "symbol" | "dims" | "inputs" | "outputs" | "scratch" | "batch" | "prepare" | "kept"
>;

export type Role = "input" | "output" | "scratch" | "kept";

export interface Place {
  readonly name: string;
  readonly role: Role;
  readonly dtype: Dtype;
  /** Elements of `dtype`. */
  readonly count: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Bytes [from, to) that no buffer owns. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** What stands right before it, for messages: "table", "cost". */
  readonly after: string;
}

export interface Layout {
  readonly table: Place;
  /** Inputs, outputs, scratch, kept: the order of the pointers. */
  readonly places: readonly Place[];
  /** Empty without guards. */
  readonly gaps: readonly Gap[];
  /** First byte and first byte after everything, guards included. */
  readonly start: number;
  readonly end: number;
}

function alignUp(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function sized(name: string, role: Role, spec: BufferSpec, dims: Dims): Omit<Place, "offset"> {
  const count = elements(spec, dims);
  return { name, role, dtype: spec.dtype, count, bytes: count * BYTES_PER[spec.dtype] };
}

function sizedBuffers(kernel: Callable, dims: Dims): Omit<Place, "offset">[] {
  return [
    ...Object.entries(kernel.inputs).map(([name, spec]) => sized(name, "input", spec, dims)),
    ...Object.entries(kernel.outputs).map(([name, spec]) => sized(name, "output", spec, dims)),
    ...Object.entries(kernel.scratch ?? {}).map(([name, bytes]) => sizedBytes(name, "scratch", bytes(dims))),
    ...keptBuffers(kernel),
  ];
}

function sizedBytes(name: string, role: Role, bytes: number): Omit<Place, "offset"> {
  return { name, role, dtype: "u8", count: bytes, bytes };
}

function keptBuffers(kernel: Callable): Omit<Place, "offset">[] {
  return Object.entries(kernel.kept ?? {}).map(([name, bytes]) => sizedBytes(name, "kept", bytes));
}

/** Names of the inputs that may stay in memory. */
export function residentInputs(kernel: Callable): readonly string[] {
  return Object.entries(kernel.inputs).flatMap(([name, { resident }]) => (resident ? [name] : []));
}

/** Where a kernel's resident inputs and kept buffers stand when they stay, from byte `start` on, and the byte after them. */
export function layOutStaying(
  kernel: Callable,
  dims: Dims,
  start: number,
): { readonly places: ReadonlyMap<string, Place>; readonly end: number } {
  const places = new Map<string, Place>();
  let end = start;
  const inputs = residentInputs(kernel).map((name) => sized(name, "input", kernel.inputs[name], dims));
  for (const buffer of [...inputs, ...keptBuffers(kernel)]) {
    const offset = alignUp(end);
    places.set(buffer.name, { ...buffer, offset });
    end = offset + buffer.bytes;
  }
  return { places, end: alignUp(end) };
}

/**
 * Lays out one call of `kernel` with dimensions `dims` from byte `start` on; buffers in `staying` are where they are. Sizes may
 * exceed any memory: the caller checks `end`.
 */
export function layOut(
  kernel: Callable,
  dims: Dims,
  start: number,
  guarded: boolean,
  staying?: ReadonlyMap<string, Place>,
): Layout {
  const band = guarded ? GUARD_BYTES : 0;
  const gaps: Gap[] = [];
  let end = start;
  let before = "start";
  const place = (buffer: Omit<Place, "offset">): Place => {
    const offset = alignUp(end + band);
    if (guarded) gaps.push({ from: end, to: offset, after: before });
    end = offset + buffer.bytes;
    before = buffer.name;
    return { ...buffer, offset };
  };
  const buffers = sizedBuffers(kernel, dims);
  const tableBytes = 4 * buffers.length;
  const table = place({
    name: "pointer table",
    role: "input",
    dtype: "u32",
    count: buffers.length,
    bytes: tableBytes,
  });
  const places = buffers.map((buffer) => staying?.get(buffer.name) ?? place(buffer));
  if (guarded) {
    const last = alignUp(end + band);
    gaps.push({ from: end, to: last, after: before });
    end = last;
  }
  return { table, places, gaps, start, end };
}
