/**
 * The obvious float64 solution of a transportation problem on a few cells, which the EMD kernels are judged by: successive
 * shortest paths, with the duals that fall out of them. No tree, no cancelling, no integers.
 */
import { STATUS, type Buffers, type Dims } from "../core/kernel.js";

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}

export function sumOf(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** STATUS of a row, judged as the kernel documents it: not finite, then negative, then empty. */
function rowStatus(original: Float64Array, restored: Float64Array): number {
  const all = [...original, ...restored];
  if (!all.every(Number.isFinite)) return STATUS.nonFinite;
  if (all.some((mass) => mass < 0)) return STATUS.negative;
  if (largest(original) === 0) return STATUS.emptyIn;
  if (largest(restored) === 0) return STATUS.emptyOut;
  return STATUS.ok;
}

export function normalised(masses: Float64Array): Float64Array {
  const most = largest(masses);
  const shares = masses.map((mass) => mass / most); // so that no sum overflows
  const total = sumOf(shares);
  return shares.map((share) => share / total);
}

interface Cheapest {
  readonly total: number;
  /** Of sources, then of sinks: cost + potential of the source - potential of the sink is nowhere negative. */
  readonly potential: Float64Array;
}

/** Cheapest plan; `costs` is [cells, cells]. */
function cheapest(supply: Float64Array, demand: Float64Array, costs: Float64Array): Cheapest {
  const n = supply.length;
  const flow = new Float64Array(n * n);
  const potential = new Float64Array(2 * n); // of sources, then of sinks
  const left = supply.slice();
  const wanted = demand.slice();
  for (;;) {
    const { distance, before } = shortestPaths(left, flow, costs, potential);
    let sink = -1;
    for (let j = 0; j < n; j++) {
      if (wanted[j] > 0 && distance[n + j] < Infinity && (sink < 0 || distance[n + j] < distance[n + sink]))
        sink = j;
    }
    if (sink < 0) break;
    for (let k = 0; k < 2 * n; k++) potential[k] += Math.min(distance[k], distance[n + sink]);
    augment(sink, before, left, wanted, flow);
  }
  let total = 0;
  for (let k = 0; k < n * n; k++) total += flow[k] * costs[k];
  return { total, potential };
}

/** Dijkstra on reduced costs from every source with mass left, over all arcs and, backwards, those with flow. */
function shortestPaths(
  left: Float64Array,
  flow: Float64Array,
  costs: Float64Array,
  potential: Float64Array,
): { distance: Float64Array; before: Int32Array } {
  const n = left.length;
  const distance = new Float64Array(2 * n).fill(Infinity);
  const before = new Int32Array(2 * n).fill(-1);
  const done = new Uint8Array(2 * n);
  for (let i = 0; i < n; i++) if (left[i] > 0) distance[i] = 0;
  for (;;) {
    let node = -1;
    for (let k = 0; k < 2 * n; k++) {
      if (done[k] === 0 && distance[k] < Infinity && (node < 0 || distance[k] < distance[node])) node = k;
    }
    if (node < 0) return { distance, before };
    done[node] = 1;
    for (let k = 0; k < n; k++) {
      const forwards = node < n;
      const next = forwards ? n + k : k;
      const arc = forwards ? node * n + k : k * n + node - n;
      if (done[next] === 1 || (!forwards && flow[arc] <= 0)) continue;
      const cost = (forwards ? costs[arc] : -costs[arc]) + potential[node] - potential[next];
      const reached = distance[node] + Math.max(0, cost);
      if (reached < distance[next]) {
        distance[next] = reached;
        before[next] = node;
      }
    }
  }
}

/** Sends as much as the path to `sink` carries. */
function augment(
  sink: number,
  before: Int32Array,
  left: Float64Array,
  wanted: Float64Array,
  flow: Float64Array,
): void {
  const n = left.length;
  let amount = wanted[sink];
  let node = n + sink;
  for (; before[node] >= 0; node = before[node]) {
    if (node < n) amount = Math.min(amount, flow[node * n + before[node] - n]);
  }
  amount = Math.min(amount, left[node]);
  left[node] -= amount;
  wanted[sink] -= amount;
  for (node = n + sink; before[node] >= 0; node = before[node]) {
    if (node < n) flow[node * n + before[node] - n] -= amount;
    else flow[before[node] * n + node - n] += amount;
  }
}

/** The largest dual variable of the restored side that the original side's cells with mass allow, smallest value 0. */
function restoredDual(potential: Float64Array, original: Float64Array, metric: Float64Array): Float64Array {
  const cells = original.length;
  const dual = Float64Array.from({ length: cells }, (_, k) => {
    let least = Infinity;
    for (let i = 0; i < cells; i++)
      if (original[i] > 0) least = Math.min(least, metric[i * cells + k] + potential[i]);
    return least;
  });
  const lowest = dual.reduce((x, y) => Math.min(x, y), Infinity);
  return dual.map((value) => value - lowest);
}

/** Distances, statuses and duals of all rows: what the kernels put out, or more. */
export function solveRows(inputs: Buffers, { rows, cells }: Dims) {
  const [originals, restoreds, metric] = [inputs.original, inputs.restored, inputs.metric].map((values) =>
    Float64Array.from(values),
  );
  const emd = new Float64Array(rows).fill(NaN);
  const status = new Int32Array(rows);
  const potential = new Float64Array(rows * cells).fill(NaN);
  for (let row = 0; row < rows; row++) {
    const original = originals.slice(row * cells, (row + 1) * cells);
    const restored = restoreds.slice(row * cells, (row + 1) * cells);
    status[row] = rowStatus(original, restored);
    if (status[row] !== STATUS.ok) continue;
    const shares = normalised(original);
    const solved = cheapest(shares, normalised(restored), metric);
    emd[row] = solved.total;
    potential.set(restoredDual(solved.potential, shares, metric), row * cells);
  }
  return { emd, status, potential };
}
