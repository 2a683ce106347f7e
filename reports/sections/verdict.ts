/** Section 1, the answer: the winner of each link budget per dataset, by EMD and by cost, and where in occupancy it changes. */
import type { Results } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { fixed, grouped, withError } from "../numbers.js";
import { sliceName } from "../figures/slicemap.js";
import { marksOf, MARKS_EXPLAINED, operations, VERDICT_LINKS, LINK_BITS } from "../select.js";
import { verdicts, type BudgetVerdict, type DatasetVerdict, type Ranked } from "../verdict.js";
import { missing, tableMarkup, type TableRow } from "./table.js";

function signs(entry: Ranked): string {
  return marksOf(entry)
    .map(({ sign }) => sign)
    .join("");
}

function entryMarkup(entry: Ranked): Html {
  const summary = entry.emd?.summary;
  const marks = signs(entry);
  const value = withError(entry.meanEmd, summary?.standardError ?? null);
  return markup`<b>${entry.codec.label}</b>${marks === "" ? "" : ` ${marks}`}<br>${value}`;
}

function winnerMarkup(budget: BudgetVerdict): Fragment {
  if (budget.ranking.length === 0) return missing("no codec fits with every module");
  const unmarked =
    budget.unmarked === undefined
      ? ""
      : markup`<br><small>best without mark: <span class="nowrap">${budget.unmarked.codec.label}</span> (${fixed(budget.unmarked.meanEmd, 3)})</small>`;
  return markup`${entryMarkup(budget.ranking[0])}${unmarked}`;
}

function runnerUpMarkup(budget: BudgetVerdict): Fragment {
  if (budget.ranking.length < 2) return missing("no second codec fits");
  const close = budget.close ? markup`<br><small>within one standard error of the winner</small>` : "";
  return markup`${entryMarkup(budget.ranking[1])}${close}`;
}

function cheapestMarkup(budget: BudgetVerdict): Fragment {
  if (budget.costFront.length === 0) return missing("no codec fits with every module");
  return budget.costFront.map((entry, i) => {
    const name = i === 0 ? markup`<b>${entry.codec.label}</b>` : markup`${entry.codec.label}`;
    const count = operations(entry.codec);
    return markup`${i === 0 ? "" : markup`<br>`}<span class="nowrap">${name} <small>${grouped(count)} op., ${fixed(entry.meanEmd, 3)}</small></span>`;
  });
}

function slicesMarkup(budget: BudgetVerdict): Fragment {
  if (budget.ranking.length === 0) return missing("no winner");
  if (budget.slices.length === 0) return missing("no profile in slices");
  const changes = budget.slices.filter((slice) => slice.changes);
  if (changes.length === 0) return "nowhere";
  return changes.map(({ low, high, winner, mean }, i) => {
    return markup`${i === 0 ? "" : markup`<br>`}<span class="nowrap">${sliceName(low, high)} cells: <b>${winner?.codec.label ?? ""}</b> <small>${fixed(mean ?? null, 3)}</small></span>`;
  });
}

function rowsOf({ dataset, budgets }: DatasetVerdict): TableRow[] {
  const mark = dataset.kind === "synthetic" ? markup`<br><em class="syn">synthetic data</em>` : "";
  return budgets.map((budget, i) => {
    const cells: Fragment[] = [
      markup`${budget.bits} bit<br><small>${budget.links} links</small>`,
      winnerMarkup(budget),
      runnerUpMarkup(budget),
      cheapestMarkup(budget),
      slicesMarkup(budget),
    ];
    if (i > 0) return { cells };
    return { cells: [markup`${dataset.title}${mark}`, ...cells], span: budgets.length };
  });
}

/** "64 bit: A on 3 of 4 datasets, B on 1". */
function leadOf(all: readonly DatasetVerdict[], index: number): Html {
  const wins = new Map<string, number>();
  for (const { budgets } of all) {
    const winner = budgets[index].ranking.at(0)?.codec.label;
    if (winner !== undefined) wins.set(winner, (wins.get(winner) ?? 0) + 1);
  }
  const told = [...wins]
    .sort((a, b) => b[1] - a[1])
    .map(([label, count], i) => {
      const where = all.length === 1 ? "" : ` on ${count}${i === 0 ? ` of ${all.length} datasets` : ""}`;
      return markup`${i === 0 ? "" : ", "}<b>${label}</b>${where}`;
    });
  const bits = VERDICT_LINKS[index] * LINK_BITS;
  return markup`<li><span class="budget">${bits} bit</span> ${told.length === 0 ? "no codec fits with every module" : told}</li>\n`;
}

const COLUMNS = [
  { title: "dataset", text: true },
  { title: "budget per module", text: true },
  { title: markup`smallest mean EMD<br>± standard error [cell]`, text: true },
  { title: "second", text: true },
  { title: markup`by cost: cheapest first, each<br>better in EMD than all cheaper`, text: true },
  { title: markup`another codec wins at<br>cells above 1 MIP_T`, text: true },
];

export function verdictSection(results: Results): Html {
  const all = verdicts(results);
  if (all.length === 0) return markup`<p>${missing("the results hold no dataset")}</p>`;
  return join([
    markup`<p>Codec with the smallest mean EMD among those whose largest payload fits the links:</p>
<ul class="lead">${VERDICT_LINKS.map((_, i) => leadOf(all, i))}</ul>
`,
    tableMarkup("Winner of each link budget, per dataset", COLUMNS, all.flatMap(rowsOf)),
    markup`<p class="note">A codec takes part when the largest payload over all modules of the dataset fits. Operations (op.) are multiply-accumulates plus comparisons per module. The floors identity and uniform take no part. Means leave out modules without an EMD. ${MARKS_EXPLAINED}</p>
<p class="note">By pT resolution: ${missing(results.physics.length === 0 ? "this run holds no physics rows" : "shown in a later schema")}.</p>
`,
  ]);
}
