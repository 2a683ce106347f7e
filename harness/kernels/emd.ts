/**
 * Declaration of the exact earth mover's distance kernel: many pairs of small histograms over one symmetric ground distance.
 *
 * Both sides of a pair are normalised to unit sum. A row that has no distance (empty, negative, not finite) gets NaN and a
 * status. `isMetric` = 1 promises a ground metric (core/groundmetric.ts): common mass then stays where it is. With
 * `isMetric` = 0 any symmetric costs are allowed, on at most 32 cells; the transport kernel takes larger ones.
 */
import { isGroundMetric } from "../core/groundmetric.js";
import {
  STATUS,
  STATUS_NAME,
  defineKernel,
  f64,
  i32,
  type Agreement,
  type Buffers,
  type Dims,
} from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { sqrt } from "../core/elementary.js";
import { CELLS } from "../core/table.js";
import { groundDistance } from "../physics/triggercells.js";

/** Most cells with a metric, and without. */
export const EMD_CELLS_LIMIT = 64;
export const EMD_SPLIT_CELLS_LIMIT = 32;

const RELATIVE_TOLERANCE = 1e-12;
/** Share of the largest distance below which a difference is the rounding of the masses. */
const ABSOLUTE_TOLERANCE = 1e-13;

/** How the masses of one row are drawn; rows take the kinds in turn. */
export const MASS_KINDS = ["sparse", "dense", "whole", "equal", "hot", "near", "scaled", "empty"] as const;
export type MassKind = (typeof MASS_KINDS)[number];

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}

function sumOf(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** Distances between `cells` random points of the plane; on a small grid half of the time, where many routes tie. */
function pointDistances(cells: number, rng: Rng): Float64Array {
  const onGrid = rng.integer(2) === 0;
  const points = Float64Array.from({ length: 2 * cells }, () =>
    onGrid ? rng.integer(8) : 8 * rng.uniform(),
  );
  return Float64Array.from({ length: cells * cells }, (_, k) => {
    const i = Math.floor(k / cells);
    const j = k % cells;
    const dx = points[2 * i] - points[2 * j];
    const dy = points[2 * i + 1] - points[2 * j + 1];
    return sqrt(dx * dx + dy * dy);
  });
}

/** Symmetric costs that are no metric: the diagonal costs something too. */
function symmetricCosts(cells: number, rng: Rng): Float64Array {
  const whole = rng.integer(2) === 0;
  const costs = new Float64Array(cells * cells);
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j <= i; j++) {
      const cost = whole ? rng.integer(6) : rng.uniform();
      costs[i * cells + j] = cost;
      costs[j * cells + i] = cost;
    }
  }
  return costs;
}

function exponentials(cells: number, share: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: cells }, () => (rng.uniform() < share ? rng.exponential() : 0));
}

function wholeNumbers(cells: number, below: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: cells }, () => rng.integer(below));
}

/** One pair. "near": a tiny smear; "scaled": proportional sides (distance zero); "equal": equal masses, many ties. */
export function massPair(kind: MassKind, cells: number, rng: Rng): [Float64Array, Float64Array] {
  switch (kind) {
    case "sparse":
      return [exponentials(cells, 0.3, rng), exponentials(cells, 0.4, rng)];
    case "dense":
      return [exponentials(cells, 1, rng), exponentials(cells, 1, rng)];
    case "whole":
      return [wholeNumbers(cells, 4, rng), wholeNumbers(cells, 4, rng)];
    case "equal":
      return [wholeNumbers(cells, 2, rng), wholeNumbers(cells, 2, rng)];
    case "hot": {
      const sides: [Float64Array, Float64Array] = [new Float64Array(cells), new Float64Array(cells)];
      for (const side of sides) side[rng.integer(cells)] = 1 + rng.integer(1000);
      return sides;
    }
    case "near": {
      const first = exponentials(cells, 0.7, rng);
      return [first, first.map((mass) => mass * (1 + 1e-6 * rng.normal()))];
    }
    case "scaled": {
      const first = wholeNumbers(cells, 50, rng);
      return [first, first.map((mass) => 3 * mass)];
    }
    case "empty": {
      const sides: [Float64Array, Float64Array] = [exponentials(cells, 1, rng), exponentials(cells, 1, rng)];
      sides[rng.integer(2)].fill(0);
      return sides;
    }
  }
}

