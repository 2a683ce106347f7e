/** `wafermark datasets make`: writes a generated set to a file, or makes it now so that later runs find it in the cache. */
import type { DatasetManifest, DatasetSize } from "../core/dataset.js";
import { EXIT, UsageError } from "../core/errors.js";
import { defineCommand, type Context } from "./context.js";
import { choice, integer } from "./options.js";

interface MakeOptions {
  readonly size?: DatasetSize;
  readonly events?: number;
  readonly rows?: number;
  readonly cells?: boolean;
  readonly out?: string;
}

const MOST_EVENTS = 1_000_000_000;

/** True when the user named a seed: otherwise a set's own is used. */
export function seedGiven({ argv }: Context): boolean {
  return argv.some((word) => word === "--seed" || word.startsWith("--seed="));
}

/** The seed of a set's twin, which shows what chance alone gives. */
export const twinSeed = ({ generator }: DatasetManifest): number => (generator?.seed ?? 0) + 1_000_003;

/** Where made sets and imports are kept, on how many threads sets are made, and who hears remarks. */
export async function making(context: Context) {
  const { cacheFolder } = await import("../io/cache.js");
  const { progress, signal, threads } = context;
  const note = (text: string): void => {
    context.warn(`${text}\n`);
  };
  return { progress, signal, threads, cache: cacheFolder(), note };
}

function refuseBoth({ size, events, rows }: MakeOptions): void {
  const given = Object.entries({ "--size": size, "--events": events, "--rows": rows })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (given.length < 2) return;
  throw new UsageError(`${given.join(" and ")}: too many: expected one of them, got ${given.length}`);
}

async function intoFile(
  manifest: DatasetManifest,
  path: string,
  options: MakeOptions,
  context: Context,
): Promise<void> {
  const { exportDataset } = await import("../engine/datasetexport.js");
  const { progress, signal, threads } = context;
  const { events, rows, size = "standard" } = options;
  const seed = seedGiven(context) ? context.seed : undefined;
  const isSized = events === undefined && rows === undefined;
  const amount = events !== undefined ? { units: events } : { rows: rows ?? manifest.sizes[size] };
  const expected = new Map(Object.entries(manifest.sha256)).get(size);
  const made = await exportDataset(manifest, amount, path, {
    threads,
    progress,
    signal,
    ...(seed === undefined ? {} : { seed }),
    ...(isSized && seed === undefined && expected !== undefined ? { expectedSha256: expected } : {}),
  });
  const record = { id: manifest.id, ...made, file: path, seed: seed ?? manifest.generator?.seed ?? null };
  if (path.toLowerCase().endsWith(".npy") && manifest.domain === "modules" && options.cells !== true)
    context.stderr(
      "an npy file has no room for labels: write .csv or .h5 to keep layer, eta and the others\n",
    );
  await context.stdout(
    context.json
      ? `${JSON.stringify(record, null, 2)}\n`
      : `${path}: ${made.rows} rows of ${manifest.id}, SHA-256 of the rows ${made.sha256}\n`,
  );
}

/** Events cell by cell: always into a file, by a number of events or rows. */
async function cellsIntoFile(
  manifest: DatasetManifest,
  options: MakeOptions,
  context: Context,
): Promise<void> {
  const { cellsOf } = await import("../engine/datasetgenerators.js");
  const cells = cellsOf(manifest);
  if (cells === undefined) {
    throw new UsageError(
      `dataset ${manifest.id}: --cells: expected a set of simulated events, got ${manifest.domain}`,
    );
  }
  if (options.out === undefined || (options.events === undefined && options.rows === undefined)) {
    const lacking = options.out === undefined ? "no --out" : "neither --events nor --rows";
    throw new UsageError(
      `dataset ${manifest.id}: --cells: expected --out FILE and --events N or --rows N, got ${lacking}`,
    );
  }
  await intoFile(cells, options.out, options, context);
}

async function intoCache(manifest: DatasetManifest, size: DatasetSize, context: Context): Promise<void> {
  const { makeDataset } = await import("../engine/datasets.js");
  const { cachedTablePath } = await import("../io/datasetcache.js");
  const how = await making(context);
  const table = await makeDataset(manifest.id, size, how);
  const { kind, name, sha256 } = table.provenance;
  const file = kind === "file" ? name : cachedTablePath(sha256, how.cache);
  const record = { id: manifest.id, size, rows: table.rows, sha256, file };
  await context.stdout(
    context.json
      ? `${JSON.stringify(record, null, 2)}\n`
      : `${file}: ${table.rows} rows, SHA-256 ${sha256}\n`,
  );
}

export const make = defineCommand<MakeOptions>({
  name: "make",
  summary: "make a simulated set: into a file, or into the cache",
  arguments: [{ name: "<id>", says: "a dataset of `wafermark datasets ls`" }],
  options: [
    {
      flags: "--size <size>",
      says: "smoke, standard (default) or full",
      parse: choice("--size", ["smoke", "standard", "full"]),
    },
    {
      flags: "--events <n>",
      says: "events instead of a size",
      parse: integer("--events", 1, MOST_EVENTS),
    },
    { flags: "--rows <n>", says: "rows instead of a size", parse: integer("--rows", 1, MOST_EVENTS) },
    {
      flags: "--cells",
      says: "trigger cells of whole events instead of modules, with truth (tc_*, genpart_*)",
    },
    { flags: "-o, --out <file>", says: "CSV, npy or HDF5 by its ending; events: .csv or .txt" },
  ],
  examples: [
    [
      "wafermark datasets make hgcal-ttbar-200pu --rows 1000000 --out modules.h5",
      "streamed, any number of rows",
    ],
    ["wafermark datasets make hgcal-electron-0pu --seed 7 --rows 500 --out other.csv", "another seed"],
    [
      "wafermark datasets make hgcal-photon-0pu --cells --events 100 --out cells.h5",
      "all trigger cells of 100 events",
    ],
    ["wafermark datasets make hgcal-ttbar-0pu --size full", "made once, kept in the cache"],
  ],
  async run(context, [id], options) {
    const { readManifest } = await import("../engine/datasets.js");
    refuseBoth(options);
    const manifest = await readManifest(String(id));
    if (options.cells === true) {
      await cellsIntoFile(manifest, options, context);
      return EXIT.done;
    }
    if (options.out !== undefined) {
      await intoFile(manifest, options.out, options, context);
      return EXIT.done;
    }
    if (options.events !== undefined || options.rows !== undefined || seedGiven(context)) {
      throw new UsageError(
        `dataset ${manifest.id}: only its own sizes are kept in the cache: expected --out FILE, got none`,
      );
    }
    if (manifest.domain !== "modules") {
      throw new UsageError(
        `dataset ${manifest.id}: ${manifest.domain} are not kept in the cache: expected --out FILE, got none`,
      );
    }
    await intoCache(manifest, options.size ?? "standard", context);
    return EXIT.done;
  },
});
