/** Runs one codec spec over rows given as arrays: what the codec tests look at. Test code only. */
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import type { OpenCodec } from "../../harness/core/codec.js";
import { findCodec, parseCodecSpec, readParameters } from "../../harness/core/parameters.js";
import { CELLS, type Label } from "../../harness/core/table.js";
import { codecs } from "../../harness/engine/plugins.generated.js";

export type Labels = ReadonlyMap<Label, Float64Array>;

/** A row of 48 with these charges at training indices, the rest empty. */
export function module(charges: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: CELLS }, (_, cell) => charges[cell] ?? 0);
}

export interface CodecRun {
  readonly label: string;
  readonly bits: number[];
  /** The payloads as one text of zeros and ones, without the padding of the last byte. */
  readonly text: string;
  readonly restored: number[][];
}

export async function openCodec(spec: string): Promise<OpenCodec> {
  const { id, given } = parseCodecSpec(spec);
  const codec = findCodec(id, codecs);
  return codec.open(readParameters(codec, given), {
    call: (kernel) => Promise.reject(new Error(`kernel ${kernel.id}: not expected here`)),
  });
}

export async function runCodec(
  spec: string,
  rows: number[][],
  labels: Labels = new Map(),
): Promise<CodecRun> {
  const open = await openCodec(spec);
  const writer = new BitWriter();
  const calq = Float64Array.from(rows.flat());
  const bits = await open.encode({ rows: rows.length, calq, labels }, writer);
  const bytes = writer.toBytes();
  const out = await open.decode(new BitReader(bytes), rows.length, labels);
  return {
    label: open.label,
    bits: [...bits],
    text: Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0"))
      .join("")
      .slice(0, writer.position),
    restored: rows.map((_, row) => [...out.subarray(row * CELLS, (row + 1) * CELLS)]),
  };
}

/** Bits of a payload written by hand, blanks and underscores for the eye. */
export const bitText = (...fields: string[]): string => fields.join("").replaceAll(/[ _]/g, "");
