/**
 * Tables out as HDF5: one extensible one-dimensional dataset per column, rows appended as they come, in place only when complete.
 *
 * The library stamps objects with the time; it is shown a clock that stands still, so that the same rows give the same bytes.
 */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { refuseFolder, unwritable } from "./atomic.js";
import type { TableWriter } from "./tablewriter.js";

/** Values per chunk of the file; also what is gathered before the library is called. */
const CHUNK_ROWS = 8192;

/** Runs `work`, which must not wait for anything, while Date.now() is 0. */
export function timeless<T>(work: () => T): T {
  const now = Date.now;
  Date.now = () => 0;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/** Columns that hold whole numbers are int32, the others float64. */
export interface Hdf5Column {
  readonly name: string;
  readonly whole: boolean;
}

interface Growing {
  resize(shape: number[]): unknown;
  write_slice(ranges: number[][], data: Int32Array | Float64Array): unknown;
}

/** Opens `path` for rows with these columns; refuses (WriteError) a folder that cannot be written. */
export async function createHdf5Table(path: string, columns: readonly Hdf5Column[]): Promise<TableWriter> {
  await refuseFolder(path);
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.part`,
  );
  // The library's own messages say little: whether the folder can be written is found out first.
  await open(temporary, "wx").then(
    (handle) => handle.close(),
    (cause: unknown) => {
      throw unwritable(path, cause);
    },
  );
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const file = timeless(() => new File(temporary, "w"));
  const growing = timeless(() => columns.map((column) => created(file, column)));
  const gathered = new Float64Array(CHUNK_ROWS * columns.length);
  let waiting = 0;
  let written = 0;
  let isOpen = true;

  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    timeless(() => file.close());
  };
  const abandon = async (): Promise<void> => {
    close();
    await rm(temporary, { force: true });
  };
  const flush = (): void => {
    if (waiting === 0) return;
    timeless(() => {
      growing.forEach((dataset, k) => {
        const values = Float64Array.from({ length: waiting }, (_, row) => gathered[row * columns.length + k]);
        dataset.resize([written + waiting]);
        dataset.write_slice(
          [[written, written + waiting]],
          columns[k].whole ? Int32Array.from(values) : values,
        );
      });
    });
    written += waiting;
    waiting = 0;
  };
  const guarded = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      await abandon();
      throw unwritable(path, cause);
    }
  };

  return {
    write: (values) =>
      guarded(() => {
        const rows = values.length / columns.length;
        for (let row = 0; row < rows; row++) {
          gathered.set(
            values.subarray(row * columns.length, (row + 1) * columns.length),
            waiting * columns.length,
          );
          if (++waiting === CHUNK_ROWS) flush();
        }
      }),
    commit: () =>
      guarded(async () => {
        flush();
        close();
        const handle = await open(temporary, "r+");
        await handle.sync().finally(() => handle.close());
        await rename(temporary, path);
      }),
    abandon,
  };
}

function created(
  file: {
    create_dataset(args: {
      name: string;
      data: Int32Array | Float64Array;
      shape: number[];
      maxshape: (number | null)[];
      chunks: number[];
      dtype: string;
    }): unknown;
  },
  { name, whole }: Hdf5Column,
): Growing {
  return file.create_dataset({
    name,
    data: whole ? new Int32Array(0) : new Float64Array(0),
    shape: [0],
    maxshape: [null],
    chunks: [CHUNK_ROWS],
    dtype: whole ? "<i" : "<d",
  }) as Growing;
}
