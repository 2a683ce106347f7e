/**
 * Pairs of 48-cell modules on which the EMD kernel is timed and tested: the sets sparse, mid, mix and dense.
 *
 * Each row depends on (seed, row) only. Both sides of every row have unit sum and at least one positive cell. These are speed
 * and agreement inputs with the occupancies of compressed modules; they are not a detector simulation.
 */
import { exp, sqrt } from "../core/elementary.js";
import { rng, type Rng } from "../core/rng.js";
import { CELLS } from "../core/table.js";
import { GROUPS_OF_4, TRIGGER_CELL_XY, groundDistance } from "../physics/triggercells.js";

export const EMD_SETS = ["mid", "sparse", "mix", "dense"] as const;
export type EmdSet = (typeof EMD_SETS)[number];

export interface EmdPairs {
  /** [rows, 48], unit sum. */
  readonly original: Float64Array;
  /** [rows, 48], unit sum. */
  readonly restored: Float64Array;
}

/** Distances below are in trigger-cell pitches; the geometry's unit is the pitch of a sensor cell, half of it. */
const UNITS_PER_PITCH = 2;
const BLUR_SIGMA = 0.45;
const FILTERS = 5; // lossy modes of the mix set
const DISTANCE = groundDistance().map((d) => d / UNITS_PER_PITCH);

/** Gaussian smoothing kernel between cells, [48, 48], each source's weights sum to one. */
const BLUR = blurKernel();

function blurKernel(): Float64Array {
  const kernel = DISTANCE.map((d) => exp((-d * d) / (2 * BLUR_SIGMA * BLUR_SIGMA)));
  for (let from = 0; from < CELLS; from++) {
    const weights = kernel.subarray(from * CELLS, (from + 1) * CELLS);
    const total = sumOf(weights);
    for (let to = 0; to < CELLS; to++) weights[to] /= total;
  }
  return kernel;
}

function sumOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** `rows` pairs of one set, row i from random stream i of `seed`. */
export function emdPairs(set: EmdSet, rows: number, seed: number): EmdPairs {
  const original = new Float64Array(rows * CELLS);
  const restored = new Float64Array(rows * CELLS);
  for (let row = 0; row < rows; row++) {
    const [first, second] = pair(set, row, rng(seed, row));
    original.set(normalised(first), row * CELLS);
    restored.set(normalised(second), row * CELLS);
  }
  return { original, restored };
}

function pair(set: EmdSet, row: number, random: Rng): [Float64Array, Float64Array] {
  for (;;) {
    const drawn = drawPair(set, row, random);
    if (sumOf(drawn[0]) > 0 && sumOf(drawn[1]) > 0) return drawn;
  }
}

function drawPair(set: EmdSet, row: number, random: Rng): [Float64Array, Float64Array] {
  switch (set) {
    case "mid":
      return clusterPair(5, 30, row, random);
    case "sparse":
      return clusterPair(5, 12, row, random);
    case "mix":
      return mixPair(row, random);
    case "dense":
      return [exponentials(random), exponentials(random)];
  }
}

function normalised(values: Float64Array): Float64Array {
  const total = sumOf(values);
  return values.map((value) => value / total);
}

function exponentials(random: Rng): Float64Array {
  return Float64Array.from({ length: CELLS }, () => random.exponential());
}

