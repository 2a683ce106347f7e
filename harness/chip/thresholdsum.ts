/**
 * Threshold-sum: the cells at or above threshold, and the sum of the others, as a word of variable length.
 *
 * 5-bit header, 3-bit type, 5E3M sum; then by type: 000 nothing; 010 (below 8 cells) 3-bit count, 6-bit addresses, charges;
 * 100 48-bit map, charges; 110 and 111 nothing (the buffer replaced the event, the sum is that of all cells). Padded with zeros
 * to 16 bits. Sums add CALQ undropped; charges are 4E3M of CALQ >> drop. Arrays are in the chip's channel order.
 * Source: ECON-T emulator, checked on the published test vectors.
 */
import type { BitReader } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { MAP_FROM, readAddresses, readMap, writeAddresses, writeMap } from "./addresses.js";
import { CODE_4E3M, CODE_5E3M, dropBits, encodeFloat } from "./floatcodes.js";
import type { BitSink } from "./linkwords.js";

export const THRESHOLD_SUM_HEADER_BITS = 5;
const TYPE_BITS = 3;
const COUNT_BITS = 3;
/** Events are made of words this wide. */
export const BUFFER_WORD_BITS = 16;

export const EVENT = {
  empty: 0b000,
  list: 0b010,
  map: 0b100,
  /** Did not fit the buffer. */
  overflow: 0b110,
  /** Short event dropped to let a nearly full buffer drain. */
  drained: 0b111,
} as const;
export type EventType = (typeof EVENT)[keyof typeof EVENT];

export interface ThresholdSumEvent {
  readonly header: number;
  readonly type: EventType;
  /** 5E3M code. */
  readonly sum: number;
  /** Ascending channels of the cells sent. */
  readonly addresses: readonly number[];
  /** 4E3M codes, one per address. */
  readonly charges: readonly number[];
}

export interface ThresholdSumFormat {
  /** Smallest CALQ kept, [48]. */
  readonly thresholds: ArrayLike<number>;
  readonly drop: number;
  readonly sumOfAll: boolean;
}

const total = (calq: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < calq.length; i++) sum += calq[i];
  return sum;
};

/** The event of CALQ [48] before the buffer has its say. */
export function thresholdEvent(
  calq: ArrayLike<number>,
  header: number,
  format: ThresholdSumFormat,
): ThresholdSumEvent {
  const addresses: number[] = [];
  let sum = 0;
  for (let i = 0; i < calq.length; i++) {
    const kept = calq[i] >= format.thresholds[i];
    if (kept) addresses.push(i);
    if (!kept || format.sumOfAll) sum += calq[i];
  }
  const type = addresses.length === 0 ? EVENT.empty : addresses.length < MAP_FROM ? EVENT.list : EVENT.map;
  return {
    header,
    type,
    sum: encodeFloat(sum, CODE_5E3M),
    addresses,
    charges: addresses.map((address) => encodeFloat(dropBits(calq[address], format.drop), CODE_4E3M)),
  };
}

/** What stands in for an event that the buffer refuses: header, type and the sum of all cells. */
export function replacedEvent(
  calq: ArrayLike<number>,
  header: number,
  type: typeof EVENT.overflow | typeof EVENT.drained,
): ThresholdSumEvent {
  return { header, type, sum: encodeFloat(total(calq), CODE_5E3M), addresses: [], charges: [] };
}

/** Length of an event in 16-bit words. */
export function eventWords(event: ThresholdSumEvent): number {
  const cells = event.addresses.length;
  let bits = THRESHOLD_SUM_HEADER_BITS + TYPE_BITS + CODE_5E3M.bits + cells * CODE_4E3M.bits;
  if (event.type === EVENT.list) bits += COUNT_BITS + 6 * cells;
  if (event.type === EVENT.map) bits += 48;
  return Math.ceil(bits / BUFFER_WORD_BITS);
}

/** Appends an event, padded to 16 bits counted from its own start. */
export function packThresholdSum(writer: BitSink, event: ThresholdSumEvent): void {
  const start = writer.position;
  writer.write(event.header, THRESHOLD_SUM_HEADER_BITS);
  writer.write(event.type, TYPE_BITS);
  writer.write(event.sum, CODE_5E3M.bits);
  if (event.type === EVENT.list) {
    writer.write(event.addresses.length, COUNT_BITS);
    writeAddresses(writer, event.addresses);
  }
  if (event.type === EVENT.map) writeMap(writer, event.addresses);
  for (const charge of event.charges) writer.write(charge, CODE_4E3M.bits);
  writer.write(0, eventWords(event) * BUFFER_WORD_BITS - (writer.position - start));
}

function eventType(bits: number): EventType {
  for (const known of Object.values(EVENT)) if (bits === known) return known;
  throw new InputError(
    `payload: event type: expected 000, 010, 100, 110 or 111, got ${bits.toString(2).padStart(TYPE_BITS, "0")}`,
    { tag: "corrupt" },
  );
}

/** Reads one event; refuses types, counts and padding that the chip cannot write. */
export function unpackThresholdSum(reader: BitReader): ThresholdSumEvent {
  const start = reader.position;
  const header = reader.read(THRESHOLD_SUM_HEADER_BITS);
  const type = eventType(reader.read(TYPE_BITS));
  const sum = reader.read(CODE_5E3M.bits);
  let addresses: number[] = [];
  if (type === EVENT.list) addresses = readAddresses(reader, readCount(reader));
  if (type === EVENT.map) addresses = readFullMap(reader);
  const charges = addresses.map(() => reader.read(CODE_4E3M.bits));
  const event = { header, type, sum, addresses, charges };
  const padding = eventWords(event) * BUFFER_WORD_BITS - (reader.position - start);
  if (reader.read(padding) !== 0)
    throw new InputError("payload: padding: expected zero bits, got ones", { tag: "corrupt" });
  return event;
}

function readCount(reader: BitReader): number {
  const count = reader.read(COUNT_BITS);
  if (count === 0) throw new InputError("payload: cell count: expected 1..7, got 0", { tag: "corrupt" });
  return count;
}

function readFullMap(reader: BitReader): number[] {
  const addresses = readMap(reader);
  if (addresses.length < MAP_FROM) {
    throw new InputError(`payload: cell map: expected at least ${MAP_FROM} cells, got ${addresses.length}`, {
      tag: "corrupt",
    });
  }
  return addresses;
}
