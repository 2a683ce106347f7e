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
import { frame, niceDomain, roundTop, type Axis, type Box, type Frame } from "../svg/axis.js";
import {
  headingMarkup,
  panelHeading,
  shared,
  sideBySide,
  together,
  type Figure,
  type FigureTable,
  type Part,
} from "../svg/figure.js";
import { keyEntry, keyWidth } from "../svg/key.js";
import { spread } from "../svg/labels.js";
import {
  band,
  line,
  markedLine,
  markerDefinition,
  pathOf,
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

/** 600 wide: bins begin at whole units, which are short to write. */
const WIDE = { left: 62, top: 52, right: 662, bottom: 420 };
const UNDER_AXIS = 50;
/** From the frame to a codec's key, and the room that a key takes. */
const KEY = { gap: 14, most: 19, least: 15 };
/** The bars of more codecs side by side would touch. */
const MOST_WITH_BARS = 12;
const PANEL = { width: 370, height: 270, box: { left: 58, top: 50, right: 358, bottom: 222 } };

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

/** Up to the largest of `bars`: the 84 % quantiles, or the medians where those are not drawn. */
function axesOf({ curves, against }: Subject, bars: "q84" | "median"): { x: Axis; y: Axis } {
  const bins = curves.flatMap((curve) => curve.bins);
  const low = Math.min(...bins.map((bin) => bin.low));
  const high = Math.max(...bins.map((bin) => bin.high));
  const top = Math.max(...bins.map((bin) => bin[bars]));
  return {
    x: {
      title: ABSCISSA[against],
      domain: against === "eta" ? [low, high] : niceDomain(low, high),
      ticks: 5,
    },
    y: { title: "EMD [cell]", domain: [0, top > 0 ? roundTop(top) : 1], ticks: 5 },
  };
}

function middle(bin: Full, plot: Frame): number {
  return plot.x((bin.low + bin.high) / 2);
}

function medians(curve: Curve, plot: Frame): Point[] {
  return curve.bins.map((bin) => ({ x: middle(bin, plot), y: plot.y(bin.median) }));
}

/** Bars of different codecs stand side by side inside a bin; without bars all stand in its middle. */
function offset(index: number, count: number, bin: Full, plot: Frame): number {
  if (count > MOST_WITH_BARS) return 0;
  const width = plot.x(bin.high) - plot.x(bin.low);
  return ((index + 0.5) / count - 0.5) * width * 0.7;
}

function curveMarkup(curve: Curve, index: number, count: number, plot: Frame): Html {
  const points = curve.bins.map((bin) => ({
    x: middle(bin, plot) + offset(index, count, bin, plot),
    y: plot.y(bin.median),
  }));
  const bars =
    count > MOST_WITH_BARS
      ? undefined
      : plainBars(curve.bins.map((bin, i) => [points[i].x, plot.y(bin.q16), plot.y(bin.q84)] as const));
  return markup`<g class="${styleClass(curve.style)}">${bars}${markedLine(curve.style, points)}</g>`;
}

/** Between the first and the last name. */
function keyRoom({ top, bottom }: Box): number {
  return bottom - top - 16;
}

/** The frame of an overview: higher where many names have to stand beside it. */
function wideBox(codecs: number): Box {
  const missing = KEY.least * (codecs - 1) - keyRoom(WIDE);
  return { ...WIDE, bottom: WIDE.bottom + Math.max(0, Math.ceil(missing)) };
}

/** Names at the right ends, spread so that they do not touch, with the look of their lines. */
function endLabels(curves: readonly Curve[], plot: Frame): Part {
  const ends = curves.map((curve, i) => {
    const bin = curve.bins[curve.bins.length - 1];
    return { x: middle(bin, plot) + offset(i, curves.length, bin, plot), y: plot.y(bin.median) };
  });
  const heights = spread(
    ends.map(({ y }) => y),
    Math.min(KEY.most, keyRoom(plot.box) / Math.max(1, curves.length - 1)),
    plot.box.top + 8,
    plot.box.bottom - 8,
  );
  const left = plot.box.right + KEY.gap;
  return sideBySide(
    ...curves.map((curve, i) => {
      const y = heights[i];
      const leader = pathOf([
        { x: ends[i].x + 5, y: ends[i].y },
        { x: left - 2, y },
      ]);
      const key = keyEntry(curve, left);
      return {
        markup: markup`<path class="leader s${curve.style.colour}" d="${leader}"/>${key.at(y)}`,
        definitions: key.definitions,
      };
    }),
  );
}

/** A thousandth of a cell is less than the quantiles of thousands of modules are sure to, and whole numbers are short. */
function thousandths(value: number): string {
  return fixed(1000 * value, 0);
}

/** A line for each bin: its modules, and of every codec the quantiles, with the modules that have an EMD where some have none. */
function tableOf(curves: readonly Curve[]): FigureTable {
  const lows = [...new Set(curves.flatMap(({ bins }) => bins.map(({ low }) => low)))].sort((a, b) => a - b);
  const lines = lows.map((low) => curves.map(({ bins }) => bins.find((bin) => bin.low === low)));
  const modules = lines.map((line) => Math.max(...line.map((bin) => bin?.n ?? 0)));
  const hasAll = curves.map((_, k) => lines.every((line, i) => line[k]?.n === modules[i]));
  const names = curves.flatMap(({ entry }, k) => {
    return [shownLabel(entry.codec), "16 %", "84 %", ...(hasAll[k] ? [] : ["its modules"])];
  });
  const cells = (bin: Full | undefined, k: number): string[] => [
    ...[bin?.median, bin?.q16, bin?.q84].map((value) => (value === undefined ? "" : thousandths(value))),
    ...(hasAll[k] ? [] : [String(bin?.n ?? 0)]),
  ];
  return {
    says: "numbers: median, 16 and 84 % in thousandths of a cell",
    columns: ["from", "to", "modules", ...names],
    rows: lines.map((line, i) => {
      const [{ low, high }] = line.filter((bin) => bin !== undefined);
      return [tidy(low), tidy(high), String(modules[i]), ...line.flatMap(cells)];
    }),
  };
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
  const hasBars = curves.length <= MOST_WITH_BARS;
  const axes = axesOf(subject, hasBars ? "q84" : "median");
  const plot = frame(wideBox(curves.length), axes.x, axes.y);
  const width = Math.ceil(plot.box.right + KEY.gap + keyWidth(curves.map(({ name }) => name)) + 12);
  const title = `EMD against ${TOPIC[against]}, ${linksText(group.links)}`;
  const labels = endLabels(curves, plot);
  const heading = { title, label: dataset.title, synthetic: dataset.kind === "synthetic" };
  const body = join([
    headingMarkup(heading, WIDE.left, width - 14),
    curves.map((curve, i) => curveMarkup(curve, i, curves.length, plot)),
    plot.shared.markup,
    labels.markup,
  ]);
  const network = group.links === null ? "no-link-limit" : `links${group.links}`;
  return {
    file: figureFile(results, "profile", network, variable(subject)),
    caption: `Median EMD [cell] per bin of ${TOPIC[against]}${hasBars ? "; vertical bars: 16-84 % of the modules. Codecs stand side by side inside a bin" : ""}.`,
    width,
    height: plot.box.bottom + UNDER_AXIS,
    body,
    definitions: [
      ...curves.map(({ style }) => markerDefinition(style)),
      ...plot.shared.definitions,
      ...labels.definitions,
    ],
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
  const axes = axesOf(subject, "q84");
  const plot = frame(PANEL.box, axes.x, axes.y);
  const ground = { under: allMedians(subject, plot), over: together(plot.shared) };
  return curves.map((curve) => panel(subject, curve, plot, ground));
}

/** What the panels of a group share: under the curve all medians in grey, over it the frame. */
interface Ground {
  readonly under: Part;
  readonly over: Part;
}

function allMedians({ curves }: Subject, plot: Frame): Part {
  const lines = curves
    .filter(({ bins }) => bins.length > 1)
    .map((curve) => line(medians(curve, plot), "other", 2));
  return shared(join(lines));
}

function panel(subject: Subject, curve: Curve, plot: Frame, { under, over }: Ground): Figure {
  const lower = curve.bins.flatMap((bin) => edges(bin, bin.q16, plot));
  const upper = curve.bins.flatMap((bin) => edges(bin, bin.q84, plot));
  const points = medians(curve, plot);
  const name = shownLabel(curve.entry.codec);
  const { title, kind } = subject.dataset;
  const heading = panelHeading(
    { title: name, label: title, synthetic: kind === "synthetic" },
    PANEL.box.left,
    PANEL.box.right,
  );
  const body = join([
    heading.markup,
    under.markup,
    markup`<g class="${styleClass(curve.style)}">${band(lower, upper)}${markedLine(curve.style, points)}</g>`,
    over.markup,
  ]);
  return {
    file: figureFile(subject.results, "profile", curve.entry.codec.label, variable(subject)),
    caption: "Median EMD [cell] and 16-84 % band; grey: the other codecs' medians.",
    panel: name,
    width: PANEL.width,
    height: PANEL.height,
    body,
    definitions: [
      ...heading.definitions,
      ...under.definitions,
      ...over.definitions,
      markerDefinition(curve.style),
    ],
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
