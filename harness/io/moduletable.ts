/**
 * From any file to validated modules: charges in CALQ counts, finite, not negative, with labels and a census.
 *
 * One place for all formats. Values are changed or rows dropped only on explicit request, and each change is counted.
 * `readModules` holds the whole table in shared memory, so that worker threads need no copy; `openModules` streams.
 */
import { basename } from "node:path";
import { CensusCounter } from "../core/census.js";
import { DistinctRows, distinctRows } from "../core/distinct.js";
import type { RawTable } from "../core/reader.js";
import {
  CELLS,
  type Census,
  type Label,
  type ModuleTable,
  type Provenance,
  type Slab,
} from "../core/table.js";
import { defaultLimits, withinBudget } from "./limits.js";
import { ModuleRules, type Rules } from "./modulerules.js";
import { openRawTable, type OpenedTable, type RawOptions, type Readers } from "./rawtable.js";

export interface ModuleOptions extends Rules, Omit<RawOptions, "columns" | "layout"> {
  /** Keep only the first of identical rows. */
  readonly distinct?: boolean;
  /** Stop after this many rows were kept. */
  readonly maxRows?: number;
  /** Dataset id for reports; default: the file's name without its endings. */
  readonly id?: string;
  readonly signal?: AbortSignal;
}

/** Modules of a file, slab by slab; memory does not grow with the file (with `distinct`: with its distinct rows). */
export interface ModuleStream {
  readonly labels: readonly Label[];
  readonly ignoredColumns: readonly string[];
  /** One pass over the rows; each slab has memory of its own. */
  slabs(): AsyncGenerator<Slab>;
  /** Rows dropped and values changed so far, by reason. */
  dropped(): Readonly<Record<string, number>>;
  /** Hash, format and unit; reads the file to its end when `slabs` has not. */
  provenance(): Promise<Provenance>;
}

/** Opens a file for streaming. Refuses (InputError) at the first slab that breaks a rule. */
export async function openModules(
  path: string,
  readers: Readers,
  options: ModuleOptions = {},
): Promise<ModuleStream> {
  const opened = await openRaw(path, readers, options);
  const rules = new ModuleRules(path, options);
  return {
    labels: opened.table.labels,
    ignoredColumns: opened.table.ignoredColumns,
    slabs: () => keptSlabs(path, opened.table, rules, options, true),
    dropped: () => rules.dropped,
    provenance: () => provenanceOf(path, opened, options),
  };
}

/** Reads a whole file. Refuses (InputError) values that break a rule, with their number and the first place. */
export async function readModules(
  path: string,
  readers: Readers,
  options: ModuleOptions = {},
): Promise<ModuleTable> {
  const opened = await openRaw(path, readers, options);
  const rules = new ModuleRules(path, options);
  const limits = options.limits ?? defaultLimits();
  const bytesPerRow = 8 * (CELLS + opened.table.labels.length);
  const parts: Slab[] = [];
  let rows = 0;
  for await (const slab of keptSlabs(path, opened.table, rules, options, false)) {
    rows += slab.rows;
    withinBudget(path, rows * bytesPerRow, limits);
    parts.push(slab);
  }
  rules.refuseIfBroken();
  const table = joined(parts, rows, opened.table.labels);
  return {
    ...table,
    id: options.id ?? idFromPath(path),
    provenance: await provenanceOf(path, opened, options),
    census: censusOfTable(table, rules, opened.table, options.distinct === true),
  };
}

/** The file's name without folders and endings. */
export function idFromPath(path: string): string {
  return basename(path)
    .replace(/\.gz$/i, "")
    .replace(/\.[A-Za-z0-9]+$/, "");
}

function openRaw(path: string, readers: Readers, options: ModuleOptions): Promise<OpenedTable> {
  // The verification files of published trainings have eta behind the charges and are in MIP_T; a 49th column without a
  // name is refused everywhere else.
  return openRawTable(path, readers, {
    ...options,
    columns: CELLS,
    layout: options.unit === "mipt" ? "modules-eta" : "modules",
  });
}

