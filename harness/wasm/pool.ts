/**
 * Worker threads that run kernels: batches are divided by rows, everything else runs whole on one thread.
 *
 * The calling thread never blocks, so that signals and progress go on. Calls are queued; the results have the same bits for
 * any number of threads. Inputs must stay as they are until the call settles; those on shared memory are not copied.
 */
import { isConstant } from "../core/constant.js";
import { KernelError, LimitError, UsageError } from "../core/errors.js";
import type { Buffers, Dims, Kernel, KernelRunner, NumericArray } from "../core/kernel.js";
import { elements } from "../core/kernel.js";
import { loadBinary, type Target } from "./binary.js";
import { callText, checkDims, checkInputs } from "./checks.js";
import type { HostOptions } from "./host.js";
import { NO_MORE, WHOLE, divide, scratchSizes, type Job, type JobFailure } from "./job.js";
import type { Callable } from "./layout.js";
import { Staging, isShared, sharedConstant, type StagedArray } from "./shared.js";
import { Thread } from "./thread.js";

export interface PoolOptions extends HostOptions {
  readonly threads: number;
  /** Default release. */
  readonly target?: Target;
  /** A compiled module instead of a target. */
  readonly module?: WebAssembly.Module;
  /** False runs every call whole, as one instance would. Default true. */
  readonly divide?: boolean;
  /** Limit for each call; none by default. */
  readonly timeoutSeconds?: number;
}

export interface CallOptions {
  /** The workers are stopped and replaced after this long (LimitError). */
  readonly timeoutSeconds?: number;
  /** Stops the workers at once; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export class Pool implements KernelRunner {
  readonly #threads: readonly Thread[];
  readonly #timeoutSeconds: number | undefined;
  readonly #divides: boolean;
  readonly #staging = new Staging();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Use `openPool`. */
  constructor(module: WebAssembly.Module, options: PoolOptions) {
    const { validation, poison, maximumBytes } = options;
    const host: HostOptions = {
      ...(validation === undefined ? {} : { validation }),
      ...(poison === undefined ? {} : { poison }),
      ...(maximumBytes === undefined ? {} : { maximumBytes }),
    };
    this.#threads = Array.from({ length: options.threads }, () => new Thread({ module, options: host }));
    this.#timeoutSeconds = options.timeoutSeconds;
    this.#divides = options.divide ?? true;
  }

  get threads(): number {
    return this.#threads.length;
  }

