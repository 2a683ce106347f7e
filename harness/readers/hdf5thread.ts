/**
 * One worker thread for HDF5, from outside: requests with a time limit, death turned into a refusal, idle threads kept.
 *
 * The calling process survives whatever the parser does: it aborts, loops or runs out of memory in its own thread.
 */
import { Worker } from "node:worker_threads";
import { InputError, LimitError, printable } from "../core/errors.js";
import type { Hdf5Reply, Hdf5Request } from "./hdf5messages.js";

const SECONDS = 30;
/** Failed files leave a little memory behind in the parser; a thread that met this many is replaced. */
const MOST_REFUSALS = 500;

/** Threads need JavaScript: run from the sources, the built copy of the worker is used. */
function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith(".ts") ? "../../dist/harness/readers/hdf5worker.js" : "./hdf5worker.js",
    import.meta.url,
  );
}

const idle: Hdf5Thread[] = [];

export class Hdf5Thread {
  readonly #worker: Worker;
  #dead: string | undefined;
  #refusals = 0;
  #settle: ((reply: Hdf5Reply) => void) | undefined;

  private constructor(url: URL) {
    this.#worker = new Worker(url, { execArgv: [], stdin: false, stdout: true, stderr: true });
    this.#worker.unref();
    this.#worker.on("message", (reply: Hdf5Reply) => this.#settle?.(reply));
    this.#worker.on("error", (error) => (this.#dead = error.message));
    this.#worker.on("exit", (code) => {
      this.#dead ??= `exit code ${code}`;
      this.#settle?.({ kind: "crashed", message: this.#dead });
    });
  }

  /** An idle thread, or a new one; give it back with `release`. `url` replaces the parser in tests. */
  static take(url?: URL): Hdf5Thread {
    for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) {
      if (url === undefined && thread.#dead === undefined) return thread;
      void thread.end();
    }
    return new Hdf5Thread(url ?? workerUrl());
  }

  /** Sends one request; refuses (InputError) what the file deserves, a crash too; LimitError after `seconds`. */
  async ask(request: Hdf5Request, name: string, seconds = SECONDS): Promise<Hdf5Reply> {
    const reply = await this.#exchange(request, name, seconds);
    if (reply.kind === "refused") {
      this.#refusals++;
      const { message, tag, remedy } = reply;
      throw new InputError(message, { tag, ...(remedy === undefined ? {} : { remedy }) });
    }
    if (reply.kind === "crashed") {
      await this.end();
      throw new InputError(
        `${name}: the HDF5 reader crashed: expected a valid file, got ${printable(reply.message, 120)}`,
        { tag: "reader-crashed", remedy: "check the file with h5dump; it is most likely damaged" },
      );
    }
    return reply;
  }

  async #exchange(request: Hdf5Request, name: string, seconds: number): Promise<Hdf5Reply> {
    if (this.#dead !== undefined) return { kind: "crashed", message: this.#dead };
    let timer: NodeJS.Timeout | undefined;
    this.#worker.ref();
    try {
      return await new Promise<Hdf5Reply>((resolve, reject) => {
        this.#settle = resolve;
        timer = setTimeout(() => {
          void this.end();
          reject(
            new LimitError(
              `${name}: the HDF5 reader took longer than its limit: expected at most ${seconds} s, got more`,
              {
                tag: "time",
              },
            ),
          );
        }, seconds * 1000);
        this.#worker.postMessage(request);
      });
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
      this.#worker.unref();
    }
  }

  /** Back to the idle ones, unless it has seen too many bad files or is dead. */
  release(): void {
    if (this.#dead !== undefined || this.#refusals > MOST_REFUSALS || idle.length > 0) void this.end();
    else idle.push(this);
  }

  async end(): Promise<void> {
    this.#dead ??= "stopped";
    await this.#worker.terminate();
  }
}
