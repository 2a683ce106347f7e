/**
 * A table inside an open HDF5 file: one dataset [rows, 48] or 48 datasets CALQ_i, and one-dimensional label datasets.
 *
 * Which is which is decided here, by the rules of columns.ts; rows are read in ranges. Runs inside the worker only.
 */
import { InputError, printable } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { ReadOptions } from "../core/reader.js";
import type { Label } from "../core/table.js";
import { IGNORED, labelOf, planFromCount, planFromNames } from "./columns.js";
import {
  childNames,
  listed,
  openDataset,
  resolvePath,
  type Hdf5Dataset,
  type OpenHdf5,
} from "./hdf5objects.js";
import { half } from "./npyformat.js";

const SLAB_BYTES = 8 << 20;

/** One dataset and where its columns go: values at their targets, then labels. */
interface Piece {
  readonly dataset: Hdf5Dataset;
  readonly width: number;
  /** As in ColumnPlan: 0 .. columns - 1 a value, `columns + k` label k, below 0 nothing. */
  readonly target: ArrayLike<number>;
}

export interface Hdf5Table {
  readonly rows: number;
  readonly columns: number;
  readonly slabRows: number;
  readonly columnNames: readonly string[];
  readonly labels: readonly Label[];
  readonly ignoredColumns: readonly string[];
  /** Rows [from, from + count): values [count, columns] and one array per label. */
  read(from: number, count: number): { values: Float64Array; labels: Float64Array[] };
}

export function openTable(file: OpenHdf5, options: ReadOptions): Hdf5Table {
  const root = childNames(file, "/");
  // A matrix of any width may be one dataset, or one per column with the columns' names.
  const inColumns =
    options.layout === "matrix" ? options.columns === 0 && root.length > 1 : root.includes("CALQ_0");
  const separate = options.dataset === undefined && !root.includes("CALQ") && inColumns;
  const plan = separate ? planColumns(file, root, options) : planDataset(file, root, options);
  const { pieces, rows, labels, columns: width } = plan;
  const slabRows = Math.max(1, ...pieces.map((piece) => rowsPerSlab(piece, rows)));
  const table: Hdf5Table = {
    ...plan,
    slabRows,
    read(from, count) {
      const values = new Float64Array(count * width);
      const columns = labels.map(() => new Float64Array(count));
      for (const piece of pieces) readPiece(file, piece, from, count, width, values, columns);
      return { values, labels: columns };
    },
  };
  if (rows > 0) table.read(0, 1); // storage that cannot be read is refused before the first slab
  return table;
}

interface Plan extends Pick<Hdf5Table, "rows" | "columns" | "columnNames" | "labels" | "ignoredColumns"> {
  readonly pieces: readonly Piece[];
}

function planColumns(file: OpenHdf5, names: readonly string[], options: ReadOptions): Plan {
  const plan = planFromNames(names, options, file.name);
  const pieces: Piece[] = [];
  names.forEach((name, i) => {
    if (plan.target[i] === IGNORED) return;
    const dataset = openDataset(file, `/${name}`);
    if (dataset.shape.length !== 1) {
      throw new InputError(
        `${file.name} /${printable(name, 60)}: wrong shape: expected one dimension, got ${shapeText(dataset)}`,
        { tag: "shape" },
      );
    }
    pieces.push({ dataset, width: 1, target: [plan.target[i]] });
  });
  const rows = pieces[0].dataset.shape[0];
  const other = pieces.find((piece) => piece.dataset.shape[0] !== rows);
  if (other !== undefined) {
    throw new InputError(
      `${file.name} ${other.dataset.path}: wrong length: expected ${rows} rows as in ${pieces[0].dataset.path}, got ${other.dataset.shape[0]}`,
      { tag: "shape" },
    );
  }
  return {
    pieces,
    rows,
    columns: plan.columns,
    columnNames: plan.names,
    labels: plan.labels,
    ignoredColumns: plan.ignored,
  };
}

function planDataset(file: OpenHdf5, root: readonly string[], options: ReadOptions): Plan {
  const path = choosePath(file, root, options);
  const dataset = openDataset(file, path);
  const where = `${file.name} ${printable(path, 80)}`;
  const { shape } = dataset;
  if (shape.length !== 2 && !(shape.length === 1 && options.columns === 1)) {
    throw new InputError(
      `${where}: wrong shape: expected [rows, ${options.columns}], got ${shapeText(dataset)}`,
      {
        tag: "shape",
      },
    );
  }
  const [rows, width = 1] = shape;
  if (width > 65536) throw new InputError(`${where}: too many columns: expected at most 65536, got ${width}`);
  const plan = planFromCount(width, options, where);
  const pieces: Piece[] = [{ dataset, width, target: plan.target }];
  const labels = [...plan.labels];
  const ignored = [...plan.ignored];
  const hard = dataset.path;
  const group = hard.slice(0, hard.lastIndexOf("/")) || "/";
  for (const name of childNames(file, group)) {
    const sibling = `${group === "/" ? "" : group}/${name}`;
    if (sibling === hard || sibling === path) continue;
    const label = options.layout === "matrix" ? undefined : labelOf(name);
    const column =
      label === undefined || labels.includes(label) ? undefined : labelColumn(file, sibling, rows);
    if (label === undefined || column === undefined) {
      ignored.push(name);
      continue;
    }
    pieces.push({ dataset: column, width: 1, target: [plan.columns + labels.length] });
    labels.push(label);
  }
  return { pieces, rows, columns: plan.columns, columnNames: plan.names, labels, ignoredColumns: ignored };
}

