/**
 * Speed ratios with their intervals on a logarithmic axis: right of 1 the subject is faster than what it is compared with.
 *
 * A line for each kernel and input, a mark for each thing that it is compared with. What costs next to nothing (an empty call) would
 * stretch the axis by decades and is left to the table.
 */
import type { Results, SpeedResult } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { short } from "../numbers.js";
import { frame, type Frame } from "../svg/axis.js";
import { at, headingMarkup, textWidth, type Figure } from "../svg/figure.js";
import { keyList, keyWidth, type KeyGroup } from "../svg/key.js";
import { horizontalBar, marker, seriesStyle, styleClass, type SeriesStyle } from "../svg/marks.js";
import { figureFile } from "./name.js";

const PLOT_WIDTH = 480;
const NAMES = { size: 12, most: 56 };
const KEY_GAP = 16;
const ROW = 22;
const TOP = 52;
const RADIUS = 4;
const LEFT_OUT = "empty-call";
const FLOORS: readonly string[] = ["memcpy"];

type Measured = SpeedResult & { readonly ratio: number };

function isShown(row: SpeedResult): row is Measured {
  return row.ratio !== null && row.ratio > 0 && row.validated && row.baseline !== LEFT_OUT;
}

interface Line {
  readonly name: string;
  readonly rows: readonly Measured[];
}

/** What is compared with several things, as one line. */
function linesOf(rows: readonly Measured[]): Line[] {
  const lines = new Map<string, Measured[]>();
  for (const row of rows) {
    const { kernel, input, subject, threads } = row;
    const who = subject === "wasm" ? "" : `, ${subject}`;
    const name = `${kernel}, ${input}${who}${threads > 1 ? `, ${threads} threads` : ""}`;
    lines.set(name, [...(lines.get(name) ?? []), row]);
  }
  return [...lines].map(([name, own]) => ({ name: short(name, NAMES.most), rows: own }));
}

type Styles = ReadonlyMap<string, SeriesStyle>;

/** Those that most kernels have first, so that they have the first looks. */
function stylesOf(rows: readonly Measured[]): Styles {
  const counts = new Map<string, number>();
  for (const { baseline } of rows) counts.set(baseline, (counts.get(baseline) ?? 0) + 1);
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return new Map(names.map((name, i) => [name, seriesStyle(i)]));
}

function keysOf(styles: Styles): KeyGroup[] {
  const entries = [...styles].map(([name, style]) => ({ name, style }));
  return [
    { title: "compared with", entries: entries.filter(({ name }) => !FLOORS.includes(name)) },
    { title: "floor", entries: entries.filter(({ name }) => FLOORS.includes(name)) },
  ].filter((group) => group.entries.length > 0);
}

function pointMarkup(
  { ratio, ratioLow, ratioHigh }: Measured,
  style: SeriesStyle,
  plot: Frame,
  y: number,
): Html {
  const [low, high] = [plot.x(ratioLow ?? ratio), plot.x(ratioHigh ?? ratio)];
  const bar = high - low > 2 * RADIUS ? horizontalBar(y, low, high) : undefined;
  return markup`<g class="${styleClass(style)}">${bar}${marker(style, { x: plot.x(ratio), y }, RADIUS)}</g>`;
}

function lineMarkup({ name, rows }: Line, styles: Styles, plot: Frame, y: number): Html {
  const { left, right } = plot.box;
  const points = rows.map((row) => pointMarkup(row, styles.get(row.baseline) ?? seriesStyle(0), plot, y));
  return markup`<path class="other" d="M${at(left)} ${at(y)}H${at(right)}"/><text class="e" x="${at(left - 10)}" y="${at(y + 4)}">${name}</text>${points}`;
}

/** Undefined when nothing was both validated and measured. */
export function speedFigure(results: Results): Figure | undefined {
  const rows = results.speed.filter(isShown);
  if (rows.length === 0) return undefined;
  const lines = linesOf(rows);
  const styles = stylesOf(rows);
  const ends = rows.flatMap((row) => [row.ratio, row.ratioLow ?? row.ratio, row.ratioHigh ?? row.ratio, 1]);
  const left = Math.ceil(24 + Math.max(...lines.map(({ name }) => textWidth(name, NAMES.size))));
  const keys = keysOf(styles);
  const bottom = TOP + Math.max(lines.length, styles.size + keys.length) * ROW;
  const plot = frame(
    { left, top: TOP, right: left + PLOT_WIDTH, bottom },
    {
      title: "baseline time / subject time",
      domain: [Math.min(...ends) / 1.6, Math.max(...ends) * 1.6],
      log: true,
    },
    { title: "", domain: [0, 1], labels: [], ticks: 0 },
  );
  const list = keyList(keys, plot.box, plot.box.right + KEY_GAP);
  const width = Math.ceil(plot.box.right + KEY_GAP + keyWidth([...styles.keys()]) + 12);
  const one = at(plot.x(1));
  const body = join([
    headingMarkup(
      { title: "Kernel speed", label: `${results.machine.cpu}, interleaved, one run`, synthetic: false },
      14,
      width - 14,
    ),
    markup`<path class="guide" d="M${one} ${TOP}V${at(bottom)}"/><g class="small">${lines.map((line, i) => lineMarkup(line, styles, plot, TOP + (i + 0.5) * ROW))}</g>`,
    plot.markup,
    list.markup,
  ]);
  return {
    file: figureFile(results, "speed", "kernels", "ratio"),
    caption:
      "Ratio of times, with its interval over processes where it is wider than the mark; right of 1 the subject (WebAssembly " +
      "where nothing else is said) is faster. Only what was validated in this run; the numbers stand in the table below, with those " +
      "of an empty call.",
    width,
    height: bottom + 50,
    body,
    definitions: list.definitions,
  };
}
