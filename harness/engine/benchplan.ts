/**
 * Which jobs a suite measures: rows come from the registry (kernels, inputs, backends, peers), nobody writes one by hand.
 *
 * A plan is data; bench.ts runs it.
 */
import { UsageError } from "../core/errors.js";
import type { Kernel } from "../core/kernel.js";
import { nearestNames } from "../core/nearest.js";
import { benchInput, benchInputs } from "./benchinputs.js";
import type { BenchJob } from "./benchmessage.js";
import { hasParts } from "./benchcomponents.js";
import { networkOf } from "../models/networkkernel.js";
import { EMPTY_CALL, MEMCPY, OWN_TARGETS, TWIN } from "./benchside.js";
import type { PeerRuntime } from "./peers/catalogue.js";
import { modulePeersOf, peersOf } from "./peers/catalogue.js";
import type { PythonPeerDeclaration } from "./peers/peer.js";
import { backends, kernels } from "./plugins.generated.js";

export const BENCH_SUITES = ["smoke", "ci", "standard", "full"] as const;
export type BenchSuite = (typeof BENCH_SUITES)[number];

export interface Effort {
  readonly processes: number;
  readonly rounds: number;
  readonly leastRounds: number;
  /** Sampling time per baseline and process. */
  readonly seconds: number;
  readonly warmup: BenchJob["warmup"];
  /** Items per window; windows rotate. */
  readonly rows: number;
  readonly windows: number;
  readonly withPeers: boolean;
  readonly withReference: boolean;
  readonly withThreads: boolean;
  /** With packages in plain JavaScript that take a second for one call. */
  readonly withSlowPeers: boolean;
  /** What networks get, which have many rows of inputs, large tables, and kernels that `inputs` does not name. */
  readonly networks: Pick<Effort, "processes" | "seconds" | "warmup">;
  /** Inputs per kernel, the headline first; kernels that are not named are measured at their headline, in a shorter way. */
  readonly inputs: Readonly<Record<string, readonly string[]>> | "all";
}

const BATCHES = ["rows=16", "rows=1", "rows=256", "rows=4096"] as const;

/** Parts of other kernels and networks like others: in the full suite, and when named. */
const LIKE_OTHERS = {
  "moments-f32": [],
  "moments-f64": [],
  "merge-moments": [],
  "pca-transform-f64": [],
  "pca-inverse-f64": [],
  "k-means-seeds": [],
  "training-pool": [],
  "training-4x4x3": [],
  "training-jets": [],
  "emd-cnn-slopes": [],
  "autoencoder-deep": [],
  "jets-sae": [],
  "jets-4d": [],
  "baler-convolutional": [],
} as const;

export const EFFORTS: Readonly<Record<BenchSuite, Effort>> = {
  smoke: {
    processes: 1,
    rounds: 4,
    leastRounds: 2,
    seconds: 0.05,
    warmup: { leastSeconds: 0.02, mostSeconds: 0.3 },
    rows: 64,
    windows: 4,
    withPeers: false,
    withReference: false,
    withThreads: false,
    withSlowPeers: false,
    networks: { processes: 1, seconds: 0.05, warmup: { leastSeconds: 0.02, mostSeconds: 0.3 } },
    inputs: {},
  },
  ci: {
    processes: 2,
    rounds: 20,
    leastRounds: 3,
    seconds: 0.15,
    warmup: { leastSeconds: 0.15, mostSeconds: 1 },
    rows: 256,
    windows: 16,
    withPeers: true,
    withReference: false,
    withThreads: false,
    withSlowPeers: false,
    networks: { processes: 1, seconds: 0.1, warmup: { leastSeconds: 0.05, mostSeconds: 0.3 } },
    inputs: { emd: ["mid", "mix"], ...LIKE_OTHERS },
  },
  standard: {
    processes: 3,
    rounds: 30,
    leastRounds: 4,
    seconds: 0.2,
    warmup: { leastSeconds: 0.15, mostSeconds: 1 },
    rows: 256,
    windows: 16,
    withPeers: true,
    withReference: false,
    withThreads: true,
    withSlowPeers: true,
    networks: { processes: 1, seconds: 0.1, warmup: { leastSeconds: 0.05, mostSeconds: 0.3 } },
    inputs: {
      emd: ["mid", "mix", "dense"],
      transport: ["n=64", "n=128", "n=256"],
      encoder: BATCHES,
      decoder: BATCHES,
      autoencoder: BATCHES,
      "jets-200": BATCHES,
      "jets-400": BATCHES,
      "training-step": ["batch=256", "batch=32", "batch=1024"],
      "pca-f32": ["columns=24", "columns=64", "small"],
      ...LIKE_OTHERS,
    },
  },
  full: {
    processes: 5,
    rounds: 60,
    leastRounds: 10,
    seconds: 1,
    warmup: { leastSeconds: 0.5, mostSeconds: 3 },
    rows: 512,
    windows: 16,
    withPeers: true,
    withReference: true,
    withThreads: true,
    withSlowPeers: true,
    networks: { processes: 5, seconds: 0.5, warmup: { leastSeconds: 0.5, mostSeconds: 3 } },
    inputs: "all",
  },
};

