/** Look-ups in results that several parts of a report need: rows of a dataset, metrics of a row, marks, series of codecs. */
import type {
  CodecResult,
  DatasetResult,
  MetricResult,
  ProfileResult,
  QualityResult,
  Results,
} from "../harness/core/results.js";
import { isUnlimited, UNLIMITED_SAYS, YARDSTICK } from "../harness/core/encodercost.js";
import { FLOOR_STYLE, seriesStyle, type SeriesStyle } from "./svg/marks.js";

/** One codec on one dataset. */
export interface Entry {
  readonly codec: CodecResult;
  readonly row: QualityResult;
  readonly emd: MetricResult | undefined;
  /** Mean EMD; undefined where no module has one. */
  readonly meanEmd: number | undefined;
}

export type Against = ProfileResult["against"];

export const LINK_BITS = 32;
/** Links whose budgets the verdict is about: 64, 96, 128, 160 bits. */
export const VERDICT_LINKS = [2, 3, 4, 5] as const;
/** |mean sum ratio - 1| above this is marked (contracts of the project: 2 %). */
export const SUM_RATIO_TOLERANCE = 0.02;
/** Emptied modules above this share of the non-empty ones are marked: the mean EMD leaves them out. */
export const EMPTIED_TOLERANCE = 0.01;

const FLOORS = new Set(["identity", "uniform"]);

/** Floors show the scale and cannot win. */
export function isFloor(codec: CodecResult): boolean {
  return FLOORS.has(codec.id) || codec.family === "floor";
}

export function metricOf(row: QualityResult, id: string): MetricResult | undefined {
  return row.metrics.find((metric) => metric.metric === id);
}

export function profileOf(row: QualityResult, metric: string, against: Against): ProfileResult | undefined {
  return metricOf(row, metric)?.profiles.find((profile) => profile.against === against);
}

/** Codecs with a quality record on the dataset, in the order of `results.codecs`. */
export function entriesOf(
  results: Pick<Results, "codecs" | "quality">,
  dataset: Pick<DatasetResult, "id">,
): Entry[] {
  const rows = new Map(
    results.quality.filter((row) => row.dataset === dataset.id).map((row) => [row.codec, row]),
  );
  const entries: Entry[] = [];
  for (const codec of results.codecs) {
    const row = rows.get(codec.label);
    if (row === undefined) continue;
    const emd = metricOf(row, "emd");
    entries.push({ codec, row, emd, meanEmd: emd?.summary?.mean });
  }
  return entries;
}

/** Modules of the row that carry charge. */
export function filledModules(row: QualityResult): number {
  return row.modules - row.emptyIn;
}

/** Operations of the encoder per module: multiply-accumulates and comparisons. */
export function operations(codec: CodecResult): number {
  return codec.cost.multiplyAccumulates + codec.cost.comparisons;
}

export interface Mark {
  readonly sign: string;
  readonly says: string;
}

/** What a reader must know before comparing the row with others; the signs are explained under each table. */
export function marksOf({ codec, row }: Entry): Mark[] {
  const marks: Mark[] = [];
  if (row.rate.fitsBudget === false) {
    marks.push({ sign: "†", says: `payload over the budget of ${codec.budgetBits ?? "its"} bits` });
  }
  const ratio = metricOf(row, "sum-ratio")?.summary?.mean;
  if (ratio !== undefined && Math.abs(ratio - 1) > SUM_RATIO_TOLERANCE) {
    marks.push({ sign: "Σ", says: "mean sum ratio more than 2 % from 1" });
  }
  if (row.emptyOut > EMPTIED_TOLERANCE * filledModules(row)) {
    marks.push({
      sign: "∅",
      says: "more than 1 % of the modules with charge come out empty and have no EMD",
    });
  }
  if (isUnlimited(codec.cost)) marks.push({ sign: "∞", says: UNLIMITED_SAYS });
  return marks;
}

/** A codec's name in figures: with the sign of an encoder that no chip could hold. */
export function shownLabel(codec: CodecResult): string {
  return isUnlimited(codec.cost) ? `${codec.label} ∞` : codec.label;
}

