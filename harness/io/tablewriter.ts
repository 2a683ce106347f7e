/** Tables out: CSV or npy by the file's ending, rows appended as they come, the file in place only when complete. */
import { UsageError } from "../core/errors.js";
import { shortestDigits } from "../core/digits.js";
import { AtomicFile } from "./atomic.js";

export interface TableWriter {
  /** Appends rows of `columns.length` values. */
  write(values: Float64Array): Promise<void>;
  /** Makes the file appear under its name. */
  commit(): Promise<void>;
  /** Removes what was written; harmless after `commit`. */
  abandon(): Promise<void>;
}

/** Room for the header of an npy file whose number of rows is not known yet; a multiple of 64 as the format asks. */
const NPY_HEADER_BYTES = 128;

/** The lower-case ending of a name, ".csv"; undefined when it has none. */
export function endingOf(path: string): string | undefined {
  return /\.[^./\\]+$/.exec(path)?.[0].toLowerCase();
}

/** Opens `path` (.csv or .npy) for rows with these columns; refuses (UsageError) other endings. `digits` writes a CSV's fields. */
export async function createTable(
  path: string,
  columns: readonly string[],
  digits: (value: number, column: number) => string = shortestDigits,
): Promise<TableWriter> {
  const ending = endingOf(path);
  if (ending === ".csv") return csvTable(await AtomicFile.create(path), columns, digits);
  if (ending === ".npy") return npyTable(await AtomicFile.create(path), columns);
  throw new UsageError(
    `${path}: unknown kind of output: expected a name in .csv or .npy, got ${ending ?? "none"}`,
  );
}

/** CSV text of rows: numbers, commas, line ends. */
export function csvRows(
  values: Float64Array,
  columns: number,
  digits: (value: number, column: number) => string,
): string {
  const lines: string[] = [];
  for (let at = 0; at < values.length; at += columns) {
    let line = digits(values[at], 0);
    for (let column = 1; column < columns; column++) line += `,${digits(values[at + column], column)}`;
    lines.push(line);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

async function csvTable(
  file: AtomicFile,
  columns: readonly string[],
  digits: (value: number, column: number) => string,
): Promise<TableWriter> {
  const encoder = new TextEncoder();
  await file.write(encoder.encode(`${columns.join(",")}\n`));
  return {
    write: (values) => file.write(encoder.encode(csvRows(values, columns.length, digits))),
    commit: () => file.commit(),
    abandon: () => file.abandon(),
  };
}

async function npyTable(file: AtomicFile, columns: readonly string[]): Promise<TableWriter> {
  await file.write(npyHeader(0, columns.length));
  let rows = 0;
  return {
    async write(values) {
      const bytes = new Uint8Array(8 * values.length);
      const view = new DataView(bytes.buffer);
      values.forEach((value, i) => {
        view.setFloat64(8 * i, value, true);
      });
      await file.write(bytes);
      rows += values.length / columns.length;
    },
    async commit() {
      await file.writeAt(npyHeader(rows, columns.length), 0);
      await file.commit();
    },
    abandon: () => file.abandon(),
  };
}

/** Version 1 header of a float64 array [rows, columns], or [rows] for one column. */
function npyHeader(rows: number, columns: number): Uint8Array {
  const shape = columns === 1 ? `(${rows},)` : `(${rows}, ${columns})`;
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`;
  const bytes = new TextEncoder().encode(
    `\u0000NUMPY\u0001\u0000\u0000\u0000${text}`.padEnd(NPY_HEADER_BYTES - 1) + "\n",
  );
  bytes[0] = 0x93;
  new DataView(bytes.buffer).setUint16(8, NPY_HEADER_BYTES - 10, true);
  return bytes;
}
