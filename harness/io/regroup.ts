/** Rows of a stream in blocks of one size, whatever sizes they come in; the last block holds the rest. */
import { CELLS, type Label, type Slab } from "../core/table.js";

/** Blocks of `size` rows of `width` values, each on shared memory of its own, so that worker threads need no copy. */
export async function* regroupValues(
  slabs: AsyncIterable<{ readonly rows: number; readonly values: Float64Array }>,
  width: number,
  size: number,
): AsyncGenerator<Float64Array> {
  let block = shared(size * width);
  let filled = 0;
  for await (const { rows, values } of slabs) {
    for (let from = 0; from < rows;) {
      const take = Math.min(size - filled, rows - from);
      block.set(values.subarray(from * width, (from + take) * width), filled * width);
      filled += take;
      from += take;
      if (filled < size) continue;
      yield block;
      block = shared(size * width);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled * width);
}

/** The same for slabs of modules, labels included. */
export async function* regroupSlabs(
  slabs: AsyncIterable<Slab>,
  labels: readonly Label[],
  size: number,
): AsyncGenerator<Slab> {
  let calq = shared(size * CELLS);
  let columns = labels.map(() => new Float64Array(size));
  let filled = 0;
  const block = (): Slab => ({
    rows: filled,
    calq: calq.subarray(0, filled * CELLS),
    labels: new Map(labels.map((label, k) => [label, columns[k].subarray(0, filled)])),
  });
  for await (const slab of slabs) {
    for (let from = 0; from < slab.rows;) {
      const take = Math.min(size - filled, slab.rows - from);
      calq.set(slab.calq.subarray(from * CELLS, (from + take) * CELLS), filled * CELLS);
      labels.forEach((label, k) => {
        const column = slab.labels.get(label);
        if (column !== undefined) columns[k].set(column.subarray(from, from + take), filled);
      });
      filled += take;
      from += take;
      if (filled < size) continue;
      yield block();
      calq = shared(size * CELLS);
      columns = labels.map(() => new Float64Array(size));
      filled = 0;
    }
  }
  if (filled > 0) yield block();
}

function shared(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}
