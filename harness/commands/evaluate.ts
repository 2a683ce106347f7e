/**
 * `wafermark evaluate`: autoencoders, rivals and conventional encoders side by side: variant x pileup x budget.
 *
 * Distance by slice of occupancy, bits as they are sent, scale, the encoder's cost, and slice by slice whether a codec is worse than
 * best choice at the same links. Tables are made one after the other; a file is judged on all its rows and on the even-hash half.
 */
import { EXIT, printable, UsageError } from "../core/errors.js";
import type { CodecResult, QualityResult } from "../core/results.js";
import { ROW_HALVES, type RowHalf } from "../core/rowhalf.js";
import type { OpenedCodec, PlannedCodec } from "../engine/plan.js";
import type { DatasetSize } from "../engine/datasets.js";
import { defineCommand, type Context, type OpenKernels } from "./context.js";
import { choice, list } from "./options.js";
import { TABLE_OPTIONS, type TableOptions } from "./runoptions.js";
import type { LoadedTable } from "./runtables.js";

interface Options extends TableOptions {
  readonly codecs?: readonly string[];
  readonly models?: readonly string[];
  readonly arch?: string;
  readonly switches?: boolean;
  readonly size: DatasetSize;
  readonly rows?: readonly string[];
  readonly out?: string;
}

export const command = defineCommand<Options>({
  name: "evaluate",
  summary: "autoencoders and rivals by variant, pileup and budget: EMD by occupancy, bits, encoder cost",
  options: [
    ...TABLE_OPTIONS.map((option) =>
      option.flags.startsWith("--datasets")
        ? {
            ...option,
            says: "embedded datasets, comma separated (default: electrons and top pairs, 0 and 200 pileup)",
          }
        : option,
    ),
    {
      flags: "--codecs <list>",
      says: "codecs with parameters (default: every autoencoder of the zoo, what is built on them, rivals, best choice, STC)",
      parse: list(),
    },
    {
      flags: "--models <paths>",
      says: "autoencoders from files too: JSON manifest, Keras HDF5, or a folder of published ones",
      parse: list(),
    },
    { flags: "--arch <id>", says: "architecture of the models, where their files do not list layers" },
    {
      flags: "--switches",
      says: "each autoencoder also with every setting of sum and zeros: exact sum, whole counts, suppression lost or kept, cells of partial modules",
    },
    {
      flags: "--size <size>",
      says: "rows of embedded datasets: smoke, standard or full",
      default: "smoke",
      parse: choice("--size", ["smoke", "standard", "full"]),
    },
    {
      flags: "--rows <halves>",
      says: "rows by their hash: all, odd, even, or several (default: all; with --data: all,even)",
      parse: list(),
    },
    { flags: "-o, --out <file>", says: "write the table to this .csv or .json file too" },
  ],
  examples: [
    [
      "wafermark evaluate",
      "the zoo and its rivals on electrons and top pairs, without and with pileup, 2,000 modules each",
    ],
    ["wafermark evaluate --size standard --out zoo.csv", "more modules; a line for each codec and slice"],
    [
      "wafermark evaluate --data CALQ_output.csv.gz --distinct",
      "on your own file, all rows and the even-hash half",
    ],
    [
      "wafermark evaluate --codecs quanta,best-choice --datasets hgcal-ttbar-200pu",
      "two codecs on one dataset",
    ],
  ],
  run: (context, _args, options) => evaluate(context, options),
});

function halvesOf(options: Options, embedded: boolean): RowHalf[] {
  const named = options.rows ?? (embedded ? ["all"] : ["all", "even"]);
  const chosen = named.map((name) => choice("--rows", ROW_HALVES)(name, undefined));
  return [...new Set(chosen)];
}

/** Codecs that the options name, or all of them; models from files come on top. */
async function plan(options: Options): Promise<readonly PlannedCodec[]> {
  const { codecs: builtIn } = await import("../engine/plugins.generated.js");
  const { planEvaluation, withinLinks } = await import("../engine/evaluation.js");
  const { loadModels } = await import("../engine/models.js");
  const { planCodecs, planSupplied } = await import("../engine/plan.js");
  const { loadZoo } = await import("../engine/zoo.js");
  const { loadZooCodecs } = await import("../engine/zoocodecs.js");
  if (options.arch !== undefined && options.models === undefined)
    throw new UsageError("--arch: expected --models with it, got none");
  const supplied = await loadModels(options.models ?? [], options.arch);
  const own = new Map([...(await loadZoo()), ...(await loadZooCodecs())]);
  const known = new Map([...builtIn, ...own, ...supplied.codecs]);
  if (options.codecs !== undefined && options.switches === true)
    throw new UsageError("--switches: expected without --codecs, got both", {
      remedy: "name the settings: --codecs ae-<training>:suppress=0.1",
    });
  if (options.codecs === undefined)
    return planSupplied(planEvaluation(known, own, options.switches === true), supplied.codecs);
  return withinLinks(planSupplied(planCodecs([options.codecs.join(",")], known), supplied.codecs));
}

