/**
 * Declaration of k-means from given centres. Iterations end when no label changes or at the limit; a cluster that loses all its
 * points gets the point that is furthest from its centre (of equals the first) and not alone in its cluster; where there is
 * none, it stays where it is. Labels are those of the centres that are returned.
 */
import { defineKernel, f64, i32, type Agreement, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { eventPoints, groupPoints, lloyd, someOf, squareBetween } from "./kmeanspoints.js";
import { largestSize, worstOf } from "./pcatable.js";

const BLOCK = 16;
const LANES = 8;
const CELLS = 64 * 64;
/** Sums of thousands of float64 numbers in another order. */
const TOLERANCE = 1e-12;
const FAMILY_DIMS = 2;
/** Points per cluster from which on points repeat: centres that coincide but for rounding have no unique history. */
const FEW = 10;
const TIMED_POINTS = 1000;

function generate({ points, dims, clusters }: Dims, rng: Rng): Buffers {
  const data =
    dims === FAMILY_DIMS && points >= TIMED_POINTS
      ? eventPoints(points, rng)
      : groupPoints(points, dims, clusters * FEW <= points, rng);
  return { data, start: someOf(data, dims, clusters, rng) };
}

/** Squared size of the data: what errors of squared distances are relative to. */
function squareSize({ data }: Buffers, dims: number): number {
  return dims * largestSize(data) ** 2;
}

function agrees(outputs: Buffers, expected: Buffers, inputs: Buffers, { dims }: Dims): Agreement {
  const label = outputs.labels.findIndex((x: number, i: number) => x !== expected.labels[i]);
  if (label >= 0) {
    const measure = `label ${expected.labels[label]}`;
    return { ratio: Infinity, worst: outputs.labels[label], measure, where: `labels[${label}]` };
  }
  const done = worstOf(outputs.iterations, expected.iterations, () => Number.MIN_VALUE);
  const size = squareSize(inputs, dims);
  const inertia = worstOf(outputs.inertia, expected.inertia, () => TOLERANCE * (expected.inertia[0] + size));
  const centres = worstOf(outputs.centres, expected.centres, () => TOLERANCE * largestSize(inputs.data));
  const [name, found] = (
    [
      ["iterations", done],
      ["inertia", inertia],
      ["centres", centres],
    ] as const
  ).reduce((a, b) => (b[1].ratio <= a[1].ratio ? a : b));
  return { ratio: found.ratio, worst: found.worst, measure: "error", where: `${name}[${found.at}]` };
}

/** No centre is nearer to a point than that of its label. */
function brokenNearest({ data }: Buffers, { centres, labels }: Buffers, dims: Dims): string | undefined {
  const slack = TOLERANCE * squareSize({ data }, dims.dims);
  for (let i = 0; i < dims.points; i++) {
    const own = squareBetween(data, i, centres, labels[i], dims.dims);
    for (let c = 0; c < dims.clusters; c++) {
      const square = squareBetween(data, i, centres, c, dims.dims);
      if (!(own <= square + slack)) return `point ${i} is nearer to ${c} than to ${labels[i]}`;
    }
  }
  return undefined;
}

/** Where the iterations ended by themselves, every centre with points is their mean. */
function brokenMeans(
  { data }: Buffers,
  { centres, labels, iterations }: Buffers,
  { points, dims, clusters, limit }: Dims,
): string | undefined {
  if (iterations[0] >= limit) return undefined;
  const sums = new Float64Array(clusters * dims);
  const sizes = new Int32Array(clusters);
  for (let i = 0; i < points; i++) {
    sizes[labels[i]]++;
    for (let j = 0; j < dims; j++) sums[labels[i] * dims + j] += data[i * dims + j];
  }
  const slack = TOLERANCE * largestSize(data);
  for (let at = 0; at < sums.length; at++) {
    const size = sizes[Math.floor(at / dims)];
    if (size > 0 && !(Math.abs(centres[at] - sums[at] / size) <= slack)) return `centres[${at}] is off`;
  }
  return undefined;
}

function brokenInertia({ data }: Buffers, outputs: Buffers, { points, dims }: Dims): string | undefined {
  const { centres, labels, inertia } = outputs;
  let sum = 0;
  for (let i = 0; i < points; i++) sum += squareBetween(data, i, centres, labels[i], dims);
  const slack = TOLERANCE * (sum + squareSize({ data }, dims));
  return Math.abs(sum - inertia[0]) <= slack ? undefined : `${inertia[0]} against ${sum}`;
}

const ON_TFJS = "assigning and averaging by label needs gathers that tfjs does point by point";

export const kernel = defineKernel({
  id: "k-means",
  title: "k-means clustering from given centres",
  source: "Lloyd 1982, doi:10.1109/TIT.1982.1056489",
  symbol: "kmeans",
  dims: ["points", "dims", "clusters", "limit"],
  inputs: { data: f64("points dims", "1"), start: f64("clusters dims", "1") },
  outputs: {
    centres: f64("clusters dims", "1"),
    labels: i32("points", "1"),
    inertia: f64("1", "1"),
    iterations: i32("1", "1"),
  },
  scratch: {
    table: ({ points, dims, clusters }) => {
      const blocks = Math.ceil(points / BLOCK);
      const padded = Math.ceil(clusters / LANES) * LANES;
      return 8 * (blocks * (BLOCK * dims + dims + 1) + dims + 2 * clusters * dims + padded * (dims + 2));
    },
    index: ({ points, clusters }) =>
      4 * (2 * points + Math.ceil(points / BLOCK) * BLOCK + 2 * clusters + CELLS + 1),
  },
  shapes: [
    { points: 1000, dims: 2, clusters: 20, limit: 20 },
    { points: 300, dims: 2, clusters: 13, limit: 100 },
    { points: 200, dims: 48, clusters: 9, limit: 50 },
    { points: 129, dims: 3, clusters: 7, limit: 100 },
    { points: 40, dims: 1, clusters: 12, limit: 100 },
    { points: 17, dims: 5, clusters: 17, limit: 5 },
    { points: 1, dims: 1, clusters: 1, limit: 3 },
    { points: 30, dims: 2, clusters: 3, limit: 0 },
  ],
  generate,
  work: ({ points, dims, clusters }) => ({
    items: points,
    itemName: "point",
    bytes: 8 * dims * (points + 2 * clusters) + 4 * points + 12,
  }),
  reference: ({ data, start }, { points, dims, limit }) => lloyd(data, start, points, dims, limit),
  agrees,
  laws: [
    { id: "nearest", says: "no other centre is nearer to a point", broken: brokenNearest },
    { id: "means", says: "settled centres are the means of their points", broken: brokenMeans },
    { id: "inertia", says: "inertia is the sum of squared distances", broken: brokenInertia },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
