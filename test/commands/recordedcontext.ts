/** A command's context that keeps what is printed. For tests only. */
import type { Context, OpenKernels } from "../../harness/commands/context.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { silentProgress } from "../../harness/engine/progress.js";

export interface Recorded {
  readonly context: Context;
  readonly stdout: string[];
  readonly stderr: string[];
  readonly warnings: string[];
}

/** Kernels are there only when `change` brings them. */
export function recordedContext(change: Partial<Context> = {}): Recorded {
  const [stdout, stderr, warnings]: string[][] = [[], [], []];
  const context: Context = {
    stdout: (text) => {
      stdout.push(String(text));
      return Promise.resolve();
    },
    stderr: (text) => {
      stderr.push(text);
    },
    warn: (text) => {
      warnings.push(text);
    },
    progress: silentProgress,
    signal: new AbortController().signal,
    threads: 1,
    threadsGiven: false,
    seed: 1,
    json: false,
    quiet: false,
    terminal: false,
    argv: [],
    openKernels: () => Promise.reject(new Error("not needed")),
    ...change,
  };
  return { context, stdout, stderr, warnings };
}

/** Kernels by their own references: the WebAssembly is held to them in the conformance tests. */
export const references: KernelRunner = {
  call: (kernel, inputs, dims) => Promise.resolve(kernel.reference(inputs, dims)),
};

export function opening(kernels: KernelRunner): () => Promise<OpenKernels> {
  return () => Promise.resolve({ ...kernels, close: () => Promise.resolve() });
}
