/**
 * Named inputs on which a kernel is timed, in windows that differ: window i depends on (seed, input, i) only.
 *
 * Kernels with published input sets have them here; any other kernel is timed on its declared shapes.
 */
import { UsageError } from "../core/errors.js";
import type { Buffers, Dims, Kernel } from "../core/kernel.js";
import { nearestNames } from "../core/nearest.js";
import { rng } from "../core/rng.js";
import { EMD_SETS, emdPairs, type EmdSet } from "../kernels/emdinputs.js";
import { EVENT_POINTS } from "../kernels/pointclouds.js";
import { networkOf } from "../models/networkkernel.js";
import { groundDistance } from "../physics/triggercells.js";
import { CELLS } from "../core/table.js";
import { KMEANS_LIMIT } from "./peers/components.js";
import { shapeText } from "../wasm/checks.js";

export interface BenchInput {
  /** What tables and flags call it: "mid", "n=64". */
  readonly id: string;
  /** Dimensions of a window that holds `rows` items along the batch dimension (ignored by kernels without one). */
  dims(rows: number): Dims;
  window(dims: Dims, seed: number, index: number): Buffers;
  /** Windows at most, where each is large. */
  readonly mostWindows?: number;
}

/** Windows of one run come from seeds that no other run with a nearby seed uses. */
const SEEDS_PER_WINDOW = 1009;

function emdInput(id: EmdSet): BenchInput {
  return {
    id,
    dims: (rows) => ({ rows, cells: CELLS, isMetric: 1 }),
    window: ({ rows }, seed, index) => ({
      ...emdPairs(id, rows, seed * SEEDS_PER_WINDOW + index),
      metric: groundDistance(),
    }),
  };
}

/** Square problems of which only the cost is asked, as `ot.emd2` answers it. */
const TRANSPORT_SIZES = [64, 128, 256, 512] as const;

function transportInput(kernel: Kernel, n: number): BenchInput {
  const dims = { n, m: n, wants: 0 };
  return {
    id: `n=${n}`,
    dims: () => dims,
    window: (_, seed, index) => kernel.generate(dims, rng(seed, index)),
  };
}

/** Rows of one call of a network, the headline first: a batch of 16 is what every peer can be shown at. */
const NETWORK_ROWS = [16, 256, 4096, 1, 65_536] as const;

/** Rows of a training step's batch, the headline first. */
const TRAINING_ROWS = [256, 32, 1024] as const;
/** Rows that a trainer puts into a share. */
const SHARE_ROWS = 128;

function trainingInput(kernel: Kernel, rows: number): BenchInput {
  const shares = Math.max(1, rows / SHARE_ROWS);
  const dims = { ...kernel.shapes[0], shares, rows: rows / shares };
  return {
    id: `batch=${rows}`,
    dims: () => dims,
    window: (_, seed, index) => kernel.generate(dims, rng(seed, index)),
  };
}

function networkInput(kernel: Kernel, rows: number): BenchInput {
  return {
    id: `rows=${rows}`,
    dims: () => ({ rows }),
    window: (dims, seed, index) => kernel.generate(dims, rng(seed, index)),
  };
}

/** Kernels that are timed on whole events only: peers are declared for these shapes, and small clouds say nothing. */
const EVENT_KERNELS: readonly string[] = ["clue", "dbscan", "nearest-seed", "seeding"];

function isTimed(kernel: Kernel, shape: Dims): boolean {
  return !EVENT_KERNELS.includes(kernel.id) || shape["n"] >= EVENT_POINTS;
}

/** Columns of tables of 10^5 rows, and a small table that slow packages can be shown on. */
const TABLE_COLUMNS = [24, 64] as const;
const TABLE_ROWS = 100_000;
const SMALL_TABLE = { rows: 4096, columns: 24 };

function tableInput(kernel: Kernel, id: string, dims: Dims): BenchInput {
  return {
    id,
    dims: () => dims,
    window: (_, seed, index) => kernel.generate(dims, rng(seed, index)),
    mostWindows: 2,
  };
}

function tableInputs(kernel: Kernel): readonly BenchInput[] {
  const large = TABLE_COLUMNS.map((columns) =>
    tableInput(kernel, `columns=${columns}`, { rows: TABLE_ROWS, columns }),
  );
  return [...large, tableInput(kernel, "small", SMALL_TABLE)];
}

/** An event of 10,000 points in 50 clusters, as many iterations as the peers are given. */
const EVENT_CLUSTERS = { points: 10_000, dims: 2, clusters: 50, limit: KMEANS_LIMIT };

function shapeInput(kernel: Kernel, shape: Dims): BenchInput {
  const batch = kernel.batch;
  const fixed = Object.fromEntries(Object.entries(shape).filter(([name]) => name !== batch));
  return {
    id: shapeText(fixed),
    dims: (rows) => (batch === undefined ? shape : { ...shape, [batch]: rows }),
    window: (dims, seed, index) => kernel.generate(dims, rng(seed, index)),
  };
}

/** All inputs of a kernel, the headline first. */
export function benchInputs(kernel: Kernel): readonly BenchInput[] {
  if (kernel.id === "emd") return EMD_SETS.map(emdInput);
  if (kernel.id === "transport") return TRANSPORT_SIZES.map((n) => transportInput(kernel, n));
  if (kernel.id === "training-step") return TRAINING_ROWS.map((rows) => trainingInput(kernel, rows));
  if (networkOf(kernel) !== undefined) return NETWORK_ROWS.map((rows) => networkInput(kernel, rows));
  if (kernel.id === "pca-f32" || kernel.id === "pca-f64") return tableInputs(kernel);
  if (kernel.id === "k-means") return [tableInput(kernel, "event", EVENT_CLUSTERS)];
  const inputs = kernel.shapes
    .filter((shape) => isTimed(kernel, shape))
    .map((shape) => shapeInput(kernel, shape));
  return inputs.filter((input, i) => inputs.findIndex((other) => other.id === input.id) === i);
}

/** The input called `id`; refuses an unknown one. */
export function benchInput(kernel: Kernel, id: string): BenchInput {
  const inputs = benchInputs(kernel);
  const found = inputs.find((input) => input.id === id);
  if (found !== undefined) return found;
  const names = inputs.map((input) => input.id);
  throw new UsageError(
    `bench: no such input of kernel ${kernel.id}: expected one of ${names.join(", ")}, got ${id}`,
    {
      remedy: `did you mean ${nearestNames(id, names).join(" or ") || names[0]}?`,
    },
  );
}
