/** Histogram of the EMD of one codec on one dataset: step line, logarithmic counts, stat box with mean, RMS, under- and overflow. */
import type { DatasetResult, MetricResult, Results } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { significant, tidy } from "../numbers.js";
import { seriesName, seriesStyles, shownLabel, type Entry, type LinkGroup } from "../select.js";
import { frame, roundTop, type Frame } from "../svg/axis.js";
import {
  at,
  panelHeading,
  shared,
  together,
  type Figure,
  type FigureTable,
  type Part,
} from "../svg/figure.js";
import { steps } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 370;
const HEIGHT = 270;
/** 300 wide: the 60 bins begin at whole units, which are short to write. */
const BOX = { left: 58, top: 50, right: 358, bottom: 222 };
/** Lower end of the logarithmic count axis: half a module. */
const LOWEST = 0.5;

const STATISTICS = ["modules", "mean", "RMS", "underflow", "overflow"] as const;
const STAT_BOX = { width: 118, top: BOX.top + 12, left: BOX.right - 126, line: 13 };

function statLine(i: number): string {
  return at(STAT_BOX.top + 14 + STAT_BOX.line * i);
}

/** The box and the names in it, the same in every panel. */
function statFrame(): Html {
  const { left, top, width, line } = STAT_BOX;
  const names = STATISTICS.map(
    (name, i) => markup`<text x="${at(left + 6)}" y="${statLine(i)}">${name}</text>`,
  );
  return markup`<rect class="box" x="${at(left)}" y="${at(top)}" width="${width}" height="${at(line * STATISTICS.length + 7)}"/><g class="small">${names}</g>`;
}

function statValues(values: readonly string[]): Html {
  const x = at(STAT_BOX.left + STAT_BOX.width - 6);
  const texts = values.map((value, i) => markup`<text x="${x}" y="${statLine(i)}">${value}</text>`);
  return markup`<g class="small e">${texts}</g>`;
}

interface Shown {
  readonly entry: Entry;
  readonly histogram: NonNullable<MetricResult["histogram"]>;
  readonly summary: NonNullable<MetricResult["summary"]>;
}

function shownOf(entry: Entry): Shown[] {
  const histogram = entry.emd?.histogram ?? null;
  const summary = entry.emd?.summary ?? null;
  const isEmpty = histogram === null || histogram.counts.length === 0 || histogram.high <= histogram.low;
  return isEmpty || summary === null ? [] : [{ entry, histogram, summary }];
}

/** One panel per codec of the group that has an EMD histogram, on the axes that the group shares. */
export function histogramPanels(results: Results, dataset: DatasetResult, group: LinkGroup): Figure[] {
  const shown = group.entries.flatMap(shownOf);
  if (shown.length === 0) return [];
  const domain = [
    Math.min(...shown.map(({ histogram }) => histogram.low)),
    Math.max(...shown.map(({ histogram }) => histogram.high)),
  ] as const;
  const most = Math.max(1, ...shown.flatMap(({ histogram }) => histogram.counts));
  // Room for the stat box above the tallest bin.
  const plot = frame(
    BOX,
    { title: "EMD [cell]", domain, ticks: 5 },
    { title: "modules", domain: [LOWEST, roundTop(most ** 1.55 * 4)], log: true },
  );
  const over = together(plot.shared, shared(statFrame()));
  return shown.map((one) => panel(results, dataset, one, plot, over));
}

function panel(results: Results, dataset: DatasetResult, shown: Shown, plot: Frame, over: Part): Figure {
  const { entry, histogram, summary } = shown;
  const { low, high, counts, underflow, overflow } = histogram;
  const width = (high - low) / counts.length;
  const edges = Array.from({ length: counts.length + 1 }, (_, i) => plot.x(low + width * i));
  const heights = counts.map((count) => (count === 0 ? BOX.bottom : plot.y(count)));
  const style = seriesStyles(results.codecs).get(seriesName(entry.codec));
  const colour = style?.colour ?? 0;
  const name = shownLabel(entry.codec);
  const heading = panelHeading(
    { title: name, label: dataset.title, synthetic: dataset.kind === "synthetic" },
    BOX.left,
    BOX.right,
  );
  const body = join([
    heading.markup,
    markup`<path class="area s${colour}" d="${steps(edges, heights, BOX.bottom, 1)}"/>`,
    over.markup,
    statValues([
      String(summary.n),
      significant(summary.mean),
      significant(summary.rms),
      String(underflow),
      String(overflow),
    ]),
  ]);
  return {
    file: figureFile(results, "histogram", entry.codec.label, `emd-${dataset.id}`),
    caption: `Modules per ${significant(width, 3)} cell of EMD, logarithmic; RMS is the standard deviation.`,
    panel: name,
    width: WIDTH,
    height: HEIGHT,
    body,
    definitions: [...heading.definitions, ...over.definitions],
  };
}

/** The histograms of a group, a line for each codec. */
export function histogramTable(group: LinkGroup): FigureTable | undefined {
  const shown = group.entries.flatMap(shownOf);
  if (shown.length === 0) return undefined;
  return {
    says: "numbers of the histograms",
    columns: [
      "codec",
      "from [cell]",
      "bin width [cell]",
      "modules, bin after bin (the last ones without any left out)",
    ],
    rows: shown.map(({ entry, histogram: { low, high, counts } }) => [
      shownLabel(entry.codec),
      tidy(low),
      tidy((high - low) / counts.length),
      ...counts.slice(0, counts.findLastIndex((count) => count > 0) + 1).map(String),
    ]),
  };
}
