/**
 * Declaration of the exact earth mover's distance kernel: many pairs of small histograms over one symmetric ground distance.
 *
 * Both sides of a pair are normalised to unit sum. A row that has no distance (empty, negative, not finite) gets NaN and a
 * status. `isMetric` = 1 promises a ground metric (core/groundmetric.ts): common mass then stays where it is. With
 * `isMetric` = 0 any symmetric costs are allowed, on at most 32 cells; the transport kernel takes larger ones.
 */
import { isGroundMetric } from "../core/groundmetric.js";
import { STATUS, defineKernel, f64, i32, type Buffers, type Dims } from "../core/kernel.js";
import { ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE, distancesAgree, eachRow, rowOf } from "./emdagreement.js";
import { generatePairs } from "./masspairs.js";
import { largest, normalised, solveRows, sumOf } from "./transportreference.js";

/** Most cells with a metric, and without. */
export const EMD_CELLS_LIMIT = 64;
export const EMD_SPLIT_CELLS_LIMIT = 32;

function reference(inputs: Buffers, dims: Dims): Buffers {
  const { emd, status } = solveRows(inputs, dims);
  return { emd, status };
}

function brokenSwap(inputs: Buffers, outputs: Buffers, { rows, cells }: Dims): string | undefined {
  const floor = ABSOLUTE_TOLERANCE * largest(inputs.metric);
  for (let row = 1; row < rows; row++) {
    if (outputs.status[row] !== STATUS.ok || outputs.status[row - 1] !== STATUS.ok) continue;
    const swapped =
      String(rowOf(inputs.original, row, cells)) === String(rowOf(inputs.restored, row - 1, cells)) &&
      String(rowOf(inputs.restored, row, cells)) === String(rowOf(inputs.original, row - 1, cells));
    const difference = Math.abs(outputs.emd[row] - outputs.emd[row - 1]);
    if (swapped && !(difference <= Math.max(RELATIVE_TOLERANCE * outputs.emd[row], floor)))
      return `rows ${row - 1} and ${row} differ by ${difference}`;
  }
  return undefined;
}

/** A metric leaves equal sides where they are; moved mass travels at least the shortest distance between two cells. */
function brokenMoved(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (dims.isMetric !== 1) return undefined;
  const longest = largest(inputs.metric);
  const floor = ABSOLUTE_TOLERANCE * longest;
  let shortest = Infinity;
  for (let k = 0; k < dims.cells * dims.cells; k++) {
    if (k % (dims.cells + 1) !== 0) shortest = Math.min(shortest, inputs.metric[k]);
  }
  return eachRow((distance, original, restored) => {
    const first = normalised(Float64Array.from(original));
    const second = normalised(Float64Array.from(restored));
    const moved = sumOf(first.map((mass, k) => Math.max(0, mass - second[k])));
    const least = dims.cells > 1 ? moved * shortest : 0;
    return distance >= least - floor && distance <= moved * longest + floor;
  })(inputs, outputs, dims);
}

const ON_TFJS = "a pivoting algorithm on a tree: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "emd",
  title: "Exact earth mover's distance, small histograms in batches",
  source:
    "network simplex: Dantzig 1951; strongly feasible trees: Cunningham 1976, doi:10.1007/BF01580379; start: Russell 1969, doi:10.1287/opre.17.1.187",
  symbol: "emd",
  dims: ["rows", "cells", "isMetric"],
  batch: "rows",
  inputs: {
    original: f64("rows cells", "1"),
    restored: f64("rows cells", "1"),
    metric: f64("cells cells", "pitch"),
  },
  outputs: { emd: f64("rows", "pitch"), status: i32("rows", "1") },
  shapes: [
    { rows: 64, cells: 48, isMetric: 1 },
    { rows: 64, cells: 64, isMetric: 1 },
    { rows: 64, cells: 32, isMetric: 1 },
    { rows: 64, cells: 5, isMetric: 1 },
    { rows: 32, cells: 3, isMetric: 1 },
    { rows: 33, cells: 2, isMetric: 1 },
    { rows: 16, cells: 1, isMetric: 1 },
    { rows: 64, cells: 32, isMetric: 0 },
    { rows: 64, cells: 5, isMetric: 0 },
    { rows: 16, cells: 1, isMetric: 0 },
  ],
  generate: generatePairs,
  work: ({ rows, cells }) => ({
    items: rows,
    itemName: "pair",
    bytes: 8 * (2 * rows * cells + cells * cells + rows) + 4 * rows,
  }),
  reference,
  agrees: distancesAgree,
  laws: [
    { id: "sign", says: "never negative", broken: eachRow((distance) => distance >= 0) },
    {
      id: "longest",
      says: "at most the largest distance",
      broken: eachRow(
        (distance, _, __, inputs) => distance <= largest(inputs.metric) * (1 + RELATIVE_TOLERANCE),
      ),
    },
    { id: "swap", says: "the same when the sides are swapped", broken: brokenSwap },
    {
      id: "moved",
      says: "zero on equal sides, else moved mass times a distance that exists",
      broken: brokenMoved,
    },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});

/** The `isMetric` argument for a matrix: 1 when common mass may stay in place. */
export function metricFlag(metric: Float64Array, cells: number): 0 | 1 {
  return isGroundMetric(metric, cells) ? 1 : 0;
}
