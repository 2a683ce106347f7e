/**
 * Finding things in an untrusted HDF5 file: links followed by hand, objects checked for kind, size and storage.
 *
 * Links out of the file, loops, virtual datasets and unknown filters are refused by name. Runs inside the worker only.
 */
import type { ready } from "h5wasm";
import { InputError, printable } from "../core/errors.js";
import type { ReadLimits } from "../core/reader.js";

export type Hdf5 = Awaited<typeof ready>;

export interface OpenHdf5 {
  readonly h5: Hdf5;
  readonly id: bigint;
  /** What messages call the file. */
  readonly name: string;
  readonly bytes: number;
  readonly limits: ReadLimits;
}

/** A numeric dataset that is safe to read. */
export interface Hdf5Dataset {
  readonly path: string;
  readonly shape: readonly number[];
  readonly kind: "integer" | "float";
  readonly signed: boolean;
  readonly itemBytes: number;
  /** Rows that are stored together. */
  readonly chunkRows: number;
}

const MOST_HOPS = 16;
const INTEGER = 0;
const FLOAT = 1;
const TYPE_CLASSES = [
  "integer", "float", "time", "text", "bit field", "opaque", "compound", "reference", "enumeration", "variable length", "array",
]; // prettier-ignore
/** Object types of H5Gget_objinfo. */
const DATASET = 1;
const OBJECT_TYPES: Readonly<Record<number, string>> = {
  [-1]: "nothing",
  0: "a group",
  2: "a named data type",
  3: "a link to nothing",
  4: "a link to another file",
};
/** deflate, shuffle, fletcher32, szip, nbit, scale-offset, lzf. */
const FILTERS = new Set([1, 2, 3, 4, 5, 6, 32000]);
/** deflate cannot do better than this; anything above it is a claim without data. */
const MOST_RATIO = 1100;

export function childNames(file: OpenHdf5, group: string): string[] {
  return file.h5.get_names(file.id, group, false).sort();
}

