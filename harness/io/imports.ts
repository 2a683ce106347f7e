/**
 * Real files that stand in for embedded datasets: one small record per id in the cache folder, imports/<id>.json.
 *
 * A record names the file and its hash; the file stays where it is and is verified whenever it is read.
 */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { writeFileAtomic } from "./atomic.js";
import { makeFolder } from "./folders.js";

const FOLDER = "imports";

const importRecord = z.strictObject({
  importVersion: z.literal(1),
  id: z.string(),
  /** Absolute. */
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: z.number().int().positive(),
  /** Of charges; "columns": jets and events, whose columns have their own. */
  unit: z.enum(["calq", "mipt", "columns"]),
  /** What else the reader was told. */
  reading: z.strictObject({
    dataset: z.string().optional(),
    header: z.boolean().optional(),
    format: z.string().optional(),
    round: z.boolean().optional(),
    nonfinite: z.enum(["refuse", "drop"]).optional(),
    negative: z.enum(["refuse", "zero"]).optional(),
    skipBad: z.boolean().optional(),
  }),
  licence: z.string().nullable(),
});

export type ImportRecord = z.infer<typeof importRecord>;

const pathOf = (id: string, folder: string): string => join(folder, FOLDER, `${id}.json`);

/** The record of an id, or undefined when nothing was imported for it; refuses (InputError) a damaged one. */
export async function readImport(id: string, folder: string): Promise<ImportRecord | undefined> {
  const path = pathOf(id, folder);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const remedy = `wafermark datasets import --undo ${id}, then import the file again`;
  const parsed = importRecord.safeParse(parseStrictJson(text, path));
  if (parsed.success && parsed.data.id === id) return parsed.data;
  const wrong = parsed.success ? `id ${parsed.data.id}` : whatIsWrong(parsed.error);
  throw new InputError(`${path}: not an import record: expected one for ${id}, got ${wrong}`, {
    tag: "schema",
    remedy,
  });
}

/** Puts a file in an id's place; refuses (WriteError) a folder that cannot be written. */
export async function writeImport(record: ImportRecord, folder: string): Promise<void> {
  await makeFolder(join(folder, FOLDER));
  await writeFileAtomic(pathOf(record.id, folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** Takes the file out of the id's place again; false when there was none. The file itself is left alone. */
export async function removeImport(id: string, folder: string): Promise<boolean> {
  const present: readonly string[] = await readdir(join(folder, FOLDER)).catch((): string[] => []);
  if (!present.includes(`${id}.json`)) return false;
  await rm(pathOf(id, folder), { force: true });
  return true;
}
