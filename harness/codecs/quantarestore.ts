/**
 * The receiver's side of the energy quanta: charges of the 48 cells from the quanta of each group.
 *
 * A side without quanta is not empty: it has less than half a quantum. With `smoothing` the receiver gives it what such sides
 * have on average in simulated modules that had this total at these links (few quanta fit a busy module, so it is smeared more),
 * corrected for the size of a quantum (below the front end's threshold, cells are truly empty); without, nothing.
 */
import { bitLength } from "../chip/floatcodes.js";
import { EMPTY_SHARES, SIZE_FACTORS } from "./quantatables.js";
import { LEFT, LEVEL, LEVELS, RIGHT, SLOTS, SPLITS } from "./quantatree.js";

/** Shares are kept for sides of 1, 2 and more quanta next to the empty one. */
export const NEXT_TO = 3;
/** Unit of EMPTY_SHARES, in quanta. */
export const SHARE_UNIT = 1 / 128;

/** Classes of the size of a quantum in CALQ counts: below 1, 2, 4, ... 64, and above. */
export const SIZES = 8;
/** Unit of SIZE_FACTORS. */
export const FACTOR_UNIT = 1 / 128;

/** Class of quanta of `sum` / `total` counts. */
export function sizeClass(sum: number, total: number): number {
  return Math.min(SIZES - 1, bitLength(Math.floor(sum / total)));
}

/** Which mean shares apply. */
export interface Smoothing {
  readonly links: number;
  readonly index: number;
}

/** Mean content, in quanta, of the empty side of a split of `count` quanta. */
function emptyShare({ links, index }: Smoothing, level: number, size: number, count: number): number {
  const factor = SIZE_FACTORS[links - 1][level * SIZES + size] * FACTOR_UNIT;
  const row = index * LEVELS + level;
  return EMPTY_SHARES[links - 1][row * NEXT_TO + Math.min(count, NEXT_TO) - 1] * SHARE_UNIT * factor;
}

const masses = new Float64Array(SLOTS);

/** Writes the charges that add up to `sum` to `restored` [48]; `quanta` by slot, at least one in slot 0. */
export function shareOut(
  quanta: Int32Array,
  sum: number,
  smoothing: Smoothing | undefined,
  restored: Float64Array,
): void {
  masses[0] = sum;
  const size = sizeClass(sum, quanta[0]);
  for (let split = 0; split < SPLITS; split++) {
    const count = quanta[split];
    const left = quanta[LEFT[split]];
    let ratio = count > 0 ? left / count : 0.5;
    if (smoothing !== undefined && count > 0 && (left === 0 || left === count)) {
      const share = Math.min(0.5, emptyShare(smoothing, LEVEL[split], size, count) / count);
      ratio = left === 0 ? share : 1 - share;
    }
    masses[LEFT[split]] = masses[split] * ratio;
    masses[RIGHT[split]] = masses[split] * (1 - ratio);
  }
  for (let cell = 0; cell < restored.length; cell++) restored[cell] = masses[SPLITS + cell];
}
