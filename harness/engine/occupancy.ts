/** Occupancy of a module: its number of cells above 1 MIP_T (35 CALQ) in the original, and the slices the studies use. */
import { CALQ_PER_MIPT, CELLS } from "../core/table.js";

/** Edges of [0,2) [2,5) [5,10) [10,15) [15,48]. */
export const SLICE_EDGES = [0, 2, 5, 10, 15, CELLS + 1] as const;
export const SLICE_COUNT = SLICE_EDGES.length - 1;

export function occupancyOf(calq: Float64Array, row: number): number {
  let cells = 0;
  for (let i = row * CELLS; i < (row + 1) * CELLS; i++) if (calq[i] > CALQ_PER_MIPT) cells++;
  return cells;
}

/** Index of the slice that an occupancy in 0..48 lies in. */
export function sliceOf(occupancy: number): number {
  let slice = 0;
  while (slice < SLICE_COUNT - 1 && occupancy >= SLICE_EDGES[slice + 1]) slice++;
  return slice;
}
