/**
 * The nearest seed of every trigger cell, when it is closer than the radius of the cell's layer: the back end's association.
 *
 * Of seeds that are equally near the first one wins. -1 is a trigger cell without a seed.
 */
import { defineKernel, f32, f64, i32, u8, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { cellCounters } from "./cellscratch.js";
import { agreesExactly } from "./exactagreement.js";
import { backgroundPoints, LATTICE_PITCH, pointCloud, reordered, shuffled } from "./pointclouds.js";

export const NO_SEED = -1;
const EVENT_RADIUS = 0.03;
/** A block of four seeds with their numbers, for each of the nine cells around a seed. */
const LIST_BYTES_PER_SEED = 9 * 48;

/** Middles of the event's showers, then background; in other families places of points, some shifted by half a pitch. */
function seedsOf(points: Float32Array, showers: Float32Array, m: number, rng: Rng): Float32Array {
  if (showers.length > 0) {
    const used = Math.min(m, showers.length / 2);
    const all = new Float32Array(2 * m);
    all.set(showers.subarray(0, 2 * used));
    all.set(backgroundPoints(m - used, rng), 2 * used);
    return reordered(all, shuffled(m, rng), 2);
  }
  const n = points.length / 2;
  return Float32Array.from({ length: 2 * m }, () => {
    if (n === 0) return rng.integer(3);
    return points[2 * rng.integer(n) + rng.integer(2)] + LATTICE_PITCH * 0.5 * rng.integer(2);
  });
}

function generate({ n, m, layers }: Dims, rng: Rng): Buffers {
  const { cloud, points, showers } = pointCloud(n, rng);
  const isEvent = cloud === "event";
  return {
    points,
    layer: Uint8Array.from({ length: n }, () => rng.integer(layers)),
    seeds: seedsOf(points, showers, m, rng),
    radius: Float64Array.from({ length: layers }, (_, l) =>
      isEvent ? EVENT_RADIUS * (1 + l / layers) : LATTICE_PITCH * (1 + rng.integer(3)),
    ),
  };
}

function nearestOf({ points, layer, seeds, radius }: Buffers, i: number): number {
  let nearest = NO_SEED;
  let least = radius[layer[i]] * radius[layer[i]];
  for (let s = 0; s < seeds.length / 2; s++) {
    const dx = seeds[2 * s] - points[2 * i];
    const dy = seeds[2 * s + 1] - points[2 * i + 1];
    const d = dx * dx + dy * dy;
    if (!(d < least)) continue;
    nearest = s;
    least = d;
  }
  return nearest;
}

function reference(inputs: Buffers, { n }: Dims): Buffers {
  return { seed: Int32Array.from({ length: n }, (_, i) => nearestOf(inputs, i)) };
}

function brokenRange(_: Buffers, { seed }: Buffers, { m }: Dims): string | undefined {
  const at = seed.findIndex((value: number) => value < NO_SEED || value >= m);
  return at < 0 ? undefined : `seed[${at}] is ${seed[at]}`;
}

/** Points at equal places in equal layers have the same seed. */
function brokenTwins({ points, layer }: Buffers, { seed }: Buffers): string | undefined {
  const seen = new Map<string, number>();
  for (let i = 0; i < layer.length; i++) {
    const place = `${points[2 * i]} ${points[2 * i + 1]} ${layer[i]}`;
    const other = seen.get(place) ?? seed[i];
    if (other !== seed[i]) return `point ${i} has seed ${seed[i]}, another one at its place ${other}`;
    seen.set(place, seed[i]);
  }
  return undefined;
}

const ON_TFJS = "a list of candidates of its own for every point: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "nearest-seed",
  title: "Nearest seed of every trigger cell",
  source: "CMS-TDR-019 (2017), HGCAL back end; nearest seed within dR as in CMSSW L1Trigger/L1THGCal",
  symbol: "nearestseed",
  dims: ["n", "m", "layers"],
  inputs: {
    points: f32("n 2", "1"),
    layer: u8("n", "layer"),
    seeds: f32("m 2", "1"),
    radius: f64("layers", "1"),
  },
  outputs: { seed: i32("n", "seed") },
  scratch: {
    starts: ({ m }) => cellCounters(m),
    blocks: ({ m }) => LIST_BYTES_PER_SEED * m,
  },
  shapes: [
    { n: 10_000, m: 300, layers: 1 },
    { n: 10_000, m: 300, layers: 47 },
    { n: 400, m: 50, layers: 3 },
    { n: 400, m: 400, layers: 1 },
    { n: 123, m: 7, layers: 256 },
    { n: 20, m: 1, layers: 1 },
    { n: 20, m: 0, layers: 1 },
    { n: 1, m: 1, layers: 1 },
    { n: 0, m: 3, layers: 1 },
  ],
  generate,
  work: ({ n, m, layers }) => ({
    items: Math.max(1, n),
    itemName: "point",
    bytes: n * (8 + 1 + 4) + 8 * m + 8 * layers,
  }),
  reference,
  agrees: agreesExactly,
  laws: [
    { id: "range", says: "seeds are seeds or none", broken: brokenRange },
    { id: "twins", says: "equal points have equal seeds", broken: brokenTwins },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
