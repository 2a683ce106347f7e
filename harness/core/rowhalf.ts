/**
 * The two halves of the real rows: simulation may look at those with an odd hash, codecs are judged on the even ones.
 *
 * The hash is 32-bit FNV-1a over the 48 charges as little-endian uint16.
 */
import { InputError } from "./errors.js";
import { CELLS } from "./table.js";

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const LARGEST = 0xffff;

export const ROW_HALVES = ["all", "odd", "even"] as const;
export type RowHalf = (typeof ROW_HALVES)[number];

/** 32-bit FNV-1a of one row; refuses (InputError) charges that are no whole number in 0..65535. */
export function rowHash(calq: Float64Array, row: number): number {
  let hash = OFFSET;
  for (let i = row * CELLS; i < (row + 1) * CELLS; i++) {
    const charge = calq[i];
    if (!Number.isInteger(charge) || charge < 0 || charge > LARGEST) {
      throw new InputError(
        `row ${row}: CALQ_${i % CELLS}: cannot be hashed: expected a whole count in 0..${LARGEST}, got ${charge}`,
        { tag: "fraction", remedy: "--rows all" },
      );
    }
    hash = Math.imul(hash ^ (charge & 0xff), PRIME);
    hash = Math.imul(hash ^ (charge >>> 8), PRIME);
  }
  return hash >>> 0;
}

/** Row numbers of a half, in order. */
export function rowsOfHalf(calq: Float64Array, rows: number, half: RowHalf): number[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  if (half === "all") return all;
  return all.filter((row) => (rowHash(calq, row) & 1) === (half === "odd" ? 1 : 0));
}
