/**
 * Profiles of the EMD: median per bin of occupancy, charge sum, largest charge or eta; all codecs of one link count together
 * (medians, named at their right ends), and one panel per codec with its 16-84 % band over the others' medians.
 */
import type { DatasetResult, ProfileResult, Results } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { fixed, tidy } from "../numbers.js";
import {
  linksText,
  profileOf,
  seriesName,
  shownLabel,
  shownSeries,
  seriesStyles,
  type Against,
  type Entry,
  type LinkGroup,
} from "../select.js";
import { frame, niceDomain, type Axis, type Box, type Frame } from "../svg/axis.js";
import { at, headingMarkup, type Definition, type Figure, type FigureTable } from "../svg/figure.js";
import { spread } from "../svg/labels.js";
import {
  band,
  line,
  markedLine,
  marker,
  markerDefinition,
  plainBars,
  styleClass,
  type Point,
  type SeriesStyle,
} from "../svg/marks.js";
import { figureFile } from "./name.js";

type Bin = ProfileResult["bins"][number];

/** A bin with modules in it. */
interface Full {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly median: number;
  readonly q16: number;
  readonly q84: number;
}

interface Curve {
  readonly entry: Entry;
  readonly name: string;
  readonly style: SeriesStyle;
  readonly bins: readonly Full[];
}

interface Subject {
  readonly results: Results;
  readonly dataset: DatasetResult;
  readonly against: Against;
  readonly group: LinkGroup;
  readonly curves: readonly Curve[];
}

const ABSCISSA: Readonly<Record<Against, string>> = {
  occupancy: "trigger cells above 1 MIP_T",
  "occupancy-slice": "trigger cells above 1 MIP_T",
  "log10-sum": "log₁₀(charge sum [MIP_T])",
  "log10-maximum": "log₁₀(largest charge [MIP_T])",
  eta: "|η|",
};

const TOPIC: Readonly<Record<Against, string>> = {
  occupancy: "occupancy",
  "occupancy-slice": "occupancy slices",
  "log10-sum": "charge sum",
  "log10-maximum": "largest charge",
  eta: "pseudorapidity",
};

const WIDE = { width: 820, height: 470, box: { left: 62, top: 52, right: 664, bottom: 420 } };
const PANEL = { width: 340, height: 270, box: { left: 58, top: 50, right: 328, bottom: 222 } };

function fullBins(bins: readonly Bin[]): Full[] {
  return bins.flatMap(({ low, high, n, median, q16, q84 }) =>
    n > 0 && median !== null && q16 !== null && q84 !== null ? [{ low, high, n, median, q16, q84 }] : [],
  );
}

function curvesOf(results: Results, group: LinkGroup, against: Against): Curve[] {
  const styles = seriesStyles(results.codecs);
  return group.entries.flatMap((entry) => {
    const bins = fullBins(profileOf(entry.row, "emd", against)?.bins ?? []);
    const name = seriesName(entry.codec);
    const style = styles.get(name);
    return bins.length === 0 || style === undefined
      ? []
      : [{ entry, name: shownSeries(name, [entry.codec]), style, bins }];
  });
}

function axesOf({ curves, against }: Subject): { x: Axis; y: Axis } {
  const bins = curves.flatMap((curve) => curve.bins);
  const low = Math.min(...bins.map((bin) => bin.low));
  const high = Math.max(...bins.map((bin) => bin.high));
  const top = Math.max(...bins.map((bin) => bin.q84));
  return {
    x: {
      title: ABSCISSA[against],
      domain: against === "eta" ? [low, high] : niceDomain(low, high),
      ticks: 5,
    },
    y: { title: "EMD [cell]", domain: [0, top > 0 ? top * 1.06 : 1], ticks: 5 },
  };
}

function middle(bin: Full, plot: Frame): number {
  return plot.x((bin.low + bin.high) / 2);
}

function medians(curve: Curve, plot: Frame): Point[] {
  return curve.bins.map((bin) => ({ x: middle(bin, plot), y: plot.y(bin.median) }));
}

/** Bars of different codecs stand side by side inside a bin. */
function offset(index: number, count: number, bin: Full, plot: Frame): number {
  const width = plot.x(bin.high) - plot.x(bin.low);
  return ((index + 0.5) / count - 0.5) * width * 0.7;
}

function curveMarkup(curve: Curve, index: number, count: number, plot: Frame): Html {
  const points = curve.bins.map((bin) => ({
    x: middle(bin, plot) + offset(index, count, bin, plot),
    y: plot.y(bin.median),
  }));
  const bars = plainBars(
    curve.bins.map((bin, i) => [points[i].x, plot.y(bin.q16), plot.y(bin.q84)] as const),
  );
  return markup`<g class="${styleClass(curve.style)}">${bars}${markedLine(curve.style, points)}</g>`;
}

/** Names at the right ends, spread so that they do not touch, with the look of their lines. */
function endLabels(curves: readonly Curve[], plot: Frame): Html {
  const ends = curves.map((curve, i) => {
    const bin = curve.bins[curve.bins.length - 1];
    return { x: middle(bin, plot) + offset(i, curves.length, bin, plot), y: plot.y(bin.median) };
  });
  const heights = spread(
    ends.map(({ y }) => y),
    19,
    plot.box.top + 8,
    plot.box.bottom - 8,
  );
  const left = plot.box.right + 14;
  return join(
    curves.map((curve, i) => {
      const y = heights[i];
      const sample = line([
        { x: left, y },
        { x: left + 22, y },
      ]);
      const leader = markup`<path class="leader" d="M${at(ends[i].x + 5)} ${at(ends[i].y)}L${at(left - 2)} ${at(y)}"/>`;
      return markup`<g class="${styleClass(curve.style)}">${leader}${sample}${marker(curve.style, { x: left + 11, y }, 3.6)}<text class="name" x="${at(left + 28)}" y="${at(y + 4.5)}">${curve.name}</text></g>`;
    }),
  );
}

