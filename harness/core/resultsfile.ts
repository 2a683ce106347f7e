/**
 * results.json as a file (version 2): the same records as in memory (results.ts), with profiles as columns, and with what many
 * records have in common written in the first of them only: the bin edges of an abscissa, the charges of an example module.
 *
 * Version 1, which had every record whole, is read as well.
 */
import { z } from "zod";
import { keptDigits } from "./keptdigits.js";
import { InputError } from "./errors.js";
import { resultsSchema, SCHEMA_VERSION, type Results } from "./results.js";

export const FILE_VERSION = 2;

const parts = resultsSchema.shape;
const quality = parts.quality.element;
const metric = quality.shape.metrics.element;
const profile = metric.shape.profiles.element;
const bin = profile.shape.bins.element.shape;
const example = quality.shape.examples.element;

/** Bins as columns, one value for each bin. */
const profileColumns = z.strictObject({
  against: profile.shape.against,
  /** Absent: those of the first profile of the file against the same. */
  low: z.array(bin.low).optional(),
  high: z.array(bin.high).optional(),
  n: z.array(bin.n),
  mean: z.array(bin.mean),
  median: z.array(bin.median),
  q16: z.array(bin.q16),
  q84: z.array(bin.q84),
});

const fileQuality = quality.extend({
  metrics: z.array(
    metric.extend({ profiles: z.array(profileColumns), histogram: metric.shape.histogram.optional() }),
  ),
  /** `original` absent: that of the first example of the file with the same dataset, role and row. */
  examples: z.array(example.extend({ original: example.shape.original.optional() })),
});

export const resultsFileSchema = resultsSchema.extend({
  schemaVersion: z.literal(FILE_VERSION),
  quality: z.array(fileQuality),
});

type ResultsFile = z.infer<typeof resultsFileSchema>;
type Quality = Results["quality"][number];
type FileQuality = ResultsFile["quality"][number];
type Profile = z.infer<typeof profile>;
type ProfileColumns = z.infer<typeof profileColumns>;

/** What was written before under a name. */
class Said<T> {
  readonly #first = new Map<string, T>();

  /** `value`, or undefined when it is what was first said under `name`. */
  shorten(name: string, value: T): T | undefined {
    const before = this.#first.get(name);
    if (before === undefined) this.#first.set(name, value);
    return before !== undefined && JSON.stringify(before) === JSON.stringify(value) ? undefined : value;
  }

  /** The value as it was before shortening; undefined when nothing was ever said under `name`. */
  restore(name: string, value: T | undefined): T | undefined {
    const before = this.#first.get(name);
    if (before === undefined && value !== undefined) this.#first.set(name, value);
    return value ?? before;
  }
}

interface Memory {
  readonly low: Said<readonly number[]>;
  readonly high: Said<readonly number[]>;
  readonly original: Said<readonly number[]>;
}

function newMemory(): Memory {
  return { low: new Said(), high: new Said(), original: new Said() };
}

function columnsOf({ against, bins }: Profile, memory: Memory): object {
  return {
    against,
    low: memory.low.shorten(
      against,
      bins.map(({ low }) => low),
    ),
    high: memory.high.shorten(
      against,
      bins.map(({ high }) => high),
    ),
    n: bins.map(({ n }) => n),
    mean: bins.map(({ mean }) => mean),
    median: bins.map(({ median }) => median),
    q16: bins.map(({ q16 }) => q16),
    q84: bins.map(({ q84 }) => q84),
  };
}

function exampleKey({ dataset }: { readonly dataset: string }, role: string, row: number): string {
  return JSON.stringify([dataset, role, row]);
}

function qualityForFile(row: Quality, memory: Memory): object {
  return {
    ...row,
    metrics: row.metrics.map(({ profiles, histogram, ...metric }) => ({
      ...metric,
      profiles: profiles.map((one) => columnsOf(one, memory)),
      histogram: histogram ?? undefined,
    })),
    examples: row.examples.map(({ role, row: place, emd, original, restored }) => ({
      role,
      row: place,
      emd,
      original: memory.original.shorten(exampleKey(row, role, place), original),
      restored,
    })),
  };
}

/** The text of results.json, with the digits that are kept. */
export function resultsText(results: Results): string {
  const kept = keptDigits(results);
  const memory = newMemory();
  const file = {
    ...kept,
    schemaVersion: FILE_VERSION,
    quality: kept.quality.map((row) => qualityForFile(row, memory)),
  };
  return `${JSON.stringify(file)}\n`;
}

function refuse(where: string, expected: string, got: string): never {
  throw new InputError(`${where}: expected ${expected}, got ${got}`, { tag: "schema" });
}

function binsOf(columns: ProfileColumns, memory: Memory, where: string): Profile {
  const { against, n, mean, median, q16, q84 } = columns;
  const low = memory.low.restore(against, columns.low);
  const high = memory.high.restore(against, columns.high);
  if (low === undefined || high === undefined)
    refuse(`${where}: profile against ${against}`, "bin edges in the first of its kind", "none");
  const lengths = [low, high, n, mean, median, q16, q84].map(({ length }) => length);
  if (lengths.some((length) => length !== low.length))
    refuse(`${where}: profile against ${against}`, "columns of one length", lengths.join(", "));
  const bins = low.map((_, i) => ({
    low: low[i],
    high: high[i],
    n: n[i],
    mean: mean[i],
    median: median[i],
    q16: q16[i],
    q84: q84[i],
  }));
  return { against, bins };
}

function qualityFromFile(row: FileQuality, memory: Memory, where: string): Quality {
  const name = `${where}: ${row.codec} on ${row.dataset}`;
  return {
    ...row,
    metrics: row.metrics.map((metric) => ({
      ...metric,
      profiles: metric.profiles.map((one) => binsOf(one, memory, name)),
      histogram: metric.histogram ?? null,
    })),
    examples: row.examples.map((one) => {
      const original = memory.original.restore(exampleKey(row, one.role, one.row), one.original);
      if (original === undefined)
        refuse(`${name}: example in row ${one.row}`, "charges in the first of its kind", "none");
      return { ...one, original: [...original] };
    }),
  };
}

/** Records in memory of a file of version 2. Refuses (InputError) columns of different lengths and references to nothing. */
export function resultsOfFile(file: ResultsFile, where: string): Results {
  const memory = newMemory();
  return {
    ...file,
    schemaVersion: SCHEMA_VERSION,
    quality: file.quality.map((row) => qualityFromFile(row, memory, where)),
  };
}
