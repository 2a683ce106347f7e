/**
 * Distributions of modules that realism is judged by: occupancies, log10 of sum and maximum, the spectrum of the charges.
 *
 * Each is one value per row (the spectrum: per cell with charge) of all rows as they come, repeated ones included.
 */
import { log10 } from "../core/elementary.js";
import type { DistributionRecord, HistogramPair } from "../core/realism.js";
import { CELLS, type Slab } from "../core/table.js";
import { histogramEmd, ksDistance, sampleEmd } from "../core/twosample.js";
import { occupancyOf } from "./occupancy.js";

/** Largest KS distance of the four headline distributions. */
export const KS_LIMIT = 0.1;

interface Distribution {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  readonly limit: number | null;
  values(slab: Slab): Float64Array;
}

function perRow(value: (cells: Float64Array) => number): (slab: Slab) => Float64Array {
  return ({ calq, rows }) =>
    Float64Array.from({ length: rows }, (_, row) => value(calq.subarray(row * CELLS, (row + 1) * CELLS)));
}

const total = (cells: Float64Array): number => cells.reduce((sum, charge) => sum + charge, 0);
const largest = (cells: Float64Array): number => cells.reduce((most, charge) => Math.max(most, charge), 0);

export const DISTRIBUTIONS: readonly Distribution[] = [
  {
    id: "cells-above-0",
    title: "cells above 0",
    unit: "cells",
    low: 0,
    high: CELLS + 1,
    bins: CELLS + 1,
    limit: KS_LIMIT,
    values: perRow((cells) => cells.filter((charge) => charge > 0).length),
  },
  {
    id: "cells-above-35",
    title: "cells above 35 CALQ",
    unit: "cells",
    low: 0,
    high: CELLS + 1,
    bins: CELLS + 1,
    limit: KS_LIMIT,
    values: (slab) => Float64Array.from({ length: slab.rows }, (_, row) => occupancyOf(slab.calq, row)),
  },
  {
    id: "log10-sum",
    title: "log10 of the sum",
    unit: "decades of CALQ",
    low: 0,
    high: 5,
    bins: 50,
    limit: KS_LIMIT,
    values: (slab) => positiveLogs(perRow(total)(slab)),
  },
  {
    id: "log10-maximum",
    title: "log10 of the largest charge",
    unit: "decades of CALQ",
    low: 0,
    high: 4.5,
    bins: 45,
    limit: KS_LIMIT,
    values: (slab) => positiveLogs(perRow(largest)(slab)),
  },
  {
    id: "spectrum",
    title: "log10 of every charge above 0",
    unit: "decades of CALQ",
    low: 0,
    high: 4.5,
    bins: 45,
    limit: null,
    values: (slab) => positiveLogs(slab.calq),
  },
];

function positiveLogs(values: Float64Array): Float64Array {
  return values.filter((value) => value > 0).map(log10);
}

function shares(values: Float64Array, { low, high, bins }: Distribution): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]++;
  }
  return counts.map((inside) => (values.length === 0 ? 0 : inside / values.length));
}

/** One distribution of both tables. */
export function compareDistribution(
  distribution: Distribution,
  synthetic: Slab,
  real: Slab,
): DistributionRecord {
  const { id, title, unit, low, high, limit } = distribution;
  const ours = distribution.values(synthetic);
  const theirs = distribution.values(real);
  const realShares = shares(theirs, distribution);
  const histogram: HistogramPair = { low, high, synthetic: shares(ours, distribution), real: realShares };
  const ks = ksDistance(ours, theirs) ?? null;
  return {
    id,
    title,
    unit,
    syntheticCount: ours.length,
    realCount: theirs.length,
    ks,
    emd: sampleEmd(ours, theirs) ?? null,
    histogramEmd: histogramEmd(histogram.synthetic, realShares) ?? null,
    goal: limit === null || ks === null ? null : { limit, reached: ks <= limit },
    histogram,
  };
}
