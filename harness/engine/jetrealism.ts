/**
 * How like real jets a table is: its marginals against a file or digitised histograms, the rank that its identities leave, and what
 * published autoencoders, which know real jets, make of it.
 */
import type { MarginalFigure, NetworkFigure, RankFigure } from "../core/jetrealism.js";
import { ksDistance } from "../core/twosample.js";
import { numericalRank } from "../core/numericalrank.js";
import { median } from "../core/stats.js";
import type { ImportedModel } from "../models/imported.js";
import { forward } from "../models/forward.js";
import type { JetColumn } from "../physics/jetcolumns.js";
import { customNormalised } from "../physics/jetnormalisation.js";
import type { JetTable } from "./jettable.js";

/** Rank of the table where all identities hold (docs/jets.md). */
const RANKS: ReadonlyMap<string, number> = new Map([
  ["jets-cms-24d", 19],
  ["jets-cms-19d", 17],
]);
/** KS distance that a marginal may have from the published one. */
export const MARGINAL_GOAL = 0.05;
/**
 * Median over jets of the mean squared error after a published network with that many latents: what a copula with the published
 * correlations, the centroid's geometry and the endcap's region reaches (docs/jets.md).
 */
const NETWORK_GOALS: ReadonlyMap<number, number> = new Map([
  [8, 4.5e-3],
  [14, 1.3e-3],
  [20, 2.3e-4],
]);

export function columnOf({ values, columns }: JetTable, index: number): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: values.length / width }, (_, row) => values[row * width + index]);
}

const atMost = (value: number, limit: number): MarginalFigure["goal"] => ({ limit, reached: value <= limit });

/** KS distance of every column from that of other jets. */
export function marginalFigures(ours: JetTable, real: JetTable): MarginalFigure[] {
  return ours.columns.map(({ name, unit }, index) => {
    const ks = ksDistance(columnOf(ours, index), columnOf(real, index)) ?? 1;
    return { column: name, unit, ks, goal: atMost(ks, MARGINAL_GOAL) };
  });
}

/** A histogram read off a figure: counts between `edges`, which are in the column's unit and ascend. */
export interface DigitisedHistogram {
  readonly column: string;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Largest distance of the two distribution functions at inner edges: within a bin a figure says nothing, and its outer bins hold
 * all that lies outside.
 */
export function histogramKs(sample: Float64Array, { edges, counts }: DigitisedHistogram): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const inOrder = sample.slice().sort();
  let [largest, below, at] = [0, 0, 0];
  for (let bin = 0; bin < counts.length - 1; bin++) {
    below += counts[bin];
    while (at < inOrder.length && inOrder[at] < edges[bin + 1]) at++;
    largest = Math.max(largest, Math.abs(below / total - at / inOrder.length));
  }
  return largest;
}

/** KS distance of columns from published histograms; histograms of other columns are passed over. */
export function publishedFigures(
  ours: JetTable,
  histograms: readonly DigitisedHistogram[],
): MarginalFigure[] {
  return histograms.flatMap((histogram) => {
    const index = ours.columns.findIndex(({ name }) => name.replace(/_$/, "") === histogram.column);
    if (index < 0) return [];
    const ks = histogramKs(columnOf(ours, index), histogram);
    const { name, unit } = ours.columns[index];
    return [{ column: name, unit, ks, goal: atMost(ks, MARGINAL_GOAL) }];
  });
}

export function rankFigure(id: string, { values, columns }: JetTable): RankFigure {
  return {
    rank: numericalRank(values, columns.length),
    columns: columns.length,
    expected: RANKS.get(id) ?? null,
  };
}

const WORST_COLUMNS = 4;

function worstColumns(
  errors: Float64Array,
  perJet: Float64Array,
  middle: number,
  columns: readonly JetColumn[],
): NetworkFigure["worst"] {
  const sums = columns.map(() => 0);
  perJet.forEach((error, row) => {
    if (error <= middle)
      columns.forEach((_, column) => (sums[column] += errors[row * columns.length + column]));
  });
  const total = sums.reduce((sum, x) => sum + x, 0);
  return columns
    .map(({ name }, column) => ({ column: name, share: sums[column] / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, WORST_COLUMNS);
}

/** What a network that was trained on real jets loses of these. The jets only pass through it; nothing of it flows back. */
export function networkFigure({ columns, rows, values }: JetTable, model: ImportedModel): NetworkFigure {
  const { encoder, decoder } = model.parts;
  if (encoder === undefined || decoder === undefined)
    throw new TypeError(`${model.id}: no encoder and decoder`);
  const input = customNormalised(values, columns);
  const latents = forward(encoder.plan, encoder.parameters, input, rows);
  const restored = forward(decoder.plan, decoder.parameters, latents, rows);
  const errors = input.map((x, i) => (restored[i] - x) * (restored[i] - x));
  const perJet = Float64Array.from(
    { length: rows },
    (_, row) =>
      errors.subarray(row * columns.length, (row + 1) * columns.length).reduce((sum, x) => sum + x, 0) /
      columns.length,
  );
  const middle = median(perJet) ?? NaN;
  const limit = NETWORK_GOALS.get(encoder.plan.outputSize);
  return {
    model: model.id,
    latents: encoder.plan.outputSize,
    median: middle,
    worst: worstColumns(errors, perJet, middle, columns),
    goal: limit === undefined ? null : atMost(middle, limit),
  };
}
