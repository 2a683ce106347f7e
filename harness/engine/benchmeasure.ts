/**
 * What one measuring process does with a job: makes the inputs, validates, times the subject against each baseline, checks
 * that what was timed is what was validated. It knows nothing of other processes (see bench.ts).
 */
import { KernelError } from "../core/errors.js";
import type { Buffers, Kernel } from "../core/kernel.js";
import { loadBinary } from "../wasm/binary.js";
import { createHost } from "../wasm/host.js";
import { residentInputs } from "../wasm/layout.js";
import { sharedArray } from "../wasm/shared.js";
import {
  disagreement,
  notAsReference,
  notAsValidated,
  validatedOutputs,
  type Validated,
} from "./benchcheck.js";
import { benchInput } from "./benchinputs.js";
import type { BaselineReply, BenchJob, BenchReply } from "./benchmessage.js";
import { isInParts, validatedComponents } from "./benchcomponents.js";
import { openPeak } from "./benchpeak.js";
import { openModulePeer } from "./benchmodulepeer.js";
import { BenchPeers } from "./benchpeer.js";
import {
  isThreaded,
  openResident,
  openSide,
  OWN_TARGETS,
  targetOf,
  TWIN,
  type OpenSide,
  type Opened,
} from "./benchside.js";
import type { Windows } from "./benchwindows.js";
import { clockResolution, measurePair, type MeasureOptions } from "./measure.js";
import { modulePeers, peers as knownPeers } from "./peers/catalogue.js";
import { kernels } from "./plugins.generated.js";

const NOT_MEASURED: Omit<BaselineReply, "baseline" | "notAvailable"> = {
  subjectSamples: [],
  baselineSamples: [],
  batch: { subject: 0, baseline: 0 },
  warmup: { rounds: 0, seconds: 0, settled: false },
  saturated: false,
  versions: {},
  threads: 0,
};

function makeWindows(job: BenchJob): Windows {
  const kernel = kernels.get(job.kernel);
  if (kernel === undefined) throw new KernelError(`bench: no kernel called ${job.kernel}`);
  const input = benchInput(kernel, job.input);
  const dims = input.dims(job.rows);
  const made = sharingResidents(
    kernel,
    Array.from({ length: job.windows }, (_, index) => input.window(dims, job.seed, index)),
  );
  const inputs = isThreaded(job.subject) ? made.map((window) => onSharedMemory(kernel, window)) : made;
  return { kernel, dims, inputs };
}

/** All windows with the resident inputs of the first: one model works through them. */
function sharingResidents(kernel: Kernel, windows: readonly Buffers[]): readonly Buffers[] {
  const names = residentInputs(kernel);
  const residents = Object.fromEntries(names.map((name) => [name, windows[0][name]]));
  return windows.map((window) => ({ ...window, ...residents }));
}

/** The same values where threads see them without a copy (constant ones are put there by the pool, once); both sides of the comparison read them from there. */
function onSharedMemory(kernel: Kernel, window: Buffers): Buffers {
  return Object.fromEntries(
    Object.entries(kernel.inputs).map(([name, { dtype, resident }]) => {
      const values = window[name];
      if (resident === true) return [name, values];
      const shared = sharedArray(dtype, values.length);
      shared.set(values);
      return [name, shared];
    }),
  );
}

/** Seconds from nothing to a first result with one of our builds: read, compile, instantiate, call. */
async function firstCall(subject: string, { kernel, dims, inputs }: Windows): Promise<number> {
  const begun = performance.now();
  const host = createHost((await loadBinary(targetOf(subject))).module);
  host.call(kernel, inputs[0], dims);
  return (performance.now() - begun) / 1000;
}

function optionsOf(job: BenchJob): MeasureOptions {
  const { windows, rounds, leastRounds, seconds, warmup } = job;
  return { windows, rounds, leastRounds, seconds, warmup };
}

class Job {
  readonly #peers: BenchPeers;

  constructor(
    readonly job: BenchJob,
    readonly windows: Windows,
    readonly subject: OpenSide,
    readonly validated: Validated,
  ) {
    this.#peers = new BenchPeers(windows, job.runtimes);
  }