  /** Workers started so far, replacements included. */
  get workersStarted(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.started, 0);
  }

  /** Runs `kernel` after all earlier calls; the outputs are on memory of their own. */
  async call(kernel: Kernel, inputs: Buffers, dims: Dims, options: CallOptions = {}): Promise<Buffers> {
    checkDims(kernel, dims);
    checkInputs(kernel, dims, inputs);
    const run = async (): Promise<Buffers> => this.#run(kernel, inputs, dims, options);
    const result = this.#last.then(run, run);
    this.#last = result;
    return result;
  }

  /** Stops all workers; calls that are not finished reject. The pool cannot be used again. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  async #run(kernel: Kernel, inputs: Buffers, dims: Dims, options: CallOptions): Promise<Buffers> {
    options.signal?.throwIfAborted();
    this.#mustBeOpen(kernel, dims);
    const job = this.#jobOf(kernel, inputs, dims);
    const failures = await this.#runOnThreads(kernel, job, options);
    if (failures.length > 0) throw errorOf(callText(kernel, dims), failures);
    return Object.fromEntries(Object.entries(job.outputs).map(([name, values]) => [name, values.slice()]));
  }

  #mustBeOpen(kernel: Kernel, dims: Dims): void {
    if (this.#closed) throw new KernelError(`${callText(kernel, dims)}: pool is closed`, { tag: "closed" });
  }

  #jobOf(kernel: Kernel, inputs: Buffers, dims: Dims): Job {
    const { id, symbol, inputs: inputSpecs, outputs: outputSpecs, batch, prepare, kept } = kernel;
    const plain: Omit<Callable, "scratch"> = {
      id,
      symbol,
      dims: kernel.dims,
      inputs: inputSpecs,
      outputs: outputSpecs,
      ...(batch === undefined ? {} : { batch }),
      ...(prepare === undefined ? {} : { prepare }),
      ...(kept === undefined ? {} : { kept }),
    };
    const division = this.#divides ? divide(kernel, dims) : WHOLE;
    return {
      ...division,
      kernel: plain,
      dims,
      scratch: scratchSizes(kernel, dims, division),
      ...this.#share(kernel, inputs, dims),
      counter: new Int32Array(new SharedArrayBuffer(4)),
    };
  }

  /** All buffers on shared memory: inputs that are not there yet are copied, once; constant ones once for all calls. */
  #share(kernel: Kernel, inputs: Buffers, dims: Dims): Pick<Job, "inputs" | "outputs" | "constants"> {
    const wanted: (StagedArray & { name: string; values?: NumericArray })[] = [];
    const sharedInputs: Record<string, NumericArray> = { ...inputs };
    const constants: Record<string, number> = {};
    for (const [name, { dtype, resident }] of Object.entries(kernel.inputs)) {
      const values = inputs[name];
      if (resident === true && isConstant(values)) {
        const shared = sharedConstant(values, dtype);
        sharedInputs[name] = shared.values;
        constants[name] = shared.id;
      } else if (!isShared(values)) wanted.push({ name, dtype, count: values.length, values });
    }
    for (const [name, spec] of Object.entries(kernel.outputs)) {
      wanted.push({ name, dtype: spec.dtype, count: elements(spec, dims) });
    }
    const outputs: Record<string, NumericArray> = {};
    this.#staging.arrays(wanted).forEach((staged, i) => {
      const { name, values } = wanted[i];
      if (values === undefined) outputs[name] = staged;
      else {
        staged.set(values);
        sharedInputs[name] = staged;
      }
    });
    return { inputs: sharedInputs, outputs, constants };
  }

  /** What went wrong, lowest chunk first; empty when all is well. */
  async #runOnThreads(kernel: Kernel, job: Job, options: CallOptions): Promise<JobFailure[]> {
    const members = this.#threads.slice(0, job.chunks);
    const stopped = new StopReason();
    const stop = (reason: Error): void => {
      stopped.error ??= reason;
      Atomics.store(job.counter, 0, NO_MORE);
      for (const thread of members) if (thread.busy) void thread.terminate();
    };
    const seconds = options.timeoutSeconds ?? this.#timeoutSeconds;
    const timer =
      seconds === undefined
        ? undefined
        : setTimeout(() => {
            stop(timeoutError(callText(kernel, job.dims), seconds));
          }, seconds * 1000);
    const onAbort = (): void => {
      stop(abortError(options.signal));
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const results = await Promise.all(members.map((thread) => this.#member(thread, job)));
      if (stopped.error !== undefined) throw stopped.error;
      this.#mustBeOpen(kernel, job.dims);
      return results.filter((failure) => failure !== undefined).sort((a, b) => a.chunk - b.chunk);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    }
  }

  async #member(thread: Thread, job: Job): Promise<JobFailure | undefined> {
    const failure = await thread.run(job);
    if (failure !== undefined) Atomics.store(job.counter, 0, NO_MORE);
    return failure;
  }
}

/** Why a job was stopped from outside, once it was. */
class StopReason {
  error: Error | undefined;
}

function timeoutError(where: string, seconds: number): LimitError {
  return new LimitError(`${where}: time: took longer than ${seconds} s`, { tag: "timeout" });
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}

function errorOf(where: string, failures: readonly JobFailure[]): Error {
  const [{ kind, message, tag }] = failures;
  switch (kind) {
    case "limit":
      return new LimitError(message, { tag });
    case "kernel":
      return new KernelError(tag === "worker-died" ? `${where}: ${message}` : message, { tag });
    case "other":
      return new Error(`${where}: ${message}`);
  }
}

/** Opens a pool; its workers start with the first call. Refuses a build that is missing or cannot run here (UsageError). */
export async function openPool(options: PoolOptions): Promise<Pool> {
  if (!Number.isInteger(options.threads) || options.threads < 1) {
    throw new UsageError(`threads: expected a whole number >= 1, got ${options.threads}`, {});
  }
  const module = options.module ?? (await loadBinary(options.target ?? "release")).module;
  return new Pool(module, options);
}