/** Items of the row that compares two threads with one: enough for the threads to be worth waking. */
const THREADED_ROWS = 65_536;
const THREADED_WINDOWS = 2;
const THREADS = 2;
/** Rows for the float64 reference in TypeScript, which is far slower than anything it is compared with. */
const REFERENCE_ROWS = 16;
const SUBJECT = "wasm";
const NEVER_A_PEER: readonly string[] = ["wasm-debug", "reference"];
/** Most rows per call at which the peer in plain JavaScript is timed; it would take seconds beyond. */
const MOST_ROWS_IN_JAVASCRIPT = 16;
const IN_JAVASCRIPT = "tfjs-cpu";
/** A step of this one takes a second: it is timed at the headline only. */
const TRAINING_IN_JAVASCRIPT = "tfjs-cpu-training";
/** A peer that cannot be in one process with its twin on one thread, and the kernels that it is timed on. */
const IN_A_PROCESS_OF_ITS_OWN = "onnxruntime-web-threads";
const ON_THREADS: Readonly<Record<string, readonly number[]>> = {
  decoder: [256, 4096, 65_536],
  autoencoder: [256, 4096, 65_536],
  encoder: [65_536],
};
/** Batches that take seconds on slow peers: fewer rounds and processes. */
const LONG_ROWS = 65_536;
const LONG = { rounds: 6, leastRounds: 2, processes: 2 };
/** Packages of which one call takes a second or more. */
const SLOW_PEERS: readonly string[] = [TRAINING_IN_JAVASCRIPT, "density-clustering"];
/** A package that takes seconds on large tables, which only the full suite shows. */
const SLOW_ON_TABLES = "ml-pca";
const MOST_TABLE_ROWS = 4096;
/** Rows of a network's windows in all: outputs of every window are kept and parameters are made for each. */
const NETWORK_WINDOWS = { rows: 8192, most: 4 };
/** Bytes of a window at most: sixteen of them are beyond a second-level cache, and are made and checked in no time. */
const MOST_WINDOW_BYTES = 1 << 20;
/** The kernel whose A/A twin is the run's noise. */
const HEADLINE = "emd";

/** Backends that most machines do not have: where one is missing, a network says so at its first batch only. */
export const SELDOM_INSTALLED: readonly string[] = ["onnxruntime-node", "tfjs-node"];

export interface PlanOptions {
  readonly effort: Effort;
  readonly seed: number;
  readonly kernels?: readonly string[];
  readonly inputs?: readonly string[];
  readonly runtimes: readonly PeerRuntime[];
  /** Of those that are seldom installed, the ones that are not. */
  readonly missing?: readonly string[];
  /** Delay in the subject as a part of its time; only demonstrations of the gate set it. */
  readonly planted?: number;
}

function chosenKernels(ids: readonly string[] | undefined): readonly Kernel[] {
  if (ids === undefined || ids.length === 0) return [...kernels.values()];
  return ids.map((id) => {
    const kernel = kernels.get(id);
    if (kernel !== undefined) return kernel;
    const names = [...kernels.keys()];
    throw new UsageError(`--kernels: no such kernel: expected one of ${names.join(", ")}, got ${id}`, {
      remedy: `did you mean ${nearestNames(id, names).join(" or ") || names.join(" or ")}?`,
    });
  });
}

/** Inputs to measure: those asked for where the kernel has them, else the suite's. */
function chosenInputs(kernel: Kernel, options: PlanOptions): readonly string[] {
  const all = benchInputs(kernel).map(({ id }) => id);
  const { inputs } = options;
  if (inputs !== undefined && inputs.length > 0) return all.filter((id) => inputs.includes(id));
  const { inputs: planned } = options.effort;
  if (planned === "all") return all;
  return ((planned as Partial<Record<string, readonly string[]>>)[kernel.id] ?? all.slice(0, 1)).map(
    (id) => benchInput(kernel, id).id,
  );
}