  async kernelOnly(): Promise<readonly number[]> {
    const { subject } = this.job;
    if (!this.job.kernelOnly || !(subject in OWN_TARGETS)) return [];
    const resident = await openResident(OWN_TARGETS[subject], this.windows);
    return (await measurePair(resident.side, this.subject.side, optionsOf(this.job))).subject;
  }

  /** Arithmetic per second of the kernel alone, as a part of that of the peak microkernel measured in turns with it. */
  async peakShares(): Promise<readonly number[]> {
    const { kernel, dims } = this.windows;
    const { operations } = kernel.work(dims);
    const { subject } = this.job;
    if (!this.job.kernelOnly || operations === undefined || !(subject in OWN_TARGETS)) return [];
    const resident = await openResident(OWN_TARGETS[subject], this.windows);
    const peak = await openPeak(OWN_TARGETS[subject], operations.type);
    const { subject: own, baseline } = await measurePair(resident.side, peak.side, optionsOf(this.job));
    return own.map((seconds, i) => (operations.count * baseline[i]) / (peak.operations * seconds));
  }

  /** One baseline; anything that keeps it from being measured is a reason in words, not an error of the job. */
  async baseline(id: string): Promise<BaselineReply> {
    try {
      const opened = await this.#open(id);
      if ("notAvailable" in opened) {
        return { ...NOT_MEASURED, baseline: id, notAvailable: opened.notAvailable };
      }
      try {
        return await this.#measure(id, opened);
      } finally {
        await opened.close();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ...NOT_MEASURED, baseline: id, notAvailable: reason };
    }
  }

  close(): void {
    this.#peers.close();
  }

  async #open(id: string): Promise<Opened> {
    const peer = knownPeers.get(id);
    if (peer !== undefined) return this.#peers.open(peer);
    const modulePeer = modulePeers.get(id);
    if (modulePeer !== undefined) return openModulePeer(modulePeer, this.windows);
    return openSide(id === TWIN ? this.job.subject : id, this.windows);
  }

  async #measure(id: string, opened: OpenSide): Promise<BaselineReply> {
    const measured = await measurePair(this.subject.side, opened.side, optionsOf(this.job));
    const isPeer = knownPeers.has(id) || modulePeers.has(id);
    const reason =
      opened.outputs === undefined
        ? undefined
        : disagreement(this.windows, opened.outputs, this.validated, isPeer);
    if (reason !== undefined) {
      return { ...NOT_MEASURED, baseline: id, notAvailable: `computes something else: ${reason}` };
    }
    return {
      baseline: id,
      notAvailable: null,
      subjectSamples: [...measured.subject],
      baselineSamples: [...measured.baseline],
      batch: measured.batch,
      warmup: measured.warmup,
      saturated: measured.saturated,
      versions: { ...opened.versions },
      threads: opened.threads,
    };
  }
}

/** Runs one job from inputs to reply. */
export async function runBenchJob(job: BenchJob): Promise<BenchReply> {
  const windows = makeWindows(job);
  const firstCallSeconds = await firstCall(job.subject, windows);
  const target = targetOf(job.subject);
  const validated = isInParts(windows.kernel, job.subject)
    ? await validatedComponents(target, windows)
    : await validatedOutputs(target, windows);
  const subject = await openSide(job.subject, windows, job.planted);
  if ("notAvailable" in subject)
    throw new KernelError(`bench: subject ${job.subject}: ${subject.notAvailable}`);
  const work = new Job(job, windows, subject, validated);
  try {
    const kernelOnlySamples = await work.kernelOnly();
    const peakShares = await work.peakShares();
    const baselines: BaselineReply[] = [];
    for (const id of job.baselines) baselines.push(await work.baseline(id));
    const problem =
      notAsValidated(subject.outputs ?? [], validated) ??
      (job.reference ? notAsReference(windows, validated) : undefined) ??
      null;
    const { items, itemName, bytes } = windows.kernel.work(windows.dims);
    return {
      items,
      itemName,
      bytes,
      threads: subject.threads,
      firstCallSeconds,
      kernelOnlySamples: [...kernelOnlySamples],
      peakShares: [...peakShares],
      outputHash: validated.hash,
      problem,
      clockResolution: clockResolution(),
      baselines,
    };
  } finally {
    work.close();
    await subject.close();
  }
}
