/** One worker thread of the pool: started when first needed, kept while idle without keeping the process alive, replaced when it dies. */
import { Worker } from "node:worker_threads";
import type { Job, JobFailure, JobReport } from "./job.js";
import type { WorkerSetup } from "./worker.js";

/** Threads need JavaScript: run from the sources, the built copy of the worker is used. */
function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith(".ts") ? "../../dist/harness/wasm/worker.js" : "./worker.js",
    import.meta.url,
  );
}

export class Thread {
  readonly #setup: WorkerSetup;
  #worker: Worker | undefined;
  #settle: ((failure: JobFailure | undefined) => void) | undefined;
  #lastError: Error | undefined;
  #started = 0;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** Workers started so far: more than one when some died. */
  get started(): number {
    return this.#started;
  }

  get busy(): boolean {
    return this.#settle !== undefined;
  }

  /** Takes part in `job`; resolves when this thread is through, to what went wrong if something did. */
  run(job: Job): Promise<JobFailure | undefined> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve) => {
      worker.ref();
      this.#settle = (failure) => {
        this.#settle = undefined;
        worker.unref();
        resolve(failure);
      };
      worker.postMessage(job);
    });
  }

  /** Stops the worker at once, whatever it does; a job it takes part in ends with a failure. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // Flags of the main thread (loaders of a test runner, inspectors) are none of the worker's business.
    const worker = new Worker(workerUrl(), { workerData: this.#setup, execArgv: [] });
    this.#started++;
    this.#lastError = undefined;
    worker.unref();
    worker.on("message", (report: JobReport) => this.#settle?.(report.failure));
    worker.on("error", (error) => {
      this.#lastError = error;
    });
    worker.on("exit", (code) => {
      if (this.#worker === worker) this.#worker = undefined;
      const reason = this.#lastError?.message ?? `exit code ${code}`;
      this.#settle?.({
        chunk: -1,
        kind: "kernel",
        message: `worker thread died: ${reason}`,
        tag: "worker-died",
      });
    });
    return worker;
  }
}
