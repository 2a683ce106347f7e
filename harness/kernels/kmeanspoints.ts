/**
 * Points that the k-means kernels are validated and timed on, and Lloyd's iterations in their plainest form.
 *
 * The timed set is an event of trigger cells in projected coordinates x/z, y/z: background that falls as 1/r, and showers. It has
 * the density contrasts of an event; it is no simulation of one.
 */
import { cos, exp, log, sin } from "../core/elementary.js";
import type { Buffers } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";

const INNER = 0.1;
const OUTER = 0.55;
const BACKGROUND = 4000;
const PER_SHOWER = 100;
const NARROWEST = 0.004;
const WIDEST = 0.012;
const TURN = 2 * Math.PI;

/** A position whose density per area falls as 1/r^2, so that the number per unit of log r is flat. */
function position(rng: Rng): [x: number, y: number] {
  const r = INNER * exp(rng.uniform() * log(OUTER / INNER));
  const phi = TURN * rng.uniform();
  return [r * cos(phi), r * sin(phi)];
}

/**
 * [points, 2]: 4,000 background points for every 10,000, the rest in showers of 100 points with a Gaussian width of 0.004 to
 * 0.012, in random order.
 */
export function eventPoints(points: number, rng: Rng): Float64Array {
  const background = Math.round((BACKGROUND / 10_000) * points);
  const rows = Array.from({ length: background }, () => position(rng));
  while (rows.length < points) {
    const [x, y] = position(rng);
    const sigma = NARROWEST + (WIDEST - NARROWEST) * rng.uniform();
    const count = Math.min(PER_SHOWER, points - rows.length);
    for (let k = 0; k < count; k++) rows.push([x + sigma * rng.normal(), y + sigma * rng.normal()]);
  }
  for (let i = points - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return Float64Array.from(rows.flat());
}

/** [points, dims]: groups of normal points about normal centres; with `repeats`, one point in ten is the one before it. */
export function groupPoints(points: number, dims: number, repeats: boolean, rng: Rng): Float64Array {
  const groups = Array.from({ length: 1 + Math.floor(points / 12) }, () =>
    Float64Array.from({ length: dims }, () => 5 * rng.normal()),
  );
  const data = new Float64Array(points * dims);
  for (let i = 0; i < points; i++) {
    const centre = groups[rng.integer(groups.length)];
    const again = repeats && i > 0 && rng.integer(10) === 0;
    for (let j = 0; j < dims; j++) {
      data[i * dims + j] = again ? data[(i - 1) * dims + j] : centre[j] + rng.normal();
    }
  }
  return data;
}

/** `clusters` different points of the data. */
export function someOf(data: Float64Array, dims: number, clusters: number, rng: Rng): Float64Array {
  const order = Array.from({ length: data.length / dims }, (_, i) => i);
  const start = new Float64Array(clusters * dims);
  for (let c = 0; c < clusters; c++) {
    const other = c + rng.integer(order.length - c);
    [order[c], order[other]] = [order[other], order[c]];
    start.set(data.subarray(order[c] * dims, (order[c] + 1) * dims), c * dims);
  }
  return start;
}

/** Squared distance between row i of a and row k of b. */
export function squareBetween(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  k: number,
  dims: number,
): number {
  let square = 0;
  for (let j = 0; j < dims; j++) square += (a[i * dims + j] - b[k * dims + j]) ** 2;
  return square;
}

/** Index of the centre nearest to point i, the first of equals. */
function nearest(data: ArrayLike<number>, i: number, centres: Float64Array, dims: number): number {
  let best = 0;
  for (let c = 1; c < centres.length / dims; c++) {
    if (squareBetween(data, i, centres, c, dims) < squareBetween(data, i, centres, best, dims)) best = c;
  }
  return best;
}

interface Lloyd {
  readonly data: ArrayLike<number>;
  readonly points: number;
  readonly dims: number;
  readonly centres: Float64Array;
  readonly labels: Int32Array;
}

function sizesOf({ labels, centres, dims }: Lloyd): Int32Array {
  const sizes = new Int32Array(centres.length / dims);
  for (const label of labels) sizes[label]++;
  return sizes;
}

/** Squared distances below 2^-80 of the largest one from the mean are rounding: such a point is on its centre. */
function dustOf({ data, points, dims }: Lloyd): number {
  const mean = new Float64Array(dims);
  for (let at = 0; at < points * dims; at++) mean[at % dims] += data[at] / points;
  let most = 0;
  for (let i = 0; i < points; i++) most = Math.max(most, squareBetween(data, i, mean, 0, dims));
  return most * 2 ** -80;
}

/** Gives every empty cluster the point that is furthest from its centre and not alone in its cluster. */
function refill(state: Lloyd): void {
  const { data, points, dims, centres, labels } = state;
  const sizes = sizesOf(state);
  const taken = new Set<number>();
  const dust = dustOf(state);
  for (const [c, size] of [...sizes].entries()) {
    if (size > 0) continue;
    let [best, most] = [-1, dust];
    for (let i = 0; i < points; i++) {
      if (taken.has(i) || sizes[labels[i]] < 2) continue;
      const square = squareBetween(data, i, centres, labels[i], dims);
      if (square > most) [best, most] = [i, square];
    }
    if (best < 0) continue;
    taken.add(best);
    sizes[labels[best]]--;
    sizes[c]++;
    labels[best] = c;
  }
}

function moveCentres(state: Lloyd): void {
  const { data, points, dims, centres, labels } = state;
  const sizes = sizesOf(state);
  const sums = new Float64Array(centres.length);
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < dims; j++) sums[labels[i] * dims + j] += data[i * dims + j];
  }
  for (let at = 0; at < sums.length; at++) {
    const size = sizes[Math.floor(at / dims)];
    if (size > 0) centres[at] = sums[at] / size;
  }
}

/** Lloyd's iterations from `start` until no label changes or `limit` is reached; the labels are those of the last centres. */
export function lloyd(
  data: ArrayLike<number>,
  start: ArrayLike<number>,
  points: number,
  dims: number,
  limit: number,
): Buffers {
  const centres = Float64Array.from(start);
  const labels = new Int32Array(points).fill(-1);
  const state = { data, points, dims, centres, labels };
  const assign = (): boolean => {
    let changed = false;
    for (let i = 0; i < points; i++) {
      const label = nearest(data, i, centres, dims);
      if (label !== labels[i]) changed = true;
      labels[i] = label;
    }
    return changed;
  };
  let done = 0;
  let settled = false;
  for (; done < limit && !settled; done++) {
    settled = !assign();
    if (settled) continue;
    refill(state);
    moveCentres(state);
  }
  if (!settled) assign();
  let inertia = 0;
  for (let i = 0; i < points; i++) inertia += squareBetween(data, i, centres, labels[i], dims);
  return { centres, labels, inertia: Float64Array.of(inertia), iterations: Int32Array.of(done) };
}
