/**
 * Seeds of 3D clusters: a smoothed histogram of transverse energy over (x/z, y/z) and its local maxima, one endcap a call.
 *
 * The "XY" seeding of the concentrator studies. Contents are exact sums of weights as whole numbers: the bins found do not
 * depend on the order of the trigger cells (positions do in their last bit). `wants` 1 asks for the smoothed histogram.
 */
import { defineKernel, f32, f64, i32, u8, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { toWhole, wholeScale } from "../core/wholesum.js";
import { pointPlaces } from "./cellscratch.js";
import { agreesExactly } from "./exactagreement.js";
import { pointCloud } from "./pointclouds.js";

export const WANT_SMOOTHED = 1;
export const NO_BIN = -1;
const SEED_COLUMNS = 3;
/** Of the plane and of the studies: |x/z|, |y/z| < 0.6; 8.5 transverse MIPs. */
const HALF_WIDTH = 0.6;
const THRESHOLD = 8.5;
const MEAN_WEIGHT = 1.5;
const BORDER = 4; // rows and columns that the kernel's histograms are larger by

/** Weight of the central bin beyond a neighbour's, bins to either side, and what the sum is divided by. */
const SMOOTHING = [
  { reach: 1, extra: 0.1, area: 9.1 },
  { reach: 2, extra: 1, area: 26 },
] as const;

/** Neighbours (x bin, y bin) that a maximum must not be below, and those it must be above: only ties tell them apart. */
const NOT_BELOW = [
  [-1, 0],
  [0, 1],
  [-1, 1],
  [1, 1],
] as const;
const ABOVE = [
  [1, 0],
  [0, -1],
  [-1, -1],
  [1, -1],
] as const;

function generate({ n }: Dims, rng: Rng): Buffers {
  const { cloud, points } = pointCloud(n, rng);
  const isEvent = cloud === "event";
  return {
    points,
    weights: Float32Array.from({ length: n }, () =>
      isEvent ? MEAN_WEIGHT * rng.exponential() : 4 * rng.integer(4),
    ),
    part: Uint8Array.from({ length: n }, () => (rng.integer(3) === 0 ? 1 : 0)),
    parameters: Float64Array.of(HALF_WIDTH, isEvent ? THRESHOLD : 1),
  };
}

/** Bin of every trigger cell, "x bin times size plus y bin", -1 outside of the plane. */
function binsOf({ points, parameters }: Buffers, { n, size }: Dims): Int32Array {
  const half = parameters[0];
  const pitch = (2 * half) / size;
  return Int32Array.from({ length: n }, (_, k) => {
    const i = Math.floor((points[2 * k] + half) / pitch);
    const j = Math.floor((points[2 * k + 1] + half) / pitch);
    return i >= 0 && j >= 0 && i < size && j < size ? i * size + j : NO_BIN;
  });
}

function smoothedBin(content: Float64Array, size: number, i: number, j: number, part: 0 | 1): number {
  const { reach, extra, area } = SMOOTHING[part];
  let sum = 0;
  for (let di = -reach; di <= reach; di++) {
    for (let dj = -reach; dj <= reach; dj++) sum += at(content, size, i + di, j + dj);
  }
  return (sum + extra * content[i * size + j]) / area;
}

/** Content of a bin, 0 outside of the plane. */
function at(content: Buffers[string], size: number, i: number, j: number): number {
  return i >= 0 && j >= 0 && i < size && j < size ? content[i * size + j] : 0;
}

function isMaximum(smoothed: Buffers[string], size: number, b: number): boolean {
  const [i, j] = [Math.floor(b / size), b % size];
  return (
    NOT_BELOW.every(([di, dj]) => smoothed[b] >= at(smoothed, size, i + di, j + dj)) &&
    ABOVE.every(([di, dj]) => smoothed[b] > at(smoothed, size, i + di, j + dj))
  );
}

interface Contents {
  /** [electromagnetic, hadronic], [size, size], whole numbers. */
  readonly parts: readonly [Float64Array, Float64Array];
  readonly whole: Float64Array;
  readonly scale: number;
}

function contentsOf({ weights, part }: Buffers, bins: Int32Array, { n, size }: Dims): Contents {
  let most = 0;
  for (const weight of weights) most = Math.max(most, weight);
  const scale = wholeScale(most, n);
  const whole = Float64Array.from(weights, (weight) => toWhole(weight * scale));
  const parts = [new Float64Array(size * size), new Float64Array(size * size)] as const;
  for (let k = 0; k < n; k++) if (bins[k] !== NO_BIN) parts[part[k] === 0 ? 0 : 1][bins[k]] += whole[k];
  return { parts, whole, scale };
}

/** Weighted mean of the trigger cells in a bin, the bin's middle when it holds no energy. */
function positionOf(
  { points, parameters }: Buffers,
  bins: Int32Array,
  whole: Float64Array,
  b: number,
  size: number,
) {
  let [x, y, total] = [0, 0, 0];
  for (let k = 0; k < bins.length; k++) {
    if (bins[k] !== b) continue;
    x += whole[k] * points[2 * k];
    y += whole[k] * points[2 * k + 1];
    total += whole[k];
  }
  const pitch = (2 * parameters[0]) / size;
  if (total > 0) return [x / total, y / total];
  return [(Math.floor(b / size) + 0.5) * pitch - parameters[0], ((b % size) + 0.5) * pitch - parameters[0]];
}

function reference(inputs: Buffers, dims: Dims): Buffers {
  const { size, limit, wants } = dims;
  const bins = binsOf(inputs, dims);
  const { parts, whole, scale } = contentsOf(inputs, bins, dims);
  const smoothed = Float64Array.from({ length: size * size }, (_, b) => {
    const [i, j] = [Math.floor(b / size), b % size];
    return (smoothedBin(parts[0], size, i, j, 0) + smoothedBin(parts[1], size, i, j, 1)) * (1 / scale);
  });
  const found: number[] = [];
  smoothed.forEach((value, b) => {
    if (value > inputs.parameters[1] && isMaximum(smoothed, size, b)) found.push(b);
  });
  const bin = new Int32Array(limit).fill(NO_BIN);
  const seeds = new Float64Array(limit * SEED_COLUMNS);
  found.forEach((b, s) => {
    bin[s] = b;
    seeds.set([...positionOf(inputs, bins, whole, b, size), smoothed[b]], s * SEED_COLUMNS);
  });
  return {
    count: Int32Array.of(found.length),
    outside: Int32Array.of(bins.filter((b) => b === NO_BIN).length),
    bin,
    seeds,
    smoothed: (wants & WANT_SMOOTHED) === 0 ? new Float64Array(0) : smoothed,
  };
}

function brokenOrder(_: Buffers, { bin, count }: Buffers, { size }: Dims): string | undefined {
  for (let s = 0; s < bin.length; s++) {
    if (s >= count[0]) {
      if (bin[s] !== NO_BIN) return `bin[${s}] is ${bin[s]} after the last seed`;
    } else if (bin[s] < 0 || bin[s] >= size * size || (s > 0 && bin[s] <= bin[s - 1])) {
      return `bin[${s}] is ${bin[s]}`;
    }
  }
  return undefined;
}

/** No two seeds touch: one of them would exceed the other. */
function brokenApart(_: Buffers, { bin, count }: Buffers, { size }: Dims): string | undefined {
  const seeds = new Set(bin.slice(0, count[0]));
  for (const b of seeds) {
    for (const [di, dj] of [...NOT_BELOW, ...ABOVE]) {
      const inside = (b % size) + dj >= 0 && (b % size) + dj < size;
      if (inside && seeds.has(b + di * size + dj))
        return `seeds in bins ${b} and ${b + di * size + dj} touch`;
    }
  }
  return undefined;
}

function brokenThreshold({ parameters }: Buffers, { seeds, count }: Buffers): string | undefined {
  for (let s = 0; s < count[0]; s++) {
    const content = seeds[s * SEED_COLUMNS + 2];
    if (!(content > parameters[1])) return `seed ${s} has a content of ${content}`;
  }
  return undefined;
}

/** A seed's position lies in its bin. */
function brokenPosition(
  { parameters }: Buffers,
  { seeds, bin, count }: Buffers,
  { size }: Dims,
): string | undefined {
  const pitch = (2 * parameters[0]) / size;
  for (let s = 0; s < count[0]; s++) {
    const [i, j] = [Math.floor(bin[s] / size), bin[s] % size];
    const x = (seeds[s * SEED_COLUMNS] + parameters[0]) / pitch - i;
    const y = (seeds[s * SEED_COLUMNS + 1] + parameters[0]) / pitch - j;
    if (!(x >= -1e-6 && x <= 1 + 1e-6 && y >= -1e-6 && y <= 1 + 1e-6))
      return `seed ${s} is outside of its bin`;
  }
  return undefined;
}

const ON_TFJS = "a list of maxima of unknown length with rules for ties: no tensor operation expresses it";
const padded = ({ size }: Dims): number => 8 * (size + BORDER) * (size + BORDER);
const row = ({ size }: Dims): number => 8 * (size + BORDER);

export const kernel = defineKernel({
  id: "seeding",
  title: "Histogram seeding in x/z and y/z",
  source:
    "CMS-TDR-019 (2017), HGCAL back end; smoothing and ties as in CMSSW L1Trigger/L1THGCal HGCalHistoSeedingImpl",
  symbol: "seeding",
  dims: ["n", "size", "limit", "wants"],
  inputs: {
    points: f32("n 2", "1"),
    weights: f32("n", "MIP_T"),
    part: u8("n", "1"),
    parameters: f64("2", "1, MIP_T"),
  },
  outputs: {
    count: i32("1", "seeds"),
    outside: i32("1", "trigger cells"),
    bin: i32("limit", "bin"),
    seeds: f64(`limit ${SEED_COLUMNS}`, "1, 1, MIP_T"),
    smoothed: { ...f64("size size", "MIP_T"), when: { dim: "wants", bit: WANT_SMOOTHED } },
  },
  scratch: {
    electromagnetic: padded,
    hadronic: padded,
    smooth: padded,
    columns3: row,
    columns5: row,
    binOf: ({ n }) => pointPlaces(n),
    seedOf: ({ size }) => 4 * size * size,
  },
  shapes: [
    { n: 10_000, size: 192, limit: 512, wants: 0 },
    { n: 10_000, size: 192, limit: 512, wants: 1 },
    { n: 400, size: 192, limit: 400, wants: 1 },
    { n: 400, size: 37, limit: 400, wants: 1 },
    { n: 123, size: 8, limit: 64, wants: 1 },
    { n: 30, size: 1, limit: 1, wants: 1 },
    { n: 30, size: 2, limit: 2, wants: 1 },
    { n: 1, size: 16, limit: 5, wants: 1 },
    { n: 0, size: 16, limit: 5, wants: 1 },
  ],
  generate,
  work: ({ n, size, limit, wants }) => ({
    items: Math.max(1, n),
    itemName: "trigger cell",
    bytes: n * 13 + limit * 28 + ((wants & WANT_SMOOTHED) === 0 ? 0 : 8 * size * size),
  }),
  reference,
  agrees: agreesExactly,
  laws: [
    { id: "order", says: "seeds are listed by bin, once each", broken: brokenOrder },
    { id: "apart", says: "no two seeds touch", broken: brokenApart },
    { id: "threshold", says: "every seed is above the threshold", broken: brokenThreshold },
    { id: "position", says: "a seed's position is in its bin", broken: brokenPosition },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
