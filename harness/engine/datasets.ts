/**
 * Tables of the embedded module datasets: made by their generators, read from the cache, or from the real file imported in their place.
 *
 * A generated table is checked against the hash in its manifest, so a change of a generator cannot pass unnoticed.
 */
import { censusOf } from "../core/census.js";
import type { DatasetManifest, DatasetSize } from "../core/dataset.js";
import { distinctRows } from "../core/distinct.js";
import { DisagreementError, InputError, isHarnessError } from "../core/errors.js";
import type { TableChunk } from "../core/generator.js";
import { CELLS, type Label, type ModuleTable, type Slab } from "../core/table.js";
import { readCachedTable, writeCachedTable } from "../io/datasetcache.js";
import { Sha256 } from "../io/hash.js";
import { readImport, type ImportRecord } from "../io/imports.js";
import { readModules } from "../io/moduletable.js";
import { readModuleManifest } from "./datasetmanifests.js";
import { streamAmount, type Amount, type StreamSource } from "./datasetstream.js";
import { pickRows } from "./pickrows.js";
import { readers } from "./plugins.generated.js";
import type { Progress } from "./progress.js";

export { DATASET_SIZES, type DatasetSize } from "../core/dataset.js";
export { allDatasetIds, datasetIds, readManifest } from "./datasetmanifests.js";

/** SHA-256 of charges (or of the columns of jets) as little-endian float64, row after row. */
export function chargesHash(calq: Float64Array): string {
  const hash = new Sha256();
  hash.update(new Uint8Array(calq.buffer, calq.byteOffset, calq.byteLength));
  return hash.digest();
}

export interface GenerateOptions {
  /** Keep only the first of identical rows. */
  readonly distinct?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Threads that make rows; the table is the same for any number. Default 1. */
  readonly threads?: number;
  /** Folder with made tables and imports; absent: everything is made, and nothing imported is looked at. */
  readonly cache?: string;
  /** Told what a user should know but need not act on: a damaged cache entry, a cache that cannot be written. */
  readonly note?: (text: string) => void;
}

/** What a manifest's generator needs to make rows; `seed` overrides its own. Refuses (InputError) a set without generator. */
export function sourceOf({ id, generator }: DatasetManifest, seed?: number): StreamSource {
  if (generator === undefined) {
    throw new InputError(`dataset ${id}: generator: expected one, got none`, { tag: "schema" });
  }
  const { name, parameters } = generator;
  return { where: `dataset ${id}`, generator: name, parameters, seed: seed ?? generator.seed };
}

/** Rows collected in memory that worker threads can share. */
class Collected {
  #calq = new Float64Array(new SharedArrayBuffer(0));
  readonly #labels = new Map<Label, Float64Array>();
  rows = 0;

