/**
 * The quality table as CSV: one line per dataset, codec and metric, numbers with all digits that the results have, empty where absent.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe in front; the header comment says so.
 */
import { isUnlimited } from "../harness/core/encodercost.js";
import type { MetricResult, QualityResult, Results } from "../harness/core/results.js";

const FORMULA = /^[=+\-@\t\r]/;

const COLUMNS = [
  "dataset",
  "kind",
  "codec",
  "links",
  "payload_mean_bits",
  "payload_median_bits",
  "payload_95_bits",
  "payload_max_bits",
  "link_mean_bits",
  "fits_budget",
  "modules",
  "multiply_accumulates",
  "comparisons",
  "parameters",
  "weight_bits",
  "unlimited",
  "empty_in",
  "empty_out",
  "metric",
  "unit",
  "n",
  "mean",
  "standard_error",
  "rms",
  "median",
  "q16",
  "q84",
  "minimum",
  "maximum",
] as const;

const COMMENT =
  "# wafermark quality table; empty field: no value; a text that begins with = + - @ tab or return has ' put before it\n";

type Cell = string | number | boolean | null | undefined;

/** One field: numbers as they are, text made harmless and quoted where needed. */
export function csvField(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n#]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
}

function lineOf(results: Results, row: QualityResult, metric: MetricResult): string {
  const dataset = results.datasets.find(({ id }) => id === row.dataset);
  const codec = results.codecs.find(({ label }) => label === row.codec);
  const { rate } = row;
  const s = metric.summary;
  const cells: readonly Cell[] = [
    row.dataset,
    dataset?.kind,
    row.codec,
    codec?.links,
    rate.payloadMean,
    rate.payloadMedian,
    rate.payload95,
    rate.payloadMaximum,
    rate.linkMean,
    rate.fitsBudget,
    row.modules,
    codec?.cost.multiplyAccumulates,
    codec?.cost.comparisons,
    codec?.cost.parameters,
    codec?.cost.weightBits,
    codec === undefined ? undefined : isUnlimited(codec.cost),
    row.emptyIn,
    row.emptyOut,
    metric.metric,
    metric.unit,
    s?.n,
    s?.mean,
    s?.standardError,
    s?.rms,
    s?.median,
    s?.q16,
    s?.q84,
    s?.minimum,
    s?.maximum,
  ];
  return `${cells.map(csvField).join(",")}\n`;
}

/** Comment line, header line, one line per dataset, codec and metric. */
export function qualityCsv(results: Results): string {
  const lines = results.quality.flatMap((row) => row.metrics.map((metric) => lineOf(results, row, metric)));
  return `${COMMENT}${COLUMNS.join(",")}\n${lines.join("")}`;
}