async function* keptSlabs(
  path: string,
  table: RawTable,
  rules: ModuleRules,
  options: ModuleOptions,
  refuseAtOnce: boolean,
): AsyncGenerator<Slab> {
  const most = options.maxRows ?? Infinity;
  const filter = options.distinct === true ? new DistinctFilter(path, options, rules) : undefined;
  let kept = 0;
  for await (const raw of table.slabs()) {
    options.signal?.throwIfAborted();
    let slab = rules.apply(raw);
    if (refuseAtOnce) rules.refuseIfBroken();
    if (filter !== undefined) slab = filter.keepNew(slab);
    if (kept + slab.rows > most) slab = firstRows(slab, most - kept);
    kept += slab.rows;
    if (slab.rows > 0) yield slab;
    if (kept >= most) return;
  }
}

/** Remembers every distinct row of a stream, within the memory budget. */
class DistinctFilter {
  readonly #seen = new DistinctRows(CELLS);
  #rows = new Float64Array(1024 * CELLS);

  constructor(
    private readonly path: string,
    private readonly options: ModuleOptions,
    private readonly rules: ModuleRules,
  ) {}

  keepNew(slab: Slab): Slab {
    const keep: number[] = [];
    for (let row = 0; row < slab.rows; row++) {
      const id = this.#seen.count;
      if ((id + 1) * CELLS > this.#rows.length) this.#grow();
      if (!this.#seen.add(slab.calq, row * CELLS, id, this.#rows)) continue;
      this.#rows.set(slab.calq.subarray(row * CELLS, (row + 1) * CELLS), id * CELLS);
      keep.push(row);
    }
    this.rules.count("repeated rows", slab.rows - keep.length);
    return selectRows(slab, keep);
  }

  #grow(): void {
    const bytes = 2 * this.#rows.byteLength;
    withinBudget(this.path, bytes, this.options.limits ?? defaultLimits());
    const grown = new Float64Array(2 * this.#rows.length);
    grown.set(this.#rows);
    this.#rows = grown;
  }
}

function selectRows(slab: Slab, rows: readonly number[]): Slab {
  if (rows.length === slab.rows) return slab;
  const calq = new Float64Array(rows.length * CELLS);
  rows.forEach((row, to) => {
    calq.set(slab.calq.subarray(row * CELLS, (row + 1) * CELLS), to * CELLS);
  });
  const labels = new Map(
    [...slab.labels].map(([name, column]) => [name, Float64Array.from(rows, (row) => column[row])]),
  );
  return { rows: rows.length, calq, labels };
}

function firstRows(slab: Slab, rows: number): Slab {
  return selectRows(
    slab,
    Array.from({ length: rows }, (_, row) => row),
  );
}

/** One table in shared memory; parts are given up as they are copied. */
function joined(parts: Slab[], rows: number, labels: readonly Label[]): Slab {
  const calq = new Float64Array(new SharedArrayBuffer(8 * CELLS * rows));
  const columns = new Map(labels.map((label) => [label, new Float64Array(new SharedArrayBuffer(8 * rows))]));
  let at = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    calq.set(part.calq, at * CELLS);
    for (const [label, column] of part.labels) columns.get(label)?.set(column, at);
    at += part.rows;
  }
  return { rows, calq, labels: columns };
}

function censusOfTable(table: Slab, rules: ModuleRules, raw: RawTable, isDistinct: boolean): Census {
  const counter = new CensusCounter();
  counter.add(table);
  return counter.finish({
    distinct: isDistinct ? table.rows : distinctRows(table.calq, CELLS).length,
    dropped: rules.dropped,
    labels: [...raw.labels],
    ignoredColumns: [...raw.ignoredColumns],
  });
}

async function provenanceOf(path: string, opened: OpenedTable, options: ModuleOptions): Promise<Provenance> {
  return {
    kind: "file",
    name: path,
    sha256: await opened.source.sha256(),
    format: opened.format,
    unit: options.unit ?? "calq",
  };
}