/** A dataset that can be a label: numeric, one-dimensional, as long as the table. Others are left out by name. */
function labelColumn(file: OpenHdf5, path: string, rows: number): Hdf5Dataset | undefined {
  const hard = resolvePath(file, path);
  if (file.h5.get_type(file.id, hard) !== 1) return undefined;
  const { type } = file.h5.get_dataset_metadata(file.id, hard);
  if (type > 1) return undefined;
  const dataset = openDataset(file, path);
  return dataset.shape.length === 1 && dataset.shape[0] === rows ? dataset : undefined;
}

function choosePath(file: OpenHdf5, root: readonly string[], options: ReadOptions): string {
  if (options.dataset !== undefined) return `/${options.dataset.replace(/^\/+/, "")}`;
  if (root.includes("CALQ")) return "/CALQ";
  if (options.layout === "matrix" && root.length === 1) return `/${root[0]}`;
  const near = nearestNames("CALQ", root, 1);
  throw new InputError(
    `${file.name}: no charges found: expected a dataset CALQ or 48 datasets CALQ_0..CALQ_47, got ${listed(root)}`,
    {
      tag: "dataset",
      remedy: `name the dataset with --dataset${near.length === 0 ? "" : ` ${printable(near[0], 60)}`}`,
    },
  );
}

function shapeText(dataset: Hdf5Dataset): string {
  return dataset.shape.length === 0 ? "a single value" : dataset.shape.join(" x ");
}

/** Whole chunks, so that none is unpacked twice, within a few megabytes. */
function rowsPerSlab(piece: Piece, rows: number): number {
  const fitting = Math.max(1, Math.floor(SLAB_BYTES / (8 * piece.width)));
  const { chunkRows } = piece.dataset;
  const whole = Math.max(chunkRows, Math.floor(Math.min(fitting, 4096) / chunkRows) * chunkRows);
  return Math.max(1, Math.min(whole, rows));
}

function readPiece(
  file: OpenHdf5,
  { dataset, width, target }: Piece,
  from: number,
  count: number,
  columns: number,
  values: Float64Array,
  labels: readonly Float64Array[],
): void {
  const { h5, id } = file;
  const { itemBytes, path } = dataset;
  const bytes = count * width * itemBytes;
  const pointer = h5._malloc(Math.max(bytes, 1));
  if (pointer === 0) throw new RangeError("hdf5: out of memory");
  try {
    const flat = dataset.shape.length === 1;
    const range = (rows: number, cells: number): bigint[] =>
      flat ? [BigInt(rows)] : [BigInt(rows), BigInt(cells)];
    h5.HEAPU8.fill(0xff, pointer, pointer + bytes);
    h5.get_dataset_data(id, path, range(count, width), range(from, 0), range(1, 1), BigInt(pointer));
    const view = new DataView(h5.HEAPU8.buffer, pointer, bytes);
    const read = elementReader(dataset, file.name);
    for (let column = 0; column < width; column++) {
      const to = target[column];
      if (to < 0) continue;
      const out = to < columns ? values : labels[to - columns];
      const stride = to < columns ? columns : 1;
      const first = to < columns ? to : 0;
      for (let row = 0; row < count; row++)
        out[first + row * stride] = read(view, (row * width + column) * itemBytes);
    }
  } finally {
    h5._free(pointer);
  }
}

/** All values of a dataset of any rank, row-major. */
export function readWhole({ h5, id, name }: OpenHdf5, dataset: Hdf5Dataset): Float64Array {
  const { shape, itemBytes, path } = dataset;
  const count = shape.reduce((size, edge) => size * edge, 1);
  const pointer = h5._malloc(Math.max(count * itemBytes, 1));
  if (pointer === 0) throw new RangeError("hdf5: out of memory");
  try {
    h5.get_dataset_data(id, path, null, null, null, BigInt(pointer));
    const view = new DataView(h5.HEAPU8.buffer, pointer, count * itemBytes);
    const read = elementReader(dataset, name);
    return Float64Array.from({ length: count }, (_, i) => read(view, i * itemBytes));
  } finally {
    h5._free(pointer);
  }
}

/** HDF5 hands out the machine's own byte order (little-endian in WebAssembly), whatever the file has. */
function elementReader(
  { kind, signed, itemBytes, path }: Hdf5Dataset,
  name: string,
): (view: DataView, at: number) => number {
  if (kind === "float") {
    if (itemBytes === 8) return (view, at) => view.getFloat64(at, true);
    if (itemBytes === 4) return (view, at) => view.getFloat32(at, true);
    return (view, at) => half(view.getUint16(at, true));
  }
  switch (itemBytes) {
    case 1:
      return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
    case 2:
      return signed ? (view, at) => view.getInt16(at, true) : (view, at) => view.getUint16(at, true);
    case 4:
      return signed ? (view, at) => view.getInt32(at, true) : (view, at) => view.getUint32(at, true);
    default:
      return (view, at) => {
        const value = signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
        if (Number.isSafeInteger(Number(value))) return Number(value);
        throw new InputError(`${name} ${path}: integer too large: expected at most 2^53, got ${value}`, {
          tag: "range",
        });
      };
  }
}
