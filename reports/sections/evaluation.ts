/** Autoencoders and rivals: variant x pileup x budget. The matrix of mean EMD first, then for each dataset everything about each row. */
import type { DatasetResult, Results } from "../../harness/core/results.js";
import { UNLIMITED_SAYS, YARDSTICK } from "../../harness/core/encodercost.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import {
  evaluationOf,
  evaluationRows,
  NOT_WORSE,
  slicesHeld,
  type EvaluationRow,
  type SliceLoss,
} from "../evaluation.js";
import { bits, fixed, grouped, withError } from "../numbers.js";
import { sliceName } from "../figures/slicemap.js";
import { LINK_BITS, MARKS_EXPLAINED, VERDICT_LINKS } from "../select.js";
import { missing, tableMarkup, type Band, type Column, type TableRow } from "./table.js";

/** Variants that were trained come first. */
const TRAINED = "autoencoder";

function isCandidate({ fits, unlimited, meanEmd }: EvaluationRow): boolean {
  return fits && !unlimited && meanEmd !== null;
}

/** Of each dataset and budget the smallest mean EMD, among autoencoders and among the others, of what fits the links and a chip. */
function bestOf(rows: readonly EvaluationRow[]): ReadonlySet<EvaluationRow> {
  const best = new Map<string, EvaluationRow>();
  for (const row of rows.filter(isCandidate)) {
    const key = JSON.stringify([row.dataset, row.links, row.family === TRAINED]);
    const before = best.get(key);
    if (before === undefined || (row.meanEmd ?? 0) < (before.meanEmd ?? 0)) best.set(key, row);
  }
  return new Set(best.values());
}

function emdMarkup(row: EvaluationRow | undefined, best: ReadonlySet<EvaluationRow>): Fragment {
  if (row === undefined) return "";
  if (row.meanEmd === null) return missing("no module with an EMD");
  const value = fixed(row.meanEmd, 3);
  const marks = row.marks === "" ? undefined : markup`<sup>${row.marks}</sup>`;
  return markup`${best.has(row) ? markup`<b>${value}</b>` : value}${marks}`;
}

function conditionsOf({ id, kind }: DatasetResult, pileup: number | null): Html {
  const says = pileup === null ? "" : `, pileup ${pileup}`;
  return markup`${id}<br><small>${kind}${says}</small>`;
}

interface Kind {
  readonly family: string;
  readonly variants: readonly string[];
}

/** Autoencoders first, then family by family in order of first appearance; by name inside each. */
function kindsOf(rows: readonly EvaluationRow[]): Kind[] {
  const families = [...new Set([TRAINED, ...rows.map(({ family }) => family)])];
  const kinds = families.map((family) => {
    const own = rows.filter((row) => row.family === family);
    return { family, variants: [...new Set(own.map(({ variant }) => variant))].sort() };
  });
  return kinds.filter(({ variants }) => variants.length > 0);
}

/** Mean EMD of every variant: a column for each dataset and budget. */
function matrix(results: Results, rows: readonly EvaluationRow[]): Html {
  const datasets = results.datasets.filter(({ id }) => rows.some(({ dataset }) => dataset === id));
  const pileupOf = (id: string): number | null => rows.find(({ dataset }) => dataset === id)?.pileup ?? null;
  const columns: Column[] = [
    { title: "variant", text: true },
    ...datasets.flatMap(() => VERDICT_LINKS.map((links) => ({ title: `${links * LINK_BITS} bit` }))),
  ];
  const bands: Band[] = [
    { title: "", span: 1 },
    ...datasets.map((dataset) => ({
      title: conditionsOf(dataset, pileupOf(dataset.id)),
      span: VERDICT_LINKS.length,
    })),
  ];
  const best = bestOf(rows);
  const line = (variant: string): TableRow => {
    const own = rows.filter((row) => row.variant === variant);
    const values = datasets.flatMap(({ id }) =>
      VERDICT_LINKS.map((links) =>
        emdMarkup(
          own.find((row) => row.dataset === id && row.links === links),
          best,
        ),
      ),
    );
    return { cells: [variant, ...values] };
  };
  const lines = kindsOf(rows).flatMap(({ family, variants }) => [
    { cells: [family], isTitle: true },
    ...variants.map(line),
  ]);
  return tableMarkup("Mean EMD [cell] by variant, dataset and budget", columns, lines, bands);
}

