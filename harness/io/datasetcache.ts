/**
 * Made module tables in the cache, by the hash of their charges: one file each, written whole, verified whenever it is read.
 *
 * Layout: a line of JSON (rows, label names), a line feed, charges and label columns as little-endian float64, then the SHA-256 of
 * all that. Two processes may write one entry at once: both write the same bytes and the later rename wins.
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CELLS, LABELS, type Label, type Slab } from "../core/table.js";
import { writeFileAtomic } from "./atomic.js";
import { makeFolder } from "./folders.js";
import { sha256 } from "./hash.js";

/** Made rows have every label: a table without one is of an older version. */
const header = z.strictObject({
  rows: z.number().int().positive(),
  labels: z.array(z.enum(LABELS)).length(LABELS.length),
});
const DIGEST_BYTES = 32;
const FOLDER = "datasets";

export interface CachedTable {
  readonly slab: Slab;
  /** True when there was a file but not the table: it has been removed. */
  readonly corrupt: false;
}

/** Where the table with these charges is, or would be. */
export function cachedTablePath(hash: string, folder: string): string {
  return join(folder, FOLDER, `${hash}.table`);
}

/** The table whose charges have this hash; `corrupt` when its entry was damaged, undefined when there is none. */
export async function readCachedTable(
  hash: string,
  folder: string,
): Promise<CachedTable | { readonly corrupt: true } | undefined> {
  const path = cachedTablePath(hash, folder);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const slab = decoded(bytes);
  if (slab !== undefined && sha256(bytesOf(slab.calq)) === hash) return { slab, corrupt: false };
  await rm(path, { force: true });
  return { corrupt: true };
}

/** Stores a table under the hash of its charges; refuses (WriteError) a folder that cannot be written. */
export async function writeCachedTable(hash: string, slab: Slab, folder: string): Promise<void> {
  await makeFolder(join(folder, FOLDER));
  await writeFileAtomic(cachedTablePath(hash, folder), encoded(slab));
}

const bytesOf = (values: Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function encoded({ rows, calq, labels }: Slab): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify({ rows, labels: [...labels.keys()] })}\n`);
  const columns = [calq, ...labels.values()];
  const size = columns.reduce((sum, { byteLength }) => sum + byteLength, head.length);
  const whole = new Uint8Array(size + DIGEST_BYTES);
  whole.set(head);
  let at = head.length;
  for (const column of columns) {
    whole.set(bytesOf(column), at);
    at += column.byteLength;
  }
  whole.set(Buffer.from(sha256(whole.subarray(0, at)), "hex"), at);
  return whole;
}

function decoded(bytes: Uint8Array): Slab | undefined {
  const end = bytes.length - DIGEST_BYTES;
  if (end <= 0) return undefined;
  const body = bytes.subarray(0, end);
  if (sha256(body) !== Buffer.from(bytes.subarray(end)).toString("hex")) return undefined;
  const lineEnd = body.indexOf(10);
  const parsed = header.safeParse(JSON.parse(new TextDecoder().decode(body.subarray(0, lineEnd))));
  if (!parsed.success) return undefined;
  const { rows, labels } = parsed.data;
  if (body.length - lineEnd - 1 !== 8 * rows * (CELLS + labels.length)) return undefined;
  const numbers = Uint8Array.from(body.subarray(lineEnd + 1)); // a copy, so that it is aligned
  const shared = new Float64Array(new SharedArrayBuffer(8 * rows * CELLS));
  shared.set(new Float64Array(numbers.buffer, 0, rows * CELLS));
  const columns = labels.map((name, i): [Label, Float64Array] => [
    name,
    new Float64Array(numbers.buffer, 8 * rows * (CELLS + i), rows),
  ]);
  return { rows, calq: shared, labels: new Map(columns) };
}
