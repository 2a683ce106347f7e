/** The evaluation as CSV: for each dataset and codec one line for all modules and one for each slice of occupancy. */
import { csvField } from "./csv.js";
import type { EvaluationRow, SliceLoss } from "./evaluation.js";

const COLUMNS = [
  "dataset",
  "pileup",
  "codec",
  "variant",
  "links",
  "budget_bits",
  "payload_mean_bits",
  "payload_max_bits",
  "fits_budget",
  "multiply_accumulates",
  "comparisons",
  "parameters",
  "weight_bits",
  "unlimited",
  "sum_ratio_mean",
  "sum_ratio_rms",
  "emptied",
  "slice",
  "n",
  "mean_emd",
  "standard_error",
  "median_emd",
  "best_choice_mean",
  "not_worse_limit",
  "verdict",
] as const;

const COMMENT =
  "# wafermark evaluation; slice: cells above 1 MIP_T, all: every module with an EMD; empty field: no value; a text that begins with = + - @ has ' put before it\n";

type Cell = string | number | boolean | null | undefined;

function sharedCells(row: EvaluationRow): Cell[] {
  const { cost } = row;
  return [
    ...[row.dataset, row.pileup, row.codec, row.variant, row.links, row.budgetBits],
    ...[row.payloadMean, row.payloadMaximum, row.fits],
    ...[cost.multiplyAccumulates, cost.comparisons, cost.parameters, cost.weightBits, row.unlimited],
    ...[row.sumRatioMean, row.sumRatioRms, row.emptied],
  ];
}

function sliceCells({ low, high, n, mean, median, rival, limit, verdict }: SliceLoss): Cell[] {
  return [`${low} to ${high - 1}`, n, mean, undefined, median, rival, limit, verdict];
}

function linesOf(row: EvaluationRow): string[] {
  const shared = sharedCells(row);
  const n = row.slices.reduce((sum, slice) => sum + slice.n, 0);
  const whole: Cell[] = [
    "all",
    n,
    row.meanEmd,
    row.standardError,
    undefined,
    undefined,
    undefined,
    undefined,
  ];
  return [whole, ...row.slices.map(sliceCells)].map(
    (cells) => `${[...shared, ...cells].map(csvField).join(",")}\n`,
  );
}

/** Comment line, header line, six lines for each dataset and codec. */
export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  return `${COMMENT}${COLUMNS.join(",")}\n${rows.flatMap(linesOf).join("")}`;
}
