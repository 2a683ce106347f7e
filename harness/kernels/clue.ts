/**
 * CLUE: clusters of energy from local density and the nearest denser point, layer by layer.
 *
 * Densities are exact sums of weights as whole numbers, so nothing here depends on the order of the points but the numbering of
 * the clusters, which follows their seeds. Equal densities are ordered by x, y and weight. -1 is a point in no cluster.
 */
import { defineKernel, f32, f64, i32, u8, type Buffers, type Dims } from "../core/kernel.js";
import { sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { toWhole, wholeScale } from "../core/wholesum.js";
import { cellCounters, pointDoubles, pointFloats, pointPlaces } from "./cellscratch.js";
import { agreesExactly } from "./exactagreement.js";
import { firstNearPair } from "./nearpairs.js";
import { LATTICE_PITCH, pointCloud } from "./pointclouds.js";

export const UNCLUSTERED = -1;
const NONE = -1;
/** Of the "event": density radius, least density of a seed, its least separation, longest link (outlier factor 2). */
const EVENT_PARAMETERS = [0.01, 20, 0.01, 0.02];
const MEAN_WEIGHT = 1.5;

function generate({ n, layers }: Dims, rng: Rng): Buffers {
  const { cloud, points } = pointCloud(n, rng);
  const isEvent = cloud === "event";
  const weights = Float32Array.from({ length: n }, () =>
    isEvent ? MEAN_WEIGHT * rng.exponential() : rng.integer(4),
  );
  const layer = Uint8Array.from({ length: n }, () => rng.integer(layers));
  const radius = LATTICE_PITCH * (1 + rng.integer(2));
  const link = radius * (1 + rng.integer(3));
  const parameters = isEvent ? EVENT_PARAMETERS : [radius, 4 + rng.integer(8), radius * rng.integer(3), link];
  return { points, weights, layer, parameters: Float64Array.from(parameters) };
}

function squareOf(points: Buffers[string], i: number, j: number): number {
  const dx = points[2 * j] - points[2 * i];
  const dy = points[2 * j + 1] - points[2 * i + 1];
  return dx * dx + dy * dy;
}

/** Own weight and half of every other one within the radius in the same layer. */
function densities({ points, weights, layer, parameters }: Buffers, n: number): Float64Array {
  let most = 0;
  for (const weight of weights) most = Math.max(most, weight);
  const scale = wholeScale(most, n);
  const whole = Float64Array.from(weights, (weight) => toWhole(weight * scale));
  const square = parameters[0] * parameters[0];
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = whole[i];
    for (let j = 0; j < n; j++) {
      if (layer[j] === layer[i] && squareOf(points, i, j) <= square) sum += whole[j];
    }
    return sum * (0.5 / scale);
  });
}

/** True when point a comes before b in the order of density. */
function isDenser({ points, weights }: Buffers, density: Buffers[string], a: number, b: number): boolean {
  if (density[a] !== density[b]) return density[a] > density[b];
  if (points[2 * a] !== points[2 * b]) return points[2 * a] > points[2 * b];
  if (points[2 * a + 1] !== points[2 * b + 1]) return points[2 * a + 1] > points[2 * b + 1];
  if (weights[a] !== weights[b]) return weights[a] > weights[b];
  return a < b;
}

/** The nearest denser point of point i within the longest link, of equally near ones the densest; -1 when there is none. */
function nearestDenser(
  inputs: Buffers,
  density: Buffers[string],
  i: number,
): { nearest: number; square: number } {
  const { points, layer, parameters } = inputs;
  let nearest = NONE;
  let square = parameters[3] * parameters[3];
  for (let j = 0; j < layer.length; j++) {
    if (j === i || layer[j] !== layer[i]) continue;
    const d = squareOf(points, i, j);
    if (!(d <= square) || !isDenser(inputs, density, j, i)) continue;
    if (d === square && nearest !== NONE && !isDenser(inputs, density, j, nearest)) continue;
    nearest = j;
    square = d;
  }
  return { nearest, square };
}

/** Labels of all points; seeds are numbered in the order of the points. */
function label(
  density: Buffers[string],
  separation: Buffers[string],
  nearest: Buffers[string],
  parameters: Buffers[string],
) {
  const labels = new Map<number, number>();
  let clusters = 0;
  for (let i = 0; i < nearest.length; i++) {
    if (density[i] >= parameters[1]) {
      if (separation[i] > parameters[2]) labels.set(i, clusters++);
    } else if (nearest[i] === NONE) {
      labels.set(i, UNCLUSTERED);
    }
  }
  const labelOf = (i: number): number => {
    let at = i;
    for (;;) {
      const known = labels.get(at);
      if (known !== undefined) return known;
      at = nearest[at];
    }
  };
  return { labels: Int32Array.from(nearest, (_, i) => labelOf(i)), clusters: Int32Array.of(clusters) };
}

