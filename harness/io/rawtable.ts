/**
 * Any input file as raw rows: the format recognised by name and content, the reader found, nothing judged about values.
 *
 * Readers are handed in (they live above this room). A file whose content contradicts its name is refused.
 */
import { InputError, printable, UsageError } from "../core/errors.js";
import type { RawTable, Reader, ReadLimits, ReadOptions } from "../core/reader.js";
import { defaultLimits } from "./limits.js";
import { openSource, type FileSource } from "./source.js";

export type Readers = ReadonlyMap<string, Reader>;

export interface RawOptions {
  /** Reader id; otherwise the name's ending, otherwise the content decides. */
  readonly format?: string;
  readonly dataset?: string;
  readonly header?: boolean;
  readonly columns: number;
  readonly layout: ReadOptions["layout"];
  readonly limits?: ReadLimits;
  /** Hash that the file must have; checked before a reader sees a byte. */
  readonly expectedSha256?: string;
}

export interface OpenedTable {
  readonly table: RawTable;
  readonly source: FileSource;
  readonly reader: Reader;
  /** Reader id, with ".gz" when the file is packed. */
  readonly format: string;
}

/** Opens `path`; refuses (InputError) what is unreadable, empty, or not what its name says. */
export async function openRawTable(
  path: string,
  readers: Readers,
  options: RawOptions,
): Promise<OpenedTable> {
  const limits = options.limits ?? defaultLimits();
  const source = await openSource(path, limits, options.expectedSha256);
  if (path.toLowerCase().endsWith(".gz") && !source.gzip) throw unlike(path, "gzip", source.head);
  const reader = chooseReader(path, readers, options.format, source.head);
  const table = await reader.open(source, {
    columns: options.columns,
    layout: options.layout,
    limits,
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    ...(options.header === undefined ? {} : { header: options.header }),
  });
  return { table, source, reader, format: source.gzip ? `${reader.id}.gz` : reader.id };
}

function chooseReader(path: string, readers: Readers, format: string | undefined, head: Uint8Array): Reader {
  const named = format === undefined ? byName(path, readers) : readers.get(format);
  if (format !== undefined && named === undefined) {
    throw new UsageError(
      `--format: unknown format: expected one of ${[...readers.keys()].join(", ")}, got ${printable(format, 40)}`,
    );
  }
  if (named !== undefined) {
    if (!named.matches(head)) throw unlike(path, named.title, head);
    return named;
  }
  const found = [...readers.values()].find((reader) => reader.matches(head));
  if (found !== undefined) return found;
  throw unlike(path, [...readers.values()].map((reader) => reader.title).join(", "), head);
}

function byName(path: string, readers: Readers): Reader | undefined {
  const name = path.toLowerCase().replace(/\.gz$/, "");
  return [...readers.values()].find((reader) =>
    reader.extensions.some((ending) => name.endsWith(`.${ending}`)),
  );
}

const LOOKS: readonly (readonly [what: string, magic: readonly number[]])[] = [
  ["HDF5", [0x89, 0x48, 0x44, 0x46]],
  ["a NumPy array", [0x93, 0x4e, 0x55, 0x4d]],
  ["a zip archive", [0x50, 0x4b]],
  ["gzip data", [0x1f, 0x8b]],
  ["a wafermark container", [0x57, 0x4d, 0x4b, 0x31]],
  ["a ROOT file", [0x72, 0x6f, 0x6f, 0x74]],
  ["Parquet", [0x50, 0x41, 0x52, 0x31]],
  ["zstd data", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz data", [0xfd, 0x37, 0x7a, 0x58]],
  ["bzip2 data", [0x42, 0x5a, 0x68]],
  ["UTF-16 text", [0xff, 0xfe]],
  ["UTF-16 text", [0xfe, 0xff]],
];

/** What the first bytes of a file look like, in words. */
export function looksLike(head: Uint8Array): string {
  const known = LOOKS.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  if (known !== undefined) return known[0];
  const text = head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
  return text ? "text" : "unknown binary data";
}

function unlike(path: string, expected: string, head: Uint8Array): InputError {
  return new InputError(
    `${path}: does not look like ${expected}: expected its first bytes, got ${looksLike(head)}`,
    { tag: "format", remedy: "give the file the ending of its format" },
  );
}
