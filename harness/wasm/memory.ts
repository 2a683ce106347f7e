/**
 * The only place that makes views of a kernel's linear memory. A view lives for one statement: memory that grows detaches
 * every older view, and writes to a detached view vanish without an error. A Window makes a new view when that has happened.
 */
import type { NumericArray } from "../core/kernel.js";
import type { Gap, Place } from "./layout.js";

const PAGE_BYTES = 65_536;
/** Guard bytes by address modulo 4: a NaN as f32 and as f64, and none of 0x00 and 0xFF, which faulty writes like. */
const GUARD_PATTERN = [0x5a, 0xa5, 0xf3, 0x7f] as const;

/** A view of `place`; use it in the statement that asked for it. */
function view(memory: WebAssembly.Memory, place: Place): NumericArray {
  const { buffer } = memory;
  switch (place.dtype) {
    case "f64":
      return new Float64Array(buffer, place.offset, place.count);
    case "f32":
      return new Float32Array(buffer, place.offset, place.count);
    case "i32":
      return new Int32Array(buffer, place.offset, place.count);
    case "u32":
      return new Uint32Array(buffer, place.offset, place.count);
    case "u16":
      return new Uint16Array(buffer, place.offset, place.count);
    case "u8":
      return new Uint8Array(buffer, place.offset, place.count);
  }
}

/** A place that is written or read again and again: keeps its view for as long as the memory has not grown. */
export class Window {
  #view: NumericArray;

  constructor(
    readonly memory: WebAssembly.Memory,
    readonly place: Place,
  ) {
    this.#view = view(memory, place);
  }

  /** True for an array of the place's type and length; one from another realm is not recognised. */
  fits(values: NumericArray | undefined): values is NumericArray {
    return values?.constructor === this.#view.constructor && values.length === this.place.count;
  }

  /** Use it in the statement that asked for it. */
  get values(): NumericArray {
    // A detached view has no elements (nor has an empty one). Asking the memory for its buffer would cost more than copying a small one.
    if (this.#view.length === 0) this.#view = view(this.memory, this.place);
    return this.#view;
  }
}

function bytes(memory: WebAssembly.Memory, from: number, to: number): Uint8Array {
  return new Uint8Array(memory.buffer, from, to - from);
}

export function sizeOf(memory: WebAssembly.Memory): number {
  return memory.buffer.byteLength;
}

/** Makes the memory at least `end` bytes long; false when the engine refuses. */
export function ensure(memory: WebAssembly.Memory, end: number): boolean {
  const missing = end - sizeOf(memory);
  if (missing <= 0) return true;
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    return true;
  } catch {
    return false;
  }
}

export function write(memory: WebAssembly.Memory, place: Place, values: ArrayLike<number>): void {
  view(memory, place).set(values);
}

/** Every byte of [from, to) becomes `byte`. */
export function fill(memory: WebAssembly.Memory, from: number, to: number, byte: number): void {
  bytes(memory, from, to).fill(byte);
}

export function fillGap(memory: WebAssembly.Memory, gap: Gap): void {
  const target = bytes(memory, gap.from, gap.to);
  for (let i = 0; i < target.length; i++) target[i] = GUARD_PATTERN[(gap.from + i) & 3];
}

/** Offset of the first changed guard byte from the gap's start, or undefined when the gap is whole. */
export function damageIn(memory: WebAssembly.Memory, gap: Gap): number | undefined {
  const found = bytes(memory, gap.from, gap.to).findIndex(
    (byte, i) => byte !== GUARD_PATTERN[(gap.from + i) & 3],
  );
  return found < 0 ? undefined : found;
}

/** Index of the first element that differs from `values` (compared as bits), or undefined. */
export function firstChange(
  memory: WebAssembly.Memory,
  place: Place,
  values: NumericArray,
): number | undefined {
  const size = values.BYTES_PER_ELEMENT;
  const expected = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const found = bytes(memory, place.offset, place.offset + place.bytes).findIndex(
    (byte, i) => byte !== expected[i],
  );
  return found < 0 ? undefined : Math.floor(found / size);
}

/** Index of the first element whose bytes all equal `byte`, or undefined: an output that nobody wrote. */
export function firstUntouched(memory: WebAssembly.Memory, place: Place, byte: number): number | undefined {
  if (place.count === 0) return undefined;
  const size = place.bytes / place.count;
  const found = bytes(memory, place.offset, place.offset + place.bytes);
  for (let element = 0; element < place.count; element++) {
    const first = element * size;
    let same = 0;
    while (same < size && found[first + same] === byte) same++;
    if (same === size) return element;
  }
  return undefined;
}

const LONGEST_STRING_BYTES = 2_000;

/** The UTF-16 text of an AssemblyScript string (its byte length stands in the four bytes before it); undefined if it is none. */
export function assemblyScriptString(memory: WebAssembly.Memory, pointer: number): string | undefined {
  if (pointer < 4 || pointer > sizeOf(memory) || pointer % 2 !== 0) return undefined;
  const length = new DataView(memory.buffer, pointer - 4, 4).getUint32(0, true);
  if (length > LONGEST_STRING_BYTES || pointer + length > sizeOf(memory)) return undefined;
  const units = new Uint16Array(memory.buffer, pointer, length >>> 1);
  return String.fromCharCode(...units);
}