function refuseUnknownInputs(chosen: readonly Kernel[], inputs: readonly string[]): void {
  const known = new Set(chosen.flatMap((kernel) => benchInputs(kernel).map(({ id }) => id)));
  for (const id of inputs) {
    if (known.has(id)) continue;
    const names = [...known];
    throw new UsageError(`--inputs: no such input: expected one of ${names.join(", ")}, got ${id}`, {
      remedy: `did you mean ${nearestNames(id, names).join(" or ") || names.join(" or ")}?`,
    });
  }
}

/** Peers of the kernels that a plan with `options` compares with: what interpreters must be looked for. */
export function plannedPeers(
  effort: Effort,
  kernelIds: readonly string[] | undefined,
): readonly PythonPeerDeclaration[] {
  if (!effort.withPeers) return [];
  return chosenKernels(kernelIds).flatMap((kernel) => peersOf(kernel.id));
}

/** Backends other than our own builds that a table of this kernel shows; the unoptimised build is never timed, the reference only where it is asked for. */
function otherBackends(kernel: Kernel): readonly string[] {
  return [...backends.values()]
    .filter(({ id }) => !(id in OWN_TARGETS) && !NEVER_A_PEER.includes(id) && id !== IN_A_PROCESS_OF_ITS_OWN)
    .filter((backend) => backend.id in kernel.unavailable || backend.cannot?.(kernel) === undefined)
    .map(({ id }) => id);
}

/** A network at one batch, and there on threads where they are worth waking. */
function networkJobs(
  kernel: Kernel,
  input: string,
  isHeadline: boolean,
  base: BenchJob,
  options: PlanOptions,
): BenchJob[] {
  const { effort } = options;
  const main = networkJob(kernel, input, isHeadline, base, options);
  if (!effort.withThreads || !(ON_THREADS[kernel.id] ?? []).includes(main.rows)) return [main];
  const plain = { ...main, kernelOnly: false, reference: false };
  return [
    main,
    {
      ...plain,
      subject: `${SUBJECT}:threads=${THREADS}`,
      windows: THREADED_WINDOWS,
      baselines: [SUBJECT, `${SUBJECT}:threads=1`],
    },
    ...(effort.withPeers ? [{ ...plain, baselines: [IN_A_PROCESS_OF_ITS_OWN] }] : []),
  ];
}

/** The floors and the builds without SIMD and with relaxed SIMD are shown at a network's first batch. */
function networkJob(
  kernel: Kernel,
  input: string,
  isHeadline: boolean,
  base: BenchJob,
  options: PlanOptions,
): BenchJob {
  const { effort } = options;
  const isFirst = benchInputs(kernel)[0].id === input;
  const { rows } = benchInput(kernel, input).dims(0);
  const peers = effort.withPeers ? otherBackends(kernel) : [];
  const fit = peers
    .filter((id) => id !== IN_JAVASCRIPT || rows <= MOST_ROWS_IN_JAVASCRIPT)
    .filter((id) => isFirst || !(options.missing ?? []).includes(id));
  const { processes, seconds, warmup } = effort.networks;
  const isLong = rows >= LONG_ROWS;
  return {
    ...base,
    rows,
    windows: Math.min(NETWORK_WINDOWS.most, Math.ceil(NETWORK_WINDOWS.rows / rows)),
    mostProcesses: isLong ? Math.min(processes, LONG.processes) : processes,
    ...(isLong ? { rounds: LONG.rounds, leastRounds: LONG.leastRounds } : {}),
    seconds,
    warmup,
    kernelOnly: true,
    baselines: [
      ...(isHeadline ? [TWIN] : []),
      ...(isFirst ? ["wasm-scalar", "wasm-relaxed"] : []),
      ...fit,
      ...(isFirst ? [MEMCPY, EMPTY_CALL] : []),
    ],
  };
}

/** Items of a window: as many as wanted, fewer where items are large (a part of a table, a share of a training step). */
function fittingRows(kernel: Kernel, input: string, rows: number): number {
  if (kernel.batch === undefined) return rows;
  const found = benchInput(kernel, input);
  const [one, two] = [1, 2].map((count) => kernel.work(found.dims(count)).bytes);
  const bytesEach = two - one;
  return bytesEach > 0 ? Math.max(1, Math.min(rows, Math.floor(MOST_WINDOW_BYTES / bytesEach))) : rows;
}

