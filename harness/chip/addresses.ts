/**
 * How formats say which of the 48 cells they send: a list of 6-bit addresses in ascending order, or a map of 48 bits.
 *
 * The map's first bit is channel 0. Lists that are not ascending or point outside the module are refused.
 */
import type { BitReader } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";
import type { BitSink } from "./linkwords.js";

export const ADDRESS_BITS = 6;
/** From this many cells on, a map is used instead of a list. */
export const MAP_FROM = 8;

export function writeAddresses(writer: BitSink, ascending: ArrayLike<number>): void {
  for (let i = 0; i < ascending.length; i++) writer.write(ascending[i], ADDRESS_BITS);
}

export function readAddresses(reader: BitReader, count: number): number[] {
  const addresses: number[] = [];
  for (let i = 0; i < count; i++) {
    const address = reader.read(ADDRESS_BITS);
    const least = i === 0 ? 0 : addresses[i - 1] + 1;
    if (address < least || address >= CELLS) {
      throw new InputError(
        `payload: cell address: expected an ascending list below ${CELLS}, got ${address} at place ${i}`,
        {
          tag: "corrupt",
        },
      );
    }
    addresses.push(address);
  }
  return addresses;
}

export function writeMap(writer: BitSink, ascending: ArrayLike<number>): void {
  let next = 0;
  for (let channel = 0; channel < CELLS; channel++) {
    const present = next < ascending.length && ascending[next] === channel;
    if (present) next++;
    writer.write(present ? 1 : 0, 1);
  }
}

export function readMap(reader: BitReader): number[] {
  const addresses: number[] = [];
  for (let channel = 0; channel < CELLS; channel++) if (reader.read(1) === 1) addresses.push(channel);
  return addresses;
}
