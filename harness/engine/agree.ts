/**
 * Validation: every kernel on every backend at every declared shape against its plain TypeScript reference.
 *
 * WebAssembly runs in validation mode, twice with different poison: the outputs must have the same bits. A case that fails
 * (a trap, a limit, a difference) fails its row and nothing else. No tolerance is decided here.
 */
import { unavailability, type Backend, type BackendSession } from "../core/backend.js";
import { isHarnessError } from "../core/errors.js";
import type { Buffers, Dims, Kernel } from "../core/kernel.js";
import type { AgreementResult } from "../core/results.js";
import { shapeText } from "../wasm/checks.js";
import { firstDifference, judge, outputsHash, type Judgement } from "./agreejudge.js";
import { openPreparers, prepareHere, type PreparedCase, type Preparers } from "./agreeprepare.js";
import { AgreementRow, notAvailable } from "./agreerow.js";
import { silentProgress, type Progress } from "./progress.js";

export interface AgreeOptions {
  readonly kernels: readonly Kernel[];
  /** A backend that must equal another comes after it. */
  readonly backends: readonly Backend[];
  /** Seeds per shape: seed, seed + 1, ... */
  readonly cases: number;
  readonly seed: number;
  /** Only each kernel's first shape, the one whose speed is shown. */
  readonly headlineOnly?: boolean;
  /** Which of a kernel's shapes are visited; all by default. */
  readonly visits?: (kernel: Kernel, dims: Dims) => boolean;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  /** Threads that prepare inputs and reference outputs, for kernels of the registry; none: the calling thread does it. */
  readonly threads?: number;
  /** Longest time of one call. */
  readonly timeoutSeconds?: number;
}

const TIMEOUT_SECONDS = 120;
/** The backend that is the judge: its row shows that the reference obeys the kernel's laws. */
const JUDGE = "reference";
const POISONS = [0xff, 0x00] as const;

/** A backend and two sessions that differ in what unset memory holds; the judge needs none. */
interface Entry {
  readonly backend: Backend;
  readonly sessions: readonly BackendSession[];
}

interface Case extends PreparedCase {
  readonly kernel: Kernel;
  readonly dims: Dims;
}

/** Signals and other work get their turn. */
function breathe(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      if (signal?.aborted === true) reject(reasonOf(signal));
      else resolve();
    });
  });
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}

async function openEntry(backend: Backend, timeoutSeconds: number): Promise<Entry> {
  const sessions: BackendSession[] = [];
  for (const poison of backend.id === JUDGE ? [] : POISONS) {
    sessions.push(await backend.open({ validation: true, poison, timeoutSeconds }));
  }
  return { backend, sessions };
}

async function closeAll(entries: readonly Entry[]): Promise<void> {
  for (const { sessions } of entries) {
    for (const session of sessions) await session.close();
  }
}

function faultOf(error: unknown): string {
  if (isHarnessError(error)) return error.message;
  return `failed: ${error instanceof Error ? error.message : String(error)}`;
}

interface Outcome extends Judgement {
  readonly hash?: string;
  readonly outputs?: Buffers;
}

/** Runs one case on one backend; a refusal or crash is an outcome, not an exception. */
async function runCase(entry: Entry, present: Case, twin: Buffers | undefined): Promise<Outcome> {
  const { kernel, inputs, expected, dims } = present;
  try {
    const runs: Buffers[] = [];
    for (const session of entry.sessions) runs.push(await session.call(kernel, inputs, dims));
    const [outputs, again] = entry.backend.id === JUDGE ? [expected, expected] : runs;
    const judgement = judge(kernel, inputs, outputs, expected, dims);
    if (judgement.agreement === undefined) return judgement;
    const fault = judgement.fault ?? differentBits(entry.backend, kernel, outputs, again, twin);
    return { ...judgement, fault, hash: outputsHash(kernel, outputs), outputs };
  } catch (error) {
    return { agreement: undefined, fault: faultOf(error) };
  }
}

function differentBits(
  backend: Backend,
  kernel: Kernel,
  outputs: Buffers,
  again: Buffers,
  twin: Buffers | undefined,
): string | undefined {
  const unsteady = firstDifference(kernel, outputs, again);
  if (unsteady !== undefined) return `gives other bits when repeated, first at ${unsteady}`;
  const other = twin === undefined ? undefined : firstDifference(kernel, outputs, twin);
  return other === undefined
    ? undefined
    : `gives other bits than ${backend.identicalTo ?? ""}, first at ${other}`;
}

