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
import { at, headingMarkup, type Figure, type FigureTable, type Part } from "../svg/figure.js";
import { keyList, keyWidth, type KeyGroup } from "../svg/key.js";
import { LabelRoom } from "../svg/labels.js";
import { line, marker, pathOf, styleClass, verticalBar, type Point, type SeriesStyle } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 860;
const HEIGHT = 580;
const BOX = { left: 66, top: 62, right: 846, bottom: 528 };
const RADIUS = 5;
const KEY_GAP = 14;

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

/** Sideways steps, nearest first, for points that would cover others. */
const ASIDE = [0, 9, -9, 18, -18, 27, -27, 36, -36];

/** Where every entry is drawn: at its place, or as near beside it as lets those of other series be seen. */
class Spots {
  readonly #spots = new Map<Entry, Point>();

  constructor(
    entries: readonly Entry[],
    readonly plot: Frame,
    readonly low: number,
  ) {
    for (const entry of entries) {
      const { x, y } = place(entry, plot, low);
      const free = ASIDE.find((aside) => this.#isFree(entry, x + aside, y));
      this.#spots.set(entry, { x: x + (free ?? 0), y });
    }
  }

  #isFree({ codec }: Entry, x: number, y: number): boolean {
    const { left, right } = this.plot.box;
    if (x < left + RADIUS || x > right - RADIUS) return false;
    const name = seriesName(codec);
    return [...this.#spots].every(
      ([other, spot]) =>
        Math.hypot(spot.x - x, spot.y - y) >= 2 * RADIUS - 1 || seriesName(other.codec) === name,
    );
  }

  of(entry: Entry): Point {
    return this.#spots.get(entry) ?? place(entry, this.plot, this.low);
  }
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

function pointMarkup(entry: Entry, series: Series, spots: Spots, axes: Axes): Html {
  const { plot, low } = spots;
  const point = spots.of(entry);
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

function seriesMarkup(series: Series, spots: Spots, axes: Axes): Html {
  const points = series.entries.map((entry) => spots.of(entry));
  const path = points.length > 1 ? line(points) : undefined;
  const marks = series.entries.map((entry) => pointMarkup(entry, series, spots, axes));
  return markup`<g class="${styleClass(series.style)}">${path}${marks}</g>`;
}

/** Room for labels, the points kept clear. */
function roomOf(all: readonly Series[], spots: Spots): LabelRoom {
  const room = new LabelRoom(spots.plot.box);
  for (const { entries } of all) {
    for (const entry of entries) {
      const { x, y } = spots.of(entry);
      room.keepClear(x, y, RADIUS + 1);
    }
  }
  return room;
}

/** Names and link counts of all series. */
interface Labels extends Part {
  /** Wide enough for what stands beside the frame. */
  readonly width: number;
}

/** Names beside the points; where not all find room, a list beside the frame. Then link counts where there is room. */
function labelsOf(all: readonly Series[], spots: Spots): Labels {
  const { box } = spots.plot;
  const room = roomOf(all, spots);
  const names = all.map((series) => nameMarkup(series, spots, room));
  if (names.every((name) => name !== undefined))
    return { markup: join([...names, countsMarkup(all, spots, room)]), definitions: [], width: WIDTH };
  const left = box.right + KEY_GAP;
  const list = keyList(keyGroups(all), box, left);
  return {
    markup: join([countsMarkup(all, spots, roomOf(all, spots)), list.markup]),
    definitions: list.definitions,
    width: Math.ceil(left + keyWidth(all.map(({ name }) => name)) + 12),
  };
}

/** By what the codecs are, in order of first appearance. */
function keyGroups(all: readonly Series[]): KeyGroup[] {
  const groups = new Map<string, Series[]>();
  for (const series of all) {
    const { family } = series.entries[0].codec;
    groups.set(family, [...(groups.get(family) ?? []), series]);
  }
  return [...groups].map(([title, entries]) => ({ title, entries }));
}

function countsMarkup(all: readonly Series[], spots: Spots, room: LabelRoom): Html {
  const counts = all.map((series) => {
    const numbers = series.entries.map((entry) => {
      if (entry.codec.links === null || series.entries.length < 2) return undefined;
      const { x, y } = spots.of(entry);
      const text = `${entry.codec.links}${isUnlimited(entry.codec.cost) ? "∞" : ""}`;
      const placed = room.place({ x, y, text }, 10, 0);
      return (
        placed &&
        markup`<text class="name small ${sideClass(placed.anchor)}" x="${at(placed.x)}" y="${at(placed.y)}">${text}</text>`
      );
    });
    return markup`<g class="${styleClass(series.style)}">${numbers}</g>`;
  });
  return join(counts);
}

function sideClass(anchor: "start" | "middle" | "end"): string {
  return anchor === "start" ? "" : anchor === "middle" ? "m" : "e";
}

/** A label far from its point is tied to it by a thin line; undefined where there is no room. */
function nameMarkup(series: Series, spots: Spots, room: LabelRoom): Html | undefined {
  const candidates = [series.entries[series.entries.length - 1], series.entries[0]];
  for (const reach of [1, 5]) {
    for (const entry of candidates) {
      const { x, y } = spots.of(entry);
      const placed = room.place({ x, y, text: series.name }, 13, 0, reach);
      if (placed === undefined) continue;
      const far = Math.hypot(placed.x - x, placed.y - y) > 24;
      const leader = far
        ? markup`<path class="leader" d="M${at(x)} ${at(y)}L${at(placed.x)} ${at(placed.y - 4)}"/>`
        : undefined;
      return markup`<g class="${styleClass(series.style)}">${leader}<text class="name ${sideClass(placed.anchor)}" x="${at(placed.x)}" y="${at(placed.y)}">${series.name}</text></g>`;
    }
  }
  return undefined;
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
    "payload fits the codec's links; open: it does not, or the codec has no link limit. Points that would cover one another stand " +
    "side by side. Horizontal bar: up to the largest " +
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
  const low = axes.y.domain[0];
  const spots = new Spots(entries, plot, low);
  const labels = labelsOf(all, spots);
  const heading = headingMarkup(
    { title, label, synthetic: dataset.kind === "synthetic" },
    BOX.left,
    labels.width - (WIDTH - BOX.right),
  );
  const body = join([
    heading,
    budgetGuides(plot, ...axes.x.domain),
    frontMarkup(entries, plot, low),
    all.map((series) => seriesMarkup(series, spots, axes)),
    plot.shared.markup,
    labels.markup,
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
    width: labels.width,
    height: HEIGHT,
    body,
    definitions: [...plot.shared.definitions, ...labels.definitions],
    table: tableOf(drawn),
  };
}
