/**
 * Static probabilities of a split: how many of n quanta go to the left side, for each level of the tree, in 1/1024.
 *
 * Up to 15 quanta every number has its own entry. Above, an entry stands for a range of ratios (narrow near 0 and 1, where showers
 * end), inside which all numbers are alike; 0 and n keep entries of their own. Below level 0 the sides are each other's mirror
 * image, so that half a row is stored (quantatables.ts).
 */
import { InputError } from "../core/errors.js";
import { bitLength } from "../chip/floatcodes.js";
import type { IntervalDecoder } from "./intervalcoder.js";
import { MOST_QUANTA } from "./quantaallot.js";
import { LEVELS } from "./quantatree.js";

/** All probabilities are in units of 1 / TOTAL. */
export const TOTAL_BITS = 10;
export const TOTAL = 2 ** TOTAL_BITS;
/** Most quanta with an entry for each number. */
export const LISTED = 15;
/** Upper ends, in 64ths, of the ranges of ratios between 0 and n. */
const RANGE_ENDS = [1, 2, 4, 6, 9, 13, 17, 22, 27, 32, 37, 42, 47, 51, 55, 58, 60, 62, 63, 64] as const;
/** Entries of a row above LISTED: none, the ranges, all. */
export const RANGED_ENTRIES = RANGE_ENDS.length + 2;
/** Rows of a level: one for each listed number, then one for each bit length of larger numbers. */
export const ROWS = LISTED + bitLength(MOST_QUANTA) - bitLength(LISTED);

/** Number (from 0) of the row for `count` >= 1 quanta. */
export function rowOf(count: number): number {
  return count <= LISTED ? count - 1 : LISTED - 1 + bitLength(count) - bitLength(LISTED);
}

export function entriesOf(row: number): number {
  return row < LISTED ? row + 2 : RANGED_ENTRIES;
}

/** First number of each entry, and behind the last one more: [MOST_QUANTA + 1, RANGED_ENTRIES + 1]. */
const STARTS = ((): Int32Array => {
  const width = RANGED_ENTRIES + 1;
  const starts = new Int32Array((MOST_QUANTA + 1) * width);
  for (let count = LISTED + 1; count <= MOST_QUANTA; count++) {
    const base = count * width;
    starts[base + 1] = 1;
    RANGE_ENDS.forEach((end, k) => {
      starts[base + k + 2] = Math.min(count, Math.floor((end * count) / 64) + 1);
    });
    starts[base + width - 1] = count + 1;
  }
  return starts;
})();

function startsOf(count: number): number {
  return count * (RANGED_ENTRIES + 1);
}

/** Entry of `left` out of `count` quanta in its row. */
export function entryOf(count: number, left: number): number {
  if (count <= LISTED) return left;
  const base = startsOf(count);
  let entry = 0;
  while (STARTS[base + entry + 1] <= left) entry++;
  return entry;
}

/** What a message is narrowed by: an interval or its width alone. */
interface Narrowing {
  encode(from: number, share: number, total: number): void;
}

/** A stored row with its mirror image, if it is a half. */
function whole(stored: readonly number[], entries: number): readonly number[] {
  return Array.from({ length: entries }, (_, k) => (k < stored.length ? stored[k] : stored[entries - 1 - k]));
}

function emptyRange(count: number): InputError {
  return new InputError(`payload: split of ${count} quanta: expected a range with a number in it, got none`, {
    tag: "corrupt",
  });
}

export class SplitModel {
  /** Cumulated probabilities of a row, [LEVELS, ROWS, RANGED_ENTRIES + 1]. */
  readonly #sums = new Int32Array(LEVELS * ROWS * (RANGED_ENTRIES + 1));

  /** `rows`: by level and row, whole for level 0, else the first half (the middle included where there is one). */
  constructor(rows: readonly (readonly (readonly number[])[])[]) {
    rows.forEach((ofLevel, level) => {
      ofLevel.forEach((stored, row) => {
        const base = this.#base(level, row);
        whole(stored, entriesOf(row)).forEach((share, k) => {
          this.#sums[base + k + 1] = this.#sums[base + k] + share;
        });
      });
    });
  }

  #base(level: number, row: number): number {
    return (level * ROWS + row) * (RANGED_ENTRIES + 1);
  }

  encode(coder: Narrowing, level: number, count: number, left: number): void {
    const at = this.#base(level, rowOf(count)) + entryOf(count, left);
    coder.encode(this.#sums[at], this.#sums[at + 1] - this.#sums[at], TOTAL);
    if (count <= LISTED) return;
    const start = startsOf(count) + entryOf(count, left);
    const alike = STARTS[start + 1] - STARTS[start];
    if (alike > 1) coder.encode(left - STARTS[start], 1, alike);
  }

  decode(decoder: IntervalDecoder, level: number, count: number): number {
    const base = this.#base(level, rowOf(count));
    const part = decoder.part(TOTAL);
    let entry = 0;
    while (this.#sums[base + entry + 1] <= part) entry++;
    decoder.narrow(this.#sums[base + entry], this.#sums[base + entry + 1] - this.#sums[base + entry]);
    if (count <= LISTED) return entry;
    const start = startsOf(count) + entry;
    const alike = STARTS[start + 1] - STARTS[start];
    if (alike < 1) throw emptyRange(count);
    if (alike === 1) return STARTS[start];
    const inside = decoder.part(alike);
    decoder.narrow(inside, 1);
    return STARTS[start] + inside;
  }
}
