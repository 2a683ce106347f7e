/** Who can run kernels: one file per backend under harness/backends, declared with defineBackend. */
import type { Buffers, Dims, Kernel } from "./kernel.js";

export interface BackendSession {
  /** Runs `kernel` once; throws a KernelError when it cannot. */
  call(kernel: Kernel, inputs: Buffers, dims: Dims): Buffers | Promise<Buffers>;
  close(): void | Promise<void>;
}

/** How kernels are run; backends that have no such thing ignore it. */
export interface OpenOptions {
  /** Poisoned memory and guard bands, checked at every call. */
  readonly validation?: boolean;
  /** Byte that unset memory is filled with in validation mode. */
  readonly poison?: number;
  /** Longest time for one call. */
  readonly timeoutSeconds?: number;
}

export interface Backend {
  readonly id: string;
  readonly title: string;
  /** Another backend whose outputs this one's must equal bit for bit. */
  readonly identicalTo?: string;
  /** Why it cannot express `kernel` at all, wherever it runs; undefined when it can. Absent: the kernel's own list decides. */
  cannot?(kernel: Kernel): string | undefined;
  /** Why it cannot be used on this machine, or undefined when it can. */
  missing(): Promise<string | undefined>;
  /** Versions and flags to record beside its results. */
  describe(): Promise<Readonly<Record<string, string>>>;
  open(options?: OpenOptions): Promise<BackendSession>;
}

export function defineBackend(backend: Backend): Backend {
  return backend;
}

/** Why `backend` does not run `kernel`: the kernel's own reason or the backend's; undefined when it does. */
export function unavailability(kernel: Kernel, backend: Backend): string | undefined {
  const reasons: Partial<Record<string, string>> = kernel.unavailable;
  return reasons[backend.id] ?? backend.cannot?.(kernel);
}
