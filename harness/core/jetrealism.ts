/** The record of a realism check of jets, as one zod schema: what `datasets check --json` writes and the realism page shows. */
import { z } from "zod";

const finite = z.number();
const count = z.number().int().nonnegative();
const text = z.string();
const goal = z.strictObject({ limit: finite, reached: z.boolean() });

/** Kolmogorov-Smirnov distance of a column from other jets' or from a published histogram. */
const marginal = z.strictObject({ column: text, unit: text, ks: finite, goal });

const rank = z.strictObject({
  rank: count,
  columns: count,
  /** The rank that the identities leave; null where none is stated. */
  expected: count.nullable(),
});

const network = z.strictObject({
  model: text,
  latents: count,
  /** Median over jets of the mean over columns of squared error, normalised. */
  median: finite,
  /** Columns that lose most, most first: their share of the error of the better half of the jets. */
  worst: z.array(z.strictObject({ column: text, share: finite })),
  goal: goal.nullable(),
});

export const jetRealismSchema = z.strictObject({
  id: text,
  ours: text,
  /** SHA-256 of the little-endian float64 rows, as in the set's manifest. */
  sha256: text,
  rows: count,
  /** Compared with this file, or with the same generator and another seed: what chance alone gives. */
  against: z.strictObject({ kind: z.enum(["file", "twin"]), name: text, rows: count }),
  marginals: z.array(marginal),
  /** Against histograms read off published figures. */
  published: z.array(marginal),
  rank,
  networks: z.array(network),
});

/** A record where it is shown: recorded before, with the command that measured it. */
export const jetRealismEntrySchema = z.strictObject({
  dataset: text,
  /** Day, ISO 8601. */
  date: text,
  command: text,
  record: jetRealismSchema,
});

export type JetRealism = z.infer<typeof jetRealismSchema>;
export type JetRealismEntry = z.infer<typeof jetRealismEntrySchema>;
export type MarginalFigure = JetRealism["marginals"][number];
export type RankFigure = JetRealism["rank"];
export type NetworkFigure = JetRealism["networks"][number];
