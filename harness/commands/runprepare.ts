/** Everything a run needs before its first row: the plan checked, tables read, kernels opened, the folder taken. */
import { SCHEMA_VERSION } from "../core/results.js";
import { UsageError } from "../core/errors.js";
import type { RowsHeader } from "../core/rows.js";
import { openAll, plannedRows, type EvaluatePlan } from "../engine/evaluate.js";
import type { OpenedCodec } from "../engine/plan.js";
import { planCodecs, planDefaultCodecs, planSettings, planSupplied } from "../engine/plan.js";
import { codecs as builtIn } from "../engine/plugins.generated.js";
import type { Models } from "../engine/models.js";
import { findSuite } from "../engine/suites.js";
import { machineRecord } from "../io/machine.js";
import { packageCommit, packageVersion, readPackageFile } from "../io/packagefiles.js";
import { findPublished } from "../io/publishedmodels.js";
import { defaultRunFolder, RunFolder } from "../io/runfolder.js";
import type { Context, OpenKernels } from "./context.js";
import type { TableOptions } from "./runoptions.js";
import { loadTables, type LoadedTable } from "./runtables.js";

export interface PrepareOptions extends TableOptions {
  readonly suite?: string;
  readonly codecs?: readonly string[];
  readonly models?: readonly string[];
  readonly arch?: string;
  readonly out?: string;
  readonly bench: boolean;
}

export interface PreparedRun {
  readonly plan: EvaluatePlan;
  readonly tables: readonly LoadedTable[];
  readonly opened: readonly OpenedCodec[];
  readonly kernels: OpenKernels;
  readonly folder: RunFolder;
  readonly head: RowsHeader;
  /** performance.now() at the start. */
  readonly begun: number;
}

async function headOf(
  context: Context,
  plan: EvaluatePlan,
  folder: RunFolder,
  startedAt: Date,
): Promise<RowsHeader> {
  const hashes = JSON.parse(await readPackageFile("build/hashes.json")) as Record<string, string>;
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: "wafermark", version: await packageVersion(), commit: await packageCommit(), wasm: hashes },
    machine: await machineRecord(),
    run: {
      id: folder.id,
      suite: plan.suite.name,
      arguments: [...context.argv],
      seed: context.seed,
      threads: context.threads,
      startedAt: startedAt.toISOString(),
      seconds: 0,
      finishedRows: 0,
      plannedRows: await plannedRows(plan),
    },
  };
}

/** One name for the suite: the argument, the option, or the default. */
function suiteName(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined && argument !== option) {
    throw new UsageError(`suite: given twice: expected one name, got ${argument} and ${option}`);
  }
  return argument ?? option ?? "standard";
}

/**
 * The models that the options name. Without them, a run of all codecs on the user's own files shows the published models too,
 * where WAFERMARK_DATA has their weights.
 */
async function suppliedModels({ models, arch, codecs, data }: PrepareOptions): Promise<Models> {
  const folder = process.env.WAFERMARK_DATA ?? "";
  const wanted = models === undefined && codecs === undefined && data !== undefined && folder !== "";
  if (models === undefined && !wanted) {
    if (arch === undefined) return { codecs: new Map(), metrics: [] };
    throw new UsageError("--arch: expected --models with it, got none");
  }
  const { loadModels } = await import("../engine/models.js");
  if (models !== undefined) return loadModels(models, arch);
  return (await findPublished(folder)).length === 0
    ? { codecs: new Map(), metrics: [] }
    : loadModels([folder]);
}

/** Prepares a run; whatever it refuses is refused before a folder exists. */
export async function prepareRun(
  context: Context,
  argument: string | undefined,
  options: PrepareOptions,
): Promise<PreparedRun> {
  const begun = performance.now();
  const startedAt = new Date();
  const suite = findSuite(suiteName(argument, options.suite));
  // Pieces are joined again: "drop=3" in "a:links=2,drop=3" belongs to the piece before it.
  const models = await suppliedModels(options);
  const { loadZoo } = await import("../engine/zoo.js");
  const { FITTED_TRAINING, loadZooCodecs } = await import("../engine/zoocodecs.js");
  const own = new Map([...builtIn, ...(await loadZoo()), ...(await loadZooCodecs())]);
  const known = new Map([...own, ...models.codecs]);
  const chosen =
    options.codecs === undefined
      ? [...planDefaultCodecs(suite.links, own), ...planSettings(FITTED_TRAINING, own)]
      : planCodecs([options.codecs.join(",")], known);
  const codecs = planSupplied(chosen, models.codecs);
  const tables = await loadTables(options, suite.size, context);
  const plan: EvaluatePlan = {
    suite,
    tables: tables.map(({ table }) => table),
    codecs,
    suppliedMetrics: models.metrics,
    bench: options.bench,
    seed: context.seed,
  };
  const kernels = await context.openKernels();
  try {
    const opened = await openAll(plan, kernels);
    const folder = await RunFolder.open(options.out ?? defaultRunFolder(suite.name, startedAt));
    try {
      return {
        plan,
        tables,
        opened,
        kernels,
        folder,
        head: await headOf(context, plan, folder, startedAt),
        begun,
      };
    } catch (error) {
      await folder.close();
      throw error;
    }
  } catch (error) {
    await kernels.close();
    throw error;
  }
}
