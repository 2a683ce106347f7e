/**
 * The measuring core: two sides, interleaved A B B A and then B A A B in one process, samples kept raw and in the order they were
 * taken. Whoever comes first on a window finds caches and branch predictors cold; with one order alone a kernel seemed 2.5 % slower
 * than itself.
 *
 * tinybench times each sample; rounds, batching and warm-up are driven here, because tasks that run one after another are
 * biased by their order. It draws no conclusion from the samples (see measureratio.ts, measuregate.ts).
 */
import { Bench, detectTimerSaturation, hrtimeNow, type Fn, type SortedSamples } from "tinybench";
import { KernelError } from "../core/errors.js";
import { median, sorted } from "../core/stats.js";
import { hasTrend } from "./measuretrend.js";

/**
 * One thing that is timed. `run` works through one input window; windows rotate, also within a batch, because a kernel on one
 * small window again and again is up to 20 % faster (branch predictors learn it). A remote side works through `runs` windows
 * from `window` on and returns the seconds by its own clock.
 */
export type Side =
  | { readonly kind: "sync"; run(window: number): void }
  | { readonly kind: "async"; run(window: number): Promise<unknown> }
  | { readonly kind: "remote"; run(window: number, runs: number): Promise<number> };

export interface MeasureOptions {
  readonly windows: number;
  /** Rounds of four samples to take, each giving two pairs; fewer when `seconds` runs out, never below `leastRounds`. */
  readonly rounds: number;
  readonly leastRounds: number;
  readonly seconds: number;
  readonly warmup: WarmupLimits;
}

export interface WarmupLimits {
  /** Both sides together run at least this long before they can count as settled: compilers work by time and by calls. */
  readonly leastSeconds: number;
  readonly mostSeconds: number;
}

export interface WarmupRecord {
  readonly rounds: number;
  readonly seconds: number;
  /** False when the limit came before the last samples stopped drifting. */
  readonly settled: boolean;
}

export interface Measurement {
  /** Seconds per run of one window, two per round, in order. Pair i is (subject[i], baseline[i]). */
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
  /** Runs per sample. */
  readonly batch: { readonly subject: number; readonly baseline: number };
  readonly warmup: WarmupRecord;
  /** Seconds: the clock's smallest step. */
  readonly resolution: number;
  /** True when the clock is too coarse for a side that this process timed. */
  readonly saturated: boolean;
}

/** A sample is at least this many steps of the clock. */
const RESOLUTIONS = 100;
/** And at least this long, so that what tinybench does around a sample does not show in it. */
const SHORTEST_SAMPLE = 2e-4;
/** Beside a remote side a sample begins on a processor that has done something else: its start must not weigh. */
const SHORTEST_BESIDE_REMOTE = 2e-3;
const MOST_BATCH = 1_000_000;
/** Samples without a trend that end the warm-up. */
const SETTLED_SAMPLES = 10;

/** Smallest step of the process's clock, in seconds, over a thousand readings. */
export function clockResolution(now: () => number = hrtimeNow): number {
  let smallest = Infinity;
  for (let i = 0; i < 1000; i++) {
    const begun = now();
    let step = now() - begun;
    while (step <= 0) step = now() - begun;
    smallest = Math.min(smallest, step);
  }
  return smallest / 1000;
}

/** Runs of a window that make one sample long enough; 1 when a single run is. */
export function batchFor(
  secondsPerRun: number,
  resolution: number,
  shortestSample = SHORTEST_SAMPLE,
): number {
  const shortest = Math.max(RESOLUTIONS * resolution, shortestSample);
  if (!(secondsPerRun > 0)) return MOST_BATCH;
  return Math.min(MOST_BATCH, Math.max(1, Math.ceil(shortest / secondsPerRun)));
}

/** What tinybench calls for one sample of `batch` runs. A remote side hands over the time by its own clock. */
function task(side: Side, windows: number, batch: () => number, window: () => number): Fn {
  switch (side.kind) {
    case "sync":
      return () => {
        const first = window();
        const runs = batch();
        for (let i = 0; i < runs; i++) side.run((first + i) % windows);
      };
    case "async":
      return async () => {
        const first = window();
        const runs = batch();
        for (let i = 0; i < runs; i++) await side.run((first + i) % windows);
      };
    case "remote":
      return async () => ({ overriddenDuration: 1000 * (await side.run(window(), batch())) });
  }
}

interface Round {
  readonly subject: readonly [number, number];
  readonly baseline: readonly [number, number];
}

/** One round: four tasks in this order, each called once. */
function roundOf(tasks: readonly (readonly [name: string, fn: Fn, side: Side])[]): Bench {
  const bench = new Bench({
    iterations: 1,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
    timestampProvider: "hrtimeNow",
  });
  for (const [name, fn, side] of tasks) bench.add(name, fn, { async: side.kind !== "sync" });
  return bench;
}

/** As many short rounds as are asked for, A B B A and B A A B by turns. */
class Rounds {
  readonly #benches: readonly [Bench, Bench];
  readonly #sync: boolean;
  #round = 0;
  readonly batch = { subject: 1, baseline: 1 };
  /** Seconds that a sample should last at least. */
  readonly shortest: number;

