/**
 * Declaration of the general exact optimal transport kernel: any n x m costs, masses that sum alike.
 *
 * `wants` is a bit mask: 1 gives the flow, 2 gives the duals u and v; what is not wanted is empty. The optimal plan is not unique, so backends are compared by the total cost
 * and the plan and duals are judged by laws. Masses are not normalised here: the caller does that.
 */
import { defineKernel, f64, i32, type Agreement, type Buffers, type Dims } from "../core/kernel.js";
import { sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";

export const WANT_FLOW = 1;
export const WANT_DUALS = 2;
/** Largest n and m the kernel accepts. */
export const TRANSPORT_LIMIT = 2048;

const RELATIVE_TOLERANCE = 1e-12;
/** The masses carry half an ulp each; a total can be no better than a few of those times the dearest cost. */
const ROUNDING = 4 * Number.EPSILON;
const MARGINAL_TOLERANCE = 1e-12;
const GAP_TOLERANCE = 1e-10;
const STATE_BYTES = 128;
const NODE_BYTES = 68;

/** Kinds of problems; `transportProblem` says what they are. */
export const FAMILIES = ["points", "ties", "arbitrary", "holes", "line"] as const;
export type Family = (typeof FAMILIES)[number];

function padded(count: number): number {
  return Math.ceil(count / 16) * 16;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}

function sumOf(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** Unit of every error below: what it would cost to move all the mass along the dearest arc. */
function costScale(inputs: Buffers): number {
  return largest(inputs.cost) * sumOf(inputs.supply);
}

/** Masses of a flat Dirichlet distribution: exponentials over their sum. */
function dirichlet(count: number, rng: Rng): Float64Array {
  const drawn = Float64Array.from({ length: count }, () => rng.exponential());
  const total = sumOf(drawn);
  return drawn.map((mass) => mass / total);
}

/** Whole numbers 0..3 on both sides, evened out on the first node. */
function wholeMasses(n: number, m: number, rng: Rng): [Float64Array, Float64Array] {
  const supply = Float64Array.from({ length: n }, () => rng.integer(4));
  const demand = Float64Array.from({ length: m }, () => rng.integer(4));
  const excess = sumOf(supply) - sumOf(demand);
  if (excess > 0) demand[0] += excess;
  else supply[0] -= excess;
  return [supply, demand];
}

/** Distances between random points of the unit square, or of the unit interval when `flat`. */
function distances(n: number, m: number, flat: boolean, rng: Rng): Float64Array {
  const draw = (count: number): Float64Array =>
    Float64Array.from({ length: 2 * count }, (_, k) => (flat && k % 2 === 1 ? 0 : rng.uniform()));
  const from = draw(n);
  const to = draw(m);
  return Float64Array.from({ length: n * m }, (_, k) => {
    const i = Math.floor(k / m);
    const j = k % m;
    const dx = from[2 * i] - to[2 * j];
    const dy = from[2 * i + 1] - to[2 * j + 1];
    return sqrt(dx * dx + dy * dy);
  });
}

/**
 * One problem of a family. "points": random points of the plane, Dirichlet masses. "ties": costs 0..4 and masses 0..3, whole.
 * "arbitrary": costs that are no metric. "holes": points with a third of the masses zero. "line": points of a line with
 * whole masses (many optimal plans).
 */
export function transportProblem(family: Family, n: number, m: number, rng: Rng): Buffers {
  if (family === "ties" || family === "line") {
    const [supply, demand] = wholeMasses(n, m, rng);
    const cost =
      family === "line"
        ? distances(n, m, true, rng)
        : Float64Array.from({ length: n * m }, () => rng.integer(5));
    return { supply, demand, cost };
  }
  const supply = dirichlet(n, rng);
  const demand = dirichlet(m, rng);
  if (family === "holes") {
    for (const side of [supply, demand]) {
      for (let k = 1; k < side.length; k++) if (rng.integer(3) === 0) side[k] = 0;
      const total = sumOf(side);
      for (let k = 0; k < side.length; k++) side[k] /= total;
    }
  }
  const cost =
    family === "arbitrary"
      ? Float64Array.from({ length: n * m }, () => rng.uniform())
      : distances(n, m, false, rng);
  return { supply, demand, cost };
}

/** Shortest paths in the residual graph from every source that has mass left, by Dijkstra on reduced costs. */
interface Paths {
  /** Distance of every node (sources, then sinks) from the nearest source with mass left. */
  readonly distance: Float64Array;
  /** Node before it on the path, -1 at the start. */
  readonly before: Int32Array;
}

interface Residual {
  readonly n: number;
  readonly m: number;
  readonly cost: ArrayLike<number>;
  readonly flow: Float64Array;
  /** Sources, then sinks: a residual arc x -> y of cost c has c + potential[x] - potential[y] >= 0. */
  readonly potential: Float64Array;
  readonly supplyLeft: Float64Array;
  readonly demandLeft: Float64Array;
}

function shortestPaths(state: Residual): Paths {
  const { n, m, cost, flow, potential, supplyLeft } = state;
  const distance = new Float64Array(n + m).fill(Infinity);
  const before = new Int32Array(n + m).fill(-1);
  const done = new Uint8Array(n + m);
  for (let i = 0; i < n; i++) if (supplyLeft[i] > 0) distance[i] = 0;
  for (;;) {
    let x = -1;
    for (let k = 0; k < n + m; k++) {
      if (done[k] === 0 && distance[k] < Infinity && (x < 0 || distance[k] < distance[x])) x = k;
    }
    if (x < 0) return { distance, before };
    done[x] = 1;
    const relax = (y: number, arc: number): void => {
      const reached = distance[x] + Math.max(0, arc + potential[x] - potential[y]);
      if (done[y] === 0 && reached < distance[y]) {
        distance[y] = reached;
        before[y] = x;
      }
    };
    if (x < n) for (let j = 0; j < m; j++) relax(n + j, cost[x * m + j]);
    else for (let i = 0; i < n; i++) if (flow[i * m + x - n] > 0) relax(i, -cost[i * m + x - n]);
  }
}

/** Sends as much as possible along the cheapest path; false when nothing is left to send. */
function augment(state: Residual): boolean {
  const { n, m, flow, potential, supplyLeft, demandLeft } = state;
  const { distance, before } = shortestPaths(state);
  let sink = -1;
  for (let j = 0; j < m; j++) {
    if (demandLeft[j] > 0 && (sink < 0 || distance[n + j] < distance[sink])) sink = n + j;
  }
  if (sink < 0 || distance[sink] === Infinity) return false;
  const reach = distance[sink];
  for (let k = 0; k < n + m; k++) potential[k] += Math.min(distance[k], reach);
  let amount = demandLeft[sink - n];
  let x = sink;
  for (; before[x] >= 0; x = before[x]) if (x < n) amount = Math.min(amount, flow[x * m + before[x] - n]);
  amount = Math.min(amount, supplyLeft[x]);
  for (let y = sink; before[y] >= 0; y = before[y]) {
    if (y >= n) flow[before[y] * m + y - n] += amount;
    else flow[y * m + before[y] - n] -= amount;
  }
  supplyLeft[x] -= amount;
  demandLeft[sink - n] -= amount;
  return true;
}

/**
 * Successive shortest paths, dense: O((n + m)^3) and more. Mass below 1e-15 of the total that rounding leaves on one side
 * has no partner and stays.
 */
const wantsFlow = ({ wants }: Dims): boolean => (wants & WANT_FLOW) !== 0;
const wantsDuals = ({ wants }: Dims): boolean => (wants & WANT_DUALS) !== 0;
const NONE = new Float64Array(0);

function reference(inputs: Buffers, dims: Dims): Buffers {
  const { n, m } = dims;
  const { supply, demand, cost } = inputs;
  const state: Residual = {
    n,
    m,
    cost,
    flow: new Float64Array(n * m),
    potential: new Float64Array(n + m),
    supplyLeft: Float64Array.from(supply),
    demandLeft: Float64Array.from(demand),
  };
  const cut = 1e-15 * sumOf(supply);
  for (let more = true; more;) {
    more = augment(state);
    for (const left of [state.supplyLeft, state.demandLeft]) {
      for (let k = 0; k < left.length; k++) if (left[k] <= cut) left[k] = 0;
    }
  }
  let total = 0;
  for (let k = 0; k < n * m; k++) total += state.flow[k] * cost[k];
  // A residual arc i -> j has c + potential(i) - potential(j) >= 0, so the duals are -potential(i) and potential(j).
  const u = state.potential.slice(0, n).map((value) => -value);
  const v = state.potential.slice(n);
  return {
    total: Float64Array.of(total),
    flow: wantsFlow(dims) ? state.flow : NONE,
    u: wantsDuals(dims) ? u : NONE,
    v: wantsDuals(dims) ? v : NONE,
    pivots: new Int32Array(1),
  };
}

function agrees(outputs: Buffers, expected: Buffers, inputs: Buffers): Agreement {
  const error = Math.abs(outputs.total[0] - expected.total[0]);
  const allowed = RELATIVE_TOLERANCE * Math.abs(expected.total[0]) + ROUNDING * costScale(inputs);
  const same = error === 0;
  return {
    ratio: same ? 0 : error / allowed,
    worst: same ? 0 : error / Math.abs(expected.total[0]),
    measure: "relative difference of the total cost",
    where: "total[0]",
  };
}

function brokenMarginals(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (!wantsFlow(dims)) return undefined;
  const { n, m } = dims;
  const allowed = MARGINAL_TOLERANCE * sumOf(inputs.supply);
  const rows = new Float64Array(n);
  const columns = new Float64Array(m);
  for (let k = 0; k < n * m; k++) {
    rows[Math.floor(k / m)] += outputs.flow[k];
    columns[k % m] += outputs.flow[k];
  }
  for (let i = 0; i < n; i++) {
    if (!(Math.abs(rows[i] - inputs.supply[i]) <= allowed))
      return `source ${i} sends ${rows[i]} of ${inputs.supply[i]}`;
  }
  for (let j = 0; j < m; j++) {
    if (!(Math.abs(columns[j] - inputs.demand[j]) <= allowed))
      return `sink ${j} gets ${columns[j]} of ${inputs.demand[j]}`;
  }
  return undefined;
}

function brokenSign(_: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (!wantsFlow(dims)) return undefined;
  const at = outputs.flow.findIndex((flow: number) => !(flow >= 0));
  return at < 0 ? undefined : `flow[${at}] is ${outputs.flow[at]}`;
}

function brokenFeasibility(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (!wantsDuals(dims)) return undefined;
  const allowed = GAP_TOLERANCE * largest(inputs.cost);
  for (let k = 0; k < dims.n * dims.m; k++) {
    const i = Math.floor(k / dims.m);
    const j = k % dims.m;
    const slack = inputs.cost[k] - outputs.u[i] - outputs.v[j];
    if (!(slack >= -allowed)) return `u[${i}] + v[${j}] exceeds the cost by ${-slack}`;
  }
  return undefined;
}

function brokenGap(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (!wantsDuals(dims)) return undefined;
  let dual = 0;
  for (let i = 0; i < dims.n; i++) dual += inputs.supply[i] * outputs.u[i];
  for (let j = 0; j < dims.m; j++) dual += inputs.demand[j] * outputs.v[j];
  const gap = Math.abs(outputs.total[0] - dual);
  return gap <= GAP_TOLERANCE * costScale(inputs) ? undefined : `the dual value is off by ${gap}`;
}

function brokenSlackness(inputs: Buffers, outputs: Buffers, dims: Dims): string | undefined {
  if (dims.wants !== (WANT_FLOW | WANT_DUALS)) return undefined;
  const allowed = GAP_TOLERANCE * largest(inputs.cost);
  for (let k = 0; k < dims.n * dims.m; k++) {
    const slack = inputs.cost[k] - outputs.u[Math.floor(k / dims.m)] - outputs.v[k % dims.m];
    if (outputs.flow[k] > 0 && !(slack <= allowed)) return `flow[${k}] goes along an arc with slack ${slack}`;
  }
  return undefined;
}

const ON_TFJS = "a pivoting algorithm on a tree: no tensor operation expresses it";

export const kernel = defineKernel({
  id: "transport",
  title: "Exact optimal transport, any costs",
  source:
    "network simplex: Dantzig 1951; strongly feasible trees: Cunningham 1976, doi:10.1007/BF01580379; start: Russell 1969, doi:10.1287/opre.17.1.187",
  symbol: "transport",
  dims: ["n", "m", "wants"],
  inputs: { supply: f64("n", "1"), demand: f64("m", "1"), cost: f64("n m", "1") },
  outputs: {
    total: f64("1", "1"),
    flow: { ...f64("n m", "1"), when: { dim: "wants", bit: WANT_FLOW } },
    u: { ...f64("n", "1"), when: { dim: "wants", bit: WANT_DUALS } },
    v: { ...f64("m", "1"), when: { dim: "wants", bit: WANT_DUALS } },
    pivots: i32("1", "pivots"),
  },
  scratch: {
    costs: ({ n, m }) => 4 * n * padded(m),
    tree: ({ n, m }) => STATE_BYTES + NODE_BYTES * (padded(n) + padded(m)),
  },
  // Every output is wanted at every declared shape but one, so that validation sees them all.
  shapes: [
    { n: 64, m: 64, wants: 3 },
    { n: 128, m: 128, wants: 3 },
    { n: 256, m: 256, wants: 3 },
    { n: 512, m: 512, wants: 3 },
    { n: 24, m: 40, wants: 3 },
    { n: 40, m: 24, wants: 3 },
    { n: 17, m: 17, wants: 3 },
    { n: 1, m: 9, wants: 3 },
    { n: 9, m: 1, wants: 3 },
    { n: 1, m: 1, wants: 3 },
    { n: 33, m: 48, wants: 0 },
  ],
  /** Square problems of 64 and more are always "points" (the timed ones); others are of any family. */
  generate: ({ n, m }, rng) =>
    transportProblem(n === m && n >= 64 ? "points" : FAMILIES[rng.integer(FAMILIES.length)], n, m, rng),
  work: (dims) => ({
    items: 1,
    itemName: "problem",
    bytes:
      8 * (dims.n * dims.m * (wantsFlow(dims) ? 2 : 1) + (dims.n + dims.m) * (wantsDuals(dims) ? 2 : 1) + 1),
  }),
  reference,
  agrees,
  laws: [
    { id: "marginals", says: "the plan moves exactly the given masses", broken: brokenMarginals },
    { id: "sign", says: "no flow is negative", broken: brokenSign },
    { id: "feasible", says: "no pair of dual potentials exceeds its cost", broken: brokenFeasibility },
    { id: "gap", says: "the dual value equals the cost", broken: brokenGap },
    { id: "slackness", says: "mass only moves along tight arcs", broken: brokenSlackness },
  ],
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
