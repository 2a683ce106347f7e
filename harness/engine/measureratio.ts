/**
 * From raw samples to a ratio: per pair, median per process, median of medians, and an interval over processes.
 *
 * The bootstrap resamples processes and not samples: samples of one process share its memory layout and its compiled code, so
 * they are not independent.
 */
import { rng } from "../core/rng.js";
import { median, quantileSorted, sorted } from "../core/stats.js";

/** Samples of one process in the order they were taken, in seconds; pair i is (subject[i], baseline[i]). */
export interface ProcessSamples {
  readonly process: number;
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
}

export interface RatioEstimate {
  /** Baseline time / subject time: above 1 the subject is faster. */
  readonly ratio: number;
  /** 95 % interval by bootstrap over processes; undefined for one process. */
  readonly interval: readonly [low: number, high: number] | undefined;
  /** Median ratio of each process. */
  readonly perProcess: readonly number[];
}

const RESAMPLES = 4000;
const TAIL = 0.025;

/** Baseline / subject of each pair. */
export function pairRatios(samples: ProcessSamples): Float64Array {
  if (samples.subject.length !== samples.baseline.length || samples.subject.length === 0) {
    throw new RangeError(
      `bench samples: expected as many subject as baseline samples, at least one, got ${samples.subject.length} and ${samples.baseline.length}`,
    );
  }
  return Float64Array.from(samples.subject, (seconds, i) => samples.baseline[i] / seconds);
}

/** Median of a list that is known not to be empty. */
export function medianOf(values: ArrayLike<number>): number {
  const centre = median(values);
  if (centre === undefined) throw new RangeError("median: expected at least one value, got none");
  return centre;
}

/** 95 % bootstrap interval of the median of `values`, resampled `RESAMPLES` times; the same seed gives the same interval. */
export function bootstrapMedian(values: readonly number[], seed: number): readonly [number, number] {
  const random = rng(seed);
  const drawn = new Float64Array(values.length);
  const medians = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = values[random.integer(values.length)];
    medians[resample] = medianOf(drawn);
  }
  const ascending = sorted(medians);
  return [quantileSorted(ascending, TAIL) ?? NaN, quantileSorted(ascending, 1 - TAIL) ?? NaN];
}

/** Ratio of a row from all its processes. */
export function estimateRatio(processes: readonly ProcessSamples[], seed: number): RatioEstimate {
  const perProcess = processes.map((samples) => medianOf(pairRatios(samples)));
  return {
    ratio: medianOf(perProcess),
    interval: perProcess.length < 2 ? undefined : bootstrapMedian(perProcess, seed),
    perProcess,
  };
}

/** Seconds of one side: median over processes of each process's median. */
export function typicalSeconds(processes: readonly (readonly number[])[]): number {
  return medianOf(processes.map((samples) => medianOf(samples)));
}

export interface Noise {
  /** Median and largest deviation from 1 of the process medians of an A/A twin. */
  readonly median: number;
  readonly worst: number;
}

/** How far a kernel measured against itself strays from a ratio of 1. */
export function noiseOf(perProcess: readonly number[]): Noise {
  const deviations = perProcess.map((ratio) => Math.abs(ratio - 1));
  return { median: medianOf(deviations), worst: Math.max(...deviations) };
}
