/**
 * `wafermark run`: tables x codecs x metrics with kernels validated in the same run, timings, one folder with the report.
 *
 * Rows are kept as they finish; a stopped run leaves a report of what there is.
 */
import { EXIT, isHarnessError, type ExitCode } from "../core/errors.js";
import type { Results } from "../core/results.js";
import type { Row } from "../core/rows.js";
import { defineCommand, type Context } from "./context.js";
import { list } from "./options.js";
import type { PreparedRun } from "./runprepare.js";
import { TABLE_OPTIONS, type TableOptions } from "./runoptions.js";

interface RunOptions extends TableOptions {
  readonly suite?: string;
  readonly codecs?: readonly string[];
  readonly models?: readonly string[];
  readonly arch?: string;
  readonly out?: string;
  readonly bench: boolean;
}

export const command = defineCommand<RunOptions>({
  name: "run",
  summary: "compare compressors on module data: rate, EMD, shape, speed; writes a report",
  arguments: [{ name: "[suite]", says: "smoke, ci, standard (default) or full" }],
  options: [
    ...TABLE_OPTIONS,
    { flags: "--suite <name>", says: "the same as the argument" },
    {
      flags: "--codecs <list>",
      says: "codecs with parameters: best-choice,threshold:value=20 (default: all)",
      parse: list(),
    },
    {
      flags: "--models <paths>",
      says: "autoencoders from files, beside the codecs: JSON manifest, Keras HDF5, or a folder of published ones",
      parse: list(),
    },
    { flags: "--arch <id>", says: "architecture of the models, where their files do not list layers" },
    {
      flags: "-o, --out <dir>",
      says: "folder for results and report (default: ./wafermark-out/<UTC>-<suite>-<id>)",
    },
    { flags: "--no-bench", says: "no timings" },
  ],
  examples: [
    ["wafermark run", "the standard suite on the embedded modules"],
    ["wafermark run smoke --no-bench", "a first look, in a minute or two"],
    ["wafermark run --data CALQ_output.csv.gz --distinct", "all codecs on the distinct rows of a file"],
    [
      "wafermark run --data a.csv --codecs best-choice:links=2,stc4-9",
      "two algorithms, one at two links only",
    ],
  ],
  async run(context, [suite], options) {
    const { prepareRun } = await import("./runprepare.js");
    const prepared = await prepareRun(context, typeof suite === "string" ? suite : undefined, options);
    return new Run(context, prepared, options).execute();
  },
});

class Run {
  readonly #rows: Row[] = [];

  constructor(
    private readonly context: Context,
    private readonly prepared: PreparedRun,
    private readonly options: RunOptions,
  ) {}

  async execute(): Promise<ExitCode> {
    const { folder, kernels } = this.prepared;
    try {
      for (const found of folder.cleaned) this.context.warn(`removed what a dead run had left: ${found}\n`);
      const failure = await this.#work();
      await this.#finish(failure);
      if (failure !== undefined) throw failure;
      return this.#exitCode();
    } finally {
      await kernels.close();
      await folder.close();
    }
  }

  /** Does the plan; answers with what ended it early, if anything did. */
  async #work(): Promise<Error | undefined> {
    const { evaluate } = await import("../engine/evaluate.js");
    // Loaded now, so that a stopped run loses no time on it.
    await import("./runreport.js");
    const { plan, opened, kernels, head } = this.prepared;
    try {
      await this.#keep({ kind: "header", value: head });
      for (const { record } of this.prepared.tables) await this.#keep({ kind: "dataset", value: record });
      for (const { record } of opened) await this.#keep({ kind: "codec", value: record });
      await this.#realism();
      const { signal, progress, threads } = this.context;
      for await (const row of evaluate(plan, opened, { runner: kernels, threads, signal, progress }))
        await this.#keep(row);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** How like real modules the embedded sets are: measured where real rows are at hand, else as recorded; of jets, as recorded. */
  async #realism(): Promise<void> {
    const { realismOf } = await import("../engine/realismrecords.js");
    const { plan, kernels, head, tables } = this.prepared;
    const { signal, progress, threads, argv } = this.context;
    const folder = process.env["WAFERMARK_DATA"] ?? "";
    const sources = {
      // Small sizes are too few rows to judge by.
      folder: folder === "" || plan.suite.size === "smoke" ? undefined : folder,
      date: head.run.startedAt.slice(0, 10),
      command: ["wafermark", ...argv].join(" "),
      ...{ kernels, signal, progress, threads },
    };
    for (const { table, embedded } of tables) {
      if (!embedded) continue;
      const entry = await realismOf(table, sources, (text) => {
        this.context.warn(`${text}\n`);
      });
      if (entry !== undefined) await this.#keep({ kind: "realism", value: entry });
    }
    const { recordedJetRealism } = await import("../engine/jetrealismrecords.js");
    for (const value of await recordedJetRealism()) await this.#keep({ kind: "jet realism", value });
  }

  async #keep(row: Row): Promise<void> {
    this.#rows.push(row);
    try {
      await this.prepared.folder.append(row);
    } catch (error) {
      // Nowhere else to put them: what is finished goes to stdout.
      for (const kept of this.#rows) await this.context.stdout(`${JSON.stringify(kept)}\n`);
      throw error;
    }
  }

  /** Writes results and report of what is there, complete or not. */
  async #finish(failure: Error | undefined): Promise<void> {
    if (isHarnessError(failure) && failure.exitCode === EXIT.limit) return;
    const { makeResults, writeReport } = await import("./runreport.js");
    const { head, folder, begun } = this.prepared;
    const seconds = (performance.now() - begun) / 1000;
    const results = makeResults(head, this.#rows, seconds, failure === undefined);
    const { finishedRows, plannedRows } = results.run;
    if (failure !== undefined) this.context.warn(`stopped after ${finishedRows} of ${plannedRows} rows\n`);
    const pages = await writeReport(folder, results);
    if (this.options.out === undefined) await folder.markLatest();
    await this.#tell(results, pages);
  }

  async #tell(results: Results, pages: readonly string[]): Promise<void> {
    if (this.context.json) {
      const { resultsText } = await import("../core/resultsfile.js");
      await this.context.stdout(resultsText(results));
    } else {
      const { summaryTable } = await import("./summary.js");
      await this.context.stdout(`${summaryTable(results, this.options.codecs !== undefined)}\n`);
    }
    for (const page of pages) this.context.stderr(`wrote ${page}\n`);
  }

  #exitCode(): ExitCode {
    const failed = this.#rows.filter((row) => row.kind === "agreement" && row.value.verdict === "fail");
    const refused = this.#rows.filter(
      (row) => row.kind === "speed" && !row.value.validated && row.value.notAvailable === null,
    );
    if (failed.length + refused.length === 0) return EXIT.done;
    this.context.warn(
      `${failed.length} validations failed, ${refused.length} timed outputs were refused: see the report\n`,
    );
    return EXIT.disagreement;
  }
}
