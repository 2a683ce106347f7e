/**
 * HDF5 files that nobody vouches for: parsed in a worker thread by a build without access to the host's files.
 *
 * One dataset [rows, 48] called CALQ (or `--dataset PATH`), or 48 datasets CALQ_0..CALQ_47; labels as one-dimensional
 * datasets beside them. The whole file is held in memory, within the budget.
 */
import {
  defineReader,
  type RawSlab,
  type RawTable,
  type ReadOptions,
  type ReadSource,
} from "../core/reader.js";
import type { Label } from "../core/table.js";
import { Hdf5Thread } from "./hdf5thread.js";

const MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** The format may begin behind a user block. */
const STARTS = [0, 512, 1024, 2048];

export const reader = defineReader({
  id: "hdf5",
  title: "HDF5",
  extensions: ["h5", "hdf5", "hdf"],
  matches: (head) => STARTS.some((start) => MAGIC.every((byte, i) => head[start + i] === byte)),
  open,
});

async function open(source: ReadSource, options: ReadOptions): Promise<RawTable> {
  const { name } = source;
  const thread = Hdf5Thread.take();
  try {
    const bytes = await source.bytes();
    const opened = await thread.ask({ kind: "open", name, bytes, options }, name);
    if (opened.kind !== "opened") throw new Error(`hdf5 worker: unexpected reply ${opened.kind}`);
    const { columns, columnNames, labels, ignoredColumns } = opened;
    await thread.ask({ kind: "close" }, name);
    return { columns, columnNames, labels, ignoredColumns, slabs: () => slabs(source, options, labels) };
  } finally {
    thread.release();
  }
}

/** Opens the file again, so that a table that nobody reads holds no thread and one that is read twice starts afresh. */
async function* slabs(
  source: ReadSource,
  options: ReadOptions,
  labels: readonly Label[],
): AsyncGenerator<RawSlab> {
  const { name } = source;
  const thread = Hdf5Thread.take();
  try {
    await thread.ask({ kind: "open", name, bytes: await source.bytes(), options }, name);
    for (;;) {
      const slab = await thread.ask({ kind: "next" }, name);
      if (slab.kind !== "slab") break;
      yield {
        rows: slab.rows,
        values: slab.values,
        labels: new Map(labels.map((label, k) => [label, slab.labels[k]])),
        locate: (row) => `row ${slab.from + row}`,
      };
    }
    await thread.ask({ kind: "close" }, name);
  } finally {
    thread.release();
  }
}
