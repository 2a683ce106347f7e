/** How a file reader is declared: one file under harness/readers, `export const reader = defineReader({...})`. */
import type { Label, Slab } from "./table.js";

/** What a reader may spend; it compares counts found in a file with the bytes present before it allocates. */
export interface ReadLimits {
  readonly maxBytes: number;
  readonly maxRows: number;
}

export interface ReadOptions {
  /** Dataset path inside a container file (HDF5) or array name (npz). */
  readonly dataset?: string;
  /** Overrides header detection (CSV). */
  readonly header?: boolean;
  /** Columns per row: 48 for modules; any number for `emd` with coordinates; 0 in a matrix: as many as the file has. */
  readonly columns: number;
  /**
   * "modules": charges by their names or, without a header, the first 48 columns; "modules-eta": the same, and a headerless
   * 49th column is eta; "matrix": exactly `columns` columns in file order, whatever they are called.
   */
  readonly layout: "modules" | "modules-eta" | "matrix";
  readonly limits: ReadLimits;
}

/** Raw rows as they stand in the file: any finite or non-finite number; validation comes after, in one place for all formats. */
export interface RawSlab {
  readonly rows: number;
  /** [rows, columns] */
  readonly values: Float64Array;
  readonly labels: Slab["labels"];
  /** Where row `i` of this slab stands in the file: "line 17" or "row 16". */
  locate(row: number): string;
}

export interface RawTable {
  /** Values per row of the slabs. */
  readonly columns: number;
  readonly columnNames: readonly string[];
  readonly labels: readonly Label[];
  readonly ignoredColumns: readonly string[];
  /** Slabs in file order; each is valid until the next is asked for. */
  slabs(): AsyncGenerator<RawSlab>;
}

export interface Reader {
  readonly id: string;
  readonly title: string;
  /** File name endings that belong to this format, without ".gz". */
  readonly extensions: readonly string[];
  /** True when the first bytes look like this format. */
  matches(head: Uint8Array): boolean;
  /** Opens the whole file, held in memory or streamed from `path`; `name` is what messages call it. */
  open(source: ReadSource, options: ReadOptions): Promise<RawTable>;
}

export interface ReadSource {
  readonly name: string;
  /** Chunks of the (already gunzipped) file. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** The whole (already gunzipped) file; refuses more than the limit. */
  bytes(): Promise<Uint8Array>;
}

export function defineReader(reader: Reader): Reader {
  return reader;
}
