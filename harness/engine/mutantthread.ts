/** The thread on which mutants run: one that never ends is ended with its thread (see mutants.ts). */
import { parentPort, workerData } from "node:worker_threads";
import { KernelError } from "../core/errors.js";
import { originalOutputs, runMutant } from "./mutantrun.js";
import type { MutantsOfKernel } from "./mutants.js";
import { kernels } from "./plugins.generated.js";

const { id, bytes, cases } = workerData as MutantsOfKernel;
const kernel = kernels.get(id);
if (kernel === undefined || parentPort === null) throw new KernelError(`mutants: no kernel called ${id}`);
const port = parentPort;
const begun = performance.now();
const originals = originalOutputs(bytes, kernel, cases);
port.on("message", (mutant: Uint8Array) => {
  port.postMessage(runMutant(mutant, kernel, cases, originals));
});
port.postMessage({ seconds: (performance.now() - begun) / 1000 });
