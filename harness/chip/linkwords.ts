/** Framing: a payload's bits on output links of 32 bits each, first bit on link 0's highest; links beyond it send zeros. */
import { BitReader, type BitWriter } from "../core/bits.js";

export const OUTPUT_LINKS = 13;
export const LINK_BITS = 32;

/** What the formats write into: a bit stream for storing (core/bits.ts), or the links themselves. */
export type BitSink = Pick<BitWriter, "write" | "position">;

/** Writes straight into the 32-bit words [13] of `links` links; refuses a payload that does not fit. */
export class WordWriter implements BitSink {
  readonly words = new Uint32Array(OUTPUT_LINKS);
  readonly #limit: number;
  #position = 0;

  constructor(links: number) {
    this.#limit = links * LINK_BITS;
  }

  get position(): number {
    return this.#position;
  }

  /** Appends the low `width` (0..32) bits of `value`; refuses a value that does not fit. */
  write(value: number, width: number): void {
    if (width === 0) return;
    if (value < 0 || value >= 2 ** width)
      throw new RangeError(`bit field: expected an integer below 2^${width}, got ${value}`);
    const end = this.#position + width;
    if (end > this.#limit)
      throw new RangeError(`payload: expected at most ${this.#limit} bits, got at least ${end}`);
    const word = this.#position >>> 5;
    const room = LINK_BITS - (this.#position & 31);
    if (width <= room) {
      this.words[word] = this.words[word] | (value << (room - width));
    } else {
      this.words[word] = this.words[word] | (value >>> (width - room));
      this.words[word + 1] = value << (LINK_BITS + room - width);
    }
    this.#position = end;
  }
}

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
