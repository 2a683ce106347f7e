/**
 * Runs a bench plan: every job in as many fresh processes as the suite says, one process at a time, in turns over the jobs.
 *
 * It measures nothing itself (benchmeasure.ts does, in the child) and prints nothing (commands/bench.ts).
 */
import type { Results, SpeedResult, WarningResult } from "../core/results.js";
import type { BenchJob, BenchReply } from "./benchmessage.js";
import {
  EFFORTS,
  SELDOM_INSTALLED,
  planBench,
  plannedPeers,
  type BenchSuite,
  type Effort,
} from "./benchplan.js";
import { measureInProcess } from "./benchprocess.js";
import { hasTwin, jobProblem, processRatios, speedRows, type JobReplies } from "./benchrow.js";
import { TWIN } from "./benchside.js";
import { noiseOf } from "./measureratio.js";
import { findRuntimes } from "./peers/catalogue.js";
import { backends } from "./plugins.generated.js";
import { silentProgress, type Progress } from "./progress.js";

export interface BenchOptions {
  readonly suite: BenchSuite;
  readonly seed: number;
  /** Ids; all kernels and the suite's inputs by default. */
  readonly kernels?: readonly string[];
  readonly inputs?: readonly string[];
  /** Fresh processes per job; the suite's number by default. */
  readonly processes?: number;
  /** Rounds of four interleaved samples per baseline and process; the suite's number by default. */
  readonly samples?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Main file of a measuring process; the built one by default. */
  readonly script?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface BenchOutcome {
  readonly rows: readonly SpeedResult[];
  readonly noise: Results["noise"];
  readonly warnings: readonly WarningResult[];
  /** Jobs whose outputs were not accepted; their rows carry no times. */
  readonly refused: readonly string[];
}

/** A/A deviation above which the run says that the machine is noisy. */
const NOISY = 0.02;
/** A process that takes this much longer than planned hangs. */
const PATIENCE = 20;
const LEAST_LIMIT_SECONDS = 120;

type Measure = (job: BenchJob) => Promise<BenchReply>;

function effortOf(options: BenchOptions): Effort {
  const effort = EFFORTS[options.suite];
  const rounds = options.samples ?? effort.rounds;
  return {
    ...effort,
    processes: options.processes ?? effort.processes,
    networks: { ...effort.networks, processes: options.processes ?? effort.networks.processes },
    rounds,
    // Rounds that the user asked for are taken whatever they cost.
    leastRounds: options.samples ?? effort.leastRounds,
  };
}

function limitSeconds(job: BenchJob): number {
  const planned = (job.baselines.length + 1) * (job.seconds + job.warmup.mostSeconds);
  return Math.max(LEAST_LIMIT_SECONDS, PATIENCE * planned);
}

/** Runs all jobs `processes` times, process by process, so that a slow moment of the machine does not hit one row only. */
export async function runJobs(
  jobs: readonly BenchJob[],
  processes: number,
  measure: Measure,
  progress: Progress,
  signal?: AbortSignal,
): Promise<readonly JobReplies[]> {
  const done = jobs.map((job) => ({ job, replies: [] as BenchReply[], failures: [] as string[] }));
  const task = progress.begin("bench", jobs.length * processes);
  try {
    for (let process = 0; process < processes; process++) {
      for (const entry of done) {
        signal?.throwIfAborted();
        if (entry.failures.length === 0 && process < (entry.job.mostProcesses ?? processes)) {
          try {
            // The slow reference is asked once; the other processes are tied to it by the hash of their outputs.
            entry.replies.push(
              await measure({ ...entry.job, reference: entry.job.reference && process === 0 }),
            );
          } catch (error) {
            signal?.throwIfAborted();
            entry.failures.push(error instanceof Error ? error.message : String(error));
          }
        }
        task.advance(1, `${entry.job.kernel} ${entry.job.input}`);
      }
    }
  } finally {
    task.end();
  }
  return done;
}

function noiseRecord(done: readonly JobReplies[]): Results["noise"] {
  const twin = done.find((replies) => jobProblem(replies) === undefined && hasTwin(replies));
  if (twin === undefined) return null;
  const ratios = processRatios(twin, TWIN);
  return { kernel: twin.job.kernel, ...noiseOf(ratios), processes: ratios.length };
}

function runWarnings(rows: readonly SpeedResult[], noise: Results["noise"]): WarningResult[] {
  const warnings: WarningResult[] = [];
  if (noise !== null && noise.worst > NOISY) {
    warnings.push({
      id: "noisy-machine",
      about: "speed",
      message: `the kernel ${noise.kernel} timed against itself is off by up to ${(100 * noise.worst).toFixed(1)} %`,
      remedy: "close other programs, or measure with more processes: --processes 15",
    });
  }
  for (const row of rows) {
    for (const text of row.warnings.filter((warning) =>
      /^(saturated|not settled|suspicious)/.test(warning),
    )) {
      warnings.push({
        id: text.split(":")[0].replaceAll(" ", "-"),
        about: `${row.kernel} ${row.input}, ${row.subject} against ${row.baseline}`,
        message: text,
        remedy: text.startsWith("suspicious")
          ? "check that the kernel does its work"
          : "measure again with a larger suite",
      });
    }
  }
  return warnings;
}

/** Backends that are seldom installed and are not here either; asked once, in this process, and cheaply. */
async function missingBackends(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const id of SELDOM_INSTALLED) {
    if ((await backends.get(id)?.missing()) !== undefined) missing.push(id);
  }
  return missing;
}

/** Measures a suite; rejects with the signal's reason when aborted (all processes are gone by then). */
export async function benchRows(options: BenchOptions): Promise<BenchOutcome> {
  const { signal, script, seed, progress = silentProgress } = options;
  const effort = effortOf(options);
  const runtimes = await findRuntimes(plannedPeers(effort, options.kernels), options.environment);
  const jobs = planBench({
    effort,
    seed,
    runtimes,
    missing: await missingBackends(),
    ...(options.kernels === undefined ? {} : { kernels: options.kernels }),
    ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
  });
  const measure: Measure = (job) =>
    measureInProcess(job, {
      limitSeconds: limitSeconds(job),
      ...(script === undefined ? {} : { script }),
      ...(signal === undefined ? {} : { signal }),
    });
  const done = await runJobs(jobs, effort.processes, measure, progress, signal);
  const rows = done.flatMap(speedRows);
  const noise = noiseRecord(done);
  const refused = done.flatMap((replies) => {
    const problem = jobProblem(replies);
    return problem === undefined ? [] : [`${replies.job.kernel} ${replies.job.input}: ${problem}`];
  });
  return { rows, noise, warnings: runWarnings(rows, noise), refused };
}