function baseJob(kernel: Kernel, input: string, options: PlanOptions): BenchJob {
  const { effort, seed, runtimes, planted = 0 } = options;
  return {
    kernel: kernel.id,
    input,
    subject: SUBJECT,
    baselines: [],
    rows: fittingRows(kernel, input, effort.rows),
    windows: effort.windows,
    seed,
    rounds: effort.rounds,
    leastRounds: effort.leastRounds,
    seconds: effort.seconds,
    warmup: effort.warmup,
    reference: true,
    kernelOnly: false,
    planted,
    runtimes: runtimes.map((runtime) => ({ ...runtime, modules: [...runtime.modules] })),
  };
}

/** A large table in parts that stay in cache, on one thread and on two, against the whole and against native peers. */
function partJobs(main: BenchJob, peers: readonly string[]): BenchJob[] {
  const [slabs, threads] = [`${SUBJECT}:slabs`, `${SUBJECT}:threads=${THREADS}`];
  const fast = peers.filter((id) => id !== SLOW_ON_TABLES);
  const plain = { ...main, kernelOnly: false };
  return [
    { ...plain, subject: slabs, baselines: [SUBJECT, ...fast] },
    { ...plain, subject: threads, baselines: [slabs, ...fast] },
  ];
}

function jobsOf(kernel: Kernel, input: string, isHeadline: boolean, options: PlanOptions): BenchJob[] {
  const { effort } = options;
  const base = baseJob(kernel, input, options);
  if (networkOf(kernel) !== undefined) return networkJobs(kernel, input, isHeadline, base, options);
  const peers = effort.withPeers
    ? [...peersOf(kernel.id), ...modulePeersOf(kernel.id)]
        .map(({ id }) => id)
        .filter((id) => id !== TRAINING_IN_JAVASCRIPT || input === benchInputs(kernel)[0].id)
        .filter((id) => effort.withSlowPeers || !SLOW_PEERS.includes(id))
    : [];
  const found = benchInput(kernel, input);
  const { mostWindows } = found;
  const tableRows = found.dims(0)["rows"];
  const isNamed = effort.inputs === "all" || kernel.id in effort.inputs;
  const { processes, seconds, warmup } = effort.networks;
  const fit = peers.filter(
    (id) => id !== SLOW_ON_TABLES || tableRows <= MOST_TABLE_ROWS || effort.withReference,
  );
  const main = {
    ...base,
    ...(mostWindows === undefined ? {} : { windows: mostWindows, mostProcesses: processes }),
    ...(isNamed ? {} : { mostProcesses: processes, seconds, warmup }),
    kernelOnly: true,
    baselines: [
      ...(isHeadline ? [TWIN] : []),
      "wasm-scalar",
      ...(effort.withPeers ? otherBackends(kernel) : []),
      ...fit,
      MEMCPY,
      EMPTY_CALL,
    ],
  };
  const isDivided = hasParts(kernel) && tableRows > MOST_TABLE_ROWS && effort.withThreads;
  const jobs = isDivided ? [main, ...partJobs(main, fit)] : [main];
  if (effort.withReference && kernel.batch !== undefined) {
    jobs.push({ ...base, baselines: ["reference"], rows: REFERENCE_ROWS });
  }
  if (effort.withThreads && isHeadline && kernel.batch !== undefined) {
    const threaded = {
      rows: THREADED_ROWS,
      windows: THREADED_WINDOWS,
      subject: `${SUBJECT}:threads=${THREADS}`,
    };
    jobs.push({ ...base, ...threaded, baselines: [SUBJECT, `${SUBJECT}:threads=1`], reference: false });
  }
  return jobs;
}

/** All jobs of one pass; a run repeats them in as many fresh processes as its effort says. */
export function planBench(options: PlanOptions): readonly BenchJob[] {
  const chosen = chosenKernels(options.kernels);
  refuseUnknownInputs(chosen, options.inputs ?? []);
  const headline = chosen.find(({ id }) => id === HEADLINE) ?? chosen[0];
  return chosen.flatMap((kernel) =>
    chosenInputs(kernel, options).flatMap((input, i) =>
      jobsOf(kernel, input, kernel === headline && i === 0, options),
    ),
  );
}
