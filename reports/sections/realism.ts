/** Realism: synthetic modules against real ones, distribution by distribution, every figure beside its goal, and what gives them away. */
import type { RealismEntry, SliceRecord } from "../../harness/core/realism.js";
import type { Results } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { distributionFigure, rocFigure } from "../figures/realism.js";
import { fixed, grouped, percent } from "../numbers.js";
import { gridMarkup, type Figure, type SharedShapes } from "../svg/figure.js";
import { sliceName } from "../figures/slicemap.js";
import { jetRealismMarkup } from "./jetrealism.js";
import { missing, tableMarkup, type Column, type TableRow } from "./table.js";

type Goal = SliceRecord["goal"];

function verdict(goal: Goal, sign: string): Fragment {
  if (goal === null) return "";
  const name = goal.reached ? markup`pass` : markup`fail`;
  return markup`<span class="${name}">${goal.reached ? "reached" : "not reached"}</span> <small>${sign} ${fixed(goal.limit, 2)}</small>`;
}

/** Every goal of an entry, in the order of the tables. */
export function goalsOf({ record }: RealismEntry): readonly { readonly reached: boolean }[] {
  const { distributions, neighbours, slices, classifier, physics } = record;
  const goals = [...distributions, neighbours, ...slices, classifier].map(({ goal }) => goal);
  return [...goals.filter((goal) => goal !== null), ...physics];
}

const HEADLINES = ["KS, cells above 0", "KS, cells above 35", "KS, log10 sum", "KS, log10 maximum"];
const SUMMARY_COLUMNS: readonly Column[] = [
  { title: "set", text: true },
  ...HEADLINES.map((title) => ({
    title,
  })),
  { title: "neighbours, synthetic / real [unit]" },
  { title: "classifier's AUC" },
  { title: "goals reached" },
  { title: "measured", text: true },
];

function summaryRow(entry: RealismEntry): TableRow {
  const { distributions, neighbours, classifier } = entry.record;
  const headline = distributions.filter(({ goal }) => goal !== null).slice(0, HEADLINES.length);
  const goals = goalsOf(entry);
  return {
    cells: [
      entry.dataset,
      ...headline.map((one) => markup`${fixed(one.ks, 3)}<br>${verdict(one.goal, "≤")}`),
      ...HEADLINES.slice(headline.length).map(() => missing("not measured")),
      markup`${fixed(neighbours.synthetic, 2)} / ${fixed(neighbours.real, 2)}<br>${verdict(neighbours.goal, "±")}`,
      markup`${fixed(classifier.auc, 3)}<br>${verdict(classifier.goal, "≤")}`,
      `${goals.filter(({ reached }) => reached).length} of ${goals.length}`,
      entry.source === "run" ? "in this run" : `recorded ${entry.date}`,
    ],
  };
}

const SLICE_COLUMNS: readonly Column[] = [
  { title: "codec", text: true },
  { title: "cells > 1 MIP_T", text: true },
  { title: "rows, synthetic / real" },
  { title: "median EMD, synthetic" },
  { title: "real" },
  { title: "within", text: true },
];

function slicesTable({ dataset, record }: RealismEntry): Html {
  const rows = record.slices
    .filter(({ syntheticRows, realRows }) => syntheticRows + realRows > 0)
    .map((slice) => ({
      cells: [
        slice.codec,
        sliceName(slice.low, slice.high),
        `${grouped(slice.syntheticRows)} / ${grouped(slice.realRows)}`,
        fixed(slice.synthetic, 3),
        fixed(slice.real, 3),
        slice.goal === null ? markup`<small>too few real rows to ask</small>` : verdict(slice.goal, "±"),
      ],
    }));
  return tableMarkup(
    `${dataset}: median EMD [cell] of simple codecs by occupancy, distinct rows`,
    SLICE_COLUMNS,
    rows,
  );
}

const GIVEAWAY_COLUMNS: readonly Column[] = [
  { title: "feature", text: true },
  { title: "share of the gain" },
  { title: "AUC alone" },
];

function giveawaysTable({ dataset, record: { classifier } }: RealismEntry): Html {
  const rows = classifier.giveaways.map(({ feature, share, auc }) => ({
    cells: [feature, percent(share, 1), fixed(auc, 3)],
  }));
  return tableMarkup(`${dataset}: what gives the synthetic rows away, most first`, GIVEAWAY_COLUMNS, rows);
}

function physicsTable({ dataset, record: { physics } }: RealismEntry): Fragment {
  if (physics.length === 0) return undefined;
  const columns = ["figure", "value", "expected", ""].map((title, i) => ({ title, text: i !== 1 }));
  const rows = physics.map(({ title, value, unit, low, high, reached }) => ({
    cells: [
      title,
      `${fixed(value, 3)} ${unit}`,
      `${fixed(low, 2)} to ${fixed(high, 2)}`,
      markup`<span class="${reached ? markup`pass` : markup`fail`}">${reached ? "reached" : "not reached"}</span>`,
    ],
  }));
  return tableMarkup(`${dataset}: showers of the simulation`, columns, rows);
}

/** Panels of an entry: its distributions, then the ROC curve. */
export function realismFigures(results: Results, entry: RealismEntry): Figure[] {
  const { distributions, classifier } = entry.record;
  return [
    ...distributions.map((one) => distributionFigure(results, entry, one)),
    rocFigure(results, entry, classifier),
  ].filter((figure) => figure !== undefined);
}

function sourceText({ record, source, date, command }: RealismEntry): Html {
  const { synthetic, real } = record;
  const rows = `${grouped(synthetic.rows)} synthetic rows (${grouped(synthetic.distinct)} distinct) against ${grouped(real.rows)} rows of ${real.name}${real.selection === "all" ? "" : `, ${real.selection} half by hash`} (${grouped(real.distinct)} distinct).`;
  const hashes = markup`<small>synthetic SHA-256 <code class="hash">${synthetic.sha256}</code>, real <code class="hash">${real.sha256}</code></small>`;
  const how =
    source === "run"
      ? markup`Measured in this run.`
      : markup`Recorded on ${date} with <code>${command}</code>: this run had no real rows, and they may not be passed on, so only the synthetic outline and the figures are shown.`;
  return markup`<p class="note">${rows} ${how}<br>${hashes}</p>
`;
}

function entryMarkup(results: Results, entry: RealismEntry, shapes: SharedShapes, open: boolean): Html {
  const figures = shapes.of(realismFigures(results, entry));
  const body = join([
    sourceText(entry),
    gridMarkup(figures),
    slicesTable(entry),
    giveawaysTable(entry),
    physicsTable(entry),
  ]);
  return open
    ? markup`<h3>${entry.dataset}</h3>${body}`
    : markup`<details><summary>${entry.dataset}: distributions, EMD medians, ROC curve</summary>${body}</details>
`;
}

export function realismSection(results: Results, shapes: SharedShapes): Html {
  const entries = results.realism ?? [];
  const jets = jetRealismMarkup(results.jetRealism ?? []);
  if (entries.length === 0)
    return markup`<p>${missing("no set of this run has been judged against real modules: wafermark datasets check")}</p>${jets}`;
  return join([
    markup`<p>Synthetic rows are judged, not trusted: Kolmogorov-Smirnov distances, the distance of best-correlated cells, what simple codecs do to the shape, and a cross-validated classifier that tries to separate the rows (0.5: it cannot). Goals that are not reached stand as such.</p>
`,
    tableMarkup("Synthetic against real modules", SUMMARY_COLUMNS, entries.map(summaryRow)),
    entries.map((entry, i) => entryMarkup(results, entry, shapes, i === 0)),
    jets,
  ]);
}
