/** `wafermark datasets fetch`: gets a public file of the catalogue, checked and resumable, or says where it is and what to do. */
import type { DataSource, DataSourceFile } from "../core/datasource.js";
import { EXIT, UsageError } from "../core/errors.js";
import { defineCommand, type Context } from "./context.js";

interface FetchOptions {
  readonly out?: string;
  readonly catalogue?: string;
}

const UNKNOWN = "unknown";

async function sourcesOf({ catalogue }: FetchOptions): Promise<readonly DataSource[]> {
  const { readSources } = await import("../engine/datasources.js");
  if (catalogue === undefined) return readSources();
  const { readText } = await import("../io/textfile.js");
  return readSources(await readText(catalogue), catalogue);
}

function fileLine({ name, bytes, sha256 }: DataSourceFile): string {
  return `file        ${name}, ${bytes ?? UNKNOWN} bytes, SHA-256 ${sha256 ?? UNKNOWN}`;
}

function entryText(source: DataSource): string {
  return [
    `${source.id}: ${source.title}`,
    `holds       ${source.holds}`,
    `stands for  ${source.standsFor.join(", ")}`,
    `licence     ${source.licence ?? UNKNOWN}`,
    `page        ${source.landing}`,
    ...source.files.map(fileLine),
    ...(source.files.length === 0 ? ["file        no direct address known: open the page"] : []),
    `then        ${source.howTo}`,
  ].join("\n");
}

async function list(sources: readonly DataSource[], context: Context): Promise<void> {
  await context.stdout(
    context.json ? `${JSON.stringify(sources, null, 2)}\n` : `${sources.map(entryText).join("\n\n")}\n`,
  );
}

/** Shows bytes as they arrive; the task begins when the size is known. */
async function fetched(file: DataSourceFile, target: string, context: Context) {
  const { download } = await import("../io/download.js");
  const task = context.progress.begin(`fetch ${file.name} [bytes]`, file.bytes ?? undefined);
  let shown = 0;
  try {
    return await download(file, target, {
      signal: context.signal,
      note: (text) => {
        context.warn(`${text}\n`);
      },
      arrived: (bytes) => {
        task.advance(bytes - shown);
        shown = bytes;
      },
    });
  } finally {
    task.end();
  }
}

async function folderOf(source: DataSource, { out }: FetchOptions): Promise<string> {
  if (out !== undefined) return out;
  const path = await import("node:path");
  const { cacheFolder } = await import("../io/cache.js");
  return path.join(cacheFolder(), "sources", source.id);
}

async function fetchAll(source: DataSource, options: FetchOptions, context: Context): Promise<void> {
  const place = await import("node:path");
  const { acquireLock } = await import("../io/lock.js");
  const folder = place.resolve(await folderOf(source, options));
  const lock = await acquireLock(folder);
  const records: object[] = [];
  try {
    for (const file of source.files) {
      const path = place.join(folder, file.name);
      const got = await fetched(file, path, context);
      const verified = file.sha256 !== null;
      records.push({ path, ...got, verified });
      if (context.json) continue;
      const checked = verified ? "as in the catalogue" : "the catalogue has none to compare with";
      await context.stdout(`${path}: ${got.bytes} bytes (${got.how}), SHA-256 ${got.sha256}, ${checked}\n`);
    }
  } finally {
    await lock.release();
  }
  if (context.json) {
    await context.stdout(`${JSON.stringify({ source, files: records }, null, 2)}\n`);
    return;
  }
  context.stderr(`licence: ${source.licence ?? UNKNOWN}; ${source.landing}\nthen: ${source.howTo}\n`);
}

export const fetchCommand = defineCommand<FetchOptions>({
  name: "fetch",
  summary: "public files of real data: download them, or say where they are",
  arguments: [{ name: "[id]", says: "a source, or the embedded set it stands for (default: list all)" }],
  options: [
    { flags: "-o, --out <dir>", says: "folder for the files (default: in the cache)" },
    { flags: "--catalogue <file>", says: "another catalogue of sources, a mirror's for instance" },
  ],
  examples: [
    ["wafermark datasets fetch", "every source: licence, size, checksum, page"],
    ["wafermark datasets fetch calq-ttbar-0pu --out .", "the file, its checksum compared; again to go on"],
  ],
  async run(context, [id], options) {
    const { findSource } = await import("../engine/datasources.js");
    const sources = await sourcesOf(options);
    if (id === undefined) {
      if (options.out !== undefined)
        throw new UsageError("datasets fetch: nothing named: expected an id with --out, got none");
      await list(sources, context);
      return EXIT.done;
    }
    const source = findSource(sources, String(id));
    if (source.files.length > 0) await fetchAll(source, options, context);
    else await list([source], context);
    return EXIT.done;
  },
});