/** A codec is named in the first of its lines only: names are longer than numbers, and there are thousands of lines. */
function tableOf(curves: readonly Curve[]): FigureTable {
  return {
    columns: ["codec (named once)", "from", "to", "modules", "median [cell]", "16 % [cell]", "84 % [cell]"],
    rows: curves.flatMap(({ entry, bins }) =>
      bins.map((bin, i) => [
        i === 0 ? shownLabel(entry.codec) : "",
        tidy(bin.low),
        tidy(bin.high),
        String(bin.n),
        fixed(bin.median, 4),
        fixed(bin.q16, 4),
        fixed(bin.q84, 4),
      ]),
    ),
  };
}

function headingOf({ dataset }: Subject, title: string, box: Box, small: boolean): Html {
  const synthetic = dataset.kind === "synthetic";
  return headingMarkup({ title, label: dataset.title, synthetic, small }, box.left, box.right);
}

function variable(subject: Subject): string {
  return `emd-${subject.against}-${subject.dataset.id}`;
}

/** All codecs of one link count; undefined when none has a filled bin. */
export function profileFigure(
  results: Results,
  dataset: DatasetResult,
  group: LinkGroup,
  against: Against,
): Figure | undefined {
  const curves = curvesOf(results, group, against);
  if (curves.length === 0) return undefined;
  const subject: Subject = { results, dataset, against, group, curves };
  const axes = axesOf(subject);
  const plot = frame(WIDE.box, axes.x, axes.y);
  const title = `EMD against ${TOPIC[against]}, ${linksText(group.links)}`;
  const body = join([
    headingOf(subject, title, { ...WIDE.box, right: WIDE.width - 14 }, false),
    curves.map((curve, i) => curveMarkup(curve, i, curves.length, plot)),
    plot.markup,
    endLabels(curves, plot),
  ]);
  const network = group.links === null ? "no-link-limit" : `links${group.links}`;
  return {
    file: figureFile(results, "profile", network, variable(subject)),
    caption: `Median EMD [cell] per bin of ${TOPIC[against]}; vertical bars: 16-84 % of the modules. Codecs stand side by side inside a bin.`,
    width: WIDE.width,
    height: WIDE.height,
    body,
    definitions: curves.map(({ style }) => markerDefinition(style)),
    table: tableOf(curves),
  };
}

/** One panel per codec of the group, on the axes that the group shares. */
export function profilePanels(
  results: Results,
  dataset: DatasetResult,
  group: LinkGroup,
  against: Against,
): Figure[] {
  const curves = curvesOf(results, group, against);
  if (curves.length === 0) return [];
  const subject: Subject = { results, dataset, against, group, curves };
  const axes = axesOf(subject);
  const plot = frame(PANEL.box, axes.x, axes.y);
  const ground = panelGround(subject, plot);
  return curves.map((curve) => panel(subject, curve, plot, ground));
}

/** What the panels of a group share: under the curve all medians in grey, over it the frame. */
interface Ground {
  readonly under: Definition;
  readonly over: Definition;
}

function panelGround({ results, dataset, group, curves }: Subject, plot: Frame): Ground {
  const name = markup`${results.datasets.indexOf(dataset)}-${group.links ?? 0}`;
  const [under, over] = [markup`medians-${name}`, markup`frame-${name}`];
  const lines = curves
    .filter(({ bins }) => bins.length > 1)
    .map((curve) => line(medians(curve, plot), "other"));
  return {
    under: { id: under.toString(), shape: markup`<g id="${under}" class="fig">${lines}</g>` },
    over: { id: over.toString(), shape: markup`<g id="${over}" class="fig">${plot.markup}</g>` },
  };
}

function panel(subject: Subject, curve: Curve, plot: Frame, { under, over }: Ground): Figure {
  const lower = curve.bins.flatMap((bin) => edges(bin, bin.q16, plot));
  const upper = curve.bins.flatMap((bin) => edges(bin, bin.q84, plot));
  const points = medians(curve, plot);
  const body = join([
    headingOf(subject, shownLabel(curve.entry.codec), PANEL.box, true),
    markup`<use href="#${under.id}"/><g class="${styleClass(curve.style)}">${band(lower, upper)}${markedLine(curve.style, points)}</g><use href="#${over.id}"/>`,
  ]);
  return {
    file: figureFile(subject.results, "profile", curve.entry.codec.label, variable(subject)),
    caption: `${curve.entry.codec.label}: median EMD [cell] and 16-84 % band; grey: the other codecs' medians.`,
    width: PANEL.width,
    height: PANEL.height,
    body,
    definitions: [under, over, markerDefinition(curve.style)],
    small: true,
  };
}

/** The band is a step over each bin: quantiles hold for the bin, not for its middle. */
function edges(bin: Full, value: number, plot: Frame): Point[] {
  const y = plot.y(value);
  return [
    { x: plot.x(bin.low), y },
    { x: plot.x(bin.high), y },
  ];
}