function reference(inputs: Buffers, { n }: Dims): Buffers {
  const density = densities(inputs, n);
  const nearest = new Int32Array(n);
  const separation = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const found = nearestDenser(inputs, density, i);
    nearest[i] = found.nearest;
    separation[i] = found.nearest === NONE ? Infinity : sqrt(found.square);
  }
  return { density, separation, nearest, ...label(density, separation, nearest, inputs.parameters) };
}

function brokenLinks(inputs: Buffers, { density, separation, nearest }: Buffers): string | undefined {
  for (let i = 0; i < nearest.length; i++) {
    const j = nearest[i];
    if (j === NONE) {
      if (separation[i] !== Infinity) return `point ${i} has no link and a separation of ${separation[i]}`;
      continue;
    }
    if (!isDenser(inputs, density, j, i)) return `point ${i} is linked to ${j}, which is no denser`;
    if (inputs.layer[i] !== inputs.layer[j]) return `point ${i} is linked to another layer`;
    if (separation[i] !== sqrt(squareOf(inputs.points, i, j))) return `separation[${i}] is ${separation[i]}`;
  }
  return undefined;
}

/** Nothing denser is nearer than the link. */
function brokenNearest(inputs: Buffers, { density, separation }: Buffers): string | undefined {
  const { points, layer, parameters } = inputs;
  return firstNearPair(points, parameters[3], (i, j) => {
    if (layer[i] !== layer[j] || !isDenser(inputs, density, j, i)) return undefined;
    const away = sqrt(squareOf(points, i, j));
    return away < separation[i] ? `point ${j} is denser than ${i} and nearer than its link` : undefined;
  });
}

function brokenLabels({ parameters }: Buffers, outputs: Buffers): string | undefined {
  const { density, separation, nearest, labels, clusters } = outputs;
  let seeds = 0;
  for (let i = 0; i < labels.length; i++) {
    const dense = density[i] >= parameters[1];
    if (dense && separation[i] > parameters[2]) {
      if (labels[i] !== seeds++) return `seed ${i} has label ${labels[i]}`;
    } else if (!dense && nearest[i] === NONE) {
      if (labels[i] !== UNCLUSTERED) return `outlier ${i} has label ${labels[i]}`;
    } else if (labels[i] !== labels[nearest[i]]) {
      return `point ${i} has label ${labels[i]}, its link ${labels[nearest[i]]}`;
    }
  }
  return seeds === clusters[0] ? undefined : `${seeds} seeds make ${clusters[0]} clusters`;
}

function brokenDensity({ weights }: Buffers, { density }: Buffers): string | undefined {
  let total = 0;
  for (const weight of weights) total += weight;
  const at = density.findIndex(
    (value: number, i: number) => !(value >= weights[i] * (1 - 1e-6) && value <= total * (1 + 1e-6)),
  );
  return at < 0 ? undefined : `density[${at}] is ${density[at]}`;
}

const ON_TFJS = "every point looks for its own neighbours: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "clue",
  title: "CLUE, clusters of energy per layer",
  source: "Rovere, Chen, Di Pilato, Pantaleo, Seez 2020, doi:10.3389/fdata.2020.591315",
  symbol: "clue",
  dims: ["n", "layers"],
  inputs: {
    points: f32("n 2", "1"),
    weights: f32("n", "energy"),
    layer: u8("n", "layer"),
    parameters: f64("4", "1, energy, 1, 1"),
  },
  outputs: {
    density: f64("n", "energy"),
    separation: f64("n", "1"),
    nearest: i32("n", "point"),
    labels: i32("n", "cluster"),
    clusters: i32("1", "clusters"),
  },
  scratch: {
    xs: ({ n }) => pointFloats(n),
    ys: ({ n }) => pointFloats(n),
    rough: ({ n }) => pointFloats(n),
    starts: ({ n }) => cellCounters(n),
    order: ({ n }) => pointPlaces(n),
    cellOf: ({ n }) => pointPlaces(n),
    whole: ({ n }) => pointDoubles(n),
  },
  shapes: [
    { n: 10_000, layers: 1 },
    { n: 400, layers: 1 },
    { n: 400, layers: 3 },
    { n: 123, layers: 1 },
    { n: 60, layers: 256 },
    { n: 30, layers: 2 },
    { n: 5, layers: 1 },
    { n: 2, layers: 1 },
    { n: 1, layers: 1 },
    { n: 0, layers: 1 },
  ],
  generate,
  work: ({ n }) => ({ items: Math.max(1, n), itemName: "point", bytes: n * (13 + 24) + 36 }),
  reference,
  agrees: agreesExactly,
  laws: [
    {
      id: "density",
      says: "a density is at least the own weight and at most all weight",
      broken: brokenDensity,
    },
    { id: "links", says: "links lead to denser points of the same layer", broken: brokenLinks },
    { id: "nearest", says: "no denser point is nearer than the link", broken: brokenNearest },
    { id: "labels", says: "seeds number the clusters, links hand the labels down", broken: brokenLabels },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
