/**
 * Results: everything a report shows, as one zod schema. resultsfile.ts says how results.json writes it, and from there the JSON
 * Schema is published.
 *
 * Quality numbers are deterministic; timings stand apart in `speed`. Absent means null; non-finite numbers are never written.
 */
import { z } from "zod";
import { jetRealismEntrySchema } from "./jetrealism.js";
import { realismEntrySchema } from "./realism.js";

export const SCHEMA_VERSION = 1;

const finite = z.number();
const count = z.number().int().nonnegative();
const text = z.string();

const machine = z.strictObject({
  cpu: text,
  cores: count,
  memoryBytes: count,
  platform: text,
  node: text,
  v8: text,
  /** simd, threads, relaxed-simd: as detected. */
  features: z.array(text),
  /** 1-minute load average at start. */
  load: finite,
});

const run = z.strictObject({
  id: text,
  suite: text,
  arguments: z.array(text),
  seed: count,
  threads: count,
  startedAt: text,
  seconds: finite,
  /** Rows done of rows planned: smaller when the run was interrupted. */
  finishedRows: count,
  plannedRows: count,
});

const summary = z.strictObject({
  n: count,
  mean: finite,
  standardError: finite.nullable(),
  rms: finite.nullable(),
  median: finite,
  q16: finite,
  q84: finite,
  minimum: finite,
  maximum: finite,
});

/** One bin of a profile: the metric's median and 16-84 % band where the abscissa lies in [low, high). */
const profileBin = z.strictObject({
  low: finite,
  high: finite,
  n: count,
  mean: finite.nullable(),
  median: finite.nullable(),
  q16: finite.nullable(),
  q84: finite.nullable(),
});

const profile = z.strictObject({
  /** "occupancy" (cells > 35 CALQ), "occupancy-slice" ([0,2) [2,5) [5,10) [10,15) [15,48]), "log10-sum", "log10-maximum" (MIP_T). */
  against: z.enum(["occupancy", "occupancy-slice", "log10-sum", "log10-maximum", "eta"]),
  bins: z.array(profileBin),
});

const histogram = z.strictObject({
  low: finite,
  high: finite,
  counts: z.array(count),
  underflow: count,
  overflow: count,
});

const dataset = z.strictObject({
  id: text,
  title: text,
  kind: z.enum(["synthetic", "file"]),
  /** File name as typed, or the generator. */
  name: text,
  sha256: text,
  licence: text.nullable(),
  unit: text,
  rows: count,
  used: count,
  distinctOnly: z.boolean(),
  census: z.strictObject({
    empty: count,
    distinct: count,
    nonIntegerRows: count,
    minimum: finite,
    maximum: finite,
    smallestPositive: finite,
    meanSum: finite,
    meanNonZero: finite,
    meanOccupancy: finite,
    occupancySlices: z.array(count),
    dropped: z.record(text, count),
    labels: z.array(text),
    ignoredColumns: z.array(text),
  }),
});

const codec = z.strictObject({
  /** Canonical id with parameters: "best-choice:links=2". */
  label: text,
  id: text,
  title: text,
  family: text,
  source: text,
  parameters: z.record(text, z.union([z.number(), z.string(), z.boolean()])),
  links: count.nullable(),
  budgetBits: count.nullable(),
  side: z.array(text),
  cost: z.strictObject({
    multiplyAccumulates: count,
    comparisons: count,
    parameters: count,
    weightBits: count,
  }),
});

const rate = z.strictObject({
  payloadMean: finite,
  payloadMedian: finite,
  payload95: finite,
  payloadMaximum: finite,
  /** Payload rounded up to whole 32-bit words, mean per module. */
  linkMean: finite,
  /** Every module's payload fits 32 x links; null for codecs outside the link scheme. */
  fitsBudget: z.boolean().nullable(),
  overBudgetModules: count,
});

const example = z.strictObject({
  /** Why the row was chosen: quiet, typical or busy by occupancy. */
  role: z.enum(["quiet", "typical", "busy"]),
  row: count,
  /** This codec's EMD on the row; null where it has none. */
  emd: finite.nullable(),
  original: z.array(finite),
  restored: z.array(finite),
});

