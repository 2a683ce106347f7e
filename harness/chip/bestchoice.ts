/**
 * Best choice: the n largest cells of a crossing, n by the number of output links.
 *
 * Payload: 4-bit header; 5E3M sum of the cells not sent (or of all); below 8 cells their 6-bit addresses, else a 48-bit map;
 * then the 4E3M charges in address order. Every cell is shifted by `drop` before it is compared, summed or coded.
 * Arrays are in the chip's channel order. Source: ECON-T emulator, checked on the published test vectors.
 */
import type { BitReader } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";
import { MAP_FROM, readAddresses, readMap, writeAddresses, writeMap } from "./addresses.js";
import { CODE_4E3M, CODE_5E3M, dropBits, encodeFloat } from "./floatcodes.js";
import { networkOrder } from "./sortingnetwork.js";
import type { BitSink } from "./linkwords.js";

/** Cells sent with 1..13 links (index links - 1). */
export const BEST_CHOICE_CELLS: readonly number[] = [1, 4, 6, 9, 14, 18, 23, 28, 32, 37, 41, 46, 48];
/** The table of the published studies (CMSSW L1 trigger v3.23), 1..12 links. */
export const BEST_CHOICE_CELLS_STUDY: readonly number[] = [1, 3, 6, 9, 14, 18, 23, 27, 32, 37, 41, 46];

/** Values inside the sorter saturate here (18 bits). */
export const SORTER_MAXIMUM = 262143;
export const BEST_CHOICE_HEADER_BITS = 4;

export interface BestChoiceFormat {
  /** Cells sent. */
  readonly cells: number;
  /** Low bits shifted out of each cell. */
  readonly drop: number;
  /** True when the sum is that of all cells, sent ones included. */
  readonly sumOfAll: boolean;
}

export interface BestChoicePayload {
  readonly header: number;
  /** 5E3M code. */
  readonly sum: number;
  /** Ascending channels of the cells sent. */
  readonly addresses: readonly number[];
  /** 4E3M codes, one per address. */
  readonly charges: readonly number[];
}

/** The first `count` channels of an order, ascending. */
export function ascendingFirst(order: Uint8Array, count: number): Uint8Array {
  return order.slice(0, count).sort();
}

/** What the chip sends for CALQ [48]. `order` ranks the channels, largest first; without it the sorting network does. */
export function chooseBest(
  calq: ArrayLike<number>,
  header: number,
  format: BestChoiceFormat,
  order?: Uint8Array,
): BestChoicePayload {
  const shifted = Float64Array.from(calq, (value) => dropBits(value, format.drop));
  const clamped = shifted.map((value) => Math.min(value, SORTER_MAXIMUM));
  const addresses = ascendingFirst(order ?? networkOrder(clamped), format.cells);
  let sum = 0;
  for (const value of shifted) sum += value;
  if (!format.sumOfAll) for (const address of addresses) sum -= shifted[address];
  return {
    header,
    sum: encodeFloat(sum, CODE_5E3M),
    addresses: [...addresses],
    charges: Array.from(addresses, (address) => encodeFloat(clamped[address], CODE_4E3M)),
  };
}

export function packBestChoice(writer: BitSink, payload: BestChoicePayload): void {
  writer.write(payload.header, BEST_CHOICE_HEADER_BITS);
  writer.write(payload.sum, CODE_5E3M.bits);
  if (payload.addresses.length < MAP_FROM) writeAddresses(writer, payload.addresses);
  else writeMap(writer, payload.addresses);
  for (const charge of payload.charges) writer.write(charge, CODE_4E3M.bits);
}

/** Reads one payload; refuses a map whose number of cells is not the format's. */
export function unpackBestChoice(reader: BitReader, cells: number): BestChoicePayload {
  const header = reader.read(BEST_CHOICE_HEADER_BITS);
  const sum = reader.read(CODE_5E3M.bits);
  const addresses = readChosen(reader, cells);
  const charges = addresses.map(() => reader.read(CODE_4E3M.bits));
  return { header, sum, addresses, charges };
}

/** Addresses of exactly `cells` cells, from a list or a map as the number demands. */
export function readChosen(reader: BitReader, cells: number): number[] {
  const addresses = cells < MAP_FROM ? readAddresses(reader, cells) : readMap(reader);
  if (addresses.length !== cells) {
    throw new InputError(`payload: cell map: expected ${cells} of ${CELLS} cells, got ${addresses.length}`, {
      tag: "corrupt",
    });
  }
  return addresses;
}