  constructor(
    subject: Side,
    baseline: Side,
    readonly windows: number,
  ) {
    this.#sync = subject.kind === "sync" && baseline.kind === "sync";
    const remote = subject.kind === "remote" || baseline.kind === "remote";
    this.shortest = remote ? SHORTEST_BESIDE_REMOTE : SHORTEST_SAMPLE;
    const a = task(
      subject,
      windows,
      () => this.batch.subject,
      () => this.#round % windows,
    );
    const b = task(
      baseline,
      windows,
      () => this.batch.baseline,
      () => this.#round % windows,
    );
    const [a1, a2] = [["A1", a, subject] as const, ["A2", a, subject] as const];
    const [b1, b2] = [["B1", b, baseline] as const, ["B2", b, baseline] as const];
    this.#benches = [roundOf([a1, b1, b2, a2]), roundOf([b1, a1, a2, b2])];
  }

  /** One round on the next window; seconds per run. */
  async next(): Promise<Round> {
    // The order changes from one visit of a window to the next as well, whatever their number.
    const bench = this.#benches[(this.#round + Math.floor(this.#round / this.windows)) % 2];
    bench.reset();
    if (this.#sync) bench.runSync();
    else await bench.run();
    this.#round++;
    const { subject, baseline } = this.batch;
    return {
      subject: [sampleSeconds(bench, "A1") / subject, sampleSeconds(bench, "A2") / subject],
      baseline: [sampleSeconds(bench, "B1") / baseline, sampleSeconds(bench, "B2") / baseline],
    };
  }
}

function sampleSeconds(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result;
  if (result?.state !== "completed") {
    throw new KernelError(
      `bench: a sample was not taken: expected state completed, got ${result?.state ?? "none"}`,
    );
  }
  return result.latency.mean / 1000; // one iteration: the mean is the sample
}

function runSeconds(round: Round, batch: Rounds["batch"]): { subject: number; baseline: number } {
  return {
    subject: (round.subject[0] + round.subject[1]) * batch.subject,
    baseline: (round.baseline[0] + round.baseline[1]) * batch.baseline,
  };
}

/** Runs rounds until they have lasted long enough and each side's last ten samples show no trend, or the limit is reached. */
async function warmUp(rounds: Rounds, limits: WarmupLimits, resolution: number): Promise<WarmupRecord> {
  let total = 0;
  const samples = { subject: [] as number[], baseline: [] as number[] };
  let count = 0;
  const settled = (): boolean =>
    samples.subject.length >= SETTLED_SAMPLES &&
    !hasTrend(samples.subject.slice(-SETTLED_SAMPLES)) &&
    !hasTrend(samples.baseline.slice(-SETTLED_SAMPLES));
  for (;;) {
    const round = await rounds.next();
    const seconds = runSeconds(round, rounds.batch);
    count++;
    total += seconds.subject + seconds.baseline;
    samples.subject.push(...round.subject);
    samples.baseline.push(...round.baseline);
    rounds.batch.subject = batchFor(Math.min(...samples.subject.slice(-4)), resolution, rounds.shortest);
    rounds.batch.baseline = batchFor(Math.min(...samples.baseline.slice(-4)), resolution, rounds.shortest);
    if (total >= limits.leastSeconds && settled()) return { rounds: count, seconds: total, settled: true };
    if (total >= limits.mostSeconds) return { rounds: count, seconds: total, settled: settled() };
  }
}

/** Measures `subject` against `baseline`: warm-up, then the rounds. Errors of a side pass through. */
export async function measurePair(
  subject: Side,
  baseline: Side,
  options: MeasureOptions,
): Promise<Measurement> {
  const resolution = clockResolution();
  const rounds = new Rounds(subject, baseline, options.windows);
  const warmup = await warmUp(rounds, options.warmup, resolution);
  const taken = { subject: [] as number[], baseline: [] as number[] };
  let spent = 0;
  for (let round = 0; round < options.rounds; round++) {
    if (round >= options.leastRounds && spent >= options.seconds) break;
    const next = await rounds.next();
    const seconds = runSeconds(next, rounds.batch);
    spent += seconds.subject + seconds.baseline;
    taken.subject.push(...next.subject);
    taken.baseline.push(...next.baseline);
  }
  return {
    ...taken,
    batch: { ...rounds.batch },
    warmup,
    resolution,
    saturated: isSaturated(subject, taken.subject) || isSaturated(baseline, taken.baseline),
  };
}

/** Whether the clock could not tell this side's samples apart; a remote side has its own clock and is not judged. */
function isSaturated(side: Side, samples: readonly number[]): boolean {
  if (side.kind === "remote") return false;
  const ascending = sorted(samples);
  const centre = median(samples) ?? 0;
  const deviation = median(ascending.map((sample) => Math.abs(sample - centre))) ?? 0;
  return detectTimerSaturation([...ascending] as unknown as SortedSamples, deviation); // sorted just above
}
