/**
 * What a validation case needs before any backend runs it: its inputs, and the reference's outputs on them.
 *
 * References are slow and must not keep the main thread from signals, so registered kernels are prepared on worker threads.
 */
import { Worker } from "node:worker_threads";
import { rng } from "../core/rng.js";
import type { Buffers, Kernel } from "../core/kernel.js";

export interface PreparedCase {
  readonly inputs: Buffers;
  readonly expected: Buffers;
}

/** Inputs of case `seed` at a kernel's shape number `shapeIndex`, and what the reference makes of them. */
export type PrepareCase = (
  kernel: Kernel,
  shapeIndex: number,
  seed: number,
) => PreparedCase | Promise<PreparedCase>;

/** On the calling thread. */
export function prepareHere(kernel: Kernel, shapeIndex: number, seed: number): PreparedCase {
  const dims = kernel.shapes[shapeIndex];
  const inputs = kernel.generate(dims, rng(seed, shapeIndex));
  return { inputs, expected: kernel.reference(inputs, dims) };
}

/** What is posted to a thread; the kernel is found by its id in the registry there. */
export interface PrepareRequest {
  readonly kernel: string;
  readonly shapeIndex: number;
  readonly seed: number;
}

export type PrepareReply = { readonly prepared: PreparedCase } | { readonly problem: string };

/** Threads need JavaScript: run from the sources, the built copy of the worker is used. */
function workerUrl(): URL {
  const name = "agreepreparethread.js";
  return new URL(
    import.meta.url.endsWith(".ts") ? `../../dist/harness/engine/${name}` : `./${name}`,
    import.meta.url,
  );
}

class PrepareThread {
  readonly #worker = new Worker(workerUrl(), { execArgv: [] });
  #settle: ((reply: PrepareReply) => void) | undefined;
  /** The request before has to end first. */
  #last: Promise<unknown> = Promise.resolve();
  #ended: string | undefined;
  pending = 0;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (reply: PrepareReply) => this.#settle?.(reply));
    this.#worker.on("error", (error) => {
      this.#ended = `reference thread died: ${error.message}`;
    });
    this.#worker.on("exit", () => {
      this.#ended ??= "reference thread was stopped";
      this.#settle?.({ problem: this.#ended });
    });
  }

  async prepare(request: PrepareRequest): Promise<PreparedCase> {
    this.pending++;
    const reply = this.#last.then(() => this.#post(request));
    this.#last = reply;
    const answer = await reply;
    this.pending--;
    if ("problem" in answer) throw new Error(answer.problem);
    return answer.prepared;
  }

  #post(request: PrepareRequest): Promise<PrepareReply> {
    if (this.#ended !== undefined) return Promise.resolve({ problem: this.#ended });
    return new Promise((resolve) => {
      this.#worker.ref();
      this.#settle = (reply) => {
        this.#settle = undefined;
        this.#worker.unref();
        resolve(reply);
      };
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

export interface Preparers {
  /** For kernels of the registry only. */
  readonly prepare: PrepareCase;
  /** Ends the threads; what they were at rejects. */
  close(): Promise<void>;
}

/** `count` threads that prepare cases; each request goes to the least busy one. */
export function openPreparers(count: number): Preparers {
  const threads = Array.from({ length: count }, () => new PrepareThread());
  return {
    prepare: (kernel, shapeIndex, seed) =>
      threads
        .reduce((least, thread) => (thread.pending < least.pending ? thread : least))
        .prepare({ kernel: kernel.id, shapeIndex, seed }),
    close: async () => {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
