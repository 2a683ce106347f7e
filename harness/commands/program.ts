/** The table of commands as a commander program: flags, help with examples, "did you mean". Runs nothing itself. */
import { Command, InvalidArgumentError } from "commander";
import { isHarnessError } from "../core/errors.js";
import type { Arguments, CommandDeclaration } from "./context.js";
import { integer } from "./options.js";
import { commands } from "./table.js";

/** Flags that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly jsonErrors?: boolean;
  readonly seed: number;
  readonly threads?: number;
}

const DEFAULT_SEED = 20241125;
const MOST_THREADS = 256;

const GLOBAL_FLAGS = [
  { flags: "--json", says: "machine-readable JSON on stdout" },
  { flags: "--quiet", says: "no progress and no remarks on stderr" },
  {
    flags: "--seed <n>",
    says: "seed of everything random",
    default: DEFAULT_SEED,
    parse: integer("--seed", 0),
  },
  {
    flags: "--threads <n>",
    says: "worker threads (default: all cores)",
    parse: integer("--threads", 1, MOST_THREADS),
  },
  { flags: "--json-errors", says: "errors as one JSON line on stderr" },
] as const;

/** The command line prints failures itself, in one form. */
const SILENT_ERRORS = {
  outputError: () => {
    // told by cli.ts
  },
};

type Run = (
  declaration: CommandDeclaration,
  globals: GlobalOptions,
  args: Arguments,
  options: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** commander's own kind of error, so that a bad value is told like every other usage error. */
function guarded(parse: (text: string, previous: unknown) => unknown) {
  return (text: string, previous: unknown): unknown => {
    try {
      return parse(text, previous);
    } catch (error) {
      if (isHarnessError(error)) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

interface Flag {
  readonly flags: string;
  readonly says: string;
  readonly default?: unknown;
  readonly parse?: (text: string, previous: unknown) => unknown;
}

function addFlag(command: Command, flag: Flag): void {
  const option = command.createOption(flag.flags, flag.says);
  if (flag.default !== undefined) option.default(flag.default);
  if (flag.parse !== undefined) option.argParser(guarded(flag.parse));
  command.addOption(option);
}

function examplesText(examples: CommandDeclaration["examples"]): string {
  if (examples.length === 0) return "";
  const lines = examples.map(([line, says]) => `  $ ${line}\n      ${says}`);
  return `\nExamples:\n${lines.join("\n")}\n`;
}

function build(declaration: CommandDeclaration, run: Run): Command {
  const command = new Command(declaration.name)
    .summary(declaration.summary)
    .description(declaration.summary)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput(SILENT_ERRORS)
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(declaration.examples));
  for (const argument of declaration.arguments ?? []) command.argument(argument.name, argument.says);
  for (const flag of declaration.options ?? []) addFlag(command, flag);
  for (const inner of declaration.subcommands ?? []) command.addCommand(build(inner, run));
  if (declaration.run === undefined) return command;
  for (const flag of GLOBAL_FLAGS) addFlag(command, flag);
  const count = declaration.arguments?.length ?? 0;
  command.action(async (...given: unknown[]) => {
    const options = command.opts();
    await run(declaration, options as GlobalOptions, given.slice(0, count) as Arguments, options);
  });
  return command;
}

/** The whole program; `run` is called with the command that the arguments name. */
export function buildProgram(version: string, run: Run): Command {
  const program = new Command("wafermark")
    .description("Benchmark harness for detector-data compression: rate, EMD and shape, with real bits")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput(SILENT_ERRORS)
    .addHelpText(
      "after",
      examplesText([
        ["wafermark run", "the standard suite on the embedded modules; prints where the report is"],
        ["wafermark run --data modules.csv.gz --distinct", "everything on a file of your own"],
        ["wafermark emd before.csv after.csv > emd.csv", "earth mover's distance row by row"],
      ]),
    );
  for (const declaration of commands) program.addCommand(build(declaration, run));
  return program;
}
