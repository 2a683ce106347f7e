/** Tables of jets: made by a generator, or read from a file whose columns are taken by their names. */
import { InputError, printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { RawSlab, RawTable } from "../core/reader.js";
import { readImport } from "../io/imports.js";
import { defaultLimits, withinBudget } from "../io/limits.js";
import { openRawTable } from "../io/rawtable.js";
import { JET_TABLES, type JetColumn } from "../physics/jetcolumns.js";
import { sourceOf } from "./datasets.js";
import { readManifest } from "./datasetmanifests.js";
import { streamAmount, type Amount } from "./datasetstream.js";
import { readers } from "./plugins.generated.js";
import type { Progress } from "./progress.js";

export interface JetTable {
  readonly columns: readonly JetColumn[];
  readonly rows: number;
  /** [rows, columns] */
  readonly values: Float64Array;
  /** The generator with its seed, or the file. */
  readonly name: string;
  /** Of the file's bytes; null for made jets. */
  readonly sha256: string | null;
}

/** The columns of a dataset of jets; refuses (UsageError) other ids. */
export function jetColumns(id: string): readonly JetColumn[] {
  const columns = JET_TABLES.get(id);
  if (columns !== undefined) return columns;
  throw new UsageError(
    `dataset ${printable(id)}: no table of jets: expected one of ${[...JET_TABLES.keys()].join(", ")}, got ${printable(id)}`,
  );
}

export interface JetOptions {
  readonly threads?: number;
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Jets of the dataset's generator. */
export async function makeJets(id: string, amount: Amount, options: JetOptions = {}): Promise<JetTable> {
  const columns = jetColumns(id);
  const source = sourceOf(await readManifest(id), options.seed);
  const rows = "rows" in amount ? amount.rows : amount.units;
  const values = new Float64Array(rows * columns.length);
  const { threads = 1, progress, signal } = options;
  const chunks = streamAmount(
    source,
    { units: rows },
    {
      threads,
      title: `generate ${id}`,
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  let at = 0;
  for await (const chunk of chunks) {
    if ("lines" in chunk) throw new TypeError(`dataset ${id}: a generator of jets made lines`);
    values.set(chunk.values, at);
    at += chunk.values.length;
  }
  return { columns, rows, values, name: `generator ${source.generator}, seed ${source.seed}`, sha256: null };
}

export interface JetFileOptions {
  readonly format?: string;
  readonly dataset?: string;
  readonly header?: boolean;
  /** Rows with NaN or infinities: refused, or left out and counted. */
  readonly nonfinite?: "refuse" | "drop";
  readonly expectedSha256?: string;
  readonly signal?: AbortSignal;
}

export interface JetFile extends JetTable {
  readonly dropped: number;
  readonly ignoredColumns: readonly string[];
}

/** Where each column stands in the file: by name, or in order where the file has no names. */
function placesOf(raw: RawTable, columns: readonly JetColumn[], where: string): number[] {
  const names = raw.columnNames;
  const isNamed = !names.every((name, i) => name === `column ${i + 1}`);
  if (!isNamed) {
    if (names.length === columns.length) return columns.map((_, i) => i);
    throw new InputError(
      `${where}: wrong number of columns: expected ${columns.length} (${columns[0].name}, ${columns[1].name}, ...), got ${names.length}`,
      { tag: "columns", remedy: "name the columns in a header line, or give exactly those" },
    );
  }
  return columns.map(({ name }) => {
    const places = names.flatMap((own, i) => (own === name ? [i] : []));
    if (places.length === 1) return places[0];
    const near = nearestNames(name, names, 1);
    throw new InputError(
      `${where}: column ${name}: expected it once, got it ${places.length === 0 ? "not at all" : `${places.length} times`}`,
      {
        tag: "columns",
        ...(near.length === 0 ? {} : { remedy: `rename ${printable(near[0])} if it is that column` }),
      },
    );
  });
}

/** Copies a slab's rows; counts those that are left out. */
class Rows {
  readonly #parts: Float64Array[] = [];
  dropped = 0;
  rows = 0;

  constructor(
    private readonly where: string,
    private readonly columns: readonly JetColumn[],
    private readonly places: readonly number[],
    private readonly nonfinite: "refuse" | "drop",
  ) {}

  add(slab: RawSlab, width: number): void {
    const out = new Float64Array(slab.rows * this.places.length);
    let kept = 0;
    for (let row = 0; row < slab.rows; row++) {
      const own = out.subarray(kept * this.places.length, (kept + 1) * this.places.length);
      this.places.forEach((from, to) => (own[to] = slab.values[row * width + from]));
      if (own.every(Number.isFinite)) kept++;
      else this.#leaveOut(slab, row, own);
    }
    this.#parts.push(out.subarray(0, kept * this.places.length));
    this.rows += kept;
  }

  #leaveOut(slab: RawSlab, row: number, values: Float64Array): void {
    if (this.nonfinite === "drop") {
      this.dropped++;
      return;
    }
    const column = values.findIndex((x) => !Number.isFinite(x));
    throw new InputError(
      `${this.where} ${slab.locate(row)}: column ${this.columns[column].name}: expected a finite number, got ${values[column]}`,
      { tag: "nonfinite", remedy: "--nonfinite drop leaves such rows out and counts them" },
    );
  }

  joined(): Float64Array {
    const values = new Float64Array(this.rows * this.places.length);
    let at = 0;
    for (const part of this.#parts) {
      values.set(part, at);
      at += part.length;
    }
    return values;
  }
}

/** Reads a table of jets with the columns of dataset `id`; refuses (InputError) missing columns and values that are no numbers. */
export async function readJets(path: string, id: string, options: JetFileOptions = {}): Promise<JetFile> {
  const columns = jetColumns(id);
  const limits = defaultLimits();
  const { table, source } = await openRawTable(path, readers, {
    columns: 0,
    layout: "matrix",
    limits,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    ...(options.header === undefined ? {} : { header: options.header }),
    ...(options.expectedSha256 === undefined ? {} : { expectedSha256: options.expectedSha256 }),
  });
  const places = placesOf(table, columns, path);
  const rows = new Rows(path, columns, places, options.nonfinite ?? "refuse");
  for await (const slab of table.slabs()) {
    options.signal?.throwIfAborted();
    rows.add(slab, table.columns);
    withinBudget(path, 16 * rows.rows * columns.length, limits);
  }
  return {
    columns,
    rows: rows.rows,
    values: rows.joined(),
    name: path,
    sha256: await source.sha256(),
    dropped: rows.dropped,
    ignoredColumns: table.columnNames.filter((_, i) => !places.includes(i)),
  };
}

/** Jets of a dataset: all rows of the file imported in its place (`cache`), else `amount` made ones. */
export async function jetsOf(
  id: string,
  amount: Amount,
  cache: string | undefined,
  options: JetOptions = {},
): Promise<JetTable> {
  const imported = cache === undefined ? undefined : await readImport(id, cache);
  if (imported === undefined) return makeJets(id, amount, options);
  const { dataset, header, format, nonfinite } = imported.reading;
  return readJets(imported.path, id, {
    expectedSha256: imported.sha256,
    ...(dataset === undefined ? {} : { dataset }),
    ...(header === undefined ? {} : { header }),
    ...(format === undefined ? {} : { format }),
    ...(nonfinite === undefined ? {} : { nonfinite }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
