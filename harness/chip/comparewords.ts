/** The first bit in which two streams of output words differ. */
import { LINK_BITS, OUTPUT_LINKS } from "./linkwords.js";

export interface Difference {
  readonly row: number;
  readonly word: number;
  /** Highest differing bit of the word, 31..0. */
  readonly bit: number;
  readonly expected: number;
  readonly got: number;
}

/** First difference of two arrays [crossings, 13] of the same length, undefined when there is none. */
export function firstDifference(expected: Uint32Array, got: Uint32Array): Difference | undefined {
  for (let at = 0; at < expected.length; at++) {
    if (expected[at] === got[at]) continue;
    const bit = LINK_BITS - 1 - Math.clz32(expected[at] ^ got[at]);
    return {
      row: Math.floor(at / OUTPUT_LINKS),
      word: at % OUTPUT_LINKS,
      bit,
      expected: expected[at],
      got: got[at],
    };
  }
  return undefined;
}
