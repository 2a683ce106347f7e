/**
 * The digits that numbers of a result deserve: what is written down is what pages show, so a page made from the file is the page of
 * the run.
 *
 * A mean over a million modules is sure to three or four digits, what is told of the modules of a bin to two or three, a timing to
 * three; each is kept with more. Whole numbers stay as they are.
 */
import type { Results } from "./results.js";

const SUMMARY = 6;
const BIN = 4;
const SPREAD = 4;
const TIMING = 5;
const AGREEMENT = 4;
/** Of a count, in restored charges; what is less keeps one digit, for no charge is something else than little. */
const CHARGE_STEPS = 1000;

/** `value` with `digits` significant digits; whole numbers and null as they are. */
export function rounded<T extends number | null>(value: T, digits: number): T {
  if (value === null || Number.isInteger(value)) return value;
  return Number(value.toPrecision(digits)) as T;
}

type Plain =
  number | string | boolean | null | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/** Every number inside `value` with `digits` significant digits. */
function roundedInside<T>(value: T, digits: number): T {
  const walk = (part: Plain): Plain => {
    if (typeof part === "number") return rounded(part, digits);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value as Plain) as T;
}

type Quality = Results["quality"][number];
type Metric = Quality["metrics"][number];

function keptCharge(charge: number): number {
  if (Math.abs(charge) * CHARGE_STEPS < 1) return rounded(charge, 1);
  return Math.round(charge * CHARGE_STEPS) / CHARGE_STEPS;
}

function keptSummary(summary: Metric["summary"]): Metric["summary"] {
  if (summary === null) return null;
  const { standardError, rms, ...others } = roundedInside(summary, SUMMARY);
  return { ...others, standardError: rounded(standardError, SPREAD), rms: rounded(rms, SPREAD) };
}

function keptProfile({ against, bins }: Metric["profiles"][number]): Metric["profiles"][number] {
  const kept = bins.map(({ low, high, ...values }) => ({
    low: rounded(low, SUMMARY),
    high: rounded(high, SUMMARY),
    ...roundedInside(values, BIN),
  }));
  return { against, bins: kept };
}

function keptQuality(row: Quality): Quality {
  return {
    ...row,
    rate: roundedInside(row.rate, SUMMARY),
    metrics: row.metrics.map((metric) => ({
      ...metric,
      summary: keptSummary(metric.summary),
      profiles: metric.profiles.map(keptProfile),
      histogram: roundedInside(metric.histogram, SUMMARY),
    })),
    examples: row.examples.map((example) => ({
      ...example,
      emd: rounded(example.emd, SUMMARY),
      original: roundedInside(example.original, SUMMARY),
      restored: example.restored.map(keptCharge),
    })),
  };
}

/** `results` with the digits that are kept. Rounding again changes nothing. */
export function keptDigits(results: Results): Results {
  return {
    ...results,
    run: { ...results.run, seconds: rounded(results.run.seconds, SUMMARY) },
    datasets: roundedInside(results.datasets, SUMMARY),
    quality: results.quality.map(keptQuality),
    agreement: roundedInside(results.agreement, AGREEMENT),
    speed: roundedInside(results.speed, TIMING),
    noise: roundedInside(results.noise, AGREEMENT),
    ...(results.realism === undefined ? {} : { realism: roundedInside(results.realism, SUMMARY) }),
    ...(results.jetRealism === undefined ? {} : { jetRealism: roundedInside(results.jetRealism, SUMMARY) }),
  };
}
