/** What a table holds, counted once when it is made and shown beside every result. */
import type { Census } from "../core/table.js";
import { CALQ_PER_MIPT, CELLS } from "../core/table.js";
import { mean } from "../core/stats.js";
import { sliceOf, SLICE_COUNT } from "./occupancy.js";

export interface CensusNotes {
  readonly dropped: Readonly<Record<string, number>>;
  readonly labels: readonly string[];
  readonly ignoredColumns: readonly string[];
}

/** The 48 numbers of a row as a key: equal keys are equal rows, bit for bit. */
export function rowKey(calq: Float64Array, row: number): string {
  return String.fromCharCode(...new Uint16Array(calq.slice(row * CELLS, (row + 1) * CELLS).buffer));
}

/** Counts over charges [rows, 48], CALQ. */
export function takeCensus(calq: Float64Array, notes: CensusNotes): Census {
  const rows = calq.length / CELLS;
  const sums = new Float64Array(rows);
  const nonZero = new Float64Array(rows);
  const occupancy = new Float64Array(rows);
  const slices = new Array<number>(SLICE_COUNT).fill(0);
  const keys = new Set<string>();
  let nonIntegerRows = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  let smallestPositive = Infinity;
  for (let row = 0; row < rows; row++) {
    let whole = true;
    for (let i = row * CELLS; i < (row + 1) * CELLS; i++) {
      const charge = calq[i];
      sums[row] += charge;
      if (charge > 0) nonZero[row]++;
      if (charge > CALQ_PER_MIPT) occupancy[row]++;
      if (charge > 0 && charge < smallestPositive) smallestPositive = charge;
      minimum = Math.min(minimum, charge);
      maximum = Math.max(maximum, charge);
      whole &&= Number.isInteger(charge);
    }
    if (!whole) nonIntegerRows++;
    slices[sliceOf(occupancy[row])]++;
    keys.add(rowKey(calq, row));
  }
  return {
    rows,
    empty: sums.filter((sum) => sum === 0).length,
    distinct: keys.size,
    nonIntegerRows,
    minimum: rows === 0 ? 0 : minimum,
    maximum: rows === 0 ? 0 : maximum,
    smallestPositive: smallestPositive === Infinity ? 0 : smallestPositive,
    meanSum: mean(sums) ?? 0,
    meanNonZero: mean(nonZero) ?? 0,
    meanOccupancy: mean(occupancy) ?? 0,
    occupancySlices: slices,
    ...notes,
  };
}
