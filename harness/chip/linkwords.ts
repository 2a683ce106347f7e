/** Framing: a payload's bits on output links of 32 bits each, first bit on link 0's highest; links beyond it send zeros. */
import { BitReader } from "../core/bits.js";

export const OUTPUT_LINKS = 13;
export const LINK_BITS = 32;

/** 32-bit words [13] of a payload that fits `links` links; refuses one that does not. */
export function linkWords(payload: Uint8Array, links: number): Uint32Array {
  if (payload.length * 8 > links * LINK_BITS) {
    throw new RangeError(`payload: expected at most ${links * LINK_BITS} bits, got ${payload.length * 8}`);
  }
  const padded = new Uint8Array((OUTPUT_LINKS * LINK_BITS) / 8);
  padded.set(payload);
  const reader = new BitReader(padded);
  return Uint32Array.from({ length: OUTPUT_LINKS }, () => reader.read(LINK_BITS));
}

/** 32-bit words [13] of 16-bit words, two on each link. */
export function linkWordsOfHalves(halves: readonly number[]): Uint32Array {
  const words = new Uint32Array(OUTPUT_LINKS);
  halves.forEach((half, i) => {
    words[i >> 1] = words[i >> 1] + (i % 2 === 0 ? half * 65536 : half);
  });
  return words;
}
