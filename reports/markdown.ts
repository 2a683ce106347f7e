/** The report in brief as Markdown, for pull requests: banners, verdict, codecs at the verdict's budgets, kernels, warnings. */
import { printable } from "../harness/core/errors.js";
import type { CodecResult, Results } from "../harness/core/results.js";
import { evaluationOf, NOT_WORSE, slicesHeld } from "./evaluation.js";
import { bits, fixed, grouped, MISSING, seconds, significant, withError } from "./numbers.js";
import { failedAgreements, partialText, syntheticText } from "./status.js";
import { noiseText, worstAgreements } from "./sections/kernels.js";
import {
  entriesOf,
  isFloor,
  marksOf,
  MARKS_EXPLAINED,
  metricOf,
  operations,
  whyMissing,
  type Entry,
} from "./select.js";
import { worstPublished } from "./sections/jetrealism.js";
import { goalsOf } from "./sections/realism.js";
import { sliceName } from "./figures/slicemap.js";
import { settingCells } from "./sections/settings.js";
import { splitSettings, type SettingGroup } from "./settings.js";
import { verdicts, type BudgetVerdict, type Ranked } from "./verdict.js";

const LONGEST = 300;
/** What a backslash makes harmless, and what only an entity does (cell borders, HTML, references). */
const BACKSLASHED = /[\\*_[\]~!$]/g;
const AS_ENTITY = /[&<>|`@#]|:(?=\/\/)|(?<=\bwww)\./gi;

/** `text` as it may stand in a cell or a line: shown as it is, never markup, links or mentions. */
export function escapeMarkdown(text: string): string {
  return printable(text, LONGEST)
    .replace(AS_ENTITY, (character) => `&#${character.charCodeAt(0)};`)
    .replace(BACKSLASHED, (character) => `\\${character}`);
}

/** A table; every cell is escaped, so each row has as many columns as the head. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = `|${head.map(() => " --- |").join("")}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function signs(entry: Entry): string {
  return marksOf(entry)
    .map(({ sign }) => sign)
    .join("");
}

function rankedText(entry: Ranked | undefined): string {
  if (entry === undefined) return `${MISSING} (no codec fits with every module)`;
  const value = withError(entry.meanEmd, entry.emd?.summary?.standardError ?? null);
  return `${entry.codec.label} ${signs(entry)} ${value}`.replace("  ", " ");
}

function changesText(budget: BudgetVerdict): string {
  if (budget.ranking.length === 0 || budget.slices.length === 0) return `${MISSING} (no slices)`;
  const changes = budget.slices.filter(({ changes }) => changes);
  if (changes.length === 0) return "nowhere";
  return changes
    .map(({ low, high, winner }) => `${sliceName(low, high)} cells ${winner?.codec.label ?? ""}`)
    .join("; ");
}

function costText(budget: BudgetVerdict): string {
  const cheapest = budget.costFront.at(0);
  if (cheapest === undefined) return `${MISSING} (no codec fits with every module)`;
  return `${cheapest.codec.label}, ${operations(cheapest.codec)} operations, EMD ${fixed(cheapest.meanEmd, 3)}`;
}

function verdictTable(results: Results): string {
  const rows = verdicts(results).flatMap(({ dataset, budgets }) =>
    budgets.map((budget) => [
      dataset.kind === "synthetic" ? `${dataset.title} (synthetic)` : dataset.title,
      `${budget.bits} bit`,
      rankedText(budget.ranking.at(0)),
      budget.ranking.length < 2 ? MISSING : rankedText(budget.ranking[1]),
      costText(budget),
      changesText(budget),
    ]),
  );
  return table(
    ["dataset", "budget", "smallest mean EMD [cell]", "second", "cheapest", "another wins at"],
    rows,
  );
}

function codecRow(entry: Entry): string[] {
  const { codec, row, emd } = entry;
  const summary = emd?.summary ?? null;
  const ratio = metricOf(row, "sum-ratio")?.summary ?? null;
  return [
    `${codec.label}${isFloor(codec) ? " (floor)" : ""}`,
    signs(entry),
    bits(row.rate.payloadMean),
    bits(row.rate.payloadMaximum),
    row.rate.fitsBudget === null ? "no budget" : row.rate.fitsBudget ? "yes" : "no",
    summary === null ? `${MISSING} (${whyMissing(row)})` : withError(summary.mean, summary.standardError),
    fixed(summary?.median ?? null, 4),
    fixed(ratio?.mean ?? null, 4),
    String(row.emptyOut),
  ];
}

/** Codecs of at most five links and those outside the link scheme: the long table is on the page. */
function codecTables(results: Results): string {
  const head = [
    "codec",
    "marks",
    "bits, mean",
    "bits, max",
    "fits",
    "EMD mean ± s.e. [cell]",
    "median",
    "sum ratio",
    "emptied",
  ];
  return results.datasets
    .map((dataset) => {
      const entries = entriesOf(results, dataset);
      const shown = entries.filter(({ codec }) => (codec.links ?? 0) <= 5);
      const left = entries.length - shown.length;
      const more = left === 0 ? "" : `\n\n${left} more at other link counts on the page.`;
      const title = `<details><summary>${escapeMarkdown(dataset.title)}, ${dataset.used} modules, ${dataset.kind}</summary>`;
      return `${title}\n\n${table(head, shown.map(codecRow))}${more}\n\n</details>`;
    })
    .join("\n\n");
}

