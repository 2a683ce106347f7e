/** A worker thread that makes chunks of datasets: see datasetstream.ts. */
import { parentPort } from "node:worker_threads";
import type { ChunkReply, ChunkRequest } from "./datasetstream.js";
import { findGenerator } from "./datasetgenerators.js";

function reply({ where, generator, parameters, seed, from, to }: ChunkRequest): ChunkReply {
  try {
    return { chunk: findGenerator(generator, where).open(parameters, where).make(seed, from, to) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: ChunkRequest) => {
  parentPort?.postMessage(reply(request));
});