/** A series' name in figures: with the sign where it holds for all of its codecs. */
export function shownSeries(name: string, codecs: readonly CodecResult[]): string {
  return codecs.every(({ cost }) => isUnlimited(cost)) ? `${name} ∞` : name;
}

export const MARKS_EXPLAINED =
  "† some module's payload exceeds the codec's own budget; Σ mean sum ratio more than 2 % from 1; " +
  "∅ more than 1 % of the modules with charge are emptied (they have no EMD and are left out of its mean); " +
  `∞ ${UNLIMITED_SAYS} (more bits of tables and weights than the ECON-T autoencoder's ${YARDSTICK.weightBits}).`;

/** Why a row has no value of a metric. */
export function whyMissing(row: QualityResult): string {
  if (row.modules === 0) return "no modules";
  const reasons = [
    [row.emptyIn, "empty"],
    [row.emptyOut, "emptied"],
    ...Object.entries(row.failed).map(([reason, count]) => [count, reason] as const),
  ] as const;
  const told = reasons.filter(([count]) => count > 0).map(([count, reason]) => `${count} ${reason}`);
  return told.length === 0 ? "not computed" : `${told.join(", ")} of ${row.modules} modules`;
}

/** The codec's label without its link count: codecs that differ only in links make one series. */
export function seriesName(codec: CodecResult): string {
  const [id, parameters] = split(codec.label, ":");
  if (parameters === undefined) return id;
  const kept = parameters.split(",").filter((parameter) => !parameter.startsWith("links="));
  return kept.length === 0 ? id : `${id}:${kept.join(",")}`;
}

function split(text: string, separator: string): [string, string | undefined] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + 1)];
}

/** Series in order of first appearance, each with one look in every figure of the report. */
export function seriesStyles(codecs: readonly CodecResult[]): Map<string, SeriesStyle> {
  const styles = new Map<string, SeriesStyle>();
  let next = 0;
  for (const codec of codecs) {
    const name = seriesName(codec);
    if (styles.has(name)) continue;
    styles.set(name, isFloor(codec) ? FLOOR_STYLE : seriesStyle(next++));
  }
  return styles;
}

export interface LinkGroup {
  /** Link count; null for codecs outside the link scheme. */
  readonly links: number | null;
  readonly entries: readonly Entry[];
}

/** Entries by link count, ascending, those outside the link scheme last. */
export function byLinks(entries: readonly Entry[]): LinkGroup[] {
  const groups = new Map<number | null, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.codec.links) ?? [];
    group.push(entry);
    groups.set(entry.codec.links, group);
  }
  const order = (links: number | null): number => links ?? Number.MAX_SAFE_INTEGER;
  return [...groups]
    .map(([links, members]) => ({ links, entries: members }))
    .sort((a, b) => order(a.links) - order(b.links));
}

/** More codecs than this at a number of links, and the page draws panels and wafer displays of a choice of them only. */
const MOST_PANELS = 12;

/**
 * The codecs of a group that a page shows in panels of their own: all where they are few, else floors and the best of each family. Tables and
 * figures with all codecs in one frame are not thinned out, nor are saved files.
 */
export function inPanels({ links, entries }: LinkGroup): LinkGroup {
  if (entries.length <= MOST_PANELS) return { links, entries };
  const best = new Map<string, Entry>();
  for (const entry of entries) {
    const known = best.get(entry.codec.family);
    if (known === undefined || (entry.meanEmd ?? Infinity) < (known.meanEmd ?? Infinity))
      best.set(entry.codec.family, entry);
  }
  return {
    links,
    entries: entries.filter((entry) => isFloor(entry.codec) || best.get(entry.codec.family) === entry),
  };
}

export function linksText(links: number | null): string {
  if (links === null) return "no link limit";
  return links === 1 ? "1 link" : `${links} links`;
}

export function isSynthetic(results: Results): boolean {
  return results.datasets.some((dataset) => dataset.kind === "synthetic");
}
