/** Small made-up tables in every format, and the readers by id, for the tests of files. */
import { reader as csv } from "../../harness/readers/csv.js";
import { reader as hdf5 } from "../../harness/readers/hdf5.js";
import { reader as npy } from "../../harness/readers/npy.js";
import { reader as npz } from "../../harness/readers/npz.js";
import type { Reader } from "../../harness/core/reader.js";
import { rng } from "../../harness/core/rng.js";

export const readers: ReadonlyMap<string, Reader> = new Map(
  [csv, hdf5, npy, npz].map((reader) => [reader.id, reader]),
);

export const HEADER = Array.from({ length: 48 }, (_, i) => `CALQ_${i}`);

/** Charges [rows, 48]: whole numbers below 500, a third of them zero. */
export function charges(rows: number, seed = 1): Float64Array {
  const random = rng(seed);
  return Float64Array.from({ length: rows * 48 }, () => (random.integer(3) === 0 ? 0 : random.integer(500)));
}

export function csvText(values: Float64Array, header: readonly string[] | null = HEADER): string {
  const lines = header === null ? [] : [header.join(",")];
  for (let at = 0; at < values.length; at += 48) lines.push(values.subarray(at, at + 48).join(","));
  return `${lines.join("\n")}\n`;
}

/** A version 1 npy file of any element type, given as raw bytes. */
export function npyBytes(descr: string, shape: string, data: Uint8Array, fortran = false): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape}), }`;
  const header = Buffer.alloc(128, 0x20);
  header.write("\u0093NUMPY\u0001\u0000", "latin1");
  header.writeUInt16LE(118, 8);
  header.write(text, 10);
  header[127] = 10;
  return Buffer.concat([header, data]);
}

export function doubles(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** True when both hold the same bits; quick for large arrays. */
export function sameBits(a: Float64Array, b: Float64Array): boolean {
  const bytes = (array: Float64Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(a).equals(bytes(b));
}
