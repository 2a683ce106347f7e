/**
 * Rate-distortion: payload bits per module against mean EMD for every codec of a dataset, close up and as a whole.
 *
 * Codecs that differ only in their link count are one line, the link count beside each point. Filled: the payload fits its
 * budget; open: it does not, or the codec has none. A horizontal bar reaches to the largest payload. Means of 0 have no place
 * on a log axis and stand as arrows on the lower edge.
 */
import { isUnlimited, UNLIMITED_SAYS } from "../../harness/core/encodercost.js";
import type { DatasetResult, Results } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { bits, short, significant, withError } from "../numbers.js";
import { paretoFront } from "../pareto.js";
import {
  entriesOf,
  isFloor,
  LINK_BITS,
  seriesName,
  seriesStyles,
  shownLabel,
  shownSeries,
  type Entry,
} from "../select.js";
import { frame, type Axis, type Frame } from "../svg/axis.js";
import { at, headingMarkup, type Figure, type FigureTable } from "../svg/figure.js";
import { LabelRoom } from "../svg/labels.js";
import { line, marker, pathOf, styleClass, verticalBar, type Point, type SeriesStyle } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 860;
const HEIGHT = 580;
const BOX = { left: 66, top: 62, right: 846, bottom: 528 };
const RADIUS = 5;

interface Series {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly entries: readonly Entry[];
}

function seriesOf(entries: readonly Entry[], styles: ReadonlyMap<string, SeriesStyle>): Series[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = seriesName(entry.codec);
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups].map(([name, members]) => ({
    name: shownSeries(
      name,
      members.map(({ codec }) => codec),
    ),
    style: styles.get(name) ?? { colour: 0, marker: 0, dash: 0 },
    entries: members.sort((a, b) => a.row.rate.payloadMean - b.row.rate.payloadMean),
  }));
}

function drawable(entry: Entry): boolean {
  return entry.meanEmd !== undefined && entry.row.rate.payloadMean > 0;
}

/** Decade-friendly limits: a factor of room below and above. */
function limits(values: readonly number[], below: number, above: number): [number, number] {
  return [Math.min(...values) / below, Math.max(...values) * above];
}

function emdLimits(entries: readonly Entry[]): [number, number] {
  const means = entries.flatMap(({ meanEmd }) => (meanEmd !== undefined && meanEmd > 0 ? [meanEmd] : []));
  if (means.length === 0) return [0.1, 10];
  const [low, high] = limits(means, 1.7, 1.5);
  return [Math.max(low, high / 1e4), high];
}

/** Where an entry stands; a mean below the axis stands on the lower edge. */
function place(entry: Entry, plot: Frame, low: number): Point {
  const mean = entry.meanEmd ?? 0;
  return {
    x: plot.x(entry.row.rate.payloadMean),
    y: mean > low ? plot.y(mean) : plot.box.bottom - (low > 0 ? 9 : 0),
  };
}

function budgetGuides(plot: Frame, low: number, high: number): Html {
  const guides: Html[] = [];
  for (let links = 1; links <= 13; links++) {
    const value = links * LINK_BITS;
    if (value <= low || value >= high) continue;
    const x = at(plot.x(value));
    const named = links <= 5 || links === 13;
    const label = named
      ? markup`<text class="note small m" x="${x}" y="${at(plot.box.top - 6)}">${links}</text>`
      : undefined;
    guides.push(markup`<path class="guide" d="M${x} ${at(plot.box.top)}V${at(plot.box.bottom)}"/>${label}`);
  }
  return markup`${guides}<text class="note small" x="${at(plot.box.left)}" y="${at(plot.box.top - 6)}">links:</text>`;
}

function pointMarkup(entry: Entry, series: Series, plot: Frame, axes: Axes): Html {
  const low = axes.y.domain[0];
  const point = place(entry, plot, low);
  const right = Math.min(plot.x(entry.row.rate.payloadMaximum), plot.box.right);
  const error = entry.emd?.summary?.standardError ?? 0;
  const mean = entry.meanEmd ?? 0;
  const parts: Html[] = [];
  if (right - point.x > 1) {
    parts.push(markup`<path class="bar" d="M${at(point.x)} ${at(point.y)}H${at(right)}m0 -4v8"/>`);
  }
  if (mean <= low && axes.y.log === true) {
    parts.push(
      markup`<path class="bar" d="M${at(point.x)} ${at(point.y)}V${at(plot.box.bottom)}m-4 -5l4 5l4 -5"/>`,
    );
  } else if (mean - error > low && mean + error < axes.y.domain[1]) {
    const [up, down] = [plot.y(mean + error), plot.y(mean - error)];
    if (down - up > 2 * RADIUS) parts.push(verticalBar(point.x, up, down));
  }
  const open = entry.row.rate.fitsBudget !== true;
  return join([...parts, marker(series.style, point, RADIUS, open)]);
}

