/**
 * A generated dataset written to a file as it is made: memory does not grow with its rows.
 *
 * Modules get the column names of the published training files; other tables those of their generator; events are lines.
 */
import type { DatasetManifest } from "../core/dataset.js";
import { shortestDigits } from "../core/digits.js";
import { DisagreementError, UsageError } from "../core/errors.js";
import type { Generator, TableChunk, TableGenerator } from "../core/generator.js";
import { DENSITIES, MODULE_TYPES } from "../core/moduletypes.js";
import { LABELS, type Label } from "../core/table.js";
import { AtomicFile } from "../io/atomic.js";
import { Sha256 } from "../io/hash.js";
import { createHdf5Table } from "../io/hdf5writer.js";
import { createTable, endingOf, type TableWriter } from "../io/tablewriter.js";
import { findGenerator } from "./datasetgenerators.js";
import { sourceOf } from "./datasets.js";
import { streamAmount, type Amount, type Chunk } from "./datasetstream.js";
import type { Progress } from "./progress.js";

export interface ExportOptions {
  readonly threads: number;
  readonly seed?: number;
  /** Hash that the rows must have; the file does not appear otherwise. */
  readonly expectedSha256?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface Exported {
  readonly rows: number;
  /** SHA-256 of the rows as manifests define it. */
  readonly sha256: string;
  readonly columns: readonly string[];
}

/** Where chunks go. */
interface Sink {
  readonly columns: readonly string[];
  write(chunk: Chunk, firstRow: number): Promise<void>;
  commit(): Promise<void>;
  abandon(): Promise<void>;
}

const CHARGE_ENDINGS = ".csv, .npy or .h5";

/** Label columns of a chunk in the published order; "entry" is the row's number where the generator gives none. */
function labelNames(chunk: TableChunk, domain: TableGenerator["domain"]): readonly Label[] {
  if (domain !== "modules") return [];
  const present = new Set<Label>(chunk.labels.map(([name]) => name));
  present.add("entry");
  return LABELS.filter((name) => present.has(name));
}

/** "entry" stands before the charges, all other labels behind them. */
function columnsOf(charges: readonly string[], labels: readonly Label[]): readonly string[] {
  return labels.length === 0 ? charges : ["entry", ...charges, ...labels.filter((name) => name !== "entry")];
}

/** Module type and density as the published files write them, everything else as numbers. */
function csvField(columns: readonly string[]): (value: number, column: number) => string {
  const words = columns.map((name): readonly string[] =>
    name === "ModType" ? MODULE_TYPES : name === "HD_LD" ? DENSITIES : [],
  );
  return (value, column) => words[column][value] ?? shortestDigits(value);
}

async function openTable(
  path: string,
  generator: TableGenerator,
  columns: readonly string[],
): Promise<TableWriter> {
  if (endingOf(path) === ".csv" || endingOf(path) === ".npy")
    return createTable(path, columns, csvField(columns));
  return createHdf5Table(
    path,
    columns.map((name) => ({ name, whole: generator.wholeColumns?.includes(name) ?? false })),
  );
}

/** Rows of a chunk as one matrix with labels beside the charges. */
function matrixOf(
  { rows, values, labels }: TableChunk,
  columns: readonly string[],
  firstRow: number,
): Float64Array {
  const width = values.length / rows;
  const charged = columns[0] === "entry" ? 1 : 0;
  const byName = new Map<string, Float64Array>(labels);
  const out = new Float64Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    const base = row * columns.length;
    if (charged === 1) out[base] = byName.get("entry")?.[row] ?? firstRow + row;
    out.set(values.subarray(row * width, (row + 1) * width), base + charged);
    for (let k = charged + width; k < columns.length; k++)
      out[base + k] = byName.get(columns[k])?.[row] ?? NaN;
  }
  return out;
}

/** The writer is opened at the first chunk, which knows its labels. An npy file holds the numbers without labels. */
class TableSink implements Sink {
  #writer: TableWriter | undefined;
  columns: readonly string[];

  constructor(
    private readonly path: string,
    private readonly generator: TableGenerator,
  ) {
    this.columns = generator.columns;
  }

  async write(chunk: Chunk, firstRow: number): Promise<void> {
    if ("lines" in chunk) throw new TypeError("a generator of tables made lines");
    if (this.#writer === undefined) {
      const isMatrix = endingOf(this.path) === ".npy";
      const labels = isMatrix ? [] : labelNames(chunk, this.generator.domain);
      this.columns = columnsOf(this.generator.columns, labels);
      this.#writer = await openTable(this.path, this.generator, this.columns);
    }
    if (chunk.rows > 0) await this.#writer.write(matrixOf(chunk, this.columns, firstRow));
  }

  async commit(): Promise<void> {
    await this.#writer?.commit();
  }

  async abandon(): Promise<void> {
    await this.#writer?.abandon();
  }
}

class LinesSink implements Sink {
  readonly columns = [];

  constructor(private readonly file: AtomicFile) {}

  async write(chunk: Chunk): Promise<void> {
    if (!("lines" in chunk)) throw new TypeError("a generator of lines made a table");
    await this.file.write(new TextEncoder().encode(chunk.lines));
  }

  commit(): Promise<void> {
    return this.file.commit();
  }

  abandon(): Promise<void> {
    return this.file.abandon();
  }
}

/** Refuses (UsageError) an ending that the dataset cannot be written as, before anything is made. */
export function checkEnding(path: string, manifest: DatasetManifest): void {
  const isEvents = manifest.domain === "events";
  const known = isEvents ? [".csv", ".txt"] : [".csv", ".npy", ".h5", ".hdf5"];
  const ending = endingOf(path);
  if (ending !== undefined && known.includes(ending)) return;
  throw new UsageError(
    `${path}: unknown kind of output: expected a name in ${isEvents ? ".csv or .txt" : CHARGE_ENDINGS}, got ${ending ?? "none"}`,
  );
}

async function openSink(path: string, generator: Generator): Promise<Sink> {
  return generator.kind === "lines"
    ? new LinesSink(await AtomicFile.create(path))
    : new TableSink(path, generator);
}

/** What the hash of a manifest is over: the numbers of the table without labels, or the lines. */
function hashedBytes(chunk: Chunk): Uint8Array {
  if ("lines" in chunk) return new TextEncoder().encode(chunk.lines);
  const { buffer, byteOffset, byteLength } = chunk.values;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Makes the rows and writes them to `path`; the file appears when it is complete.
 *
 * Throws DisagreementError when the rows do not have the expected hash, WriteError when there is no room, the signal's reason when
 * it is aborted; the file is then not there, and a former one unchanged.
 */
export async function exportDataset(
  manifest: DatasetManifest,
  amount: Amount,
  path: string,
  { seed, expectedSha256, ...how }: ExportOptions,
): Promise<Exported> {
  checkEnding(path, manifest);
  const source = sourceOf(manifest, seed);
  const sink = await openSink(path, findGenerator(source.generator, source.where));
  const hash = new Sha256();
  let rows = 0;
  try {
    for await (const chunk of streamAmount(source, amount, { ...how, title: `write ${manifest.id}` })) {
      hash.update(hashedBytes(chunk));
      await sink.write(chunk, rows);
      rows += chunk.rows;
    }
    const sha256 = hash.digest();
    if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
      throw new DisagreementError(
        `dataset ${manifest.id}: generated rows: expected SHA-256 ${expectedSha256.slice(0, 12)}, got ${sha256.slice(0, 12)}`,
        { tag: "hash" },
      );
    }
    await sink.commit();
    return { rows, sha256, columns: sink.columns };
  } finally {
    await sink.abandon();
  }
}
