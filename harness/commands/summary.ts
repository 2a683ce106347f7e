/** The table that ends a run on the terminal: for each dataset, rate, EMD and scale of the codecs. */
import { settingOf } from "../core/settings.js";
import type { CodecResult, QualityResult, Results } from "../core/results.js";
import { isUnlimited } from "../core/encodercost.js";
import { printable } from "../core/errors.js";
import { alignedLines } from "../core/textcolumns.js";

const SHOWN_LINKS = [2, 5] as const; // budgets of the modules' own links
const SCALE_TOLERANCE = 0.02;

function column(quality: QualityResult, metric: string): MetricSummary {
  return quality.metrics.find((found) => found.metric === metric)?.summary ?? null;
}
type MetricSummary = QualityResult["metrics"][number]["summary"];

function shown(value: number | undefined, digits: number): string {
  return value === undefined ? "-" : value.toFixed(digits);
}

function marks(quality: QualityResult, codec: CodecResult | undefined): string {
  const ratio = column(quality, "sum-ratio")?.mean;
  const scale = ratio !== undefined && Math.abs(ratio - 1) > SCALE_TOLERANCE ? "scale" : "";
  const budget = quality.rate.fitsBudget === false ? "over budget" : "";
  const cost = codec !== undefined && isUnlimited(codec.cost) ? "unlimited encoder" : "";
  return [scale, budget, cost].filter((mark) => mark !== "").join(", ");
}

const HEAD = ["codec", "links", "bits", "max", "EMD", "median", "sum ratio", "emptied", ""] as const;

function cells(quality: QualityResult, codec: CodecResult | undefined): string[] {
  const emd = column(quality, "emd");
  return [
    quality.codec,
    codec?.links === null || codec === undefined ? "-" : String(codec.links),
    shown(quality.rate.payloadMean, 1),
    String(quality.rate.payloadMaximum),
    shown(emd?.mean, 4),
    shown(emd?.median, 4),
    shown(column(quality, "sum-ratio")?.mean, 4),
    String(quality.emptyOut),
    marks(quality, codec),
  ];
}

function aligned(rows: readonly (readonly string[])[]): string {
  return alignedLines(rows, (column) => column === 0 || column === HEAD.length - 1).join("\n");
}

/** True for codecs that the short table shows: outside the link scheme, or at the budgets of modules; no other settings of sum and zeros. */
function isUsual(codec: CodecResult | undefined): boolean {
  if (codec !== undefined && settingOf(codec.label) !== undefined) return false;
  const links = codec?.links ?? null;
  return links === null || (links >= SHOWN_LINKS[0] && links <= SHOWN_LINKS[1]);
}

/** `all` shows every codec; otherwise those at 2..5 links, and a line says how many were left out. */
export function summaryTable(results: Results, all: boolean): string {
  const codecs = new Map(results.codecs.map((codec) => [codec.label, codec]));
  const parts: string[] = [];
  for (const { id, kind, used, census } of results.datasets) {
    const rows = results.quality.filter(({ dataset }) => dataset === id);
    if (rows.length === 0) continue;
    const usual = all ? rows : rows.filter(({ codec }) => isUsual(codecs.get(codec)));
    const title = `${printable(id)} (${kind}, ${used} modules, ${census.empty} empty; bits per module, EMD in cells)`;
    const table = aligned([HEAD, ...usual.map((row) => cells(row, codecs.get(row.codec)))]);
    const left = rows.length - usual.length;
    parts.push(
      `${title}\n${table}\n${left === 0 ? "" : `${left} more, at other link counts or in other settings, in the report\n`}`,
    );
  }
  return parts.join("\n");
}
