/**
 * Declaration of the EMD kernel that also gives an optimal dual variable of the restored side: what training on the exact EMD
 * follows. Rows, statuses and distances are those of the kernel `emd`, which does not pay for it.
 *
 * A dual is not unique, so it is not compared with another one: it is right when it is feasible and its value is the distance.
 */
import { STATUS, defineKernel, f64, i32, type Agreement, type Buffers, type Dims } from "../core/kernel.js";
import { ABSOLUTE_TOLERANCE, distancesAgree, eachRow } from "./emdagreement.js";
import { generatePairs } from "./masspairs.js";
import { largest, normalised, solveRows } from "./transportreference.js";

/** Share of the largest distance by which a dual may miss: it is a sum of up to `cells` distances. */
const DUAL_TOLERANCE = 100 * ABSOLUTE_TOLERANCE;

const rowOf = (values: ArrayLike<number>, row: number, cells: number): Float64Array =>
  Float64Array.from({ length: cells }, (_, k) => values[row * cells + k]);

/** The dual of the original side that goes with `v`: u(i) = min over k of d(i, k) - v(k). */
function partner(v: Float64Array, metric: ArrayLike<number>): Float64Array {
  const cells = v.length;
  return v.map((_, i) => {
    let least = Infinity;
    for (let k = 0; k < cells; k++) least = Math.min(least, metric[i * cells + k] - v[k]);
    return least;
  });
}

/** By how much the dual value of a row misses its distance; feasible by construction, so it can only fall short. */
function gapOf(inputs: Buffers, outputs: Buffers, row: number, cells: number): number {
  const v = rowOf(outputs.potential, row, cells);
  const u = partner(v, inputs.metric);
  const original = normalised(rowOf(inputs.original, row, cells));
  const restored = normalised(rowOf(inputs.restored, row, cells));
  let value = 0;
  for (let k = 0; k < cells; k++) value += original[k] * u[k] + restored[k] * v[k];
  return Math.abs(value - outputs.emd[row]);
}

function agrees(outputs: Buffers, expected: Buffers, inputs: Buffers, dims: Dims): Agreement {
  const allowed = DUAL_TOLERANCE * Math.max(largest(inputs.metric), Number.MIN_VALUE);
  let found = distancesAgree(outputs, expected, inputs, dims);
  for (let row = 0; row < dims.rows && found.ratio < Infinity; row++) {
    const where = `potential[${row * dims.cells}]`;
    if (outputs.status[row] !== STATUS.ok) {
      if (rowOf(outputs.potential, row, dims.cells).every(Number.isNaN)) continue;
      return { ratio: Infinity, worst: Infinity, measure: "number where none exists", where };
    }
    const gap = gapOf(inputs, outputs, row, dims.cells);
    if (Number.isNaN(gap)) return { ratio: Infinity, worst: Infinity, measure: "dual gap", where };
    if (gap / allowed > found.ratio) found = { ratio: gap / allowed, worst: gap, measure: "dual gap", where };
  }
  return found;
}

/** With a metric, no two cells differ by more than their distance. */
function brokenLipschitz(
  inputs: Buffers,
  outputs: Buffers,
  { rows, cells, isMetric }: Dims,
): string | undefined {
  if (isMetric !== 1) return undefined;
  const allowed = DUAL_TOLERANCE * largest(inputs.metric);
  for (let row = 0; row < rows; row++) {
    if (outputs.status[row] !== STATUS.ok) continue;
    const v = rowOf(outputs.potential, row, cells);
    for (let i = 0; i < cells; i++)
      for (let k = 0; k < cells; k++)
        if (!(v[i] - v[k] <= inputs.metric[i * cells + k] + allowed))
          return `row ${row}: cells ${i} and ${k} differ by ${v[i] - v[k]}`;
  }
  return undefined;
}

function brokenZero(_: Buffers, outputs: Buffers, { rows, cells }: Dims): string | undefined {
  for (let row = 0; row < rows; row++) {
    if (outputs.status[row] !== STATUS.ok) continue;
    const least = rowOf(outputs.potential, row, cells).reduce((x, y) => Math.min(x, y), Infinity);
    if (least !== 0) return `row ${row}: the smallest value is ${least}`;
  }
  return undefined;
}

const ON_TFJS = "a pivoting algorithm on a tree: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "emd-potential",
  title: "Exact earth mover's distance with its dual variable",
  source:
    "duality of transport: Kantorovich 1942; solver: see the kernel emd; as a loss: Frogner et al. 2015, arXiv:1506.05439",
  symbol: "emdPotential",
  dims: ["rows", "cells", "isMetric"],
  batch: "rows",
  inputs: {
    original: f64("rows cells", "1"),
    restored: f64("rows cells", "1"),
    metric: f64("cells cells", "pitch"),
  },
  outputs: { emd: f64("rows", "pitch"), status: i32("rows", "1"), potential: f64("rows cells", "pitch") },
  shapes: [
    { rows: 64, cells: 48, isMetric: 1 },
    { rows: 32, cells: 64, isMetric: 1 },
    { rows: 64, cells: 5, isMetric: 1 },
    { rows: 33, cells: 2, isMetric: 1 },
    { rows: 16, cells: 1, isMetric: 1 },
    { rows: 64, cells: 32, isMetric: 0 },
    { rows: 64, cells: 5, isMetric: 0 },
  ],
  generate: generatePairs,
  work: ({ rows, cells }) => ({
    items: rows,
    itemName: "pair",
    bytes: 8 * (3 * rows * cells + cells * cells + rows) + 4 * rows,
  }),
  reference: solveRows,
  agrees,
  laws: [
    { id: "sign", says: "never negative", broken: eachRow((distance) => distance >= 0) },
    {
      id: "lipschitz",
      says: "with a metric, no two cells differ by more than their distance",
      broken: brokenLipschitz,
    },
    { id: "zero", says: "the smallest value is zero", broken: brokenZero },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
