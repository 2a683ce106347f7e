/**
 * What the bench parent and its measuring processes say to each other: one JSON line each way, checked on both sides.
 *
 * A job is one kernel, one input and one subject against several baselines, measured in one fresh process.
 */
import { z } from "zod";

const finite = z.number();
const count = z.number().int().nonnegative();

const runtime = z.strictObject({
  modules: z.array(z.string()),
  executable: z.string().nullable(),
  reason: z.string().nullable(),
});

export const benchJob = z.strictObject({
  kernel: z.string(),
  input: z.string(),
  subject: z.string(),
  baselines: z.array(z.string()),
  /** Items per window along the batch dimension. */
  rows: count,
  windows: count,
  seed: count,
  rounds: count,
  leastRounds: count,
  /** Seconds of sampling per baseline, after the warm-up. */
  seconds: finite,
  warmup: z.strictObject({ leastSeconds: finite, mostSeconds: finite }),
  /** Compare with the kernel's reference as well as with validation mode. */
  reference: z.boolean(),
  /** Measure the kernel on resident inputs too. */
  kernelOnly: z.boolean(),
  /** Most fresh processes that measure it, where that is fewer than the run's. */
  mostProcesses: count.optional(),
  /** Delay planted into the subject, as a part of its own time: for demonstrations of the gate only. */
  planted: finite,
  runtimes: z.array(runtime),
});
export type BenchJob = z.infer<typeof benchJob>;

const baselineReply = z.strictObject({
  baseline: z.string(),
  /** Why there is no measurement, in words. */
  notAvailable: z.string().nullable(),
  /** Seconds per run of a window, in the order taken. */
  subjectSamples: z.array(finite),
  baselineSamples: z.array(finite),
  batch: z.strictObject({ subject: count, baseline: count }),
  warmup: z.strictObject({ rounds: count, seconds: finite, settled: z.boolean() }),
  saturated: z.boolean(),
  versions: z.record(z.string(), z.string()),
  /** Threads of the baseline. */
  threads: count,
});
export type BaselineReply = z.infer<typeof baselineReply>;

export const benchReply = z.strictObject({
  items: count,
  itemName: z.string(),
  bytes: count,
  threads: count,
  /** Seconds from nothing to the first result: read, compile, instantiate, call. */
  firstCallSeconds: finite,
  kernelOnlySamples: z.array(finite),
  /** The kernel's share of the engine's multiply-add peak, pair by pair. */
  peakShares: z.array(finite),
  /** SHA-256 over the outputs of all windows; equal to that of validation mode when `problem` is null. */
  outputHash: z.string(),
  /** Why the outputs were not accepted. */
  problem: z.string().nullable(),
  clockResolution: finite,
  baselines: z.array(baselineReply),
});
export type BenchReply = z.infer<typeof benchReply>;
