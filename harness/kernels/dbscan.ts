/**
 * DBSCAN in the plane: clusters of points with at least `least` neighbours, numbered and bordered as scikit-learn does.
 *
 * Labels are decided, not rounded: agreement means every label. -1 is noise, the convention of the method's users.
 */
import { defineKernel, f32, f64, i32, u8, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { cellCounters, pointFloats, pointPlaces } from "./cellscratch.js";
import { agreesExactly } from "./exactagreement.js";
import { firstNearPair } from "./nearpairs.js";
import { LATTICE_PITCH, pointCloud } from "./pointclouds.js";

export const NOISE = -1;
const EVENT_RADIUS = 0.006;

function generate({ n }: Dims, rng: Rng): Buffers {
  const { cloud, points } = pointCloud(n, rng);
  const onLattice = [LATTICE_PITCH, LATTICE_PITCH * Math.SQRT2, 2 * LATTICE_PITCH][rng.integer(3)];
  return { points, radius: Float64Array.of(cloud === "event" ? EVENT_RADIUS : onLattice) };
}

/** Numbers of all points within the radius of point i, itself included, ascending. */
function neighboursOf(points: Buffers[string], i: number, radius: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < points.length / 2; j++) {
    const dx = points[2 * j] - points[2 * i];
    const dy = points[2 * j + 1] - points[2 * i + 1];
    if (dx * dx + dy * dy <= radius * radius) found.push(j);
  }
  return found;
}

function reference({ points, radius }: Buffers, { n, least }: Dims): Buffers {
  const near = Array.from({ length: n }, (_, i) => neighboursOf(points, i, radius[0]));
  const core = Uint8Array.from(near, (found) => (found.length >= least ? 1 : 0));
  const labels = new Int32Array(n).fill(NOISE);
  let clusters = 0;
  for (let first = 0; first < n; first++) {
    if (core[first] === 0 || labels[first] !== NOISE) continue;
    labels[first] = clusters;
    const open = [first];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      if (core[i] === 0) continue;
      for (const j of near[i]) {
        if (labels[j] !== NOISE) continue;
        labels[j] = clusters;
        open.push(j);
      }
    }
    clusters++;
  }
  return { labels, core, clusters: Int32Array.of(clusters) };
}

/** Points that are near each other: two core points share a cluster, a core point's neighbour is no noise. */
function brokenReach({ points, radius }: Buffers, { labels, core }: Buffers): string | undefined {
  return firstNearPair(points, radius[0], (i, j) => {
    if (core[i] === 0) return undefined;
    if (labels[j] === NOISE) return `point ${j} is noise beside core point ${i}`;
    if (core[j] === 1 && labels[i] !== labels[j]) return `core points ${i} and ${j} are apart`;
    return undefined;
  });
}

function brokenCores({ points, radius }: Buffers, { core }: Buffers, { n, least }: Dims): string | undefined {
  const counts = new Int32Array(n).fill(1);
  firstNearPair(points, radius[0], (i) => {
    counts[i]++;
    return undefined;
  });
  const at = core.findIndex((value: number, i: number) => value !== (counts[i] >= least ? 1 : 0));
  return at < 0 ? undefined : `point ${at} has ${counts[at]} neighbours and core ${core[at]}`;
}

/** Clusters are numbered by their first core points. */
function brokenNumbers(_: Buffers, { labels, core, clusters }: Buffers): string | undefined {
  let next = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] < NOISE || labels[i] >= clusters[0]) return `labels[${i}] is ${labels[i]}`;
    if (core[i] === 0) continue;
    if (labels[i] > next || labels[i] === NOISE) return `core point ${i} has label ${labels[i]}`;
    if (labels[i] === next) next++;
  }
  return next === clusters[0] ? undefined : `${next} of ${clusters[0]} clusters have a core point`;
}

const ON_TFJS = "clusters grow point by point: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "dbscan",
  title: "DBSCAN in the plane",
  source:
    "Ester, Kriegel, Sander, Xu 1996 (KDD-96, pp. 226-231); numbering and border points as in scikit-learn",
  symbol: "dbscan",
  dims: ["n", "least"],
  inputs: { points: f32("n 2", "1"), radius: f64("1", "1") },
  outputs: { labels: i32("n", "cluster"), core: u8("n", "1"), clusters: i32("1", "clusters") },
  scratch: {
    xs: ({ n }) => pointFloats(n),
    ys: ({ n }) => pointFloats(n),
    starts: ({ n }) => cellCounters(n),
    untaken: ({ n }) => cellCounters(n),
    order: ({ n }) => pointPlaces(n),
    cellOf: ({ n }) => pointPlaces(n),
    placeOf: ({ n }) => pointPlaces(n),
    stack: ({ n }) => pointPlaces(n),
  },
  shapes: [
    { n: 10_000, least: 8 },
    { n: 400, least: 4 },
    { n: 400, least: 1 },
    { n: 123, least: 5 },
    { n: 30, least: 3 },
    { n: 5, least: 2 },
    { n: 2, least: 2 },
    { n: 1, least: 1 },
    { n: 1, least: 2 },
    { n: 0, least: 3 },
  ],
  generate,
  work: ({ n }) => ({ items: Math.max(1, n), itemName: "point", bytes: n * (8 + 5) + 12 }),
  reference,
  agrees: agreesExactly,
  laws: [
    { id: "cores", says: "core points are those with enough neighbours", broken: brokenCores },
    { id: "reach", says: "a core point and its neighbours are together", broken: brokenReach },
    { id: "numbers", says: "clusters are numbered by their first core points", broken: brokenNumbers },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
