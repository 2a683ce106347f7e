/** The tables of a run: the user's files as the options say, the embedded datasets, or both. */
import { UsageError } from "../core/errors.js";
import type { DatasetResult } from "../core/results.js";
import type { ModuleTable } from "../core/table.js";
import { datasetIds, makeDataset, readManifest, type DatasetSize } from "../engine/datasets.js";
import { readModuleManifest } from "../engine/datasetmanifests.js";
import { readers } from "../engine/plugins.generated.js";
import { idFromPath, readModules, type ModuleOptions } from "../io/moduletable.js";
import type { Context } from "./context.js";
import { making } from "./datasetsmake.js";
import type { TableOptions } from "./runoptions.js";

/** A table and what results say about it. */
export interface LoadedTable {
  readonly table: ModuleTable;
  readonly record: DatasetResult;
  /** True for a set of ours, or the file imported in its place; false for a file named with --data. */
  readonly embedded: boolean;
}

function recordOf(table: ModuleTable, title: string, distinctOnly: boolean): DatasetResult {
  const { provenance, census } = table;
  const left = Object.entries(census.dropped)
    .filter(([reason]) => reason.includes("rows"))
    .reduce((sum, [, count]) => sum + count, 0);
  return {
    id: table.id,
    title,
    kind: provenance.kind,
    name: provenance.name,
    sha256: provenance.sha256,
    licence: provenance.licence ?? null,
    unit: provenance.unit,
    rows: table.rows + left,
    used: table.rows,
    distinctOnly,
    census: {
      empty: census.empty,
      distinct: census.distinct,
      nonIntegerRows: census.nonIntegerRows,
      minimum: census.minimum,
      maximum: census.maximum,
      smallestPositive: census.smallestPositive,
      meanSum: census.meanSum,
      meanNonZero: census.meanNonZero,
      meanOccupancy: census.meanOccupancy,
      occupancySlices: [...census.occupancySlices],
      dropped: { ...census.dropped },
      labels: [...census.labels],
      ignoredColumns: [...census.ignoredColumns],
    },
  };
}

/** An id that no other table of the run has. */
export function uniqueId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted;
  for (let i = 2; taken.has(id); i++) id = `${wanted}-${i}`;
  return id;
}

const RULES = [
  "distinct",
  "unit",
  "nonfinite",
  "negative",
  "round",
  "header",
  "dataset",
  "format",
] as const satisfies readonly (keyof TableOptions & keyof ModuleOptions)[];

/** What the options say about reading a file, without the keys that were not given. */
export function rulesOf(
  options: Omit<TableOptions, "data" | "datasets">,
): Pick<ModuleOptions, (typeof RULES)[number]> {
  return Object.fromEntries(
    RULES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

async function loadFile(
  path: string,
  taken: ReadonlySet<string>,
  options: TableOptions,
  context: Context,
): Promise<LoadedTable> {
  const table = await readModules(path, readers, {
    ...rulesOf(options),
    id: uniqueId(idFromPath(path), taken),
    signal: context.signal,
  });
  if (table.rows === 0) {
    throw new UsageError(`${path}: nothing selected: expected at least one row, got none`, {
      remedy: "a file with modules, or without the options that drop them all",
    });
  }
  return { table, record: recordOf(table, idFromPath(path), options.distinct ?? false), embedded: false };
}

async function loadEmbedded(
  id: string,
  size: DatasetSize,
  options: TableOptions,
  context: Context,
): Promise<LoadedTable> {
  const { title } = await readManifest(id);
  const distinct = options.distinct ?? false;
  const table = await makeDataset(id, size, { ...(await making(context)), distinct });
  return { table, record: recordOf(table, title, distinct), embedded: true };
}

/** The embedded sets of a run that names none. */
async function usualIds(size: DatasetSize): Promise<readonly string[]> {
  if (size === "full") return datasetIds;
  const manifests = await Promise.all(datasetIds.map(readManifest));
  return manifests.filter(({ onlyNamed }) => onlyNamed !== true).map(({ id }) => id);
}

/** Reads and makes all tables; refuses (UsageError) a selection that is empty. */
export async function loadTables(
  options: TableOptions,
  size: DatasetSize,
  context: Context,
): Promise<LoadedTable[]> {
  const files = options.data ?? [];
  const ids = options.datasets ?? (files.length > 0 ? [] : await usualIds(size));
  if (files.length + ids.length === 0) {
    throw new UsageError("datasets: nothing selected: expected at least one, got none", {
      remedy: "wafermark datasets ls, or --data FILE",
    });
  }
  // Names are checked before the first row is made.
  for (const id of ids) await readModuleManifest(id);
  const loaded: LoadedTable[] = [];
  const taken = new Set<string>(ids);
  for (const path of files) {
    const next = await loadFile(path, taken, options, context);
    taken.add(next.table.id);
    loaded.push(next);
  }
  for (const id of new Set(ids)) loaded.push(await loadEmbedded(id, size, options, context));
  return loaded;
}
