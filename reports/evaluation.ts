/**
 * Variant x pileup x budget: every codec that has to fit links, what it loses in each slice of occupancy, what it sends, what its
 * encoder costs, and whether it is worse than best choice at the same links anywhere.
 *
 * "Worse" is by slice means: above best choice's by more than 5 % and more than 0.02, or with more than 1 % of the modules emptied
 * that best choice keeps (emptied modules have no EMD, so that a mean without them proves nothing).
 */
import type { EncoderCost } from "../harness/core/codec.js";
import { isUnlimited } from "../harness/core/encodercost.js";
import type { Results } from "../harness/core/results.js";
import { entriesOf, isFloor, marksOf, metricOf, profileOf, seriesName, type Entry } from "./select.js";

/** Links that modules have in the detector. */
const LEAST_LINKS = 2;
const MOST_LINKS = 5;
const RIVAL = "best-choice";
const TOLERATED_SHARE = 0.05;
const TOLERATED_CELLS = 0.02;
const TOLERATED_EMPTIED = 0.01;

/** The rule in words, wherever it is shown. */
export const NOT_WORSE = `mean within ${100 * TOLERATED_SHARE} % or ${TOLERATED_CELLS}, at most ${100 * TOLERATED_EMPTIED} % of its modules emptied`;

export interface SliceLoss {
  /** Cells above 1 MIP_T in [low, high). */
  readonly low: number;
  readonly high: number;
  /** Modules with an EMD. */
  readonly n: number;
  readonly mean: number | null;
  readonly median: number | null;
  /** Best choice at the same links; null where it was not run or has no module. */
  readonly rival: number | null;
  /** Largest mean that is not worse. */
  readonly limit: number | null;
  readonly verdict: "not worse" | "worse" | "worse: empties modules" | "no comparison";
}

export interface EvaluationRow {
  readonly dataset: string;
  /** Simultaneous interactions of a simulated set, as its id says; null for others. */
  readonly pileup: number | null;
  readonly codec: string;
  /** The codec without its links. */
  readonly variant: string;
  readonly family: string;
  readonly links: number;
  readonly budgetBits: number;
  readonly payloadMean: number;
  readonly payloadMaximum: number;
  readonly fits: boolean;
  readonly modules: number;
  readonly emptied: number;
  readonly meanEmd: number | null;
  readonly standardError: number | null;
  readonly slices: readonly SliceLoss[];
  readonly sumRatioMean: number | null;
  readonly sumRatioRms: number | null;
  readonly cost: EncoderCost;
  readonly unlimited: boolean;
  /** Signs as in the other tables. */
  readonly marks: string;
}

interface DatasetName {
  readonly id: string;
}
export type Evaluated = Pick<Results, "codecs" | "quality"> & { readonly datasets: readonly DatasetName[] };

type Slices = readonly {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly mean: number | null;
  readonly median: number | null;
}[];

function slicesOf({ row }: Entry): Slices {
  return profileOf(row, "emd", "occupancy-slice")?.bins ?? [];
}

/** Largest slice mean that counts as not worse than `rival`. */
export function toleratedMean(rival: number): number {
  return rival + Math.max(TOLERATED_SHARE * rival, TOLERATED_CELLS);
}

function lossOf(own: Slices[number], rival: Slices[number] | undefined): SliceLoss {
  const { low, high, n, mean, median } = own;
  const theirs = rival?.mean ?? null;
  if (rival === undefined || theirs === null)
    return { low, high, n, mean, median, rival: null, limit: null, verdict: "no comparison" };
  const limit = toleratedMean(theirs);
  const empties = n < (1 - TOLERATED_EMPTIED) * rival.n;
  const worse = mean !== null && mean > limit;
  const verdict = worse ? "worse" : empties ? "worse: empties modules" : "not worse";
  return { low, high, n, mean, median, rival: theirs, limit, verdict };
}

function pileupOf({ id }: DatasetName): number | null {
  const found = /-(\d+)pu(?![a-z0-9])/.exec(id);
  return found === null ? null : Number(found[1]);
}

function rowOf(dataset: DatasetName, entry: Entry, links: number, rival: Slices): EvaluationRow {
  const { codec, row, emd } = entry;
  const ratio = metricOf(row, "sum-ratio")?.summary ?? null;
  return {
    dataset: dataset.id,
    pileup: pileupOf(dataset),
    codec: codec.label,
    variant: seriesName(codec),
    family: codec.family,
    links,
    budgetBits: codec.budgetBits ?? 0,
    payloadMean: row.rate.payloadMean,
    payloadMaximum: row.rate.payloadMaximum,
    fits: row.rate.fitsBudget === true,
    modules: row.modules,
    emptied: row.emptyOut,
    meanEmd: emd?.summary?.mean ?? null,
    standardError: emd?.summary?.standardError ?? null,
    slices: slicesOf(entry).map((own) =>
      lossOf(
        own,
        rival.find(({ low, high }) => low === own.low && high === own.high),
      ),
    ),
    sumRatioMean: ratio?.mean ?? null,
    sumRatioRms: ratio?.rms ?? null,
    cost: codec.cost,
    unlimited: isUnlimited(codec.cost),
    marks: marksOf(entry)
      .map(({ sign }) => sign)
      .join(""),
  };
}

/** Rows of one dataset by links, then by mean EMD; those that do not fit their links or that no chip could hold come last. */
export function evaluationOf(results: Evaluated, dataset: DatasetName): EvaluationRow[] {
  const entries = entriesOf(results, dataset).filter(({ codec }) => !isFloor(codec));
  const rivals = new Map(
    entries
      .filter(({ codec }) => seriesName(codec) === RIVAL)
      .map((entry) => [entry.codec.links, slicesOf(entry)]),
  );
  const rows = entries.flatMap((entry) => {
    const { links } = entry.codec;
    if (links === null || links < LEAST_LINKS || links > MOST_LINKS) return [];
    return [rowOf(dataset, entry, links, rivals.get(links) ?? [])];
  });
  const apart = ({ fits, unlimited }: EvaluationRow): number => Number(!fits || unlimited);
  const emd = ({ meanEmd }: EvaluationRow): number => meanEmd ?? Infinity;
  return rows.sort((a, b) => a.links - b.links || apart(a) - apart(b) || emd(a) - emd(b));
}

/** All rows, dataset by dataset. */
export function evaluationRows(results: Evaluated): EvaluationRow[] {
  return results.datasets.flatMap((dataset) => evaluationOf(results, dataset));
}

/** "5 of 5": slices in which a codec is not worse than best choice, of those that can be compared; undefined without any. */
export function slicesHeld({ slices }: EvaluationRow): string | undefined {
  const compared = slices.filter(({ verdict }) => verdict !== "no comparison");
  if (compared.length === 0) return undefined;
  return `${compared.filter(({ verdict }) => verdict === "not worse").length} of ${compared.length}`;
}
