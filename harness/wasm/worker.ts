/** A worker thread of the pool: owns one host, takes chunks of the posted job until there are none, reports, waits. */
import { parentPort, workerData } from "node:worker_threads";
import { constant } from "../core/constant.js";
import { HarnessError, LimitError } from "../core/errors.js";
import { isBatched, type Buffers, type NumericArray } from "../core/kernel.js";
import type { Frame } from "./frame.js";
import { createHost, type Host, type HostOptions } from "./host.js";
import { NO_MORE, chunkDims, rowLength, rowsOf, type Job, type JobFailure, type JobReport } from "./job.js";
import type { Callable } from "./layout.js";

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly options: HostOptions;
}

function callable(job: Job, last: boolean): Callable {
  const scratch = Object.fromEntries(
    Object.entries(job.scratch).map(([name, sizes]) => [name, () => sizes[last ? 1 : 0]]),
  );
  return { ...job.kernel, scratch };
}

/** Constant arrays by their numbers, oldest first: every job brings a new object, and the host knows arrays by identity. */
const seen = new Map<number, NumericArray>();
const MOST_SEEN = 64;

/** The job's inputs, constant ones as the objects that came with their first job. */
function recognised(job: Job): Buffers {
  const inputs: Record<string, NumericArray> = { ...job.inputs };
  for (const [name, id] of Object.entries(job.constants)) {
    let values = seen.get(id);
    if (values === undefined) {
      values = constant(inputs[name]);
      for (const oldest of seen.keys()) {
        if (seen.size < MOST_SEEN) break;
        seen.delete(oldest);
      }
      seen.set(id, values);
    }
    inputs[name] = values;
  }
  return inputs;
}

/** A frame for chunks of `rows` rows, the inputs that all rows share already written. */
function openFrame(host: Host, job: Job, rows: number): Frame {
  const dims = chunkDims(job.kernel, job.dims, job, rows);
  const frame = host.frame(callable(job, rows !== job.chunkRows), dims, job.inputs);
  for (const [name, spec] of Object.entries(job.kernel.inputs)) {
    if (frame.has(name)) continue;
    if (!job.divided || !isBatched(spec, job.kernel.batch)) frame.write(name, job.inputs[name]);
  }
  return frame;
}

/** A buffer of which every chunk takes its rows; worked out once per job, because a chunk may be a few microseconds. */
interface Sliced {
  readonly name: string;
  readonly values: NumericArray;
  readonly perRow: number;
}

function sliced(job: Job, buffers: Buffers, specs: Job["kernel"]["inputs"]): readonly Sliced[] {
  return Object.entries(specs)
    .filter(([, spec]) => isBatched(spec, job.kernel.batch))
    .map(([name, spec]) => ({
      name,
      values: buffers[name],
      perRow: rowLength(spec, job.kernel, job.dims),
    }));
}

interface Slices {
  readonly inputs: readonly Sliced[];
  readonly outputs: readonly Sliced[];
}

function slicesOf(job: Job): Slices {
  if (!job.divided) return { inputs: [], outputs: [] };
  return {
    inputs: sliced(job, job.inputs, job.kernel.inputs),
    outputs: sliced(job, job.outputs, job.kernel.outputs),
  };
}

function runChunk(job: Job, slices: Slices, frame: Frame, from: number, to: number): void {
  for (const { name, values, perRow } of slices.inputs) frame.write(name, rowsOf(values, perRow, from, to));
  frame.run();
  if (job.divided) {
    for (const { name, values, perRow } of slices.outputs) {
      frame.readInto(name, rowsOf(values, perRow, from, to));
    }
    return;
  }
  for (const name of Object.keys(job.kernel.outputs)) frame.readInto(name, job.outputs[name]);
}

function failureOf(error: unknown, chunk: number): JobFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HarnessError)) return { chunk, kind: "other", message, tag: "bug" };
  return { chunk, kind: error instanceof LimitError ? "limit" : "kernel", message, tag: error.tag };
}

function runJob(host: Host, job: Job): JobFailure | undefined {
  let frame: Frame | undefined;
  let frameRows = -1;
  const slices = slicesOf(job);
  for (;;) {
    const chunk = Atomics.add(job.counter, 0, 1);
    if (chunk >= job.chunks) return undefined;
    try {
      const from = chunk * job.chunkRows;
      const to = Math.min(job.rows, from + job.chunkRows);
      if (frame === undefined || to - from !== frameRows) {
        frameRows = to - from;
        frame = openFrame(host, job, frameRows);
      }
      runChunk(job, slices, frame, from, to);
    } catch (error) {
      Atomics.store(job.counter, 0, NO_MORE);
      return failureOf(error, chunk);
    }
  }
}

const port = parentPort;
if (port !== null) {
  const { module, options } = workerData as WorkerSetup;
  const host = createHost(module, options);
  port.on("message", (job: Job) => {
    const report: JobReport = { failure: runJob(host, { ...job, inputs: recognised(job) }) };
    port.postMessage(report);
  });
}
