/** Which modules of a table are shown under every codec: a quiet, a typical and a busy one. */
import { CELLS, type Slab } from "../core/table.js";
import type { QualityResult } from "../core/results.js";
import { occupancyOf } from "./occupancy.js";

export type Role = QualityResult["examples"][number]["role"];

export interface ExampleRow {
  readonly role: Role;
  readonly row: number;
}

/** Places in the order of occupancy among rows that hold charge. */
const PLACES: readonly (readonly [Role, number])[] = [
  ["quiet", 0.25],
  ["typical", 0.5],
  ["busy", 0.95],
];

/** Rows by role, chosen from the rows that hold charge, ordered by occupancy, then sum, then row; fewer when there are fewer. */
export function chooseExamples(table: Slab): ExampleRow[] {
  const ranked = Array.from({ length: table.rows }, (_, row) => ({
    row,
    occupancy: occupancyOf(table.calq, row),
    sum: table.calq.subarray(row * CELLS, (row + 1) * CELLS).reduce((total, charge) => total + charge, 0),
  }))
    .filter(({ sum }) => sum > 0)
    .sort((a, b) => a.occupancy - b.occupancy || a.sum - b.sum || a.row - b.row);
  const chosen: ExampleRow[] = [];
  for (const [role, place] of PLACES) {
    if (ranked.length === 0) break;
    const { row } = ranked[Math.floor(place * (ranked.length - 1))];
    if (!chosen.some((example) => example.row === row)) chosen.push({ role, row });
  }
  return chosen;
}
