/** The evaluation on the terminal: for each dataset and budget the codecs, best first, and then how they stand to best choice. */
import { printable } from "../core/errors.js";
import { UNLIMITED_SAYS, YARDSTICK } from "../core/encodercost.js";
import { alignedLines } from "../core/textcolumns.js";
import { NOT_WORSE, slicesHeld, type EvaluationRow, type SliceLoss } from "../../reports/evaluation.js";

const DIGITS = 3;

function shown(value: number | null, digits = DIGITS): string {
  return value === null ? "-" : value.toFixed(digits);
}

function sliceHead({ low, high }: SliceLoss): string {
  return high > 48 ? `${low}+` : `${low}-${high - 1}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  return alignedLines(rows, (column) => column === 0)
    .map((line) => `${line}\n`)
    .join("");
}

function head(slices: readonly SliceLoss[]): string[] {
  const medians = slices.map((slice) => `med ${sliceHead(slice)}`);
  return [
    ...["codec", "bits", "worst", "EMD", ...medians, "held", "sum", "rms", "emptied"],
    ...["MAC", "compar.", "param.", "weight bits", "marks"],
  ];
}

function cells(row: EvaluationRow): string[] {
  const { cost } = row;
  return [
    row.codec,
    row.payloadMean.toFixed(1),
    String(row.payloadMaximum),
    shown(row.meanEmd),
    ...row.slices.map(({ median }) => shown(median)),
    slicesHeld(row) ?? "-",
    shown(row.sumRatioMean),
    shown(row.sumRatioRms),
    String(row.emptied),
    ...[cost.multiplyAccumulates, cost.comparisons, cost.parameters, cost.weightBits].map(String),
    row.marks,
  ];
}

function checkCell({ n, mean, rival, verdict }: SliceLoss): string {
  if (n === 0 && rival === null) return "no modules";
  const sign =
    verdict === "not worse" ? "" : verdict === "no comparison" ? " ?" : ` ${verdict.toUpperCase()}`;
  return `${shown(mean)} / ${shown(rival)}${sign}`;
}

function budgetText(rows: readonly EvaluationRow[]): string {
  const [{ links, budgetBits, slices }] = rows;
  const checks = rows.map((row) => [row.codec, ...row.slices.map(checkCell)]);
  return [
    `${links} links, ${budgetBits} bit\n`,
    aligned([head(slices), ...rows.map(cells)]),
    `\nmean EMD by cells above 1 MIP_T, codec / best choice at ${links} links\n`,
    aligned([["codec", ...slices.map(sliceHead)], ...checks]),
  ].join("");
}

const LEGEND = `bits: payload, mean and worst, header and sum counted; EMD in sensor-cell pitches; med: median in a slice of cells above 1 MIP_T;
held: slices not worse than best choice at the same links (${NOT_WORSE}); sum, rms: sum ratio.
marks: † over its links; Σ sum ratio off by more than 2 %; ∅ more than 1 % emptied; ∞ ${UNLIMITED_SAYS} (over ${YARDSTICK.weightBits} bits).
`;

/** Tables of all rows; codecs over their links or over the chip stand last in each. */
export function evaluationText(rows: readonly EvaluationRow[]): string {
  const parts: string[] = [];
  for (const dataset of new Set(rows.map((row) => row.dataset))) {
    const own = rows.filter((row) => row.dataset === dataset);
    const [{ pileup, modules }] = own;
    const conditions = pileup === null ? "" : `, pileup ${pileup}`;
    parts.push(`== ${printable(dataset)}${conditions}: ${modules} modules ==\n`);
    for (const links of new Set(own.map((row) => row.links)))
      parts.push(budgetText(own.filter((row) => row.links === links)));
  }
  return `${parts.join("\n")}\n${LEGEND}`;
}
