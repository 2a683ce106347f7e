/**
 * The binary tree over the 48 trigger cells: one third against two, third against third, then each third halved four times.
 *
 * Splits stand breadth first; those of one level are alike (same size, same orientation up to a turn), so they share statistics.
 */
import { CELLS } from "../core/table.js";
import { GROUPS_OF_16 } from "../physics/triggercells.js";

/** Splits in all, and levels that they belong to. */
export const SPLITS = CELLS - 1;
export const LEVELS = 6;

export interface Split {
  readonly level: number;
  /** Cells, training indices. */
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** Halves of a rhombus or strip inside a third: across b = floor(i / 4) mod 4 on even levels, across a = i mod 4 on odd ones. */
function halves(cells: readonly number[], level: number): Split {
  const place = (cell: number): number => (level % 2 === 0 ? (cell >> 2) & 3 : cell & 3);
  const places = cells.map(place);
  const middle = (Math.min(...places) + Math.max(...places)) / 2;
  return {
    level,
    left: cells.filter((cell) => place(cell) < middle),
    right: cells.filter((cell) => place(cell) > middle),
  };
}

function grow(): Split[] {
  const [first, second, third] = GROUPS_OF_16;
  const splits: Split[] = [
    { level: 0, left: first, right: [...second, ...third] },
    { level: 1, left: second, right: third },
  ];
  let groups: readonly (readonly number[])[] = GROUPS_OF_16;
  for (let level = 2; level < LEVELS; level++) {
    const next = groups.map((cells) => halves(cells, level));
    splits.push(...next);
    groups = next.flatMap(({ left, right }) => [left, right]);
  }
  return splits;
}

export const TREE: readonly Split[] = grow();

/** A slot holds the content of a group of cells: 0..46 of a split's cells (numbered as in TREE), 47 + i of cell i. */
export const SLOTS = SPLITS + CELLS;

const sameCells = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((cell) => other.includes(cell));

function slotOf(cells: readonly number[]): number {
  if (cells.length === 1) return SPLITS + cells[0];
  return TREE.findIndex(({ left, right }) => sameCells(cells, [...left, ...right]));
}

/** By split: its level and the slots of its two sides. A side's slot is always behind the split's own. */
export const LEVEL = Uint8Array.from(TREE, ({ level }) => level);
export const LEFT = Uint8Array.from(TREE, ({ left }) => slotOf(left));
export const RIGHT = Uint8Array.from(TREE, ({ right }) => slotOf(right));

/** Fills slots 0..46 of `energies` [95] from the cells in slots 47..94. */
export function addUp(energies: Float64Array): void {
  for (let split = SPLITS - 1; split >= 0; split--) {
    energies[split] = energies[LEFT[split]] + energies[RIGHT[split]];
  }
}