/** Variant x budget of every dataset, with what the encoder costs and how it stands to best choice. */
function evaluationText(results: Results): string {
  const tables = results.datasets.flatMap((dataset) => {
    const rows = evaluationOf(results, dataset);
    if (rows.length === 0) return [];
    const medians = rows[0].slices.map(({ low, high }) => `median, ${sliceName(low, high)}`);
    const cost = ["MAC", "comparisons", "parameters", "weights [bit]"];
    const head = ["budget", "codec", "marks", "worst [bit]", "EMD [cell]", ...medians, "not worse", ...cost];
    const lines = rows.map((row) => [
      `${row.budgetBits} bit`,
      row.codec,
      row.marks,
      bits(row.payloadMaximum),
      fixed(row.meanEmd, 3),
      ...row.slices.map(({ median }) => fixed(median, 3)),
      slicesHeld(row) ?? MISSING,
      ...[row.cost.multiplyAccumulates, row.cost.comparisons, row.cost.parameters, row.cost.weightBits].map(
        String,
      ),
    ]);
    const title = `<details><summary>${escapeMarkdown(dataset.title)}, by cells above 1 MIP_T</summary>`;
    return [`${title}\n\n${table(head, lines)}\n\n</details>`];
  });
  if (tables.length === 0) return "No codec of two to five links in these results.";
  return `Not worse: slices of occupancy in which the codec holds against best choice at the same links (${NOT_WORSE}).\n\n${tables.join("\n\n")}`;
}

/** Each setting beside the default, dataset by dataset: EMD, sum ratio, modules emptied. */
function settingsText(results: Results, groups: readonly SettingGroup[]): string {
  const tables = groups.map(({ base, settings }) => {
    const line = (name: string, { label }: CodecResult): string[] => [
      name,
      ...results.datasets.flatMap(({ id }) => settingCells(results, id, label)),
    ];
    const head = [
      base.label,
      ...results.datasets.flatMap(({ id }) => [`${id}: EMD [cell]`, "sum ratio, mean / RMS", "emptied"]),
    ];
    const lines = settings.map(({ codec, setting }) => line(`${setting.text}: ${setting.says}`, codec));
    return table(head, [line("none", base), ...lines]);
  });
  return tables.join("\n\n");
}

function realismText(results: Results): string {
  const rows = (results.realism ?? []).map((entry) => {
    const { distributions, neighbours, classifier } = entry.record;
    const goals = goalsOf(entry);
    return [
      entry.dataset,
      distributions
        .filter(({ goal }) => goal !== null)
        .map(({ ks }) => fixed(ks, 3))
        .join(" / "),
      `${fixed(neighbours.synthetic, 2)} / ${fixed(neighbours.real, 2)}`,
      `${fixed(classifier.auc, 3)} ± ${fixed(classifier.aucError, 3)}`,
      classifier.giveaways.length === 0 ? MISSING : classifier.giveaways[0].feature,
      `${goals.filter(({ reached }) => reached).length} of ${goals.length}`,
      entry.source === "run" ? "in this run" : `recorded ${entry.date}`,
    ];
  });
  if (rows.length === 0) return "No set of this run has been judged against real modules.";
  const head = [
    "set",
    "KS of cells > 0 / > 35 / log10 sum / log10 maximum",
    "neighbours, synthetic / real",
    "classifier's AUC",
    "largest giveaway",
    "goals reached",
    "measured",
  ];
  return table(head, rows);
}

