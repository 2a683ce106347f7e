/**
 * From the replies of all processes of one job to rows of the results: ratios with intervals, seconds per item, warnings.
 *
 * A row whose outputs were not validated carries no times at all.
 */
import type { SpeedResult } from "../core/results.js";
import type { BaselineReply, BenchJob, BenchReply } from "./benchmessage.js";
import { MEMCPY, TWIN } from "./benchside.js";
import { estimateRatio, medianOf, typicalSeconds, type ProcessSamples } from "./measureratio.js";

/** Replies to one job in the order of the processes; a process that failed left a reason. */
export interface JobReplies {
  readonly job: BenchJob;
  readonly replies: readonly BenchReply[];
  readonly failures: readonly string[];
}

const NO_TIMES = {
  subjectSeconds: null,
  baselineSeconds: null,
  ratio: null,
  ratioLow: null,
  ratioHigh: null,
  kernelOnlySeconds: null,
  peakShare: null,
  samples: [] as SpeedResult["samples"],
  outputHash: null,
};

/** Baseline as tables show it. */
function baselineName(job: BenchJob, baseline: string): string {
  return baseline === TWIN ? `${job.subject} (A/A twin)` : baseline;
}

/** Why the outputs of a job are not accepted, or undefined. */
export function jobProblem({ replies, failures }: JobReplies): string | undefined {
  if (failures.length > 0) return failures[0];
  if (replies.length === 0) return "not measured";
  const problem = replies.find((reply) => reply.problem !== null)?.problem ?? undefined;
  if (problem !== undefined) return problem;
  const hashes = new Set(replies.map(({ outputHash }) => outputHash));
  return hashes.size === 1 ? undefined : "outputs differ from process to process";
}

function replyFor(reply: BenchReply, baseline: string): BaselineReply | undefined {
  return reply.baselines.find((other) => other.baseline === baseline);
}

function perItem(samples: readonly number[], items: number): number[] {
  return samples.map((seconds) => seconds / items);
}

function processSamples(replies: readonly BenchReply[], baseline: string): ProcessSamples[] {
  return replies.flatMap((reply, process) => {
    const found = replyFor(reply, baseline);
    if (found === undefined || found.subjectSamples.length === 0) return [];
    return [
      {
        process,
        subject: perItem(found.subjectSamples, reply.items),
        baseline: perItem(found.baselineSamples, reply.items),
      },
    ];
  });
}

function warningsOf(measured: readonly BaselineReply[], baseline: string, ratio: number): string[] {
  const warnings: string[] = [];
  if (measured.some(({ saturated }) => saturated))
    warnings.push("saturated: the clock is too coarse for a side");
  const unsettled = measured.filter(({ warmup }) => !warmup.settled).length;
  if (unsettled > 0) {
    warnings.push(
      `not settled: still drifting after the longest warm-up in ${unsettled} of ${measured.length} processes`,
    );
  }
  if (baseline === MEMCPY && ratio > 1) {
    warnings.push("suspicious: faster than a copy of its own bytes");
  }
  return warnings;
}

function rowOf(replies: JobReplies, baseline: string, problem: string | undefined): SpeedResult {
  const { job } = replies;
  const first = replies.replies.at(0);
  const frame = {
    kernel: job.kernel,
    input: job.input,
    subject: job.subject,
    baseline: baselineName(job, baseline),
    threads: first?.threads ?? 1,
    items: first?.items ?? 0,
    itemName: first?.itemName ?? "item",
    processes: replies.replies.length,
    warnings: [],
  };
  if (problem !== undefined || first === undefined) {
    return { ...frame, ...NO_TIMES, versions: {}, validated: false, notAvailable: problem ?? "not measured" };
  }
  const found = replies.replies.map((reply) => replyFor(reply, baseline));
  const measured = found.filter(
    (reply) => reply !== undefined && reply.notAvailable === null,
  ) as BaselineReply[];
  if (measured.length < replies.replies.length) {
    const reason = found.find((reply) => reply?.notAvailable !== null)?.notAvailable ?? "not measured";
    return { ...frame, ...NO_TIMES, versions: {}, validated: true, notAvailable: reason };
  }
  const samples = processSamples(replies.replies, baseline);
  const estimate = estimateRatio(samples, job.seed);
  const only = replies.replies.flatMap(({ kernelOnlySamples, items }) =>
    kernelOnlySamples.length === 0 ? [] : [perItem(kernelOnlySamples, items)],
  );
  const shares = replies.replies.flatMap(({ peakShares }) => (peakShares.length === 0 ? [] : [peakShares]));
  return {
    ...frame,
    subjectSeconds: typicalSeconds(samples.map(({ subject }) => subject)),
    baselineSeconds: typicalSeconds(samples.map((sample) => sample.baseline)),
    ratio: estimate.ratio,
    ratioLow: estimate.interval?.[0] ?? null,
    ratioHigh: estimate.interval?.[1] ?? null,
    kernelOnlySeconds: only.length === 0 ? null : typicalSeconds(only),
    peakShare: shares.length === 0 ? null : typicalSeconds(shares),
    samples: samples.map(({ process, subject, baseline: other }) => ({
      process,
      subject: [...subject],
      baseline: [...other],
    })),
    versions: measured[0].versions,
    outputHash: first.outputHash,
    validated: true,
    notAvailable: null,
    warnings: warningsOf(measured, baseline, estimate.ratio),
    method: {
      batch: measured.map(({ batch }) => batch),
      warmup: measured.map(({ warmup }) => warmup),
      clockResolution: medianOf(replies.replies.map(({ clockResolution }) => clockResolution)),
      windows: job.windows,
      windowBytes: first.bytes,
    },
  };
}

/** The first call of a process as a row of its own: reading, compiling and instantiating are not part of any other row. */
function firstCallRow({ job, replies }: JobReplies): SpeedResult[] {
  const [first] = replies;
  const seconds = replies.map(({ firstCallSeconds }) => firstCallSeconds);
  return [
    {
      kernel: job.kernel,
      input: job.input,
      subject: `${job.subject}, first call`,
      baseline: "none",
      threads: first.threads,
      items: 1,
      itemName: "first call",
      ...NO_TIMES,
      subjectSeconds: medianOf(seconds),
      processes: replies.length,
      samples: seconds.map((value, process) => ({ process, subject: [value], baseline: [] })),
      versions: {},
      outputHash: first.outputHash,
      validated: true,
      notAvailable: null,
      warnings: [],
    },
  ];
}

/** All rows of one job, baselines in the job's order; the first call of jobs that also time the kernel alone. */
export function speedRows(replies: JobReplies): SpeedResult[] {
  const problem = jobProblem(replies);
  const rows = replies.job.baselines.map((baseline) => rowOf(replies, baseline, problem));
  return problem === undefined && replies.job.kernelOnly ? [...rows, ...firstCallRow(replies)] : rows;
}

/** Process medians of a job's ratio to `baseline`; empty where it was not measured. */
export function processRatios({ replies, job }: JobReplies, baseline: string): readonly number[] {
  return estimateRatio(processSamples(replies, baseline), job.seed).perProcess;
}

export function hasTwin({ job, replies }: JobReplies): boolean {
  return job.baselines.includes(TWIN) && processSamples(replies, TWIN).length > 0;
}
