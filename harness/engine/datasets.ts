/**
 * The embedded datasets: manifests of datasets/*.json, and the module tables that their generators make.
 *
 * A generated table is checked against the hash in its manifest, so a change of a generator cannot pass unnoticed.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { censusOf } from "../core/census.js";
import { datasetManifest, type DatasetManifest } from "../core/dataset.js";
import { DistinctRows } from "../core/distinct.js";
import { DisagreementError, InputError, printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { CELLS, type Label, type ModuleTable, type Slab } from "../core/table.js";
import { Sha256 } from "../io/hash.js";
import { readPackageFile } from "../io/packagefiles.js";
import { makeModules, type ModuleParameters } from "../simulation/modules.js";
import { SAMPLES } from "../simulation/samples.js";
import { pickRows } from "./pickrows.js";
import { datasetFiles } from "./plugins.generated.js";
import { silentProgress, type Progress } from "./progress.js";

export type DatasetSize = keyof DatasetManifest["sizes"];
export const DATASET_SIZES = ["smoke", "standard", "full"] as const satisfies readonly DatasetSize[];

export const datasetIds: readonly string[] = datasetFiles.map((file) => file.replace(/\.json$/, ""));

const SLAB_ROWS = 250;
const GENERATOR = "hgcal-modules";

const moduleParameters = z.strictObject({
  sample: z.enum(SAMPLES),
  pileup: z.number().nonnegative(),
  underlying: z.number().nonnegative(),
  nearShare: z.number().min(0).max(1),
  firstLayer: z.number().int(),
  lastLayer: z.number().int(),
  lowestEta: z.number().positive(),
  noiseCounts: z.number().nonnegative(),
  thresholdSigma: z.number().nonnegative(),
});

/** The manifest of a dataset; refuses (UsageError) an id that is not one, with the nearest names. */
export async function readManifest(id: string): Promise<DatasetManifest> {
  if (!datasetIds.includes(id)) {
    const near = nearestNames(id, datasetIds);
    throw new UsageError(
      `dataset ${printable(id)}: unknown: expected one of ${datasetIds.join(", ")}, got ${printable(id)}`,
      { remedy: near.length === 0 ? "wafermark datasets ls" : `did you mean ${near.join(" or ")}?` },
    );
  }
  const name = `datasets/${id}.json`;
  const parsed = datasetManifest.safeParse(parseStrictJson(await readPackageFile(name), name));
  if (parsed.success && parsed.data.id === id) return parsed.data;
  const wrong = parsed.success ? `id ${printable(parsed.data.id)}` : whatIsWrong(parsed.error);
  throw new InputError(`${name}: not a dataset manifest of this version: expected id ${id}, got ${wrong}`, {
    tag: "schema",
  });
}

function parametersOf(manifest: DatasetManifest): { parameters: ModuleParameters; seed: number } {
  const { id, generator } = manifest;
  if (generator === undefined || generator.name !== GENERATOR) {
    throw new InputError(
      `dataset ${id}: generator: expected ${GENERATOR}, got ${printable(generator?.name ?? "none")}`,
      { tag: "schema" },
    );
  }
  const parsed = moduleParameters.safeParse(generator.parameters);
  if (parsed.success) return { parameters: parsed.data, seed: generator.seed };
  throw new InputError(
    `dataset ${id}: generator parameters: expected those of ${GENERATOR}, got ${whatIsWrong(parsed.error)}`,
    {
      tag: "schema",
    },
  );
}

/** First occurrences of each row, in order. */
function distinctRows(calq: Float64Array): number[] {
  const seen = new DistinctRows(CELLS);
  const first: number[] = [];
  for (let row = 0; row < calq.length / CELLS; row++)
    if (seen.add(calq, row * CELLS, row, calq)) first.push(row);
  return first;
}

/** SHA-256 of charges as little-endian float64, row after row. */
export function chargesHash(calq: Float64Array): string {
  const hash = new Sha256();
  hash.update(new Uint8Array(calq.buffer, calq.byteOffset, calq.byteLength));
  return hash.digest();
}

export interface GenerateOptions {
  /** Keep only the first of identical rows. */
  readonly distinct?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Rows of the dataset in memory that worker threads can share. */
async function generate(
  manifest: DatasetManifest,
  rows: number,
  options: GenerateOptions & { readonly seed?: number },
): Promise<Slab> {
  const { parameters, seed: own } = parametersOf(manifest);
  const seed = options.seed ?? own;
  const calq = new Float64Array(new SharedArrayBuffer(8 * rows * CELLS));
  const labels = new Map<Label, Float64Array>();
  const task = (options.progress ?? silentProgress).begin(`generate ${manifest.id}`, rows);
  try {
    for (let from = 0; from < rows; from += SLAB_ROWS) {
      options.signal?.throwIfAborted();
      const slab = makeModules(parameters, seed, from, Math.min(rows, from + SLAB_ROWS));
      calq.set(slab.calq, from * CELLS);
      for (const [name, column] of slab.labels) {
        const whole = labels.get(name) ?? new Float64Array(rows);
        whole.set(column, from);
        labels.set(name, whole);
      }
      task.advance(slab.rows);
      await nextTurn();
    }
  } finally {
    task.end();
  }
  return { rows, calq, labels };
}

/** Makes the dataset at one of its sizes; DisagreementError when the rows are not those of the manifest's hash. */
export async function makeDataset(
  id: string,
  size: DatasetSize,
  options: GenerateOptions = {},
): Promise<ModuleTable> {
  const manifest = await readManifest(id);
  const slab = await generate(manifest, manifest.sizes[size], options);
  const sha256 = chargesHash(slab.calq);
  const expected = new Map(Object.entries(manifest.sha256)).get(size);
  if (sha256 !== expected) {
    throw new DisagreementError(
      `dataset ${id} (${size}): generated rows: expected SHA-256 ${expected?.slice(0, 12) ?? "none"}, got ${sha256.slice(0, 12)}`,
      { tag: "hash" },
    );
  }
  return tableOf(manifest, slab, sha256, size, options);
}

/** Other rows of the dataset's generator than those of its sizes: any number, any seed. There is no hash to check. */
export async function makeVariant(
  id: string,
  rows: number,
  seed: number | undefined,
  options: GenerateOptions = {},
): Promise<ModuleTable> {
  const manifest = await readManifest(id);
  const slab = await generate(manifest, rows, { ...options, ...(seed === undefined ? {} : { seed }) });
  const says = `${rows} rows${seed === undefined ? "" : `, seed ${seed}`}`;
  return tableOf(manifest, slab, chargesHash(slab.calq), says, options);
}

function tableOf(
  manifest: DatasetManifest,
  slab: Slab,
  sha256: string,
  says: string,
  options: GenerateOptions,
): ModuleTable {
  const { id, unit, licence } = manifest;
  const first = distinctRows(slab.calq);
  const kept = options.distinct === true ? pickRows(slab, first) : slab;
  const repeated = slab.rows - kept.rows;
  return {
    ...kept,
    id,
    provenance: {
      kind: "synthetic",
      name: `${GENERATOR} ${id} ${says}`,
      sha256,
      format: "generator",
      unit,
      licence,
    },
    census: censusOf(kept, {
      distinct: first.length,
      dropped: repeated === 0 ? {} : { "repeated rows": repeated },
      labels: [...slab.labels.keys()],
      ignoredColumns: [],
    }),
  };
}
