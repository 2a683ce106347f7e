/**
 * `wafermark datasets check`: how like real modules a simulated set is, figure by figure, against a file of real rows.
 *
 * Without a file, the published one of the set below WAFERMARK_DATA; without that, the same generator with another seed, which
 * shows what chance alone gives.
 */
import type { DatasetManifest } from "../core/dataset.js";
import { EXIT, UsageError } from "../core/errors.js";
import type { RealismRecord } from "../core/realism.js";
import { ROW_HALVES, type RowHalf } from "../core/rowhalf.js";
import type { ModuleTable } from "../core/table.js";
import type { DatasetSize } from "../engine/datasets.js";
import { defineCommand, type Context } from "./context.js";
import { making, seedGiven, twinSeed } from "./datasetsmake.js";
import { choice, integer } from "./options.js";
import { realismText } from "./realismtext.js";

interface CheckOptions {
  readonly against?: string;
  readonly rows?: RowHalf;
  readonly size: DatasetSize;
  readonly events?: number;
  readonly out?: string;
  readonly skipBad?: boolean;
}

const MOST_EVENTS = 10_000_000;

interface Real {
  readonly table: ModuleTable;
  readonly kind: "file" | "twin";
  readonly selection: string;
}

async function realRows(path: string, half: RowHalf, context: Context): Promise<Real> {
  const { rowsOfHalf } = await import("../core/rowhalf.js");
  const { pickRows } = await import("../engine/pickrows.js");
  const { readers } = await import("../engine/plugins.generated.js");
  const { readModules } = await import("../io/moduletable.js");
  const whole = await readModules(path, readers, { signal: context.signal });
  const rows = rowsOfHalf(whole.calq, whole.rows, half);
  if (rows.length === 0) {
    throw new UsageError(`${path}: nothing selected: expected rows with an ${half} hash, got none`);
  }
  return { table: { ...whole, ...pickRows(whole, rows) }, kind: "file", selection: half };
}

async function twinRows(id: string, rows: number, context: Context): Promise<Real> {
  const { makeVariant, readManifest } = await import("../engine/datasets.js");
  const seed = twinSeed(await readManifest(id));
  context.stderr(
    `no file of real rows given: ${id} is judged against itself with seed ${seed} (--against FILE, or WAFERMARK_DATA)\n`,
  );
  return { table: await makeVariant(id, rows, seed, await making(context)), kind: "twin", selection: "all" };
}

async function theirs(id: string, ours: ModuleTable, options: CheckOptions, context: Context): Promise<Real> {
  const { realReference } = await import("../engine/realreferences.js");
  if (options.against !== undefined) return realRows(options.against, options.rows ?? "all", context);
  const reference = realReference(id);
  const folder = process.env["WAFERMARK_DATA"] ?? "";
  if (reference === undefined || folder === "") return twinRows(id, ours.rows, context);
  return realRows(`${folder.replace(/\/+$/, "")}/${reference.file}`, options.rows ?? reference.rows, context);
}

async function synthetic(id: string, options: CheckOptions, context: Context): Promise<ModuleTable> {
  const { makeDataset, makeVariant, readManifest } = await import("../engine/datasets.js");
  const how = await making(context);
  const seed = seedGiven(context) ? context.seed : undefined;
  if (options.events === undefined && seed === undefined) return makeDataset(id, options.size, how);
  const rows = options.events ?? (await readManifest(id)).sizes[options.size];
  return makeVariant(id, rows, seed, how);
}

/** Writes the record where it was asked for, and says `text` or, with --json, the record. */
async function tell(json: string, text: string, options: CheckOptions, context: Context): Promise<void> {
  if (options.out !== undefined) {
    const { writeFileAtomic } = await import("../io/atomic.js");
    await writeFileAtomic(options.out, json);
  }
  await context.stdout(context.json ? json : text);
}

/** Jets and events have checks of their own. */
async function checkOthers(
  manifest: DatasetManifest,
  options: CheckOptions,
  context: Context,
): Promise<void> {
  const { checkEvents, checkJets, jetCheckText } = await import("./datasetscheckjets.js");
  if (options.rows !== undefined)
    throw new UsageError(
      `dataset ${manifest.id}: --rows is about modules: expected none, got ${options.rows}`,
    );
  if (manifest.domain === "events") {
    const { json, text } = await checkEvents(manifest, options, context);
    await tell(json, text, options, context);
    return;
  }
  const record = await checkJets(manifest, options, context);
  await tell(`${JSON.stringify(record, null, 2)}\n`, jetCheckText(record), options, context);
}

export const check = defineCommand<CheckOptions>({
  name: "check",
  summary: "how like real data a simulated set is",
  arguments: [{ name: "<id>", says: "a dataset of `wafermark datasets ls`" }],
  options: [
    {
      flags: "--against <file>",
      says: "real rows to judge by (CSV, HDF5, npy, npz; events: lines; also .gz)",
    },
    {
      flags: "--rows <half>",
      says: "rows of that file by their hash: all, odd (for tuning), even (for judging codecs)",
      parse: choice("--rows", ROW_HALVES),
    },
    {
      flags: "--size <size>",
      says: "smoke, standard or full",
      default: "standard",
      parse: choice("--size", ["smoke", "standard", "full"]),
    },
    {
      flags: "--events <n>",
      says: "rows to make instead of those of a size",
      parse: integer("--events", 1, MOST_EVENTS),
    },
    { flags: "--skip-bad", says: "leave out lines that are no events, and count them" },
    { flags: "-o, --out <file>", says: "the record as JSON" },
  ],
  examples: [
    ["wafermark datasets check hgcal-ttbar-0pu --against ttbar_0PU.csv.gz", "every figure, with its goal"],
    ["wafermark datasets check hgcal-ttbar-0pu", "what chance alone gives"],
    ["wafermark datasets check jets-cms-24d --against jets.csv", "marginals and rank of jets"],
    ["wafermark datasets check pheno-ttbar --against ttbar_10fb.csv", "every line of a file of events"],
  ],
  async run(context, [id], options) {
    const { readManifest } = await import("../engine/datasets.js");
    const manifest = await readManifest(String(id));
    if (manifest.domain !== "modules") {
      await checkOthers(manifest, options, context);
      return EXIT.done;
    }
    const { hasShowers } = await import("../engine/datasetgenerators.js");
    const { judgeRealism } = await import("../engine/realism.js");
    const ours = await synthetic(String(id), options, context);
    const real = await theirs(String(id), ours, options, context);
    const kernels = await context.openKernels();
    let record: RealismRecord;
    try {
      const { progress, signal } = context;
      const { table, kind, selection } = real;
      record = await judgeRealism(
        { synthetic: ours, real: table, kind, selection, showers: hasShowers(manifest) },
        { kernels, progress, signal },
      );
    } finally {
      await kernels.close();
    }
    await tell(`${JSON.stringify(record, null, 2)}\n`, realismText(record), options, context);
    return EXIT.done;
  },
});
