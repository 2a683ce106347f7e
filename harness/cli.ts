#!/usr/bin/env node
/**
 * The command line: arguments to a command, errors to exit codes, signals to an orderly stop.
 *
 * The only file that reads argv, sets the exit code or handles signals. What a command does is in commands/.
 */
import { availableParallelism } from "node:os";
import { CommanderError, type Command } from "commander";
import type { CommandDeclaration, Context } from "./commands/context.js";
import { describeProblem } from "./commands/problem.js";
import { buildProgram, type GlobalOptions } from "./commands/program.js";
import { screenProgress } from "./commands/progress.js";
import { EXIT, UsageError, type ExitCode } from "./core/errors.js";
import { silentProgress } from "./engine/progress.js";
import { packageVersion } from "./io/packagefiles.js";

/** A signal is answered within a second: what is not wound up by then is left to the atomic writes. */
const GRACE_MS = 900;

const argv = process.argv.slice(2);
const stop = new AbortController();

function stopOn(name: "SIGINT" | "SIGTERM", exitCode: ExitCode): void {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(exitCode);
    process.exitCode = exitCode;
    const reason = new Error(`stopped by ${name}`);
    reason.name = "AbortError";
    stop.abort(reason);
    setTimeout(() => process.exit(exitCode), GRACE_MS).unref();
  });
}

/** A reader that goes away (`| head`) is no failure. */
function leaveOnClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.done);
    throw error;
  });
}

function writeOut(text: string | Uint8Array): Promise<void> {
  if (process.stdout.write(text)) return Promise.resolve();
  return new Promise((resolve) => process.stdout.once("drain", resolve));
}

function makeContext(globals: GlobalOptions): Context {
  const quiet = globals.quiet ?? false;
  const cores = availableParallelism();
  const threads = globals.threads ?? cores;
  const screen = {
    write: (text: string) => process.stderr.write(text),
    terminal: process.stderr.isTTY,
    columns: process.stderr.columns || 100,
    now: () => performance.now(),
  };
  return {
    stdout: writeOut,
    stderr: (text) => {
      if (!quiet) process.stderr.write(text);
    },
    warn: (text) => {
      process.stderr.write(text);
    },
    progress: quiet ? silentProgress : screenProgress(screen),
    signal: stop.signal,
    threads,
    threadsGiven: globals.threads !== undefined,
    seed: globals.seed,
    json: globals.json ?? false,
    quiet,
    terminal: process.stdout.isTTY,
    argv,
    openKernels: async (count = threads) => {
      const { openPool } = await import("./wasm/pool.js");
      return openPool({ threads: count });
    },
  };
}

async function runCommand(
  declaration: CommandDeclaration,
  globals: GlobalOptions,
  args: readonly (string | readonly string[] | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (declaration.run === undefined) throw new Error(`command ${declaration.name} has nothing to run`);
  const code = await declaration.run(makeContext(globals), args, options);
  process.exitCode ??= code;
}

/** commander's wording in our form: its suggestion becomes the remedy, else the help of the command that was typed. */
function usageProblem(error: CommanderError, program: Command): UsageError {
  const typed = program.commands.find((one) => one.name() === argv.at(0));
  const help = typed === undefined ? "wafermark --help" : `wafermark ${typed.name()} --help`;
  const [first, ...more] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = more.join(" ").replace(/^\((.*)\)$/, "$1");
  return new UsageError(first, { remedy: suggestion === "" ? help : suggestion });
}

async function parse(program: Command): Promise<void> {
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return;
    if (error instanceof CommanderError) {
      // --help and --version arrive here too; help for a missing command has printed itself.
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      if (error.exitCode === 0 || error.code === "commander.help") return;
    }
    const told = error instanceof CommanderError ? usageProblem(error, program) : error;
    const problem = describeProblem(told, argv.includes("--json-errors"));
    process.stderr.write(problem.text);
    process.exitCode = stop.signal.aborted ? (process.exitCode ?? problem.exitCode) : problem.exitCode;
  }
}

stopOn("SIGINT", EXIT.sigint);
stopOn("SIGTERM", EXIT.sigterm);
leaveOnClosedPipe(process.stdout);
leaveOnClosedPipe(process.stderr);
await parse(buildProgram(await packageVersion(), runCommand));