/** Rows of all kinds; every fourth row is its predecessor with the sides swapped. */
function generate({ rows, cells, isMetric }: Dims, rng: Rng): Buffers {
  const original = new Float64Array(rows * cells);
  const restored = new Float64Array(rows * cells);
  for (let row = 0; row < rows; row++) {
    const kind = MASS_KINDS[Math.floor(row / 2) % MASS_KINDS.length];
    let pair = massPair(kind, cells, rng);
    if (row % 4 === 3) {
      const before = (row - 1) * cells;
      pair = [restored.slice(before, before + cells), original.slice(before, before + cells)];
    }
    original.set(pair[0], row * cells);
    restored.set(pair[1], row * cells);
  }
  let metric = isMetric === 0 ? symmetricCosts(cells, rng) : pointDistances(cells, rng);
  if (isMetric === 1 && cells === CELLS) metric = groundDistance();
  return { original, restored, metric };
}

/** STATUS of a row, judged as the kernel documents it: not finite, then negative, then empty. */
function rowStatus(original: Float64Array, restored: Float64Array): number {
  const all = [...original, ...restored];
  if (!all.every(Number.isFinite)) return STATUS.nonFinite;
  if (all.some((mass) => mass < 0)) return STATUS.negative;
  if (largest(original) === 0) return STATUS.emptyIn;
  if (largest(restored) === 0) return STATUS.emptyOut;
  return STATUS.ok;
}

function normalised(masses: Float64Array): Float64Array {
  const most = largest(masses);
  const shares = masses.map((mass) => mass / most); // so that no sum overflows
  const total = sumOf(shares);
  return shares.map((share) => share / total);
}

/** Cheapest plan by successive shortest paths: no tree, no cancelling, no integers. `costs` is [cells, cells]. */
function cheapest(supply: Float64Array, demand: Float64Array, costs: Float64Array): number {
  const n = supply.length;
  const flow = new Float64Array(n * n);
  const potential = new Float64Array(2 * n); // of sources, then of sinks
  const left = supply.slice();
  const wanted = demand.slice();
  for (;;) {
    const { distance, before } = shortestPaths(left, flow, costs, potential);
    let sink = -1;
    for (let j = 0; j < n; j++) {
      if (wanted[j] > 0 && distance[n + j] < Infinity && (sink < 0 || distance[n + j] < distance[n + sink]))
        sink = j;
    }
    if (sink < 0) break;
    for (let k = 0; k < 2 * n; k++) potential[k] += Math.min(distance[k], distance[n + sink]);
    augment(sink, before, left, wanted, flow);
  }
  let total = 0;
  for (let k = 0; k < n * n; k++) total += flow[k] * costs[k];
  return total;
}

/** Dijkstra on reduced costs from every source with mass left, over all arcs and, backwards, those with flow. */
function shortestPaths(
  left: Float64Array,
  flow: Float64Array,
  costs: Float64Array,
  potential: Float64Array,
): { distance: Float64Array; before: Int32Array } {
  const n = left.length;
  const distance = new Float64Array(2 * n).fill(Infinity);
  const before = new Int32Array(2 * n).fill(-1);
  const done = new Uint8Array(2 * n);
  for (let i = 0; i < n; i++) if (left[i] > 0) distance[i] = 0;
  for (;;) {
    let node = -1;
    for (let k = 0; k < 2 * n; k++) {
      if (done[k] === 0 && distance[k] < Infinity && (node < 0 || distance[k] < distance[node])) node = k;
    }
    if (node < 0) return { distance, before };
    done[node] = 1;
    for (let k = 0; k < n; k++) {
      const forwards = node < n;
      const next = forwards ? n + k : k;
      const arc = forwards ? node * n + k : k * n + node - n;
      if (done[next] === 1 || (!forwards && flow[arc] <= 0)) continue;
      const cost = (forwards ? costs[arc] : -costs[arc]) + potential[node] - potential[next];
      const reached = distance[node] + Math.max(0, cost);
      if (reached < distance[next]) {
        distance[next] = reached;
        before[next] = node;
      }
    }
  }
}

