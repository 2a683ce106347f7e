/** A two-dimensional array of known layout as a table: rows and columns checked, elements converted slab by slab. */
import { InputError } from "../core/errors.js";
import type { RawSlab, ReadOptions } from "../core/reader.js";
import { planFromCount, type ColumnPlan } from "./columns.js";
import { short, type NpyHeader } from "./npyformat.js";

const SLAB_ROWS = 4096;

export interface ArrayShape {
  readonly rows: number;
  readonly width: number;
  readonly plan: ColumnPlan;
}

/** Rows, width and column plan of an array; one dimension counts as one column. Refuses other ranks and too many rows. */
export function arrayShape(header: NpyHeader, options: ReadOptions, where: string): ArrayShape {
  const { shape } = header;
  if (shape.length !== 2 && !(shape.length === 1 && options.columns === 1)) {
    throw new InputError(
      `${where}: wrong shape: expected [rows, ${options.columns}], got (${shape.join(", ")})`,
      { tag: "shape" },
    );
  }
  const [rows, width = 1] = shape;
  if (rows > options.limits.maxRows) {
    throw new InputError(`${where}: too many rows: expected at most ${options.limits.maxRows}, got ${rows}`, {
      tag: "shape",
    });
  }
  if (width > 65536) {
    throw new InputError(`${where}: too many columns: expected at most 65536, got ${width}`, {
      tag: "shape",
    });
  }
  return { rows, width, plan: planFromCount(width, options, where) };
}

/** Slabs of an array whose bytes (header included) are in memory. Their number must be what the header says. */
export function* slabsInMemory(
  bytes: Uint8Array,
  header: NpyHeader,
  shape: ArrayShape,
  where: string,
): Generator<RawSlab> {
  checkLength(bytes.length, header, shape.rows * shape.width, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { itemBytes, dataStart, fortranOrder } = header;
  const rowStep = fortranOrder ? itemBytes : itemBytes * shape.width;
  const columnStep = fortranOrder ? itemBytes * shape.rows : itemBytes;
  for (let from = 0; from < shape.rows; from += SLAB_ROWS) {
    const rows = Math.min(SLAB_ROWS, shape.rows - from);
    yield convert(view, dataStart + from * rowStep, rows, rowStep, columnStep, from, { header, shape });
  }
}

/** Refuses an array with fewer or more bytes than its header says. */
export function checkLength(found: number, header: NpyHeader, elements: number, where: string): void {
  const expected = header.dataStart + elements * header.itemBytes;
  if (found < expected) throw short(where, expected, found);
  if (found > expected) {
    throw new InputError(
      `${where}: bytes behind the end of the array: expected ${expected} bytes, got ${found}`,
      {
        tag: "trailing",
      },
    );
  }
}

/** Slabs of a row-major array that arrives in chunks, its header included. */
export async function* slabsFromChunks(
  chunks: AsyncIterable<Uint8Array>,
  header: NpyHeader,
  shape: ArrayShape,
  where: string,
): AsyncGenerator<RawSlab> {
  const rowBytes = shape.width * header.itemBytes;
  let skip = header.dataStart;
  let seen = 0;
  let from = 0;
  let carry: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    seen += chunk.length;
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    const bytes = joined(carry, chunk.subarray(skipped));
    const rows = Math.min(rowBytes === 0 ? 0 : Math.floor(bytes.length / rowBytes), shape.rows - from);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (rows > 0) yield convert(view, 0, rows, rowBytes, header.itemBytes, from, { header, shape });
    from += rows;
    carry = bytes.subarray(rows * rowBytes);
    if (from === shape.rows && carry.length > 0) break;
  }
  if (from === shape.rows && carry.length > 0) {
    throw new InputError(
      `${where}: bytes behind the end of the array: expected ${seen - carry.length} bytes, got more`,
      { tag: "trailing" },
    );
  }
  checkLength(seen, header, shape.rows * shape.width, where);
}

interface Conversion {
  readonly header: NpyHeader;
  readonly shape: ArrayShape;
}

function convert(
  view: DataView,
  start: number,
  rows: number,
  rowStep: number,
  columnStep: number,
  firstRow: number,
  { header, shape }: Conversion,
): RawSlab {
  const { plan, width } = shape;
  const { columns } = plan;
  const values = new Float64Array(rows * columns);
  const labels = plan.labels.map(() => new Float64Array(rows));
  const { read } = header;
  for (let column = 0; column < width; column++) {
    const target = plan.target[column];
    if (target < 0) continue;
    const isValue = target < columns;
    const out = isValue ? values : labels[target - columns];
    const stride = isValue ? columns : 1;
    let to = isValue ? target : 0;
    let at = start + column * columnStep;
    for (let row = 0; row < rows; row++, at += rowStep, to += stride) out[to] = read(view, at);
  }
  return {
    rows,
    values,
    labels: new Map(plan.labels.map((label, k) => [label, labels[k]])),
    locate: (row) => `row ${firstRow + row}`,
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