/** One table after the other, so that only one is in memory; names are checked before the first is made. */
async function* tables(context: Context, options: Options): AsyncGenerator<LoadedTable> {
  const { loadTables, uniqueId } = await import("./runtables.js");
  const { EVALUATED } = await import("../engine/evaluation.js");
  const { readModuleManifest } = await import("../engine/datasetmanifests.js");
  const files = options.data ?? [];
  const ids = new Set(options.datasets ?? (files.length > 0 ? [] : EVALUATED));
  if (files.length + ids.size === 0) await loadTables(options, options.size, context); // refuses
  for (const id of ids) await readModuleManifest(id);
  const taken = new Set(ids);
  for (const file of files) {
    for (const loaded of await loadTables(
      { ...options, data: [file], datasets: [] },
      options.size,
      context,
    )) {
      const id = uniqueId(loaded.table.id, taken);
      taken.add(id);
      yield { ...loaded, table: { ...loaded.table, id } };
    }
  }
  for (const id of ids)
    yield* await loadTables({ ...options, data: [], datasets: [id] }, options.size, context);
}

interface Found {
  readonly datasets: { id: string; title: string; kind: string; sha256: string; rows: number }[];
  readonly codecs: CodecResult[];
  readonly quality: QualityResult[];
}

async function judgeTables(
  context: Context,
  options: Options,
  opened: readonly OpenedCodec[],
  runner: OpenKernels,
): Promise<Found> {
  const { evaluateTable, halfOf } = await import("../engine/evaluation.js");
  const found: Found = { datasets: [], codecs: opened.map(({ record }) => record), quality: [] };
  const { progress, signal } = context;
  for await (const { table: whole, record, embedded } of tables(context, options)) {
    for (const half of halvesOf(options, embedded)) {
      const table = halfOf(whole, half);
      if (table.rows === 0) {
        context.warn(`${whole.id}: no row has an ${half} hash: left out\n`);
        continue;
      }
      const title = half === "all" ? record.title : `${record.title}, ${half}-hash half`;
      const { kind, sha256 } = whole.provenance;
      found.datasets.push({ id: table.id, title, kind, sha256, rows: table.rows });
      for await (const row of evaluateTable(table, opened, { runner, progress, signal }))
        found.quality.push(row);
    }
  }
  return found;
}

async function evaluate(context: Context, options: Options): Promise<0> {
  halvesOf(options, true);
  if (options.out !== undefined && !/\.(csv|json)$/i.test(options.out))
    throw new UsageError(
      `--out: expected a name that ends with .csv or .json, got ${printable(options.out)}`,
    );
  const { evaluationRows } = await import("../../reports/evaluation.js");
  const { evaluationCsv } = await import("../../reports/evaluationcsv.js");
  const { evaluationText } = await import("./evaluatetext.js");
  const { checkDistance } = await import("../engine/evaluation.js");
  const { openCodec } = await import("../engine/plan.js");
  const planned = await plan(options);
  const runner = await context.openKernels();
  let found: Found;
  try {
    await checkDistance(context.seed, context);
    const opened: OpenedCodec[] = [];
    for (const one of planned) opened.push(await openCodec(one, runner));
    found = await judgeTables(context, options, opened, runner);
  } finally {
    await runner.close();
  }
  const rows = evaluationRows(found);
  const json = `${JSON.stringify({ datasets: found.datasets, rows }, null, 2)}\n`;
  // First what cannot fail: a place that cannot be written must not cost the rows.
  await context.stdout(context.json ? json : evaluationText(rows));
  if (options.out !== undefined) {
    const { writeFileAtomic } = await import("../io/atomic.js");
    await writeFileAtomic(options.out, /json$/i.test(options.out) ? json : evaluationCsv(rows));
  }
  return EXIT.done;
}
