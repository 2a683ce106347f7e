/**
 * The NumPy array format, versions 1 to 3: header and elements. Knows bytes only; files and slabs are npy.ts and npz.ts.
 *
 * Object and structured arrays are refused: nothing in a file is ever executed or unpickled.
 */
import { InputError, printable } from "../core/errors.js";

export interface NpyHeader {
  /** Bytes before the first element. */
  readonly dataStart: number;
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  readonly itemBytes: number;
  /** The element at a byte offset. */
  readonly read: (view: DataView, offset: number) => number;
  readonly dtype: string;
}

/** A header has at least this many bytes; shorter input is not an array. */
export const SHORTEST = 12;
const LONGEST_HEADER = 1 << 20;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/** Bytes that the header takes, from the first 12 bytes of the array. */
export function headerBytes(head: Uint8Array, where: string): number {
  if (head.length < SHORTEST || !isNpy(head))
    throw new InputError(
      `${where}: not a NumPy array: expected the NPY magic and a header, got other bytes or too few`,
      {
        tag: "format",
      },
    );
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const major = head[6];
  if (major < 1 || major > 3 || head[7] !== 0) {
    throw new InputError(
      `${where}: unknown version of the NPY format: expected 1.0, 2.0 or 3.0, got ${major}.${head[7]}`,
      { tag: "version" },
    );
  }
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) {
    throw new InputError(
      `${where}: NPY header too long: expected at most ${LONGEST_HEADER} bytes, got ${length}`,
      { tag: "corrupt" },
    );
  }
  return start + length;
}

/** Reads a header of `headerBytes` bytes. */
export function parseHeader(bytes: Uint8Array, where: string): NpyHeader {
  const dataStart = headerBytes(bytes, where);
  if (bytes.length < dataStart) throw short(where, dataStart, bytes.length);
  const text = new TextDecoder("latin1").decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataStart));
  const match =
    /^\{\s*'descr':\s*(?<descr>'[^']*'|\[.*\]),\s*'fortran_order':\s*(?<order>True|False),\s*'shape':\s*\((?<shape>[\d,\sL]*)\),?\s*\}\s*$/s.exec(
      text,
    );
  const groups = match?.groups;
  if (groups === undefined) {
    throw new InputError(
      `${where}: NPY header not understood: expected descr, fortran_order and shape, got ${printable(text.trim(), 80)}`,
      { tag: "corrupt" },
    );
  }
  const dtype = groups["descr"].replaceAll("'", "");
  const element = elementReader(dtype, where);
  return {
    dataStart,
    shape: parseShape(groups["shape"], where),
    fortranOrder: groups["order"] === "True",
    dtype,
    ...element,
  };
}

/** A file that ends before its header says. */
export function short(where: string, expected: number, found: number): InputError {
  return new InputError(`${where}: shorter than its header says: expected ${expected} bytes, got ${found}`, {
    tag: "truncated",
  });
}

function parseShape(text: string, where: string): number[] {
  const sizes = text
    .split(",")
    .map((size) => size.trim().replace(/L$/, ""))
    .filter((size) => size !== "");
  const shape = sizes.map(Number);
  const product = shape.reduce((total, size) => total * size, 1);
  if (!sizes.every((size) => /^\d+$/.test(size)) || !shape.every(Number.isSafeInteger) || product > 2 ** 48) {
    throw new InputError(
      `${where}: impossible shape: expected sizes that fit in memory, got (${text.trim()})`,
      {
        tag: "shape",
      },
    );
  }
  return shape;
}

type Read = (view: DataView, offset: number) => number;

function elementReader(dtype: string, where: string): { itemBytes: number; read: Read } {
  const match = /^([<>|=])([fiub])([1248])$/.exec(dtype);
  const little = match?.[1] !== ">";
  const readers: Readonly<Record<string, Read>> = {
    b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    i1: (view, at) => view.getInt8(at),
    u1: (view, at) => view.getUint8(at),
    i2: (view, at) => view.getInt16(at, little),
    u2: (view, at) => view.getUint16(at, little),
    i4: (view, at) => view.getInt32(at, little),
    u4: (view, at) => view.getUint32(at, little),
    i8: (view, at) => exact(view.getBigInt64(at, little), where),
    u8: (view, at) => exact(view.getBigUint64(at, little), where),
    f2: (view, at) => half(view.getUint16(at, little)),
    f4: (view, at) => view.getFloat32(at, little),
    f8: (view, at) => view.getFloat64(at, little),
  };
  const kind = match === null ? "" : `${match[2]}${match[3]}`;
  if (!Object.hasOwn(readers, kind)) {
    throw new InputError(
      `${where}: unsupported element type: expected f2, f4, f8, i1..i8, u1..u8 or bool, got ${printable(dtype, 60)}`,
      { tag: "dtype", remedy: "convert it with astype('f8') before saving" },
    );
  }
  return { itemBytes: Number(kind[1]), read: readers[kind] };
}

function exact(value: bigint, where: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new InputError(`${where}: integer too large: expected at most 2^53, got ${value}`, {
      tag: "range",
    });
  }
  return number;
}

/** IEEE 754 binary16. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
