/**
 * Super trigger cells: sums of 4 or 16 neighbouring channels, with the place of the largest cell inside each (types 0, 1, 3).
 *
 * Payload: 4-bit header, all addresses, all sums; with few links only the first groups are sent. Types 2 and 3 shift the sum by
 * `drop` after adding, types 0 and 1 do not shift. Of equal cells the last one counts as the largest.
 * Arrays are in the chip's channel order. Source: ECON-T emulator, checked on the published test vectors.
 */
import type { BitReader } from "../core/bits.js";
import { CELLS } from "../core/table.js";
import { CODE_4E3M, CODE_5E4M, dropBits, encodeFloat, type FloatCode } from "./floatcodes.js";
import type { BitSink } from "./linkwords.js";

export const SUPER_TRIGGER_CELL_HEADER_BITS = 4;

export interface SuperTriggerCellType {
  readonly type: 0 | 1 | 2 | 3;
  /** Channels in a group. */
  readonly size: 4 | 16;
  /** 0 where no address is sent. */
  readonly addressBits: 0 | 2 | 4;
  readonly sumCode: FloatCode;
  /** True when the sum is shifted by the drop register. */
  readonly drops: boolean;
  /** Groups sent with 1, 2, ... links; more links send no more. */
  readonly groupsByLinks: readonly number[];
}

export const SUPER_TRIGGER_CELL_TYPES: readonly SuperTriggerCellType[] = [
  { type: 0, size: 4, addressBits: 2, sumCode: CODE_5E4M, drops: false, groupsByLinks: [2, 5, 8, 11, 12] },
  { type: 1, size: 16, addressBits: 4, sumCode: CODE_5E4M, drops: false, groupsByLinks: [2, 3] },
  { type: 2, size: 4, addressBits: 0, sumCode: CODE_4E3M, drops: true, groupsByLinks: [4, 8, 12] },
  { type: 3, size: 4, addressBits: 2, sumCode: CODE_4E3M, drops: true, groupsByLinks: [3, 6, 10, 12] },
];

/** Groups sent with `links` links. */
export function groupsSent(type: SuperTriggerCellType, links: number): number {
  return type.groupsByLinks[Math.min(links, type.groupsByLinks.length) - 1];
}

export interface SuperTriggerCellPayload {
  readonly header: number;
  /** Place of the largest cell inside each group sent; empty when the type sends none. */
  readonly places: readonly number[];
  /** Codes of the sums, one per group sent. */
  readonly sums: readonly number[];
}

/** Sum of one group of CALQ [48]. */
export function groupSum(calq: ArrayLike<number>, group: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += calq[group * size + i];
  return sum;
}

/** Place of the largest cell inside a group; the last of equal ones. */
export function lastMaximum(calq: ArrayLike<number>, group: number, size: number): number {
  let place = 0;
  for (let i = 1; i < size; i++) {
    if (calq[group * size + i] >= calq[group * size + place]) place = i;
  }
  return place;
}

/** What the chip sends for CALQ [48]. */
export function sumGroups(
  calq: ArrayLike<number>,
  header: number,
  type: SuperTriggerCellType,
  links: number,
  drop: number,
): SuperTriggerCellPayload {
  const groups = Array.from({ length: groupsSent(type, links) }, (_, group) => group);
  return {
    header,
    places: type.addressBits === 0 ? [] : groups.map((group) => lastMaximum(calq, group, type.size)),
    sums: groups.map((group) =>
      encodeFloat(dropBits(groupSum(calq, group, type.size), type.drops ? drop : 0), type.sumCode),
    ),
  };
}

export function packSuperTriggerCells(
  writer: BitSink,
  payload: SuperTriggerCellPayload,
  type: SuperTriggerCellType,
): void {
  writer.write(payload.header, SUPER_TRIGGER_CELL_HEADER_BITS);
  for (const place of payload.places) writer.write(place, type.addressBits);
  for (const sum of payload.sums) writer.write(sum, type.sumCode.bits);
}

export function unpackSuperTriggerCells(
  reader: BitReader,
  type: SuperTriggerCellType,
  links: number,
): SuperTriggerCellPayload {
  const header = reader.read(SUPER_TRIGGER_CELL_HEADER_BITS);
  const groups = groupsSent(type, links);
  const places =
    type.addressBits === 0 ? [] : Array.from({ length: groups }, () => reader.read(type.addressBits));
  const sums = Array.from({ length: groups }, () => reader.read(type.sumCode.bits));
  return { header, places, sums };
}

/** Groups that tile a module. */
export function groupCount(type: SuperTriggerCellType): number {
  return CELLS / type.size;
}
