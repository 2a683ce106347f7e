/**
 * Points of the plane (x/z, y/z of one endcap) on which the clustering kernels are timed and tested.
 *
 * "event" is the timed one: background falling as 1/r between 0.1 and 0.55 and showers of 100 points, two fifths and three
 * fifths of the points. The other families are small and awkward: ties of distances, equal points, far outliers. They are speed
 * and agreement inputs, not a detector simulation.
 */
import type { Rng } from "../core/rng.js";
import { cosTurns, sinTurns } from "../core/elementary.js";

export const CLOUDS = ["event", "lattice", "heap", "line", "far", "sparse"] as const;
export type Cloud = (typeof CLOUDS)[number];

/** Points from this number on are always an "event". */
export const EVENT_POINTS = 5000;

const LEAST_RADIUS = 0.1;
const MOST_RADIUS = 0.55;
const SHOWER_POINTS = 100;
const LEAST_SPREAD = 0.004;
const MOST_SPREAD = 0.012;
const BACKGROUND_PART = 0.4;
/** Pitch of the lattice: a power of two, so that distances along it are exact. */
export const LATTICE_PITCH = 2 ** -7;

export interface PointCloud {
  readonly cloud: Cloud;
  /** [n, 2]. */
  readonly points: Float32Array;
  /** Middles of showers [showers, 2]; empty for other families than "event". */
  readonly showers: Float32Array;
}

/** A place whose density falls as 1/r: r is uniform. */
function backgroundPoint(rng: Rng): [number, number] {
  const r = LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * rng.uniform();
  const turn = rng.uniform();
  return [r * cosTurns(turn), r * sinTurns(turn)];
}

export function backgroundPoints(count: number, rng: Rng): Float32Array {
  return Float32Array.from(Array.from({ length: count }, () => backgroundPoint(rng)).flat());
}

/** Order of points 0..n-1, shuffled. */
export function shuffled(n: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Rows of a table [n, columns] in another order. */
export function reordered<T extends Float32Array | Uint8Array | Int32Array | Float64Array>(
  table: T,
  order: Int32Array,
  columns: number,
): T {
  const out = table.slice() as T;
  order.forEach((from, to) => {
    for (let c = 0; c < columns; c++) out[to * columns + c] = table[from * columns + c];
  });
  return out;
}

function eventCloud(n: number, rng: Rng): PointCloud {
  const showers = Math.floor((n * (1 - BACKGROUND_PART)) / SHOWER_POINTS);
  const middles = backgroundPoints(showers, rng);
  const points = new Float32Array(2 * n);
  let at = 0;
  for (let s = 0; s < showers; s++) {
    const spread = LEAST_SPREAD + (MOST_SPREAD - LEAST_SPREAD) * rng.uniform();
    for (let i = 0; i < SHOWER_POINTS; i++) {
      points[at++] = middles[2 * s] + spread * rng.normal();
      points[at++] = middles[2 * s + 1] + spread * rng.normal();
    }
  }
  points.set(backgroundPoints(n - showers * SHOWER_POINTS, rng), at);
  return { cloud: "event", points: reordered(points, shuffled(n, rng), 2), showers: middles };
}

/** One number of one coordinate of a small family. */
function coordinate(cloud: Cloud, axis: number, n: number, rng: Rng): number {
  switch (cloud) {
    case "lattice":
      return LATTICE_PITCH * (rng.integer(Math.ceil(Math.sqrt(n))) - 3);
    case "heap":
      return LATTICE_PITCH * (0.25 + 0.5 * rng.integer(2));
    case "line":
      return axis === 1 ? 0.125 : LATTICE_PITCH * 0.5 * rng.integer(2 * n + 1);
    case "far":
      return rng.integer(6) === 0 ? (rng.uniform() - 0.5) * 1e9 : 0.02 * rng.normal();
    case "event":
    case "sparse":
      return 0.6 * (rng.uniform() - 0.5);
  }
}

/** n points: an "event" from EVENT_POINTS on, else any family. */
export function pointCloud(n: number, rng: Rng): PointCloud {
  if (n >= EVENT_POINTS) return eventCloud(n, rng);
  const cloud = CLOUDS[rng.integer(CLOUDS.length)];
  if (cloud === "event") return eventCloud(n, rng);
  const points = Float32Array.from({ length: 2 * n }, (_, i) => coordinate(cloud, i % 2, n, rng));
  return { cloud, points, showers: new Float32Array(0) };
}
