/** How a peer that runs in Python is declared: one entry per way of doing a kernel's work, found at run time or absent. */

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