function jetRealismText(results: Results): string {
  const rows = (results.jetRealism ?? []).map((entry) => {
    const { rank, networks, rows: jets } = entry.record;
    const worst = worstPublished(entry);
    return [
      entry.dataset,
      grouped(jets),
      `${rank.rank} of ${rank.columns}`,
      worst === undefined ? MISSING : `${fixed(worst.ks, 3)} (${worst.column})`,
      networks.length === 0
        ? MISSING
        : networks.map(({ latents, median }) => `${latents}: ${significant(median, 3)}`).join(", "),
      `recorded ${entry.date}`,
    ];
  });
  if (rows.length === 0) return "";
  const head = ["jets", "rows", "rank", "KS, worst published column", "median MSE by latents", "measured"];
  return `\n\n${table(head, rows)}`;
}

function agreementText(results: Results): string {
  if (results.agreement.length === 0) return "Nothing was validated in this run.";
  const rows = worstAgreements(results.agreement).map((row) => [
    row.kernel,
    row.backend,
    row.verdict,
    significant(row.ratio, 3),
    row.where ?? row.reason ?? MISSING,
  ]);
  return table(["kernel", "backend", "verdict", "worst / allowed", "where or why"], rows);
}

function speedText(results: Results): string {
  if (results.speed.length === 0) return "Nothing was timed in this run.";
  const rows = results.speed.map((row) => {
    const shown = row.validated && row.ratio !== null;
    const why = row.notAvailable ?? (row.validated ? "not measured" : "not validated in this run");
    return [
      `${row.kernel} ${row.input}`,
      row.subject,
      row.baseline,
      String(row.threads),
      shown ? significant(row.ratio, 3) : `${MISSING} (${why})`,
      shown ? `${significant(row.ratioLow, 3)} to ${significant(row.ratioHigh, 3)}` : MISSING,
      shown ? seconds(row.subjectSeconds) : MISSING,
    ];
  });
  return table(["kernel", "subject", "baseline", "threads", "ratio", "interval", "per item"], rows);
}

function noticeLines(results: Results): string[] {
  const failed = failedAgreements(results);
  const notices = [
    ["Synthetic data", syntheticText(results)],
    ["Partial results", partialText(results)],
    ["Validation failed", failed === 0 ? undefined : `${failed} rows outside their tolerance`],
  ] as const;
  return notices.flatMap(([title, text]) =>
    text === undefined ? [] : [`> **${title}**: ${escapeMarkdown(text)}`],
  );
}

function warningLines(results: Results): string[] {
  return results.warnings.map(
    ({ about, message, remedy }) =>
      `- ${escapeMarkdown(about)}: ${escapeMarkdown(message)}; ${escapeMarkdown(remedy)}`,
  );
}

/** Markdown for a pull request or a step summary. */
export function renderMarkdown(all: Results): string {
  const { compared: results, groups } = splitSettings(all);
  const { run, tool, machine } = results;
  const record = `Suite ${run.suite}, seed ${run.seed}, wafermark ${tool.version} (commit ${tool.commit ?? MISSING}), ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${run.startedAt}, ${seconds(run.seconds)}.`;
  const notices = noticeLines(results);
  return `${[
    "## Wafermark report",
    ...(notices.length === 0 ? [] : [notices.join("\n>\n")]),
    "### Verdict",
    verdictTable(results),
    `${MARKS_EXPLAINED} By pT resolution: ${MISSING}.`,
    "### Codecs",
    results.datasets.length === 0 ? "No dataset in the results." : codecTables(results),
    "### Autoencoders and rivals: variant x pileup x budget",
    evaluationText(results),
    ...(groups.length === 0 ? [] : ["### Sums and zeros of autoencoders", settingsText(all, groups)]),
    "### Realism",
    `${realismText(results)}${jetRealismText(results)}`,
    "### Kernels",
    agreementText(results),
    speedText(results),
    escapeMarkdown(`${noiseText(results)}.`),
    "### Warnings",
    results.warnings.length === 0 ? "None." : warningLines(results).join("\n"),
    "### Run",
    escapeMarkdown(record),
    `${grouped(run.finishedRows)} of ${grouped(run.plannedRows)} rows.`,
  ].join("\n\n")}\n`;
}