function seriesMarkup(series: Series, plot: Frame, axes: Axes): Html {
  const points = series.entries.map((entry) => place(entry, plot, axes.y.domain[0]));
  const path = points.length > 1 ? line(points) : undefined;
  const marks = series.entries.map((entry) => pointMarkup(entry, series, plot, axes));
  return markup`<g class="${styleClass(series.style)}">${path}${marks}</g>`;
}

/** The series' names beside one of their points, and link counts where there is room. */
function labelsMarkup(all: readonly Series[], plot: Frame, low: number): Html {
  const room = new LabelRoom(plot.box);
  for (const { entries } of all) {
    for (const entry of entries) {
      const { x, y } = place(entry, plot, low);
      room.keepClear(x, y, RADIUS + 1);
    }
  }
  const names = all.map((series) => nameMarkup(series, plot, low, room));
  const counts = all.map((series) => {
    const numbers = series.entries.map((entry) => {
      if (entry.codec.links === null || series.entries.length < 2) return undefined;
      const { x, y } = place(entry, plot, low);
      const text = `${entry.codec.links}${isUnlimited(entry.codec.cost) ? "∞" : ""}`;
      const placed = room.place({ x, y, text }, 10, 0);
      return (
        placed &&
        markup`<text class="name small ${sideClass(placed.anchor)}" x="${at(placed.x)}" y="${at(placed.y)}">${text}</text>`
      );
    });
    return markup`<g class="${styleClass(series.style)}">${numbers}</g>`;
  });
  return join([...names, ...counts]);
}

function sideClass(anchor: "start" | "middle" | "end"): string {
  return anchor === "start" ? "" : anchor === "middle" ? "m" : "e";
}

/** A label far from its point is tied to it by a thin line. */
function nameMarkup(series: Series, plot: Frame, low: number, room: LabelRoom): Html {
  const candidates = [series.entries[series.entries.length - 1], series.entries[0]];
  for (const reach of [1, 5]) {
    for (const entry of candidates) {
      const { x, y } = place(entry, plot, low);
      const placed = room.place({ x, y, text: series.name }, 13, 0, reach);
      if (placed === undefined) continue;
      const far = Math.hypot(placed.x - x, placed.y - y) > 24;
      const leader = far
        ? markup`<path class="leader" d="M${at(x)} ${at(y)}L${at(placed.x)} ${at(placed.y - 4)}"/>`
        : undefined;
      return markup`<g class="${styleClass(series.style)}">${leader}<text class="name ${sideClass(placed.anchor)}" x="${at(placed.x)}" y="${at(placed.y)}">${series.name}</text></g>`;
    }
  }
  return markup``;
}

function frontMarkup(entries: readonly Entry[], plot: Frame, low: number): Html {
  const candidates = entries.filter(({ codec }) => !isFloor(codec) && !isUnlimited(codec.cost));
  const front = paretoFront(candidates, (entry) => [entry.row.rate.payloadMean, entry.meanEmd ?? 0]);
  const corners: Point[] = [];
  for (const entry of front) {
    const point = place(entry, plot, low);
    if (corners.length > 0) corners.push({ x: point.x, y: corners[corners.length - 1].y });
    corners.push(point);
  }
  return corners.length < 2 ? markup`` : markup`<path class="front" d="${pathOf(corners)}"/>`;
}

function tableOf(entries: readonly Entry[]): FigureTable {
  return {
    columns: [
      "codec",
      "links",
      "payload mean [bit]",
      "payload max [bit]",
      "EMD mean ± s.e. [cell]",
      "fits budget",
    ],
    rows: entries.map(({ codec, row, emd }) => [
      shownLabel(codec),
      codec.links === null ? "none" : String(codec.links),
      bits(row.rate.payloadMean),
      bits(row.rate.payloadMaximum),
      withError(emd?.summary?.mean ?? null, emd?.summary?.standardError ?? null),
      row.rate.fitsBudget === null ? "no budget" : row.rate.fitsBudget ? "yes" : "no",
    ]),
  };
}

type View = "links" | "whole";

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

const X_TITLE = "payload per module [bit]";
const Y_TITLE = "mean EMD [cell]";
const X_LABELS = [10, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 1000, 2000, 3000];
/** The close view ends a little above five links. */
const CLOSE_BITS = 172;

