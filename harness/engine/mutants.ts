/**
 * How many wrong binaries validation notices: seeded mutants of one kernel, each on the kernel's validation inputs.
 *
 * A mutant that passes with the bits of the original is probed once more: where its instruction traps instead and still nothing
 * is noticed, no validation input ever runs it.
 */
import { Worker } from "node:worker_threads";
import { rng } from "../core/rng.js";
import type { Kernel } from "../core/kernel.js";
import { withBytes, type Code } from "../wasm/code.js";
import { prepareHere } from "./agreeprepare.js";
import { mutantsOf, probeOf, type Mutant } from "./mutate.js";
import type { MutantCase, Outcome } from "./mutantrun.js";

export interface MutantsOfKernel {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly cases: readonly MutantCase[];
}

export type Fate = Outcome["fate"] | "timeout" | "never-run";

export interface JudgedMutant {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly by: string;
}

export interface MutantOptions {
  readonly kernel: Kernel;
  readonly code: Code;
  /** Mutants to draw. */
  readonly count: number;
  /** Seeds per shape. */
  readonly cases: number;
  readonly seed: number;
  /** No mutant is begun after this time. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

export interface MutantReport {
  readonly kernel: string;
  /** Mutants that could have been drawn. */
  readonly sites: number;
  readonly judged: readonly JudgedMutant[];
}

/** A mutant's time before it counts as one that never ends: this many times the original's, and a start. */
const PATIENCE = 10;
const LEAST_SECONDS = 3;

/** Workers need JavaScript: from the sources, the built copy is used. */
function workerUrl(): URL {
  const name = "mutantthread.js";
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? `../../dist/harness/engine/${name}` : `./${name}`, import.meta.url);
}

/** A thread that runs mutants one by one and is replaced when one does not end. */
class MutantThread {
  #worker: Worker | undefined;
  #limitSeconds = 0;

  constructor(readonly work: MutantsOfKernel) {}

  /** The fate of a binary; undefined when it did not end. */
  async run(bytes: Uint8Array): Promise<Outcome | undefined> {
    const worker = this.#worker ?? (await this.#start());
    worker.postMessage(bytes);
    const reply = await this.#next(worker, this.#limitSeconds);
    if (reply === undefined) await this.close();
    return reply as Outcome | undefined;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(workerUrl(), { workerData: this.work });
    this.#worker = worker;
    const { seconds } = (await this.#next(worker, Infinity)) as { readonly seconds: number };
    this.#limitSeconds = LEAST_SECONDS + PATIENCE * seconds;
    return worker;
  }

  /** The worker's next message; undefined when it takes too long. */
  #next(worker: Worker, limitSeconds: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onMessage = (reply: unknown): void => {
        stop();
        resolve(reply);
      };
      const onError = (error: unknown): void => {
        stop();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const timer = Number.isFinite(limitSeconds)
        ? setTimeout(onMessage, 1000 * limitSeconds, undefined)
        : undefined;
      // Not removeAllListeners: it takes the worker's own away.
      const stop = (): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("error", onError);
      };
      worker.once("message", onMessage);
      worker.once("error", onError);
    });
  }
}

/** `count` of them without repetition, in the order they were drawn. */
function drawn(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const rest = [...mutants];
  const random = rng(seed);
  return Array.from({ length: Math.min(count, rest.length) }, (_, i) => {
    const other = i + random.integer(rest.length - i);
    [rest[i], rest[other]] = [rest[other], rest[i]];
    return rest[i];
  });
}

async function judgeOne(thread: MutantThread, code: Code, mutant: Mutant): Promise<JudgedMutant> {
  const outcome = await thread.run(withBytes(code, mutant.start, mutant.end, mutant.bytes));
  if (outcome === undefined) return { mutant, fate: "timeout", by: "did not end" };
  if (outcome.fate === "killed") return { mutant, ...outcome };
  if (outcome.fate === "within-tolerance") return { mutant, ...outcome, by: "" };
  const probe = probeOf(code, mutant);
  const reached = await thread.run(withBytes(code, probe.start, probe.end, probe.bytes));
  return { mutant, fate: reached?.fate === "unchanged" ? "never-run" : "unchanged", by: "" };
}

/** Validation's inputs: every shape, `cases` seeds each, small ones first so that most mutants die early. */
function validationCases({ kernel, cases, seed }: MutantOptions): MutantCase[] {
  return kernel.shapes
    .flatMap((dims, shape) =>
      Array.from({ length: cases }, (_, i) => ({ dims, ...prepareHere(kernel, shape, seed + i) })),
    )
    .sort((a, b) => kernel.work(a.dims).bytes - kernel.work(b.dims).bytes);
}

/** Draws and judges mutants of a kernel. Throws the signal's reason when aborted. */
export async function mutantReport(options: MutantOptions): Promise<MutantReport> {
  const { kernel, code, count, seed, seconds, signal } = options;
  const all = mutantsOf(code, kernel.symbol);
  const thread = new MutantThread({ id: kernel.id, bytes: code.bytes, cases: validationCases(options) });
  const judged: JudgedMutant[] = [];
  const begun = performance.now();
  try {
    for (const mutant of drawn(all, count, seed)) {
      signal?.throwIfAborted();
      if (performance.now() - begun > 1000 * seconds) break;
      judged.push(await judgeOne(thread, code, mutant));
    }
  } finally {
    await thread.close();
  }
  return { kernel: kernel.id, sites: all.length, judged };
}
