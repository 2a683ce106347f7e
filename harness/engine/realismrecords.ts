/**
 * Realism of the tables of a run: measured when there are real rows to measure by, else the figures that were recorded for the
 * very same rows, datasets/realism/<id>.json. Those hold aggregates alone: the real files may not be passed on.
 */
import { InputError } from "../core/errors.js";
import type { KernelRunner } from "../core/kernel.js";
import { realismEntrySchema, type RealismEntry, type RealismRecord } from "../core/realism.js";
import { whatIsWrong } from "../core/rows.js";
import { rowsOfHalf } from "../core/rowhalf.js";
import { parseStrictJson } from "../core/strictjson.js";
import type { ModuleTable } from "../core/table.js";
import { readModules } from "../io/moduletable.js";
import { hasPackageFile, readPackageFile } from "../io/packagefiles.js";
import { hasShowers } from "./datasetgenerators.js";
import { makeVariant, readManifest } from "./datasets.js";
import { pickRows } from "./pickrows.js";
import { readers } from "./plugins.generated.js";
import type { Progress } from "./progress.js";
import { judgeRealism } from "./realism.js";
import { realReference } from "./realreferences.js";

export interface RealismSources {
  /** WAFERMARK_DATA, or nothing. */
  readonly folder: string | undefined;
  readonly kernels: KernelRunner;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** Day of the run, ISO 8601. */
  readonly date: string;
  readonly command: string;
}

const fileOf = (id: string): string => `datasets/realism/${id}.json`;

/** The recorded figures of a set, or undefined; `stale` when they were recorded for other rows than its generator now makes. */
export async function recordedRealism(
  id: string,
): Promise<{ readonly entry: RealismEntry; readonly stale: boolean } | undefined> {
  const name = fileOf(id);
  if (!hasPackageFile(name)) return undefined;
  const parsed = realismEntrySchema.safeParse(parseStrictJson(await readPackageFile(name), name));
  if (!parsed.success) {
    throw new InputError(
      `${name}: not a realism record: expected version 1, got ${whatIsWrong(parsed.error)}`,
      {
        tag: "schema",
      },
    );
  }
  const { sha256 } = await readManifest(id);
  return { entry: parsed.data, stale: !Object.values(sha256).includes(parsed.data.record.synthetic.sha256) };
}

/** What may be committed of a record: everything but the shares of the real rows. */
export function withoutRealShares(record: RealismRecord): RealismRecord {
  return {
    ...record,
    distributions: record.distributions.map((one) => ({
      ...one,
      histogram: { ...one.histogram, real: null },
    })),
  };
}

async function referenceRows(
  id: string,
  folder: string,
  signal: AbortSignal,
): Promise<ModuleTable | undefined> {
  const reference = realReference(id);
  if (reference === undefined) return undefined;
  const whole = await readModules(`${folder.replace(/\/+$/, "")}/${reference.file}`, readers, { signal });
  return { ...whole, ...pickRows(whole, rowsOfHalf(whole.calq, whole.rows, reference.rows)) };
}

async function measured(
  synthetic: ModuleTable,
  real: ModuleTable,
  selection: string,
  { kernels, progress, signal, date, command }: RealismSources,
): Promise<RealismEntry> {
  const showers = hasShowers(await readManifest(synthetic.id));
  const record = await judgeRealism(
    { synthetic, real, kind: "file", selection, showers },
    { kernels, progress, signal },
  );
  return { dataset: synthetic.id, source: "run", date, command, record };
}

/** A file imported in a set's place is judged against what the set's generator makes, as many rows, at most those of its standard size. */
async function twinOfImport(real: ModuleTable, sources: RealismSources): Promise<RealismEntry> {
  const { sizes } = await readManifest(real.id);
  const rows = Math.min(real.rows, sizes.standard);
  const { threads, progress, signal } = sources;
  const synthetic = await makeVariant(real.id, rows, undefined, { threads, progress, signal });
  return measured(synthetic, real, "all", sources);
}

/**
 * The entry of one embedded set's table as a run has it, or undefined where nothing is known. Measured where a real file is at
 * hand (`sources.folder`, or imported in the set's place), else as recorded. Stale records are left out and told through `note`.
 */
export async function realismOf(
  table: ModuleTable,
  sources: RealismSources,
  note: (text: string) => void,
): Promise<RealismEntry | undefined> {
  if (table.provenance.kind === "file") return twinOfImport(table, sources);
  const { folder, signal } = sources;
  const real = folder === undefined ? undefined : await referenceRows(table.id, folder, signal);
  if (real !== undefined) return measured(table, real, realReference(table.id)?.rows ?? "all", sources);
  const recorded = await recordedRealism(table.id);
  if (recorded === undefined) return undefined;
  if (!recorded.stale) return recorded.entry;
  note(`the recorded realism of ${table.id} belongs to rows that its generator no longer makes: left out`);
  return undefined;
}
