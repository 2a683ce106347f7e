/**
 * The record of a realism check, synthetic rows against real ones, as one zod schema: what `datasets check --json` writes and
 * the realism page shows. Absent means null; non-finite numbers are never written.
 */
import { z } from "zod";

export const REALISM_VERSION = 1;

const finite = z.number();
const count = z.number().int().nonnegative();
const text = z.string();

const side = z.strictObject({
  id: text,
  /** The generator, or the file as it was named. */
  name: text,
  sha256: text,
  /** "all", or the half of the rows by their hash. */
  selection: text,
  rows: count,
  distinct: count,
});

/** Shares of the rows (or cells) in even bins; what lies outside is counted in the end bins. Real shares may be left out. */
const pair = z.strictObject({
  low: finite,
  high: finite,
  synthetic: z.array(finite),
  real: z.array(finite).nullable(),
});

const goal = z.strictObject({ limit: finite, reached: z.boolean() }).nullable();

const distribution = z.strictObject({
  id: text,
  title: text,
  unit: text,
  /** Values on each side: rows, or cells with charge for the spectrum. */
  syntheticCount: count,
  realCount: count,
  /** Kolmogorov-Smirnov distance, 0..1. */
  ks: finite.nullable(),
  /** EMD of the two samples, in `unit`. */
  emd: finite.nullable(),
  /** EMD of the two histograms below, in bins. */
  histogramEmd: finite.nullable(),
  goal,
  histogram: pair,
});

const slice = z.strictObject({
  codec: text,
  /** Occupancy [low, high). */
  low: count,
  high: count,
  syntheticRows: count,
  realRows: count,
  synthetic: finite.nullable(),
  real: finite.nullable(),
  /** What the difference of medians may be; null where the real file has too few rows to ask. */
  goal,
});

const classifier = z.strictObject({
  method: text,
  features: z.array(text),
  folds: count,
  syntheticRows: count,
  realRows: count,
  auc: finite,
  aucError: finite,
  goal,
  /** Features that told the sides apart, most first: share of the gain, and the area of the feature alone. */
  giveaways: z.array(z.strictObject({ feature: text, share: finite, auc: finite })),
  roc: z.array(z.strictObject({ falsePositive: finite, truePositive: finite })),
});

export const realismSchema = z.strictObject({
  realismVersion: z.literal(REALISM_VERSION),
  synthetic: side,
  /** What it is judged against; `kind` "twin" is the same generator with another seed: what chance alone gives. */
  real: side.extend({ kind: z.enum(["file", "twin"]) }),
  distributions: z.array(distribution),
  neighbours: z.strictObject({
    /** Mean distance of each cell's five best-correlated cells. */
    synthetic: finite,
    real: finite,
    goal,
  }),
  slices: z.array(slice),
  classifier,
  /** Figures of whole events where the generator makes them. */
  physics: z.array(
    z.strictObject({
      id: text,
      title: text,
      unit: text,
      value: finite,
      low: finite,
      high: finite,
      reached: z.boolean(),
    }),
  ),
});

/** A record where it is shown: measured in the run of the results, or recorded before and committed without the real shares. */
export const realismEntrySchema = z.strictObject({
  dataset: text,
  source: z.enum(["run", "recorded"]),
  /** Day, ISO 8601. */
  date: text,
  command: text,
  record: realismSchema,
});

export type RealismEntry = z.infer<typeof realismEntrySchema>;
export type RealismRecord = z.infer<typeof realismSchema>;
export type RealismSide = RealismRecord["synthetic"];
export type DistributionRecord = RealismRecord["distributions"][number];
export type SliceRecord = RealismRecord["slices"][number];
export type ClassifierRecord = RealismRecord["classifier"];
export type HistogramPair = DistributionRecord["histogram"];
