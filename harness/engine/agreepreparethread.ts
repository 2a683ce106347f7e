/** A worker thread that prepares validation cases of registered kernels: see agreeprepare.ts. */
import { parentPort } from "node:worker_threads";
import { prepareHere, type PrepareReply, type PrepareRequest } from "./agreeprepare.js";
import { kernels } from "./plugins.generated.js";

function reply({ kernel: id, shapeIndex, seed }: PrepareRequest): PrepareReply {
  const kernel = kernels.get(id);
  if (kernel === undefined) return { problem: `kernel ${id} is not registered` };
  try {
    return { prepared: prepareHere(kernel, shapeIndex, seed) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: PrepareRequest) => {
  parentPort?.postMessage(reply(request));
});
