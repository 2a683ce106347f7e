/**
 * `wafermark bench`: kernel x backend x input as ratios to baselines, interleaved in fresh processes, with intervals.
 *
 * The table goes to stdout, the record (samples included) to `--out`. A kernel whose timed outputs are not the validated ones
 * gets no numbers, and the command ends with exit 4.
 */
import { DisagreementError, EXIT } from "../core/errors.js";
import { SCHEMA_VERSION } from "../core/results.js";
import type { BenchOutcome } from "../engine/bench.js";
import { defineCommand, type Context } from "./context.js";
import { choice, integer, list } from "./options.js";

const SUITES = ["smoke", "ci", "standard", "full"] as const;
const MOST_PROCESSES = 1000;
const MOST_SAMPLES = 100_000;

interface Options {
  readonly suite: (typeof SUITES)[number];
  readonly kernels?: readonly string[];
  readonly inputs?: readonly string[];
  readonly processes?: number;
  readonly samples?: number;
  readonly out?: string;
}

export const command = defineCommand<Options>({
  name: "bench",
  summary: "time every kernel against its baselines, as ratios with intervals",
  options: [
    {
      flags: "--suite <name>",
      says: `how much: ${SUITES.join(", ")}`,
      default: "standard",
      parse: choice("--suite", SUITES),
    },
    { flags: "--kernels <ids>", says: "only these kernels, comma-separated", parse: list() },
    { flags: "--inputs <ids>", says: "only these inputs, comma-separated: mid, mix, ...", parse: list() },
    {
      flags: "--processes <n>",
      says: "fresh processes per row (default: the suite's)",
      parse: integer("--processes", 1, MOST_PROCESSES),
    },
    {
      flags: "--samples <n>",
      says: "rounds of four interleaved samples per row and process (default: the suite's)",
      parse: integer("--samples", 1, MOST_SAMPLES),
    },
    { flags: "-o, --out <path>", says: "write the rows with all samples to this file as JSON" },
  ],
  examples: [
    ["wafermark bench", "the standard set: EMD and transport against POT where Python has it"],
    ["wafermark bench --kernels emd --inputs mid --processes 15", "one row set, measured harder"],
    ["wafermark bench --suite full --out bench.json", "every input and baseline, samples kept"],
  ],
  run: async (context, _args, options) => {
    const { benchRows } = await import("../engine/bench.js");
    const { suite, kernels, inputs, processes, samples } = options;
    const { seed, signal, progress } = context;
    const outcome = await benchRows({
      suite,
      seed,
      signal,
      progress,
      ...(kernels === undefined ? {} : { kernels }),
      ...(inputs === undefined ? {} : { inputs }),
      ...(processes === undefined ? {} : { processes }),
      ...(samples === undefined ? {} : { samples }),
    });
    await print(context, options, outcome);
    refuse(outcome);
    return EXIT.done;
  },
});

/** What every number stands on: the machine, the build, the seed. */
async function record(context: Context): Promise<Record<string, unknown>> {
  const { machineRecord } = await import("../io/machine.js");
  const { packageCommit, packageVersion, readPackageFile } = await import("../io/packagefiles.js");
  const wasm = JSON.parse(await readPackageFile("build/hashes.json")) as Record<string, string>;
  const tool = { name: "wafermark", version: await packageVersion(), commit: await packageCommit(), wasm };
  return { schemaVersion: SCHEMA_VERSION, tool, machine: await machineRecord(), seed: context.seed };
}

async function heading(context: Context): Promise<string> {
  const { tool, machine, seed } = (await record(context)) as {
    tool: { version: string; commit: string | null; wasm: Record<string, string> };
    machine: { cpu: string; cores: number; node: string; load: number };
    seed: number;
  };
  const commit = tool.commit === null ? "" : ` commit ${tool.commit.slice(0, 12)}`;
  return [
    `wafermark ${tool.version}${commit}, wasm ${tool.wasm["release"].slice(0, 12)}, seed ${seed}`,
    `${machine.cpu}, ${machine.cores} cores, node ${machine.node}, load ${machine.load.toFixed(2)}`,
    "ratio = baseline time / subject time, above 1 the subject is faster; copies in and out are included",
  ].join("\n");
}

async function print(context: Context, options: Options, outcome: BenchOutcome): Promise<void> {
  const { benchTable, noiseLine } = await import("../engine/benchtable.js");
  const json = async (): Promise<string> => {
    const { rows, noise, warnings } = outcome;
    return `${JSON.stringify({ ...(await record(context)), speed: rows, noise, warnings }, null, 2)}\n`;
  };
  const text = async (): Promise<string> =>
    `${await heading(context)}\n${noiseLine(outcome.noise)}\n\n${benchTable(outcome.rows)}\n`;
  await context.stdout(context.json ? await json() : await text());
  for (const { id, about, message, remedy } of outcome.warnings) {
    context.warn(`warning[${id}] ${about}: ${message}\n  try: ${remedy}\n`);
  }
  if (options.out === undefined) return;
  const { writeFileAtomic } = await import("../io/atomic.js");
  await writeFileAtomic(options.out, await json());
}

/** Throws when the outputs of a timed kernel were not the validated ones. */
function refuse({ refused }: BenchOutcome): void {
  if (refused.length === 0) return;
  throw new DisagreementError(`bench: ${refused.length} rows without numbers, the first ${refused[0]}`, {
    remedy: "wafermark validate",
    safe: "the other rows were printed",
  });
}