const quality = z.strictObject({
  dataset: text,
  codec: text,
  rate,
  modules: count,
  emptyIn: count,
  emptyOut: count,
  /** Rows without a value for a reason other than emptiness, by reason. */
  failed: z.record(text, count),
  metrics: z.array(
    z.strictObject({
      metric: text,
      unit: text,
      summary: summary.nullable(),
      profiles: z.array(profile),
      histogram: histogram.nullable(),
    }),
  ),
  /** The dataset's example modules: the same rows under every codec, chosen once per dataset. */
  examples: z.array(example),
});

const agreement = z.strictObject({
  kernel: text,
  backend: text,
  shape: text,
  cases: count,
  verdict: z.enum(["pass", "fail", "not available"]),
  reason: text.nullable(),
  ratio: finite.nullable(),
  worst: finite.nullable(),
  measure: text.nullable(),
  where: text.nullable(),
  seed: count,
  outputHash: text.nullable(),
});

const speed = z.strictObject({
  kernel: text,
  /** Input set or shape, "mid", "dense", "n=256". */
  input: text,
  subject: text,
  baseline: text,
  threads: count,
  items: count,
  itemName: text,
  /** Seconds per item, median of process medians. */
  subjectSeconds: finite.nullable(),
  baselineSeconds: finite.nullable(),
  /** baseline time / subject time: above 1 the subject is faster. */
  ratio: finite.nullable(),
  ratioLow: finite.nullable(),
  ratioHigh: finite.nullable(),
  kernelOnlySeconds: finite.nullable(),
  /** Multiply-adds per second of the kernel alone, as a part of the peak that the same process measured beside it; absent where
   * a kernel does not consist of them. */
  peakShare: finite.nullable().optional(),
  processes: count,
  samples: z.array(z.strictObject({ process: count, subject: z.array(finite), baseline: z.array(finite) })),
  versions: z.record(text, text),
  outputHash: text.nullable(),
  validated: z.boolean(),
  notAvailable: text.nullable(),
  warnings: z.array(text),
  /** How the samples were taken, by process; absent for rows without samples. Times in seconds. */
  method: z
    .strictObject({
      batch: z.array(z.strictObject({ subject: count, baseline: count })),
      warmup: z.array(z.strictObject({ rounds: count, seconds: finite, settled: z.boolean() })),
      clockResolution: finite,
      /** Input windows that rotate, and the bytes that one run of a window touches. */
      windows: count,
      windowBytes: count,
    })
    .optional(),
});

const warning = z.strictObject({
  id: text,
  about: text,
  message: text,
  remedy: text,
});

export const resultsSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  tool: z.strictObject({
    name: z.literal("wafermark"),
    version: text,
    commit: text.nullable(),
    wasm: z.record(text, text),
  }),
  machine,
  run,
  datasets: z.array(dataset),
  codecs: z.array(codec),
  quality: z.array(quality),
  physics: z.array(z.unknown()),
  agreement: z.array(agreement),
  speed: z.array(speed),
  /** A/A twin: median and worst deviation from 1 of the ratio of a kernel against itself. */
  noise: z.strictObject({ kernel: text, median: finite, worst: finite, processes: count }).nullable(),
  /** How like real modules the synthetic sets are; absent in results made before it was. */
  realism: z.array(realismEntrySchema).optional(),
  /** How like real jets the jets' sets are; absent in results made before it was. */
  jetRealism: z.array(jetRealismEntrySchema).optional(),
  warnings: z.array(warning),
  files: z.array(z.strictObject({ path: text, sha256: text, bytes: count })),
});

export type Results = z.infer<typeof resultsSchema>;
export type DatasetResult = Results["datasets"][number];
export type CodecResult = Results["codecs"][number];
export type QualityResult = Results["quality"][number];
export type MetricResult = QualityResult["metrics"][number];
export type ProfileResult = MetricResult["profiles"][number];
export type AgreementResult = Results["agreement"][number];
export type SpeedResult = Results["speed"][number];
export type WarningResult = Results["warnings"][number];
export type MachineRecord = Results["machine"];