/** What else is in a group, for messages. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const shown = names.slice(0, 12).map((name) => printable(name, 40));
  return names.length > 12 ? `${shown.join(", ")} and ${names.length - 12} more` : shown.join(", ");
}

/** The hard path behind `path`, with soft links inside the file followed. */
export function resolvePath(file: OpenHdf5, path: string): string {
  let todo = parts(path);
  let done = "";
  for (let hops = 0; todo.length > 0;) {
    const next = `${done}/${todo[0]}`;
    const target = linkTarget(file, next);
    if (target === undefined) {
      done = next;
      todo = todo.slice(1);
      continue;
    }
    if (++hops > MOST_HOPS) {
      throw new InputError(
        `${file.name} ${printable(path, 80)}: links lead in a circle: expected a dataset, got more than ${MOST_HOPS} links`,
        { tag: "hdf5-link" },
      );
    }
    todo = [...parts(target), ...todo.slice(1)];
    if (target.startsWith("/")) done = "";
  }
  return done === "" ? "/" : done;
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Target of a soft link, undefined for what is no link or not there; refuses links to other files. */
function linkTarget(file: OpenHdf5, path: string): string | undefined {
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (!childNames(file, parent === "" ? "/" : parent).includes(path.slice(path.lastIndexOf("/") + 1)))
    return undefined;
  const outside: Partial<{ filename: string }> = file.h5.get_external_link(file.id, path);
  if (outside.filename !== undefined) {
    throw new InputError(
      `${file.name} ${printable(path, 80)}: a link to another file: expected data in this file, got a link to ${printable(outside.filename, 80)}`,
      { tag: "hdf5-link", remedy: "copy the data into one file (h5repack, h5copy)" },
    );
  }
  // null when it is no soft link, whatever the declared type says
  const target: unknown = file.h5.get_symbolic_link(file.id, path);
  return typeof target === "string" ? target : undefined;
}

/** A dataset with everything about it checked but its values; refuses (InputError, LimitError) what is not safe to read. */
export function openDataset(file: OpenHdf5, path: string): Hdf5Dataset {
  const where = `${file.name} ${printable(path, 80)}`;
  const hard = resolvePath(file, path);
  const parent = hard.slice(0, hard.lastIndexOf("/")) || "/";
  const type = hard === "/" ? 0 : objectType(file, hard, parent);
  if (type !== DATASET) {
    throw new InputError(
      `${where}: not a dataset: expected a dataset, got ${OBJECT_TYPES[type] ?? "an unknown object"}`,
      {
        tag: "dataset",
        remedy: `choose one with --dataset; ${parent} has: ${listed(safeNames(file, parent))}`,
      },
    );
  }
  const metadata = file.h5.get_dataset_metadata(file.id, hard);
  if (metadata.virtual_sources !== undefined) {
    throw new InputError(
      `${where}: a virtual dataset: expected data in this file, got a view of ${printable(metadata.virtual_sources[0]?.file_name ?? "other datasets", 80)}`,
      { tag: "hdf5-virtual", remedy: "copy the data into one file (h5repack)" },
    );
  }
  const { size, type: typeClass, signed } = metadata;
  const usable =
    typeClass === INTEGER ? [1, 2, 4, 8].includes(size) : typeClass === FLOAT && [2, 4, 8].includes(size);
  if (!usable) {
    throw new InputError(
      `${where}: wrong element type: expected integers or floats of at most 8 bytes, got ${TYPE_CLASSES[typeClass] ?? "an unknown type"} of ${size} bytes`,
      { tag: "dtype" },
    );
  }
  const shape = metadata.shape ?? [];
  refuseClaims(file, where, hard, shape, size, metadata.chunks);
  return {
    path: hard,
    shape,
    kind: typeClass === INTEGER ? "integer" : "float",
    signed,
    itemBytes: size,
    chunkRows: metadata.chunks?.[0] ?? 1,
  };
}

function objectType(file: OpenHdf5, hard: string, parent: string): number {
  return safeNames(file, parent).includes(hard.slice(hard.lastIndexOf("/") + 1))
    ? file.h5.get_type(file.id, hard)
    : -1;
}

function safeNames(file: OpenHdf5, group: string): string[] {
  return group === "/" || file.h5.get_type(file.id, group) === 0 ? childNames(file, group) : [];
}

/** Sizes and filters that a file claims, against the bytes that are there and the budget. */
function refuseClaims(
  file: OpenHdf5,
  where: string,
  path: string,
  shape: readonly number[],
  size: number,
  chunks: readonly number[] | null,
): void {
  const filters = file.h5.get_dataset_filters(file.id, path);
  const unknown = filters.find((filter) => !FILTERS.has(filter.id));
  if (unknown !== undefined) {
    throw new InputError(
      `${where}: unsupported filter: expected gzip, shuffle, fletcher32, szip, lzf or none, got ${unknown.id} (${printable(unknown.name, 60)})`,
      { tag: "hdf5-filter", remedy: "repack the file with gzip (h5repack -f GZIP=4)" },
    );
  }
  const total = shape.reduce((product, length) => product * length, size);
  const rows = shape[0] ?? 1;
  const present = filters.length === 0 ? file.bytes : file.bytes * MOST_RATIO;
  if (!Number.isSafeInteger(total) || rows > file.limits.maxRows || total > present) {
    throw new InputError(
      `${where}: larger than its file can hold: expected at most ${present} bytes of data, got a shape of ${shape.join(" x ")}`,
      { tag: "shape", remedy: "data that is not there or is stored in another file is never read" },
    );
  }
  const chunkBytes = (chunks ?? []).reduce((product, length) => product * length, size);
  if (chunks !== null && chunkBytes > Math.min(file.limits.maxBytes, 2 ** 29)) {
    throw new InputError(
      `${where}: stored in chunks that are too large: expected at most 512 MiB, got ${chunkBytes} bytes`,
      { tag: "shape" },
    );
  }
}