  add({ rows, values, labels }: TableChunk): void {
    const needed = (this.rows + rows) * CELLS;
    if (needed > this.#calq.length) {
      const grown = new Float64Array(new SharedArrayBuffer(8 * Math.max(needed, 2 * this.#calq.length)));
      grown.set(this.#calq.subarray(0, this.rows * CELLS));
      this.#calq = grown;
    }
    this.#calq.set(values, this.rows * CELLS);
    for (const [name, column] of labels) {
      const before = this.#labels.get(name) ?? new Float64Array(0);
      const whole = before.length >= this.rows + rows ? before : new Float64Array(2 * (this.rows + rows));
      if (whole !== before) whole.set(before.subarray(0, this.rows));
      whole.set(column, this.rows);
      this.#labels.set(name, whole);
    }
    this.rows += rows;
  }

  finish(): Slab {
    const { rows } = this;
    const labels = [...this.#labels].map(([name, column]) => [name, column.slice(0, rows)] as const);
    return { rows, calq: this.#calq.subarray(0, rows * CELLS), labels: new Map(labels) };
  }
}

async function generate(
  manifest: DatasetManifest,
  amount: Amount,
  seed: number | undefined,
  options: GenerateOptions,
): Promise<Slab> {
  const { threads = 1, progress, signal } = options;
  const chunks = streamAmount(sourceOf(manifest, seed), amount, {
    threads,
    title: `generate ${manifest.id}`,
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
  });
  const collected = new Collected();
  for await (const chunk of chunks) {
    if ("lines" in chunk) throw new TypeError(`dataset ${manifest.id}: a generator of modules made lines`);
    collected.add(chunk);
  }
  return collected.finish();
}

/** The table of a size from the cache; says when an entry was of no use. */
async function fromCache(hash: string, what: string, options: GenerateOptions): Promise<Slab | undefined> {
  if (options.cache === undefined) return undefined;
  const found = await readCachedTable(hash, options.cache);
  if (found === undefined) return undefined;
  if (!found.corrupt) return found.slab;
  options.note?.(`${what}: its cache entry is damaged or of another version, and is made again`);
  return undefined;
}

async function toCache(hash: string, slab: Slab, what: string, options: GenerateOptions): Promise<void> {
  if (options.cache === undefined) return;
  try {
    await writeCachedTable(hash, slab, options.cache);
  } catch (error) {
    // A table that cannot be kept is made again next time; nothing else is lost.
    if (!isHarnessError(error)) throw error;
    options.note?.(`${what}: not kept in the cache (WAFERMARK_CACHE names another folder): ${error.message}`);
  }
}

async function sizedRows(
  manifest: DatasetManifest,
  size: DatasetSize,
  options: GenerateOptions,
): Promise<readonly [Slab, string]> {
  const { id } = manifest;
  const what = `dataset ${id} (${size})`;
  const expected = new Map(Object.entries(manifest.sha256)).get(size);
  const kept = expected === undefined ? undefined : await fromCache(expected, what, options);
  if (kept !== undefined && expected !== undefined) return [kept, expected];
  const slab = await generate(manifest, { rows: manifest.sizes[size] }, undefined, options);
  const sha256 = chargesHash(slab.calq);
  if (sha256 !== expected) {
    throw new DisagreementError(
      `${what}: generated rows: expected SHA-256 ${expected?.slice(0, 12) ?? "none"}, got ${sha256.slice(0, 12)}`,
      { tag: "hash" },
    );
  }
  await toCache(sha256, slab, what, options);
  return [slab, sha256];
}

async function readImported(record: ImportRecord, options: GenerateOptions): Promise<ModuleTable> {
  const { dataset, header, format, round, nonfinite, negative } = record.reading;
  const table = await readModules(record.path, readers, {
    id: record.id,
    unit: record.unit === "mipt" ? "mipt" : "calq",
    expectedSha256: record.sha256,
    ...(dataset === undefined ? {} : { dataset }),
    ...(header === undefined ? {} : { header }),
    ...(format === undefined ? {} : { format }),
    ...(round === undefined ? {} : { round }),
    ...(nonfinite === undefined ? {} : { nonfinite }),
    ...(negative === undefined ? {} : { negative }),
    ...(options.distinct === undefined ? {} : { distinct: options.distinct }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const name = `${record.path} (imported as ${record.id})`;
  const licence = record.licence === null ? {} : { licence: record.licence };
  return { ...table, provenance: { ...table.provenance, ...licence, name } };
}

/**
 * The dataset at one of its sizes, or all rows of the file imported in its place (`options.cache`).
 *
 * DisagreementError when made rows are not those of the manifest's hash; UsageError for an unknown id, or one without modules.
 */
export async function makeDataset(
  id: string,
  size: DatasetSize,
  options: GenerateOptions = {},
): Promise<ModuleTable> {
  const manifest = await readModuleManifest(id);
  const imported = options.cache === undefined ? undefined : await readImport(id, options.cache);
  if (imported !== undefined) return readImported(imported, options);
  const [slab, sha256] = await sizedRows(manifest, size, options);
  return tableOf(manifest, slab, sha256, size, options);
}

/** Other rows of the dataset's generator than those of its sizes: any amount, any seed. There is no hash to check. */
export async function makeVariant(
  id: string,
  amount: number | Amount,
  seed: number | undefined,
  options: GenerateOptions = {},
): Promise<ModuleTable> {
  const manifest = await readModuleManifest(id);
  const wanted: Amount = typeof amount === "number" ? { rows: amount } : amount;
  const slab = await generate(manifest, wanted, seed, options);
  const count = "rows" in wanted ? `${wanted.rows} rows` : `${wanted.units} events`;
  const says = `${count}${seed === undefined ? "" : `, seed ${seed}`}`;
  return tableOf(manifest, slab, chargesHash(slab.calq), says, options);
}

function tableOf(
  manifest: DatasetManifest,
  slab: Slab,
  sha256: string,
  says: string,
  options: GenerateOptions,
): ModuleTable {
  const { id, licence, generator } = manifest;
  const first = distinctRows(slab.calq, CELLS);
  const kept = options.distinct === true ? pickRows(slab, first) : slab;
  const repeated = slab.rows - kept.rows;
  return {
    ...kept,
    id,
    provenance: {
      kind: "synthetic",
      name: `${generator?.name ?? "generator"} ${id} ${says}`,
      sha256,
      format: "generator",
      unit: manifest.unit === "mipt" ? "mipt" : "calq",
      licence,
    },
    census: censusOf(kept, {
      distinct: first.length,
      dropped: repeated === 0 ? {} : { "repeated rows": repeated },
      labels: [...slab.labels.keys()],
      ignoredColumns: [],
    }),
  };
}
