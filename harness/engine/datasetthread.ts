/** A worker thread that makes chunks of datasets: see datasetstream.ts. */
import { parentPort } from "node:worker_threads";
import type { LinesChunk, OpenGenerator, TableChunk } from "../core/generator.js";
import type { ChunkReply, ChunkRequest } from "./datasetstream.js";
import { findGenerator } from "./datasetgenerators.js";

interface Opened {
  readonly key: string;
  readonly generator: OpenGenerator<TableChunk | LinesChunk>;
}

/** The generator of the last request: opening one may cost more than a chunk. */
let last: Opened | undefined;

function opened({ generator, parameters, where, build }: ChunkRequest): Opened["generator"] {
  const key = JSON.stringify([generator, parameters, build]);
  if (last?.key !== key)
    last = { key, generator: findGenerator(generator, where).open(parameters, where, build) };
  return last.generator;
}

async function reply(request: ChunkRequest): Promise<ChunkReply> {
  try {
    return { chunk: await opened(request).make(request.seed, request.from, request.to) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Replies leave in the order of the requests. */
let before: Promise<void> = Promise.resolve();

async function answer(request: ChunkRequest): Promise<void> {
  parentPort?.postMessage(await reply(request));
}

parentPort?.on("message", (request: ChunkRequest) => {
  before = before.then(() => answer(request));
});