function uniformBetween(random: Rng, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

/** Distances in pitches of all cells to a random cell centre that is jittered by N(0, 0.3). */
function distancesToCentre(random: Rng): Float64Array {
  const centre = random.integer(CELLS);
  const x = TRIGGER_CELL_XY[2 * centre] / UNITS_PER_PITCH + 0.3 * random.normal();
  const y = TRIGGER_CELL_XY[2 * centre + 1] / UNITS_PER_PITCH + 0.3 * random.normal();
  return Float64Array.from({ length: CELLS }, (_, cell) => {
    const dx = TRIGGER_CELL_XY[2 * cell] / UNITS_PER_PITCH - x;
    const dy = TRIGGER_CELL_XY[2 * cell + 1] / UNITS_PER_PITCH - y;
    return sqrt(dx * dx + dy * dy);
  });
}

/** Indices of the `count` smallest values, lower index first on ties. */
function smallest(values: Float64Array, count: number): number[] {
  return [...values.keys()].sort((p, q) => values[p] - values[q] || p - q).slice(0, count);
}

function clusterPair(low: number, high: number, row: number, random: Rng): [Float64Array, Float64Array] {
  const distances = distancesToCentre(random);
  const blurred = distances.map((d) => d + 0.6 * random.exponential());
  const count = low + random.integer(high - low + 1);
  const masses = new Float64Array(CELLS);
  for (const cell of smallest(blurred, count)) {
    masses[cell] = exp(-distances[cell] / 0.7) * exp(0.6 * random.normal()) + 0.01;
  }
  const filters = [
    () => aboveQuantile(masses, 0.4),
    () => smeared(masses, 0.2, random),
    () => averaged(masses),
  ];
  return [masses, filters[row % filters.length]()];
}

function mixPair(row: number, random: Rng): [Float64Array, Float64Array] {
  const masses = new Float64Array(CELLS);
  const showers = random.uniform() < 0.3 ? 2 : 1;
  for (let shower = 0; shower < showers; shower++) addShower(masses, random);
  const pileup = uniformBetween(random, 0.05, 0.3);
  for (let cell = 0; cell < CELLS; cell++) {
    if (random.uniform() < pileup) masses[cell] += 0.4 * random.exponential();
    masses[cell] = masses[cell] < 0.15 ? 0 : Math.round(masses[cell] * 64) / 64;
  }
  const filters = [
    () => cut(masses, uniformBetween(random, 0.5, 1.5)),
    () => smeared(masses, 0.25, random),
    () => averaged(masses),
    () => largest(masses, 3 + random.integer(6)),
    () => autoencoded(masses, random),
  ];
  return [masses, filters[row % FILTERS]()];
}

/** One shower of lognormal(3, 1) energy, exponential profile of radius 0.35..1 and lognormal(0, 0.5) cells. */
function addShower(masses: Float64Array, random: Rng): void {
  const radius = uniformBetween(random, 0.35, 1);
  const energy = exp(3 + random.normal());
  const profile = distancesToCentre(random).map((d) => exp(-d / radius));
  const total = sumOf(profile);
  for (let cell = 0; cell < CELLS; cell++) {
    masses[cell] += ((energy * profile[cell]) / total) * exp(0.5 * random.normal());
  }
}

function cut(masses: Float64Array, threshold: number): Float64Array {
  return masses.map((mass) => (mass < threshold ? 0 : mass));
}

/** Keeps the non-zero cells above the p-quantile (nearest rank) of the non-zero cells. */
function aboveQuantile(masses: Float64Array, p: number): Float64Array {
  const ascending = masses.filter((mass) => mass > 0).sort();
  const limit = ascending[Math.floor(p * ascending.length)];
  return masses.map((mass) => (mass < limit ? 0 : mass));
}

/** Multiplies every cell by 1 + N(0, sigma), the factor clipped at 0.01 from below. */
function smeared(masses: Float64Array, sigma: number, random: Rng): Float64Array {
  return masses.map((mass) => mass * Math.max(0.01, 1 + sigma * random.normal()));
}

/** Replaces every cell by the mean of its 2x2 group. */
function averaged(masses: Float64Array): Float64Array {
  const out = new Float64Array(CELLS);
  for (const group of GROUPS_OF_4) {
    let total = 0;
    for (const cell of group) total += masses[cell];
    for (const cell of group) out[cell] = total / group.length;
  }
  return out;
}

function largest(masses: Float64Array, count: number): Float64Array {
  const out = new Float64Array(CELLS);
  for (const cell of smallest(
    masses.map((mass) => -mass),
    count,
  ))
    out[cell] = masses[cell];
  return out;
}

/** Gaussian blur of 0.45 pitches, 20 % smear, then a cut at 2 % of the maximum: what an autoencoder does to a module. */
function autoencoded(masses: Float64Array, random: Rng): Float64Array {
  const blurred = new Float64Array(CELLS);
  for (let from = 0; from < CELLS; from++) {
    for (let to = 0; to < CELLS; to++) blurred[to] += masses[from] * BLUR[from * CELLS + to];
  }
  const noisy = smeared(blurred, 0.2, random);
  let highest = 0;
  for (const mass of noisy) highest = Math.max(highest, mass);
  return cut(noisy, 0.02 * highest);
}