/** Sends as much as the path to `sink` carries. */
function augment(
  sink: number,
  before: Int32Array,
  left: Float64Array,
  wanted: Float64Array,
  flow: Float64Array,
): void {
  const n = left.length;
  let amount = wanted[sink];
  let node = n + sink;
  for (; before[node] >= 0; node = before[node]) {
    if (node < n) amount = Math.min(amount, flow[node * n + before[node] - n]);
  }
  amount = Math.min(amount, left[node]);
  left[node] -= amount;
  wanted[sink] -= amount;
  for (node = n + sink; before[node] >= 0; node = before[node]) {
    if (node < n) flow[node * n + before[node] - n] -= amount;
    else flow[before[node] * n + node - n] += amount;
  }
}

function reference(inputs: Buffers, { rows, cells }: Dims): Buffers {
  const [originals, restoreds, metric] = [inputs.original, inputs.restored, inputs.metric].map((values) =>
    Float64Array.from(values),
  );
  const emd = new Float64Array(rows).fill(NaN);
  const status = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const original = originals.slice(row * cells, (row + 1) * cells);
    const restored = restoreds.slice(row * cells, (row + 1) * cells);
    status[row] = rowStatus(original, restored);
    if (status[row] === STATUS.ok) emd[row] = cheapest(normalised(original), normalised(restored), metric);
  }
  return { emd, status };
}

function agrees(outputs: Buffers, expected: Buffers, inputs: Buffers, { rows }: Dims): Agreement {
  const floor = ABSOLUTE_TOLERANCE * largest(inputs.metric);
  let found: Agreement = { ratio: 0, worst: 0, measure: "relative error", where: "emd[0]" };
  for (let row = 0; row < rows; row++) {
    if (outputs.status[row] !== expected.status[row]) {
      const measure = `status ${STATUS_NAME[outputs.status[row]]}`;
      return { ratio: Infinity, worst: outputs.status[row], measure, where: `status[${row}]` };
    }
    const [got, wanted] = [outputs.emd[row], expected.emd[row]];
    if (expected.status[row] !== STATUS.ok) {
      if (Number.isNaN(got)) continue;
      return { ratio: Infinity, worst: got, measure: "number where none exists", where: `emd[${row}]` };
    }
    const error = Math.abs(got - wanted);
    const allowed = Math.max(RELATIVE_TOLERANCE * wanted, floor);
    const ratio = error === 0 ? 0 : error / allowed;
    if (!(ratio <= found.ratio)) {
      found = {
        ratio,
        worst: error / Math.max(wanted, floor / RELATIVE_TOLERANCE),
        measure: "relative error",
        where: `emd[${row}]`,
      };
    }
  }
  return found;
}

function rowOf(values: ArrayLike<number>, row: number, cells: number): number[] {
  return Array.from({ length: cells }, (_, k) => values[row * cells + k]);
}

/** A law about single rows that have a distance. */
function eachRow(
  says: (distance: number, original: number[], restored: number[], inputs: Buffers, row: number) => boolean,
): (inputs: Buffers, outputs: Buffers, dims: Dims) => string | undefined {
  return (inputs, outputs, { rows, cells }) => {
    for (let row = 0; row < rows; row++) {
      if (outputs.status[row] !== STATUS.ok) continue;
      const original = rowOf(inputs.original, row, cells);
      const restored = rowOf(inputs.restored, row, cells);
      if (!says(outputs.emd[row], original, restored, inputs, row))
        return `row ${row} has ${outputs.emd[row]}`;
    }
    return undefined;
  };
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
  generate,
  work: ({ rows, cells }) => ({
    items: rows,
    itemName: "pair",
    bytes: 8 * (2 * rows * cells + cells * cells + rows) + 4 * rows,
  }),
  reference,
  agrees,
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
