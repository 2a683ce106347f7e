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

function opened({ generator, parameters, where }: ChunkRequest): Opened["generator"] {
  const key = JSON.stringify([generator, parameters]);
  if (last?.key !== key) last = { key, generator: findGenerator(generator, where).open(parameters, where) };
  return last.generator;
}

function reply(request: ChunkRequest): ChunkReply {
  try {
    return { chunk: opened(request).make(request.seed, request.from, request.to) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: ChunkRequest) => {
  parentPort?.postMessage(reply(request));
});
