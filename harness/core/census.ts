/** Counts what a table of modules holds: rows, empties, occupancy, extremes. Slab by slab, in one pass; changes nothing. */
import { CALQ_PER_MIPT, CELLS, type Census, type Slab } from "./table.js";

/** Lower edges of the occupancy slices [0,2) [2,5) [5,10) [10,15) [15,48]. */
export const OCCUPANCY_EDGES = [0, 2, 5, 10, 15] as const;

/** What only the caller knows: which rows repeat, what was dropped, which columns there are. */
export interface CensusContext {
  readonly distinct: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly labels: readonly string[];
  readonly ignoredColumns: readonly string[];
}

export class CensusCounter {
  #rows = 0;
  #empty = 0;
  #nonIntegerRows = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #smallestPositive = Infinity;
  #sum = 0;
  #lost = 0;
  #nonZero = 0;
  #occupancy = 0;
  readonly #slices = OCCUPANCY_EDGES.map(() => 0);

  add(slab: Slab): void {
    for (let row = 0; row < slab.rows; row++) this.#addRow(slab.calq, row * CELLS);
    this.#rows += slab.rows;
  }

  #addRow(calq: Float64Array, base: number): void {
    let total = 0;
    let occupancy = 0;
    let fractional = false;
    for (let cell = base; cell < base + CELLS; cell++) {
      const value = calq[cell];
      total += value;
      if (value < this.#minimum) this.#minimum = value;
      if (value > this.#maximum) this.#maximum = value;
      if (value > 0) {
        this.#nonZero++;
        if (value < this.#smallestPositive) this.#smallestPositive = value;
        if (value > CALQ_PER_MIPT) occupancy++;
      }
      if (!Number.isInteger(value)) fractional = true;
    }
    if (total === 0) this.#empty++;
    if (fractional) this.#nonIntegerRows++;
    this.#occupancy += occupancy;
    this.#slices[OCCUPANCY_EDGES.findLastIndex((edge) => occupancy >= edge)]++;
    const next = this.#sum + total; // compensated, so that the mean does not depend on the number of rows
    this.#lost += this.#sum >= total ? this.#sum - next + total : total - next + this.#sum;
    this.#sum = next;
  }

  /** The census of all rows added; extremes and means of no rows are 0. */
  finish(context: CensusContext): Census {
    const rows = this.#rows;
    const perRow = (value: number): number => (rows === 0 ? 0 : value / rows);
    return {
      rows,
      empty: this.#empty,
      distinct: context.distinct,
      nonIntegerRows: this.#nonIntegerRows,
      minimum: rows === 0 ? 0 : this.#minimum,
      maximum: rows === 0 ? 0 : this.#maximum,
      smallestPositive: this.#nonZero === 0 ? 0 : this.#smallestPositive,
      meanSum: perRow(this.#sum + this.#lost),
      meanNonZero: perRow(this.#nonZero),
      meanOccupancy: perRow(this.#occupancy),
      occupancySlices: [...this.#slices],
      dropped: context.dropped,
      labels: context.labels,
      ignoredColumns: context.ignoredColumns,
    };
  }
}

/** The census of one table in memory whose distinct rows were counted by the caller. */
export function censusOf(slab: Slab, context: CensusContext): Census {
  const counter = new CensusCounter();
  counter.add(slab);
  return counter.finish(context);
}
