/**
 * Starts onnxruntime-web in this process: its WebAssembly backend with a number of threads that is settled by whoever is first.
 *
 * The number of threads is the whole process's, so a process runs one of the two backends that differ in it.
 */
import { availableParallelism } from "node:os";
import type * as OrtWeb from "onnxruntime-web";
import { installed } from "./optionalpackage.js";
import type { OnnxRuntime, StartedRuntime } from "./onnxsession.js";

let settled: number | undefined;

/** Throws what is missing, or that this process has settled on another number of threads. */
export async function startOnnxWeb(threads: number): Promise<StartedRuntime> {
  if (settled !== undefined && settled !== threads) {
    throw new Error(`this process runs onnxruntime-web with ${settled} threads, and cannot change that`);
  }
  const ort = await installed<typeof OrtWeb>("onnxruntime-web");
  settled = threads;
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = threads;
  return {
    ort: ort as unknown as OnnxRuntime, // its own types are wider in what a session takes
    options: { executionProviders: ["wasm"], graphOptimizationLevel: "all" },
    details: {
      "onnxruntime-web": ort.env.versions.web ?? "unknown",
      threads: String(threads),
    },
  };
}

/** A thread for every processor, four at most, which is where onnxruntime-web stops by itself. */
export function detectedThreads(): number {
  return Math.min(4, availableParallelism());
}