function detailColumns(slices: readonly SliceLoss[]): Column[] {
  const named = (name: Fragment, unit: Fragment): Column => ({
    title: markup`${name}<br><small>${unit}</small>`,
  });
  return [
    { title: "budget", text: true },
    { title: "variant", text: true },
    { title: "", text: true },
    named("payload mean", "[bit]"),
    named("worst", "[bit]"),
    named("EMD mean ± s.e.", "[cell]"),
    ...slices.map(({ low, high }) => named(markup`median, ${sliceName(low, high)}`, "[cell]")),
    { title: "slices not worse than best choice", text: true },
    named("sum ratio", "mean / RMS"),
    named("MAC", "/ module"),
    named("compar.", "/ module"),
    named("param.", ""),
    named("weights", "[bit]"),
  ];
}

/** "3 of 5; worse at 5-9, 15 and more (empties)". */
function heldMarkup(row: EvaluationRow): Fragment {
  const held = slicesHeld(row);
  if (held === undefined) return missing("no best choice at these links");
  const worse = row.slices.filter(({ verdict }) => verdict.startsWith("worse"));
  if (worse.length === 0) return held;
  const told = worse.map(
    ({ low, high, verdict }) => `${sliceName(low, high)}${verdict === "worse" ? "" : " (empties)"}`,
  );
  return markup`<span class="nowrap">${held}; <span class="fail">worse</span> at ${told.join(", ")}</span>`;
}

function detailRow(row: EvaluationRow): Fragment[] {
  const { cost } = row;
  return [
    row.variant,
    row.marks,
    bits(row.payloadMean),
    bits(row.payloadMaximum),
    row.meanEmd === null ? missing("no module with an EMD") : withError(row.meanEmd, row.standardError),
    ...row.slices.map(({ median }) => (median === null ? missing("none") : fixed(median, 3))),
    heldMarkup(row),
    `${fixed(row.sumRatioMean, 3)} / ${fixed(row.sumRatioRms, 3)}`,
    grouped(cost.multiplyAccumulates),
    grouped(cost.comparisons),
    grouped(cost.parameters),
    grouped(cost.weightBits),
  ];
}

function detailTable(results: Results, dataset: DatasetResult): Fragment {
  const rows = evaluationOf(results, dataset);
  if (rows.length === 0) return undefined;
  const lines = VERDICT_LINKS.flatMap((links): TableRow[] => {
    const own = rows.filter((row) => row.links === links);
    return own.map((row, i) =>
      i > 0
        ? { cells: detailRow(row) }
        : { cells: [`${row.budgetBits} bit`, ...detailRow(row)], span: own.length },
    );
  });
  const table = tableMarkup(
    `${dataset.id}: every variant at each budget`,
    detailColumns(rows[0].slices),
    lines,
  );
  return markup`<details><summary>${dataset.title}: medians by occupancy, bits, scale, encoder cost, best choice slice by slice</summary>${table}</details>
`;
}

export function evaluationSection(results: Results): Html {
  const rows = evaluationRows(results);
  if (rows.length === 0) return markup`<p>${missing("no codec of two to five links in these results")}</p>`;
  return join([
    markup`<p>Every encoder of two to five links: mean EMD at 64, 96, 128 and 160 bits per module, header and module sum counted. Yardstick of cost: the ECON-T's autoencoder, ${grouped(YARDSTICK.parameters)} weights of 6 bits (${grouped(YARDSTICK.weightBits)} bits), ${grouped(YARDSTICK.multiplyAccumulates)} multiply-accumulates, one pass per crossing of 25 ns. What needs more bits of tables and weights is listed apart, behind the others: ${UNLIMITED_SAYS}.</p>
`,
    matrix(results, rows),
    results.datasets.map((dataset) => detailTable(results, dataset)),
    markup`<p class="note">Bold: the smallest of its column, among autoencoders and among the others, of what fits the links and a chip. Empty: not run at that budget. ${MARKS_EXPLAINED} Not worse than best choice at the same links: ${NOT_WORSE}, slice by slice. The same table on any file: <code>wafermark evaluate --data FILE</code>.</p>
`,
  ]);
}
