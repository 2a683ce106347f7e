/** How peers are declared: in Python or npm packages, one entry per way of doing a kernel's work, found at run time or absent. */
import type { Buffers, Dims } from "../../core/kernel.js";

/** A peer that runs in Python. */
export interface PythonPeerDeclaration {
  readonly id: string;
  readonly title: string;
  /** Modules that the interpreter must be able to import; their versions are recorded. */
  readonly modules: readonly string[];
  /** Python text by kernel id; it defines `subjects` and `versions` (see pythonscript.ts). */
  readonly bodies: Readonly<Record<string, string>>;
  readonly subject: string;
  /** Kernel output by kernel id with which the peer's output is compared. */
  readonly output: Readonly<Record<string, string>>;
  /** False for a floor that does less than the kernel: its output is not compared. */
  readonly exact: boolean;
}

/** How a peer that is an npm package and runs in our own process is declared; it may be absent. */
export interface ModulePeerDeclaration {
  readonly id: string;
  readonly title: string;
  readonly package: string;
  /** By kernel id: from the package's module, a function of a window's buffers that gives outputs by the kernel's own names. */
  readonly subjects: Readonly<Record<string, (module: unknown) => ModuleSubject | Promise<ModuleSubject>>>;
  /** False where it does something else than the kernel: its outputs are not compared. */
  readonly exact: boolean;
}

export type ModuleSubject = (inputs: Buffers, dims: Dims) => Buffers;
