/**
 * Declaration of k-means++ seeding from given random numbers: the first seed is a point at random, each further one is drawn
 * with a probability in proportion to its squared distance from the nearest seed before it.
 */
import { defineKernel, f64, i32, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { groupPoints, squareBetween } from "./kmeanspoints.js";

function generate({ points, dims, clusters }: Dims, rng: Rng): Buffers {
  return {
    data: groupPoints(points, dims, true, rng),
    draws: Float64Array.from({ length: clusters }, () => rng.uniform()),
  };
}

function reference({ data, draws }: Buffers, { points, dims, clusters }: Dims): Buffers {
  const chosen = Int32Array.of(
    Math.min(points - 1, Math.floor(draws[0] * points)),
    ...new Int32Array(clusters - 1),
  );
  for (let c = 1; c < clusters; c++) {
    const shares = Array.from({ length: points }, (_, i) => {
      let least = Infinity;
      for (let k = 0; k < c; k++) least = Math.min(least, squareBetween(data, i, data, chosen[k], dims));
      return least;
    });
    const wanted = draws[c] * shares.reduce((sum, x) => sum + x, 0);
    let sum = 0;
    const found = shares.findIndex((share) => (sum += share) > wanted);
    const last = shares.findLastIndex((share) => share > 0);
    chosen[c] = found >= 0 ? found : Math.max(0, last);
  }
  const start = Float64Array.from({ length: clusters * dims }, (_, at) => {
    return data[chosen[Math.floor(at / dims)] * dims + (at % dims)];
  });
  return { start, chosen };
}

const ON_TFJS = "a draw that depends on all draws before it: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "k-means-seeds",
  title: "Seeds for k-means (k-means++)",
  source: "Arthur, Vassilvitskii 2007, SODA '07, 1027-1035",
  symbol: "kmeansSeeds",
  dims: ["points", "dims", "clusters"],
  inputs: { data: f64("points dims", "1"), draws: f64("clusters", "1") },
  outputs: { start: f64("clusters dims", "1"), chosen: i32("clusters", "1") },
  scratch: { squares: ({ points }) => 8 * points },
  shapes: [
    { points: 500, dims: 2, clusters: 20 },
    { points: 60, dims: 7, clusters: 9 },
    { points: 3, dims: 1, clusters: 5 },
    { points: 1, dims: 4, clusters: 2 },
  ],
  generate,
  work: ({ points, dims, clusters }) => ({
    items: clusters,
    itemName: "seed",
    bytes: 8 * dims * (points * clusters + clusters) + 12 * clusters,
  }),
  reference,
  agrees: (outputs, expected) => {
    const at = outputs.chosen.findIndex((x: number, c: number) => x !== expected.chosen[c]);
    const worst = at < 0 ? 0 : outputs.chosen[at];
    return {
      ratio: at < 0 ? 0 : Infinity,
      worst,
      measure: at < 0 ? "seeds" : `seed ${expected.chosen[at]}`,
      where: `chosen[${Math.max(0, at)}]`,
    };
  },
  laws: [
    {
      id: "points",
      says: "every seed is a point of the data",
      broken: ({ data }, { start, chosen }, { points, dims }) => {
        const at = start.findIndex(
          (x: number, k: number) => x !== data[chosen[Math.floor(k / dims)] * dims + (k % dims)],
        );
        const index = chosen.findIndex((i: number) => !(i >= 0 && i < points));
        if (index >= 0) return `chosen[${index}] is ${chosen[index]}`;
        return at < 0 ? undefined : `start[${at}] is ${start[at]}`;
      },
    },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
