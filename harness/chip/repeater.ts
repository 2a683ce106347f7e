/**
 * Repeater: every 7-bit code as it came in, behind a 5-bit header. 341 bits, which need 11 links.
 *
 * Source: ECON-T emulator, checked on the published test vectors.
 */
import type { BitReader } from "../core/bits.js";
import { CELLS } from "../core/table.js";
import { CODE_4E3M } from "./floatcodes.js";
import type { BitSink } from "./linkwords.js";

export const REPEATER_HEADER_BITS = 5;
export const REPEATER_LINKS = 11;

/** Appends the payload of codes [48], channel order. */
export function packRepeater(writer: BitSink, header: number, codes: ArrayLike<number>): void {
  writer.write(header, REPEATER_HEADER_BITS);
  for (let i = 0; i < CELLS; i++) writer.write(codes[i], CODE_4E3M.bits);
}

export function unpackRepeater(reader: BitReader): { header: number; codes: Uint8Array } {
  const header = reader.read(REPEATER_HEADER_BITS);
  return { header, codes: Uint8Array.from({ length: CELLS }, () => reader.read(CODE_4E3M.bits)) };
}
