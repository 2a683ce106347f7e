/** `wafermark datasets import`: puts a real file in the place of an embedded set, or takes it away again. */
import { resolve } from "node:path";
import type { DatasetManifest } from "../core/dataset.js";
import { EXIT, UsageError } from "../core/errors.js";
import type { ImportRecord } from "../io/imports.js";
import type { ModuleOptions } from "../io/moduletable.js";
import { defineCommand, type Context } from "./context.js";
import type { ReadThrough } from "./datasetsimportjets.js";
import { choice } from "./options.js";

interface ImportOptions {
  readonly as?: string;
  readonly undo?: string;
  readonly licence?: string;
  readonly unit?: "calq" | "mipt";
  readonly nonfinite?: "refuse" | "drop";
  readonly negative?: "refuse" | "zero";
  readonly round?: boolean;
  readonly header?: boolean;
  readonly dataset?: string;
  readonly format?: string;
  readonly skipBad?: boolean;
}

const READING = ["dataset", "header", "format", "round", "nonfinite", "negative", "skipBad"] as const;
type Reading = Pick<ModuleOptions, "dataset" | "header" | "format" | "round" | "nonfinite" | "negative"> & {
  readonly skipBad?: boolean;
};

/** What the options say about reading the file, without the keys that were not given. */
function rulesOf(options: ImportOptions): Reading {
  return Object.fromEntries(
    READING.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

async function undo(id: string, context: Context): Promise<void> {
  const { readManifest } = await import("../engine/datasetmanifests.js");
  const { cacheFolder } = await import("../io/cache.js");
  const { removeImport } = await import("../io/imports.js");
  await readManifest(id);
  if (!(await removeImport(id, cacheFolder()))) {
    throw new UsageError(`dataset ${id}: nothing to undo: expected an imported file, got none`);
  }
  await context.stdout(`${id}: the simulated rows again\n`);
}

/** Read as a run would read it: what is refused there is refused here. */
async function readFile(
  path: string,
  manifest: DatasetManifest,
  reading: Reading,
  unit: "calq" | "mipt",
  context: Context,
): Promise<ReadThrough> {
  if (manifest.domain !== "modules") {
    const { readThrough } = await import("./datasetsimportjets.js");
    return readThrough(path, manifest, reading, context);
  }
  const { readers } = await import("../engine/plugins.generated.js");
  const { readModules } = await import("../io/moduletable.js");
  const { skipBad, ...rules } = reading;
  if (skipBad !== undefined)
    throw new UsageError(`dataset ${manifest.id}: --skip-bad is about events: expected none, got it`);
  const { rows, provenance } = await readModules(path, readers, { ...rules, unit, signal: context.signal });
  return { rows, sha256: provenance.sha256, leftOut: {} };
}

async function importFile(path: string, id: string, options: ImportOptions, context: Context): Promise<void> {
  const { readManifest } = await import("../engine/datasetmanifests.js");
  const { cacheFolder } = await import("../io/cache.js");
  const { writeImport } = await import("../io/imports.js");
  const manifest = await readManifest(id);
  const isModules = manifest.domain === "modules";
  if (!isModules && options.unit !== undefined)
    throw new UsageError(`dataset ${id}: --unit is about charges: expected none, got ${options.unit}`);
  const unit = options.unit ?? "calq";
  const reading = rulesOf(options);
  const { rows, sha256, leftOut } = await readFile(path, manifest, reading, unit, context);
  if (rows === 0) throw new UsageError(`${path}: nothing to import: expected at least one row, got none`);
  const record: ImportRecord = {
    importVersion: 1,
    id,
    path: resolve(path),
    sha256,
    rows,
    unit: isModules ? unit : "columns",
    reading,
    licence: options.licence ?? null,
  };
  await writeImport(record, cacheFolder());
  await context.stdout(
    context.json
      ? `${JSON.stringify(record, null, 2)}\n`
      : `${id}: ${record.path}, ${record.rows} rows, SHA-256 ${record.sha256}\n`,
  );
  for (const [reason, count] of Object.entries(leftOut))
    context.warn(`${path}: ${count} left out: ${reason}\n`);
  context.stderr(`all commands now use this file for ${id}; undo: wafermark datasets import --undo ${id}\n`);
}

export const importCommand = defineCommand<ImportOptions>({
  name: "import",
  summary: "put a real file in the place of an embedded set",
  arguments: [
    {
      name: "[file]",
      says: "modules or jets (CSV, HDF5, npy, npz), events (lines); also .gz; it stays where it is",
    },
  ],
  options: [
    { flags: "--as <id>", says: "the dataset whose place it takes" },
    { flags: "--undo <id>", says: "take the file away again" },
    { flags: "--licence <text>", says: "licence of the file, shown in reports" },
    {
      flags: "--unit <unit>",
      says: "unit of the charges: calq or mipt",
      parse: choice("--unit", ["calq", "mipt"]),
    },
    {
      flags: "--nonfinite <what>",
      says: "rows with NaN or infinities: refuse or drop",
      parse: choice("--nonfinite", ["refuse", "drop"]),
    },
    {
      flags: "--negative <what>",
      says: "negative charges: refuse or zero",
      parse: choice("--negative", ["refuse", "zero"]),
    },
    { flags: "--round", says: "round fractions of a count" },
    { flags: "--header", says: "the first line of the CSV is a header" },
    { flags: "--no-header", says: "the CSV has no header" },
    { flags: "--dataset <path>", says: "dataset inside an HDF5 file, or array name in an npz" },
    { flags: "--skip-bad", says: "leave out lines that are no events, and count them" },
    { flags: "--format <id>", says: "file format, when the name does not tell" },
  ],
  examples: [
    ["wafermark datasets import ttbar.csv.gz --as hgcal-ttbar-0pu", "the file stands for the set everywhere"],
    [
      "wafermark datasets import ttbar_10fb.csv --as pheno-ttbar --skip-bad",
      "lines that are no events are counted",
    ],
    ["wafermark datasets import --undo hgcal-ttbar-0pu", "the simulated rows again"],
  ],
  async run(context, [file], options) {
    const { as: id, undo: undone } = options;
    if (undone !== undefined && id === undefined && file === undefined) await undo(undone, context);
    else if (undone === undefined && id !== undefined && typeof file === "string")
      await importFile(file, id, options, context);
    else {
      throw new UsageError("datasets import: not clear what to do: expected FILE --as ID, or --undo ID", {
        remedy: "wafermark datasets import --help",
      });
    }
    return EXIT.done;
  },
});