/** Above this ratio of the largest to the smallest mean, a linear axis would press the best codecs onto its edge. */
const WIDE_RATIO = 30;

/** Floors may lie outside the frame: they would stretch it. */
function contenders(entries: readonly Entry[]): readonly Entry[] {
  const others = entries.filter((entry) => !isFloor(entry.codec));
  return others.length > 0 ? others : entries;
}

/** Axes up to five links, where the chip's choices lie; the EMD is linear unless it spans too much. */
function closeAxes(entries: readonly Entry[]): Axes {
  const shown = contenders(entries);
  const means = shown.flatMap(({ meanEmd }) => (meanEmd !== undefined && meanEmd > 0 ? [meanEmd] : []));
  const x: Axis = { title: X_TITLE, domain: [0, CLOSE_BITS] };
  if (means.length === 0) return { x, y: { title: Y_TITLE, domain: [0, 1] } };
  const highest = Math.max(...means);
  if (highest > WIDE_RATIO * Math.min(...means))
    return { x, y: { title: Y_TITLE, domain: emdLimits(shown), log: true } };
  return { x, y: { title: Y_TITLE, domain: [0, highest * 1.12] } };
}

/** Logarithmic axes over everything but floors. */
function wholeAxes(entries: readonly Entry[]): Axes {
  const shown = contenders(entries);
  const payloads = shown.flatMap(({ row }) => [row.rate.payloadMean, row.rate.payloadMaximum]);
  return {
    x: { title: X_TITLE, domain: limits(payloads, 1.4, 1.35), log: true, labels: X_LABELS },
    y: { title: Y_TITLE, domain: emdLimits(shown), log: true },
  };
}

function fits(entry: Entry, { x, y }: Axes): boolean {
  const payload = entry.row.rate.payloadMean;
  return payload >= x.domain[0] && payload <= x.domain[1] && (entry.meanEmd ?? 0) <= y.domain[1];
}

function captionOf(axes: Axes, left: readonly Entry[]): string {
  const named = left.map(({ codec, row }) => `${codec.label} (${bits(row.rate.payloadMean)} bit)`).join(", ");
  return (
    "Mean EMD [cell] ± standard error against payload [bit per module]. Numbers at points: links. Filled: every module's " +
    "payload fits the codec's links; open: it does not, or the codec has no link limit. Horizontal bar: up to the largest " +
    "payload. Grey band: Pareto front in mean payload, floors and ∞ left out. " +
    `∞: ${UNLIMITED_SAYS}.` +
    (axes.y.log === true ? ` Arrow: at or below the axis (${significant(axes.y.domain[0], 2)}).` : "") +
    (named === "" ? "" : ` Outside the frame: ${short(named, 400)}.`)
  );
}

/** "links": up to five links; "whole": every codec, logarithmic. Undefined when nothing can be drawn. */
export function rateDistortionFigure(
  results: Results,
  dataset: DatasetResult,
  view: View,
): Figure | undefined {
  const drawn = entriesOf(results, dataset).filter(drawable);
  const near = drawn.filter(({ row }) => row.rate.payloadMean <= CLOSE_BITS);
  if ((view === "links" ? near : drawn).length === 0) return undefined;
  const axes = view === "links" ? closeAxes(near) : wholeAxes(drawn);
  const entries = drawn.filter((entry) => fits(entry, axes));
  const plot = frame(BOX, axes.x, axes.y);
  const all = seriesOf(entries, seriesStyles(results.codecs));
  const title = view === "links" ? "Rate and distortion up to five links" : "Rate and distortion, all codecs";
  const label = `${dataset.title}, ${dataset.used} modules`;
  const heading = headingMarkup(
    { title, label, synthetic: dataset.kind === "synthetic" },
    BOX.left,
    BOX.right,
  );
  const low = axes.y.domain[0];
  const body = join([
    heading,
    budgetGuides(plot, ...axes.x.domain),
    frontMarkup(entries, plot, low),
    all.map((series) => seriesMarkup(series, plot, axes)),
    plot.markup,
    labelsMarkup(all, plot, low),
  ]);
  return {
    file: figureFile(
      results,
      view === "links" ? "rate-distortion-links" : "rate-distortion",
      "all-codecs",
      `emd-${dataset.id}`,
    ),
    caption: captionOf(
      axes,
      drawn.filter((entry) => !entries.includes(entry)),
    ),
    width: WIDTH,
    height: HEIGHT,
    body,
    table: tableOf(drawn),
  };
}
