/** Who can run kernels: one file per backend under harness/backends, declared with defineBackend. */
import type { Buffers, Dims, Kernel } from "./kernel.js";

export interface BackendSession {
  /** Runs `kernel` once; throws a KernelError when it cannot. */
  call(kernel: Kernel, inputs: Buffers, dims: Dims): Buffers | Promise<Buffers>;
  close(): void | Promise<void>;
}

export interface Backend {
  readonly id: string;
  readonly title: string;
  /** Why it cannot be used on this machine, or undefined when it can. */
  missing(): Promise<string | undefined>;
  /** Versions and flags to record beside its results. */
  describe(): Promise<Readonly<Record<string, string>>>;
  open(): Promise<BackendSession>;
}

export function defineBackend(backend: Backend): Backend {
  return backend;
}
