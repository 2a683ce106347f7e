/**
 * Pairs of histograms on which the EMD kernels are validated: ties, near-equal sides, empty sides, single cells, any masses.
 *
 * Seeded and not physical; the pairs that are timed are in emdinputs.ts.
 */
import { sqrt } from "../core/elementary.js";
import type { Buffers, Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";
import { groundDistance } from "../physics/triggercells.js";

/** How the masses of one row are drawn; rows take the kinds in turn. */
export const MASS_KINDS = ["sparse", "dense", "whole", "equal", "hot", "near", "scaled", "empty"] as const;
export type MassKind = (typeof MASS_KINDS)[number];

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

/** Inputs of the EMD kernels: rows of all kinds; every fourth row is its predecessor with the sides swapped. */
export function generatePairs({ rows, cells, isMetric }: Dims, rng: Rng): Buffers {
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
