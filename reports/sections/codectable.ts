/** Tables of every codec on a dataset: rate, EMD, scale, empties, cost; and all other metrics behind a fold. */
import type { MetricResult, QualityResult } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { bits, fixed, percent, significant, withError } from "../numbers.js";
import {
  filledModules,
  isFloor,
  marksOf,
  MARKS_EXPLAINED,
  metricOf,
  whyMissing,
  type Entry,
} from "../select.js";
import { missing, tableMarkup, type Column, type TableRow } from "./table.js";

const COLUMNS: readonly Column[] = [
  { title: "codec", text: true },
  { title: "", text: true },
  ...[
    ["payload mean", "[bit]"],
    ["50 %", "[bit]"],
    ["95 %", "[bit]"],
    ["max", "[bit]"],
    ["on the link, mean", "[bit]"],
    ["fits", ""],
    ["EMD mean ± s.e.", "[cell]"],
    ["median", "[cell]"],
    ["16-84 %", "[cell]"],
    ["centroid shift", "[cell]"],
    ["sum ratio mean", "[1]"],
    ["sum ratio RMS", "[1]"],
    ["with EMD", "modules"],
    ["emptied", "modules"],
    ["empty in", "modules"],
    ["compar.", "/ module"],
    ["MAC", "/ module"],
    ["param.", ""],
    ["weights", "[bit]"],
  ].map(([name, unit]) => ({ title: markup`${name}<br><small>${unit}</small>` })),
];

function summaryOf(metric: MetricResult | undefined): NonNullable<MetricResult["summary"]> | undefined {
  return metric?.summary ?? undefined;
}

function meanOf(row: QualityResult, metric: string): Fragment {
  const found = metricOf(row, metric);
  const summary = summaryOf(found);
  if (summary === undefined) return missing(found === undefined ? "not in this run" : whyMissing(row));
  return significant(summary.mean);
}

function spreadOf(row: QualityResult, metric: string): Fragment {
  const summary = summaryOf(metricOf(row, metric));
  if (summary === undefined) return missing("see mean");
  return summary.rms === null ? missing("one module") : significant(summary.rms, 3);
}

function fitsMarkup({ row }: Entry): Fragment {
  if (row.rate.fitsBudget === null) return markup`<small>no budget</small>`;
  if (row.rate.fitsBudget) return "yes";
  return markup`<b>no</b> <small>${row.rate.overBudgetModules} modules over</small>`;
}

function emdCells({ row, emd }: Entry): Fragment[] {
  const summary = summaryOf(emd);
  if (summary === undefined) {
    return [
      missing(emd === undefined ? "not in this run" : whyMissing(row)),
      missing("see mean"),
      missing("see mean"),
    ];
  }
  return [
    withError(summary.mean, summary.standardError),
    fixed(summary.median, 4),
    `${fixed(summary.q16, 3)} to ${fixed(summary.q84, 3)}`,
  ];
}

function rowOf(entry: Entry): TableRow {
  const { codec, row, emd } = entry;
  const { rate } = row;
  return {
    cells: [
      isFloor(codec) ? markup`<i>${codec.label}</i> <small>floor</small>` : codec.label,
      marksOf(entry)
        .map(({ sign }) => sign)
        .join(""),
      bits(rate.payloadMean),
      bits(rate.payloadMedian),
      bits(rate.payload95),
      bits(rate.payloadMaximum),
      bits(rate.linkMean),
      fitsMarkup(entry),
      ...emdCells(entry),
      meanOf(row, "centroid-shift"),
      meanOf(row, "sum-ratio"),
      spreadOf(row, "sum-ratio"),
      String(summaryOf(emd)?.n ?? 0),
      row.emptyOut === 0
        ? "0"
        : markup`${row.emptyOut} <small>${percent(row.emptyOut, filledModules(row))}</small>`,
      String(row.emptyIn),
      String(codec.cost.comparisons),
      String(codec.cost.multiplyAccumulates),
      String(codec.cost.parameters),
      String(codec.cost.weightBits),
    ],
  };
}

function failuresOf(entries: readonly Entry[]): Fragment {
  const told = entries.flatMap(({ codec, row }) =>
    Object.entries(row.failed)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => `${codec.label}: ${count} ${reason}`),
  );
  return told.length === 0
    ? undefined
    : markup`<p class="note">Modules without a value for another reason: ${told.join("; ")}.</p>`;
}

/** The table of all codecs on one dataset. */
export function codecTable(entries: readonly Entry[]): Html {
  return join([
    tableMarkup("Every codec: rate, EMD, scale, empties, cost", COLUMNS, entries.map(rowOf)),
    markup`<p class="note">${MARKS_EXPLAINED} EMD: both modules normalised to one, distance in sensor-cell pitches. On the link: payload rounded up to whole 32-bit words. Emptied: modules with charge that decode to nothing, counted apart like those that are empty to begin with.</p>
`,
    failuresOf(entries),
    otherMetrics(entries),
  ]);
}

function valueOf(metric: MetricResult | undefined, row: QualityResult): Fragment {
  const summary = summaryOf(metric);
  if (summary === undefined) return missing(metric === undefined ? "not in this run" : whyMissing(row));
  return `${significant(summary.mean)} ± ${significant(summary.standardError, 2)}; ${significant(summary.median)}`;
}

function otherMetrics(entries: readonly Entry[]): Fragment {
  const units = new Map(
    entries.flatMap(({ row }) => row.metrics.map((metric) => [metric.metric, metric.unit] as const)),
  );
  units.delete("emd");
  if (units.size === 0) return undefined;
  const columns: Column[] = [
    { title: "codec", text: true },
    ...[...units].map(([id, unit]) => ({ title: markup`${id}<br><small>[${unit}]</small>` })),
  ];
  const rows = entries.map(({ codec, row }) => ({
    cells: [codec.label, ...[...units.keys()].map((id) => valueOf(metricOf(row, id), row))],
  }));
  return markup`<details><summary>all other metrics, mean ± standard error and median</summary>${tableMarkup("All other metrics: mean ± standard error; median", columns, rows)}</details>
`;
}
