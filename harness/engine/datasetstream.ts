/**
 * The rows of a generated dataset as a stream of chunks in order, made on this thread or on several.
 *
 * A chunk depends on its place alone, so the stream is the same for any number of threads; only a few chunks exist at a time.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { LimitError } from "../core/errors.js";
import type { KernelBuild, LinesChunk, TableChunk } from "../core/generator.js";
import { findGenerator } from "./datasetgenerators.js";
import { silentProgress, type Progress } from "./progress.js";

export type Chunk = TableChunk | LinesChunk;

/** One stretch of units, as it is posted to a thread. */
export interface ChunkRequest {
  /** The dataset, for messages. */
  readonly where: string;
  readonly generator: string;
  readonly parameters: unknown;
  readonly seed: number;
  readonly build?: KernelBuild;
  readonly from: number;
  readonly to: number;
}

export type ChunkReply = { readonly chunk: Chunk } | { readonly problem: string };

export type StreamSource = Omit<ChunkRequest, "from" | "to">;

/** How much to make: rows, or units of the generator (events). */
export type Amount = { readonly rows: number } | { readonly units: number };

export interface StreamOptions {
  readonly threads: number;
  /** Units in all; absent: without end, for callers that stop when they have rows enough. */
  readonly units?: number;
  readonly signal?: AbortSignal;
}

/** Chunks that each thread works ahead. */
const AHEAD = 2;

/** Threads need JavaScript: run from the sources, the built copy of the worker is used. */
function workerUrl(): URL {
  const name = "datasetthread.js";
  return new URL(
    import.meta.url.endsWith(".ts") ? `../../dist/harness/engine/${name}` : `./${name}`,
    import.meta.url,
  );
}

class ChunkThread {
  readonly #worker = new Worker(workerUrl(), { execArgv: [] });
  readonly #waiting: { settle: (chunk: Chunk) => void; fail: (error: Error) => void }[] = [];
  #dead: Error | undefined;

  constructor() {
    this.#worker.on("message", (reply: ChunkReply) => {
      const next = this.#waiting.shift();
      if ("chunk" in reply) next?.settle(reply.chunk);
      else next?.fail(new Error(reply.problem));
    });
    this.#worker.on("error", (error) => {
      this.#end(new LimitError(`datasets: a thread died: ${error.message}`, { cause: error }));
    });
    this.#worker.on("exit", () => {
      this.#end(new LimitError("datasets: a thread was stopped"));
    });
  }

  #end(error: Error): void {
    this.#dead ??= error;
    for (const { fail } of this.#waiting.splice(0)) fail(this.#dead);
  }

  make(request: ChunkRequest): Promise<Chunk> {
    return new Promise((settle, fail) => {
      if (this.#dead !== undefined) {
        fail(this.#dead);
        return;
      }
      this.#waiting.push({ settle, fail });
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function* stretches(perChunk: number, units: number): Generator<readonly [number, number]> {
  for (let from = 0; from < units; from += perChunk) yield [from, Math.min(units, from + perChunk)];
}

async function* made(source: StreamSource, perChunk: number, options: StreamOptions): AsyncGenerator<Chunk> {
  const { generator, parameters, where, build, seed } = source;
  const open = findGenerator(generator, where).open(parameters, where, build);
  for (const [from, to] of stretches(perChunk, options.units ?? Infinity)) {
    options.signal?.throwIfAborted();
    yield await open.make(seed, from, to);
    await nextTurn();
  }
}

async function* madeOnThreads(
  source: StreamSource,
  perChunk: number,
  options: StreamOptions,
): AsyncGenerator<Chunk> {
  const threads = Array.from({ length: options.threads }, () => new ChunkThread());
  const inFlight: Promise<Chunk>[] = [];
  let asked = 0;
  try {
    const wanted = stretches(perChunk, options.units ?? Infinity);
    for (;;) {
      options.signal?.throwIfAborted();
      while (inFlight.length < AHEAD * threads.length) {
        const next = wanted.next();
        if (next.done === true) break;
        const [from, to] = next.value;
        const chunk = threads[asked++ % threads.length].make({ ...source, from, to });
        chunk.catch(() => {
          // told when its turn comes
        });
        inFlight.push(chunk);
      }
      const first = inFlight.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

/** Chunks in order. Refuses (InputError) an unknown generator or wrong parameters before the first. */
export async function* streamChunks(source: StreamSource, options: StreamOptions): AsyncGenerator<Chunk> {
  const generator = findGenerator(source.generator, source.where);
  generator.open(source.parameters, source.where);
  const perChunk = generator.unitsPerChunk;
  const few = options.units !== undefined && options.units <= perChunk;
  yield* options.threads > 1 && !few
    ? madeOnThreads(source, perChunk, options)
    : made(source, perChunk, options);
}

/** The first `rows` rows of a chunk. */
function firstOfChunk(chunk: Chunk, rows: number): Chunk {
  if (chunk.rows <= rows) return chunk;
  if ("lines" in chunk) {
    const lines = chunk.lines.split("\n", rows);
    return { rows, lines: `${lines.join("\n")}\n` };
  }
  const width = chunk.values.length / chunk.rows;
  return {
    rows,
    values: chunk.values.slice(0, rows * width),
    labels: chunk.labels.map(([name, column]) => [name, column.slice(0, rows)]),
  };
}

/**
 * Chunks of exactly that amount, told step by step to `progress` under `title`: rows where rows were asked for, else units.
 */
export async function* streamAmount(
  source: StreamSource,
  amount: Amount,
  { progress, title, ...options }: Omit<StreamOptions, "units"> & { progress?: Progress; title: string },
): AsyncGenerator<Chunk> {
  const { unitsPerChunk } = findGenerator(source.generator, source.where);
  let left = "rows" in amount ? amount.rows : amount.units;
  const task = (progress ?? silentProgress).begin(title, left);
  try {
    for await (const chunk of streamChunks(source, { ...options, ...amount })) {
      const part = "rows" in amount ? firstOfChunk(chunk, left) : chunk;
      yield part;
      const done = "rows" in amount ? part.rows : Math.min(unitsPerChunk, left);
      task.advance(done);
      left -= done;
      if (left === 0) return;
    }
  } finally {
    task.end();
  }
}
