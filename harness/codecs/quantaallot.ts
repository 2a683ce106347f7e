/**
 * Gives a module's charge to its cells in a number of equal quanta, from the whole down the tree: each split halves a whole number of
 * quanta in the ratio of its charges, rounded. What a side gets too much another lacks, so errors stay inside the smallest group.
 * A side gets its first quantum at 5/8, not at 1/2: empty sides cost few bits, and the receiver knows their mean content.
 *
 * Ratios are 12-bit fractions, divided out once for each split; a trial of another number of quanta multiplies only.
 */
import { addUp, LEFT, RIGHT, SLOTS, SPLITS } from "./quantatree.js";

export const FRACTION_BITS = 12;
const ONE = 2 ** FRACTION_BITS;
const HALF = ONE / 2;
const FIRST_AT = (5 * ONE) / 8;
/** Most quanta that 12-bit fractions divide with some meaning left. */
export const MOST_QUANTA = 1023;

/** Quanta of the left side of a split of `count`, whose exact part is `part` / ONE. */
function rounded(count: number, part: number): number {
  if (count > 1 && part < FIRST_AT) return 0;
  if (count > 1 && part > count * ONE - FIRST_AT) return count;
  return (part + HALF) >> FRACTION_BITS;
}

export class Allotment {
  /** Quanta by slot (quantatree.ts) after `allot`. */
  readonly quanta = new Int32Array(SLOTS);
  readonly #energies = new Float64Array(SLOTS);
  readonly #fractions = new Int32Array(SPLITS);

  /** Takes the CALQ counts [48] of a module and returns their sum. */
  load(calq: Float64Array): number {
    this.#energies.set(calq, SPLITS);
    addUp(this.#energies);
    for (let split = 0; split < SPLITS; split++) {
      const whole = this.#energies[split];
      const part = this.#energies[LEFT[split]];
      this.#fractions[split] = whole > 0 ? Math.floor((part * ONE) / whole) : HALF;
    }
    return this.#energies[0];
  }

  /** Charge of the cells of a split, and the part of it on the left (12 bits), of the loaded module. */
  energy(split: number): number {
    return this.#energies[split];
  }

  fraction(split: number): number {
    return this.#fractions[split] / ONE;
  }

  /** Shares out `total` quanta, at most MOST_QUANTA. */
  allot(total: number): void {
    const { quanta } = this;
    quanta[0] = total;
    for (let split = 0; split < SPLITS; split++) {
      const count = quanta[split];
      const left = rounded(count, count * this.#fractions[split]);
      quanta[LEFT[split]] = left;
      quanta[RIGHT[split]] = count - left;
    }
  }
}
