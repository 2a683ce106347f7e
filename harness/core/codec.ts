/**
 * How a codec is declared: one file under harness/codecs, `export const codec = defineCodec({...})`.
 *
 * A codec turns modules into bits and back. Decoding sees the bits, the parameters, the fitted model and the declared side
 * information (known off-detector), nothing else. Rates are counted from the bits that `encode` writes.
 */
import type { BitReader, BitWriter } from "./bits.js";
import type { KernelRunner } from "./kernel.js";
import type { Label, Slab } from "./table.js";

export type ParameterValue = number | string | boolean;
export type Parameters = Readonly<Record<string, ParameterValue>>;

export interface Parameter {
  readonly says: string;
  readonly default: ParameterValue;
  /** Allowed values where they can be listed; a range for numbers otherwise. */
  readonly choices?: readonly ParameterValue[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What the encoder costs on the detector, per module and bunch crossing. */
export interface EncoderCost {
  readonly multiplyAccumulates: number;
  readonly comparisons: number;
  readonly parameters: number;
  readonly weightBits: number;
}

export interface OpenCodec {
  /** Canonical id with parameters, "best-choice:links=2". */
  readonly label: string;
  /** Output e-links of 32 bits per crossing that the payload must fit; undefined for codecs outside the link scheme. */
  readonly links?: number;
  readonly cost: EncoderCost;
  /** Side information that decode reads (declared; counted as free because it is known off-detector). */
  readonly side: readonly Label[];
  /** True when only whole CALQ counts can be encoded (chip codecs). */
  readonly integersOnly: boolean;
  /** Appends the payloads of all rows; result [rows]: payload bits of each module, headers and sums included. */
  encode(slab: Slab, writer: BitWriter): Uint32Array | Promise<Uint32Array>;
  /** Restored charges [rows, 48] in CALQ counts; `side` holds only the declared labels. */
  decode(reader: BitReader, rows: number, side: Slab["labels"]): Float64Array | Promise<Float64Array>;
}

export interface Codec {
  readonly id: string;
  readonly title: string;
  /** Family for colours and grouping in figures: "threshold", "best choice", "super trigger cell", ... */
  readonly family: string;
  readonly source: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** True for codecs that never win where a run compares: they run when named and in the full suite. */
  readonly onlyNamed?: true;
  /** Parameter sets that a run visits when none is given. */
  variants(): readonly Parameters[];
  open(parameters: Parameters, kernels: KernelRunner): OpenCodec | Promise<OpenCodec>;
}

export function defineCodec(codec: Codec): Codec {
  return codec;
}