/** Rows of one kernel at one shape, one per entry. */
async function agreeAtShape(
  options: AgreeOptions,
  kernel: Kernel,
  shapeIndex: number,
  entries: readonly Entry[],
  next: () => Promise<PreparedCase | string>,
  step: (note: string) => void,
): Promise<AgreementResult[]> {
  const dims = kernel.shapes[shapeIndex];
  const shape = shapeText(dims);
  const rows = entries.map(({ backend }) => new AgreementRow(kernel, backend, shape, options.seed));
  for (let seed = options.seed; seed < options.seed + options.cases; seed++) {
    const prepared = await next();
    const outputs = new Map<string, Buffers>();
    for (const [i, entry] of entries.entries()) {
      await breathe(options.signal);
      const outcome =
        typeof prepared === "string"
          ? { agreement: undefined, fault: `the reference failed: ${prepared}` }
          : await runCase(entry, { kernel, dims, ...prepared }, outputs.get(entry.backend.identicalTo ?? ""));
      // A call that was ended by the signal is no finding.
      await breathe(options.signal);
      if (outcome.outputs !== undefined) outputs.set(entry.backend.id, outcome.outputs);
      rows[i].add(seed, outcome);
    }
    step(`${kernel.id} ${shape}`);
  }
  return rows.map((row) => row.result());
}

/**
 * All cases of a plan in order, as many being prepared beforehand as there are threads for it. Returns what takes the next one:
 * the case, or what the reference died of.
 */
function prepareAhead(
  options: AgreeOptions,
  preparers: Preparers | undefined,
): () => Promise<PreparedCase | string> {
  const prepare = preparers?.prepare ?? prepareHere;
  const order = cases(options);
  const started: Promise<PreparedCase | string>[] = [];
  const fill = (count: number): void => {
    while (started.length < count) {
      const next = order.next();
      if (next.done === true) return;
      const [kernel, shapeIndex, seed] = next.value;
      const prepared = (async () => prepare(kernel, shapeIndex, seed))();
      started.push(
        prepared.catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
      );
    }
  };
  return async () => {
    await breathe(options.signal);
    fill(1);
    const first = started.shift();
    if (first === undefined) throw new RangeError("validate: no case is left");
    fill(preparers === undefined ? 0 : (options.threads ?? 0));
    return first;
  };
}

/** Indices of the shapes that are visited. */
function shapesOf({ headlineOnly, visits }: AgreeOptions, kernel: Kernel): readonly number[] {
  const indices = [...kernel.shapes.keys()].slice(0, headlineOnly === true ? 1 : kernel.shapes.length);
  return visits === undefined ? indices : indices.filter((i) => visits(kernel, kernel.shapes[i]));
}

function* cases(options: AgreeOptions): Generator<[Kernel, number, number]> {
  for (const kernel of options.kernels) {
    for (const shapeIndex of shapesOf(options, kernel)) {
      for (let i = 0; i < options.cases; i++) yield [kernel, shapeIndex, options.seed + i];
    }
  }
}

/** Opens the backends that are here; returns the reason for each that is not. */
async function openBackends(options: AgreeOptions, entries: Entry[]): Promise<Map<Backend, string>> {
  const absent = new Map<Backend, string>();
  for (const backend of options.backends) {
    // What no kernel is run on is not started: some backends take long to start.
    if (options.kernels.every((kernel) => unavailability(kernel, backend) !== undefined)) continue;
    try {
      const reason = await backend.missing();
      if (reason === undefined) {
        entries.push(await openEntry(backend, options.timeoutSeconds ?? TIMEOUT_SECONDS));
      } else absent.set(backend, reason);
    } catch (error) {
      absent.set(backend, `cannot be opened: ${faultOf(error)}`);
    }
  }
  return absent;
}

/** Yields finished rows shape by shape; throws the signal's reason when stopped, after the rows that were finished. */
export async function* agree(options: AgreeOptions): AsyncGenerator<AgreementResult> {
  const entries: Entry[] = [];
  const shapes = options.kernels.reduce((sum, kernel) => sum + shapesOf(options, kernel).length, 0);
  const task = (options.progress ?? silentProgress).begin("validate", shapes * options.cases);
  const preparers = options.threads === undefined ? undefined : openPreparers(options.threads);
  const stop = (): void => {
    // Whatever runs now is ended with its worker.
    void closeAll(entries);
    void preparers?.close();
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    const absent = await openBackends(options, entries);
    const next = prepareAhead(options, preparers);
    for (const kernel of options.kernels) {
      for (const backend of options.backends) {
        const reason = unavailability(kernel, backend) ?? absent.get(backend);
        if (reason !== undefined) yield notAvailable(kernel, backend, reason, options.seed);
      }
      const able = entries.filter(({ backend }) => unavailability(kernel, backend) === undefined);
      for (const shapeIndex of shapesOf(options, kernel)) {
        yield* await agreeAtShape(options, kernel, shapeIndex, able, next, (note) => {
          task.advance(1, note);
        });
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", stop);
    task.end();
    await closeAll(entries);
    await preparers?.close();
  }
}
