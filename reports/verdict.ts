/**
 * The answer that opens every report: which codec wins at 64, 96, 128 and 160 bits per module, by EMD and by cost.
 *
 * A codec takes part in a budget when its largest payload on the dataset fits it. Floors take no part. A winner with a mark
 * (sum ratio, emptied modules) stays the winner, and the best codec without a mark is named beside it.
 */
import type { DatasetResult, Results } from "../harness/core/results.js";
import { paretoFront } from "./pareto.js";
import {
  entriesOf,
  isFloor,
  LINK_BITS,
  marksOf,
  operations,
  profileOf,
  VERDICT_LINKS,
  type Entry,
} from "./select.js";

/** An entry with a mean EMD. */
export type Ranked = Entry & { readonly meanEmd: number };

export interface SliceWinner {
  readonly low: number;
  readonly high: number;
  readonly modules: number;
  readonly winner: Entry | undefined;
  readonly mean: number | undefined;
  /** True when another codec than the budget's winner is best here. */
  readonly changes: boolean;
}

export interface BudgetVerdict {
  readonly bits: number;
  readonly links: number;
  /** Entries that fit, best first. */
  readonly ranking: readonly Ranked[];
  /** Best entry without a mark, where the winner has one. */
  readonly unmarked: Ranked | undefined;
  /** The difference between the first two is within their combined standard errors. */
  readonly close: boolean;
  /** Cheapest first, each better in EMD than all cheaper ones. */
  readonly costFront: readonly Ranked[];
  readonly slices: readonly SliceWinner[];
}

export interface DatasetVerdict {
  readonly dataset: DatasetResult;
  readonly budgets: readonly BudgetVerdict[];
}

function isRanked(entry: Entry): entry is Ranked {
  return entry.meanEmd !== undefined;
}

function errorOf(entry: Ranked): number {
  return entry.emd?.summary?.standardError ?? 0;
}

function isClose(first: Ranked | undefined, second: Ranked | undefined): boolean {
  if (first === undefined || second === undefined) return false;
  return second.meanEmd - first.meanEmd <= Math.sqrt(errorOf(first) ** 2 + errorOf(second) ** 2);
}

/** Slices as the entries' profiles have them; the winner has the smallest mean in the slice. */
function sliceWinners(ranking: readonly Ranked[]): SliceWinner[] {
  if (ranking.length === 0) return [];
  const profiles = ranking.map((entry) => profileOf(entry.row, "emd", "occupancy-slice")?.bins ?? []);
  const slices = profiles[0].map(({ low, high }) => ({ low, high }));
  return slices.map((slice, i) => {
    let best: { entry: Ranked; mean: number } | undefined;
    let modules = 0;
    ranking.forEach((entry, k) => {
      const bin = profiles[k].find(({ low, high }) => low === slices[i].low && high === slices[i].high);
      modules = Math.max(modules, bin?.n ?? 0);
      const mean = bin?.mean ?? null;
      if (mean !== null && (best === undefined || mean < best.mean)) best = { entry, mean };
    });
    const changes = best !== undefined && best.entry !== ranking[0];
    return { ...slice, modules, winner: best?.entry, mean: best?.mean, changes };
  });
}

function judge(entries: readonly Entry[], links: number): BudgetVerdict {
  const bits = links * LINK_BITS;
  const ranking = entries
    .filter((entry) => !isFloor(entry.codec) && entry.row.rate.payloadMaximum <= bits)
    .filter(isRanked)
    .sort((a, b) => a.meanEmd - b.meanEmd);
  const winnerIsMarked = ranking.length > 0 && marksOf(ranking[0]).length > 0;
  return {
    bits,
    links,
    ranking,
    unmarked: winnerIsMarked ? ranking.find((entry) => marksOf(entry).length === 0) : undefined,
    close: isClose(ranking.at(0), ranking.at(1)),
    costFront: paretoFront(ranking, (entry) => [operations(entry.codec), entry.meanEmd]),
    slices: sliceWinners(ranking),
  };
}

/** Verdicts of every dataset in the results, in their order. */
export function verdicts(results: Results): DatasetVerdict[] {
  return results.datasets.map((dataset) => {
    const entries = entriesOf(results, dataset);
    return { dataset, budgets: VERDICT_LINKS.map((links) => judge(entries, links)) };
  });
}
