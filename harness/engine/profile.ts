/**
 * Profiles and histograms: a metric's median and 16-84 % band in bins of what a module is like, and its distribution.
 *
 * Bins are half open, [low, high); values outside all bins are left out of profiles. Binning: hgcal studies (occupancy 12 bins
 * on 0..24, log10 of sum and maximum in MIP_T 20 bins on 0..2.5, the occupancy slices), eta in 10 bins of the endcap.
 */
import { log10 } from "../core/elementary.js";
import type { MetricResult, ProfileResult } from "../core/results.js";
import { summarise } from "../core/stats.js";
import { CALQ_PER_MIPT, CELLS, type Slab } from "../core/table.js";
import { occupancyOf, SLICE_EDGES } from "./occupancy.js";

export type Against = ProfileResult["against"];

/** One abscissa: its bin edges, and each row's value (NaN where it has none, e.g. log10 of an empty module). */
export interface Abscissa {
  readonly against: Against;
  readonly edges: readonly number[];
  readonly values: Float64Array;
}

const HISTOGRAM_BINS = 60;

function even(low: number, high: number, bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
}

const OCCUPANCY_EDGES = even(0, 24, 12);
const LOG_EDGES = even(0, 2.5, 20);
const ETA_EDGES = even(1.5, 3, 10);

function byRow(slab: Slab, value: (row: number) => number): Float64Array {
  return Float64Array.from({ length: slab.rows }, (_, row) => value(row));
}

/** The abscissae of a table's original rows; eta only where the table has that label. */
export function abscissae(table: Slab): Abscissa[] {
  const { calq, labels } = table;
  const cells = (row: number): Float64Array => calq.subarray(row * CELLS, (row + 1) * CELLS);
  const logMipt = (charge: number): number => (charge > 0 ? log10(charge / CALQ_PER_MIPT) : NaN);
  const occupancy = byRow(table, (row) => occupancyOf(calq, row));
  const sums = byRow(table, (row) => logMipt(cells(row).reduce((sum, charge) => sum + charge, 0)));
  const maxima = byRow(table, (row) =>
    logMipt(cells(row).reduce((largest, charge) => Math.max(largest, charge), 0)),
  );
  const eta = labels.get("eta");
  return [
    { against: "occupancy-slice", edges: SLICE_EDGES, values: occupancy },
    { against: "occupancy", edges: OCCUPANCY_EDGES, values: occupancy },
    { against: "log10-sum", edges: LOG_EDGES, values: sums },
    { against: "log10-maximum", edges: LOG_EDGES, values: maxima },
    ...(eta === undefined ? [] : [{ against: "eta", edges: ETA_EDGES, values: eta.map(Math.abs) } as const]),
  ];
}

function binOf(value: number, edges: readonly number[]): number | undefined {
  if (!(value >= edges[0] && value < edges[edges.length - 1])) return undefined;
  let bin = 0;
  while (value >= edges[bin + 1]) bin++;
  return bin;
}

/** The profile of `values` [rows] (NaN where the metric has none). */
export function profile(abscissa: Abscissa, values: Float64Array): ProfileResult {
  const { against, edges } = abscissa;
  const members: number[][] = edges.slice(1).map(() => []);
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row])) continue;
    const bin = binOf(abscissa.values[row], edges);
    if (bin !== undefined) members[bin].push(values[row]);
  }
  const bins = members.map((inside, i) => {
    const summary = summarise(inside);
    return {
      low: edges[i],
      high: edges[i + 1],
      n: inside.length,
      mean: summary?.mean ?? null,
      median: summary?.median ?? null,
      q16: summary?.q16 ?? null,
      q84: summary?.q84 ?? null,
    };
  });
  return { against, bins };
}

/** Counts of the values that are numbers in even bins of [low, high], the upper edge included. */
export function histogram(
  values: Float64Array,
  [low, high]: readonly [number, number],
): NonNullable<MetricResult["histogram"]> {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  let underflow = 0;
  let overflow = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (value < low) underflow++;
    else if (value > high) overflow++;
    else counts[Math.min(HISTOGRAM_BINS - 1, Math.floor(((value - low) / (high - low)) * HISTOGRAM_BINS))]++;
  }
  return { low, high, counts, underflow, overflow };
}
