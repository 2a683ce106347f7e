/**
 * What every command is given, and how a command is declared.
 *
 * A command file exports `command = defineCommand({...})`. The declaration is light (it is loaded for `--help`): heavy
 * modules are imported inside `run`. Commands never touch process.stdout, process.exitCode, argv or signals.
 */
import type { ExitCode } from "../core/errors.js";
import type { KernelRunner } from "../core/kernel.js";
import type { Progress } from "../engine/progress.js";

/** A kernel runner that must be closed (it may hold worker threads). */
export interface OpenKernels extends KernelRunner {
  close(): Promise<void>;
}

export interface Context {
  /** Data for the user or the next program in the pipe; resolves when it is safe to write more. */
  stdout(text: string | Uint8Array): Promise<void>;
  /** Everything else; not shown with `--quiet`. */
  stderr(text: string): void;
  /** Warnings and what is lost: shown also with `--quiet`. */
  warn(text: string): void;
  readonly progress: Progress;
  /** Aborted by SIGINT or SIGTERM: stop within a second, keep what is finished. */
  readonly signal: AbortSignal;
  /** Worker threads to use, at least 1: `--threads`, else all cores. */
  readonly threads: number;
  /** True when the user gave `--threads`. */
  readonly threadsGiven: boolean;
  readonly seed: number;
  /** Print machine-readable JSON on stdout instead of a table. */
  readonly json: boolean;
  readonly quiet: boolean;
  /** True when stdout is a terminal (colours, tables fitted to it). */
  readonly terminal: boolean;
  /** The command line after the program's name, for the record. */
  readonly argv: readonly string[];
  /** The WebAssembly kernels on `threads` worker threads (default: context.threads); close them when done. */
  openKernels(threads?: number): Promise<OpenKernels>;
}

export interface ArgumentDeclaration {
  /** "<input>" is required, "[suite]" optional, "[files...]" repeated. */
  readonly name: string;
  readonly says: string;
}

export interface OptionDeclaration {
  /** As commander writes them: "--out <dir>", "-o, --out <path>", "--distinct", "--no-bench". */
  readonly flags: string;
  readonly says: string;
  readonly default?: unknown;
  /** Turns the text into a value or throws a UsageError; `previous` is there for repeated options. See options.ts. */
  readonly parse?: (text: string, previous: unknown) => unknown;
}

export interface CommandDeclaration<Options = Readonly<Record<string, unknown>>> {
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentDeclaration[];
  readonly options?: readonly OptionDeclaration[];
  /** Whole command lines with a few words each, shown by `--help`. */
  readonly examples: readonly (readonly [line: string, says: string])[];
  readonly subcommands?: readonly CommandDeclaration[];
  /** Absent for a command that only groups subcommands. `options` holds the camel-cased flags of this command. */
  run?(context: Context, args: Arguments, options: Options): Promise<ExitCode>;
}

/** Positional arguments in order: a text, nothing for an absent optional one, a list for a repeated one. */
export type Arguments = readonly (string | readonly string[] | undefined)[];

/** Keeps the option types of the file that declares them; the command line is checked against `options` before `run`. */
export function defineCommand<Options>(declaration: CommandDeclaration<Options>): CommandDeclaration {
  return declaration as CommandDeclaration;
}
