/** Realism of jets: marginals against published ones, the rank that the identities leave, and what published networks make of them. */
import type { JetRealismEntry } from "../../harness/core/jetrealism.js";
import { markup, type Fragment, type Html } from "../escape.js";
import { fixed, grouped, significant } from "../numbers.js";
import { missing, tableMarkup, type Column, type TableRow } from "./table.js";

interface Goal {
  readonly limit: number;
  readonly reached: boolean;
}

const verdict = (reached: boolean): Html =>
  reached ? markup`<span class="pass">reached</span>` : markup`<span class="fail">not reached</span>`;

const limitText = (goal: Goal | null, limit: string): Fragment =>
  goal === null ? "" : markup`${verdict(goal.reached)} <small>≤ ${limit}</small>`;

const LATENTS = [8, 14, 20] as const;

/** The column whose distribution is farthest from its published one. */
export function worstPublished({
  record,
}: JetRealismEntry): JetRealismEntry["record"]["published"][number] | undefined {
  return record.published.toSorted((a, b) => b.ks - a.ks).at(0);
}

function rankCell({ record: { rank } }: JetRealismEntry): Fragment {
  const found = `${rank.rank} of ${rank.columns}`;
  if (rank.expected === null) return found;
  return markup`${found}<br>${verdict(rank.rank === rank.expected)} <small>= ${rank.expected}</small>`;
}

function marginalCell(entry: JetRealismEntry): Fragment {
  const worst = worstPublished(entry);
  if (worst === undefined) return missing("none published");
  return markup`${fixed(worst.ks, 3)} <small>${worst.column}, of ${entry.record.published.length}</small><br>${limitText(worst.goal, fixed(worst.goal.limit, 2))}`;
}

function networkCell({ record }: JetRealismEntry, latents: number): Fragment {
  const figure = record.networks.find((one) => one.latents === latents);
  if (figure === undefined) return missing("no network");
  const { median, goal } = figure;
  return markup`${significant(median, 3)}<br>${limitText(goal, goal === null ? "" : significant(goal.limit, 2))}`;
}

const COLUMNS: readonly Column[] = [
  { title: "set", text: true },
  { title: "jets" },
  { title: "numerical rank" },
  { title: "KS, worst published column" },
  ...LATENTS.map((z) => ({ title: `median MSE, z = ${z}` })),
  { title: "measured", text: true },
];

const summaryRow = (entry: JetRealismEntry): TableRow => ({
  cells: [
    entry.dataset,
    grouped(entry.record.rows),
    rankCell(entry),
    marginalCell(entry),
    ...LATENTS.map((latents) => networkCell(entry, latents)),
    markup`recorded ${entry.date} <small><code>${entry.command}</code></small>`,
  ],
});

function columnsTable({ dataset, record }: JetRealismEntry): Fragment {
  const rows = record.published
    .toSorted((a, b) => b.ks - a.ks)
    .map(({ column, unit, ks, goal }) => ({
      cells: [column, unit, fixed(ks, 3), limitText(goal, fixed(goal.limit, 2))],
    }));
  if (rows.length === 0) return undefined;
  const columns = ["column", "unit", "KS", ""].map((title, i) => ({ title, text: i !== 2 }));
  return markup`<details><summary>${dataset}: columns against published histograms</summary>${tableMarkup(
    `${dataset}: Kolmogorov-Smirnov distance of each column from its published histogram`,
    columns,
    rows,
  )}</details>
`;
}

/** Nothing where no set of jets has a record. */
export function jetRealismMarkup(entries: readonly JetRealismEntry[]): Fragment {
  if (entries.length === 0) return undefined;
  return markup`<h3>Jets</h3>
<p>Columns against histograms read off published figures, the rank that the exact identities leave, and the loss of published autoencoders that were trained on real jets: jets unlike real ones lose more.</p>
${tableMarkup("Synthetic jets against published ones", COLUMNS, entries.map(summaryRow))}${entries.map(columnsTable)}`;
}
