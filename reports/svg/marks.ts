/** Marks inside a frame: markers, lines, steps, error bars, bands. Colours come from the class of the group around them. */
import { markup, styleSheet, type Html } from "../escape.js";
import { type Definition } from "./figure.js";
import { Pen, type Grid } from "./pen.js";
import { DASH_COUNT, FLOOR_SERIES, SERIES_COUNT } from "./theme.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Look of a series: colour, marker and dash go together. */
export interface SeriesStyle {
  readonly colour: number;
  readonly marker: number;
  readonly dash: number;
}

/** Paths round (0, 0) with a radius of about 1; from `0` on the order in which series take them. */
const MARKERS: readonly (readonly (readonly [number, number])[])[] = [
  [], // circle
  [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]], // square
  [[0, -1.15], [1.05, 0.75], [-1.05, 0.75]], // triangle
  [[0, -1.25], [1.05, 0], [0, 1.25], [-1.05, 0]], // diamond
  [[0, 1.15], [1.05, -0.75], [-1.05, -0.75]], // triangle down
  [[-0.38, -1.1], [0.38, -1.1], [0.38, -0.38], [1.1, -0.38], [1.1, 0.38], [0.38, 0.38], [0.38, 1.1], [-0.38, 1.1], [-0.38, 0.38], [-1.1, 0.38], [-1.1, -0.38], [-0.38, -0.38]], // cross
  [[0, -1.15], [1.1, -0.36], [0.68, 0.93], [-0.68, 0.93], [-1.1, -0.36]], // pentagon
  [[-1.15, 0], [0.75, -1.05], [0.75, 1.05]], // triangle left
  [[0, -1.3], [0.36, -0.36], [1.3, 0], [0.36, 0.36], [0, 1.3], [-0.36, 0.36], [-1.3, 0], [-0.36, -0.36]], // star
]; // prettier-ignore

/** Style of the n-th series; the pair of colour and marker repeats only after 99. */
export function seriesStyle(n: number): SeriesStyle {
  return { colour: n % SERIES_COUNT, marker: n % MARKERS.length, dash: n % DASH_COUNT };
}

export const FLOOR_STYLE: SeriesStyle = { colour: FLOOR_SERIES, marker: 5, dash: 2 };

/** Class names that give a group the look of `style`. */
export function styleClass(style: SeriesStyle): string {
  return `s${style.colour} h${style.dash}`;
}

function draw(pen: Pen, points: readonly Point[]): Pen {
  points.forEach(({ x, y }, i) => (i === 0 ? pen.move(x, y) : pen.line(x, y)));
  return pen;
}

export function pathOf(points: readonly Point[], grid: Grid = 10): string {
  return draw(new Pen(grid), points).toString();
}

function markerPath(style: SeriesStyle, { x, y }: Point, radius: number): string {
  const corners = MARKERS[style.marker];
  if (corners.length === 0) {
    const r = String(radius);
    const width = String(2 * radius);
    const start = new Pen().move(x - radius, y).toString();
    return `${start}a${r} ${r} 0 1 0 ${width} 0a${r} ${r} 0 1 0 -${width} 0z`;
  }
  const placed = corners.map(([dx, dy]) => ({ x: x + dx * radius, y: y + dy * radius }));
  return draw(new Pen(), placed).close().toString();
}

export function marker(style: SeriesStyle, point: Point, radius: number, open = false): Html {
  return markup`<path class="${open ? "open" : "dot"}" d="${markerPath(style, point, radius)}"/>`;
}

/** Radius of the markers on lines, and half the room for one with its outline. */
const LINE_MARKER = 3.4;
const MARKER_ROOM = 6;

function markedClass({ colour, marker }: SeriesStyle): string {
  return `m${colour}-${marker}`;
}

/** The style's marker as something to put on every point of a `markedLine`; with the rule that puts it there. */
export function markerDefinition(style: SeriesStyle): Definition {
  const id = markedClass(style);
  const middle = { x: MARKER_ROOM, y: MARKER_ROOM };
  const size = 2 * MARKER_ROOM;
  return {
    id,
    shape: markup`${styleSheet(`.${id}{marker:url(#${id})}`)}<marker id="${id}" class="fig s${style.colour}" markerUnits="userSpaceOnUse" markerWidth="${size}" markerHeight="${size}" refX="${MARKER_ROOM}" refY="${MARKER_ROOM}">${marker(style, middle, LINE_MARKER)}</marker>`,
  };
}

/** A line with the style's marker at every point, to half a unit: needs the `markerDefinition` on the same page. */
export function markedLine(style: SeriesStyle, points: readonly Point[]): Html {
  const path = pathOf(points.length === 1 ? [points[0], points[0]] : points, 2);
  return markup`<path class="line ${markedClass(style)}" d="${path}"/>`;
}

/** Vertical bars without caps, as one path, to whole units: [x, from, to] each. */
export function plainBars(bars: readonly (readonly [number, number, number])[]): Html {
  const pen = new Pen(1);
  for (const [x, from, to] of bars) pen.move(x, from).line(x, to);
  return markup`<path class="bar" d="${pen.toString()}"/>`;
}

export function line(points: readonly Point[], name = "line", grid: Grid = 10): Html {
  return markup`<path class="${name}" d="${pathOf(points, grid)}"/>`;
}

/** Vertical bar from `low` to `high` with end caps. */
export function verticalBar(x: number, low: number, high: number, cap = 3): Html {
  const pen = new Pen().move(x, low).line(x, high);
  for (const y of [low, high]) pen.move(x - cap, y).line(x + cap, y);
  return markup`<path class="bar" d="${pen.toString()}"/>`;
}

/** Horizontal bar from `low` to `high` with end caps. */
export function horizontalBar(y: number, low: number, high: number, cap = 3): Html {
  const pen = new Pen().move(low, y).line(high, y);
  for (const x of [low, high]) pen.move(x, y - cap).line(x, y + cap);
  return markup`<path class="bar" d="${pen.toString()}"/>`;
}

/** Area between two lines over the same abscissae, to whole units. */
export function band(lower: readonly Point[], upper: readonly Point[]): Html {
  const around = draw(new Pen(1), [...upper, ...[...lower].reverse()]).close();
  return markup`<path class="band" d="${around.toString()}"/>`;
}

/** Outline of a histogram: edges has one element more than heights; `floor` closes it at both ends. */
export function steps(
  edges: readonly number[],
  heights: readonly number[],
  floor: number,
  grid: Grid = 2,
): string {
  const pen = new Pen(grid).move(edges[0], floor);
  for (let i = 0; i < heights.length; i++) {
    if (heights[i] !== heights[i - 1]) pen.line(edges[i], heights[i]);
    if (heights[i] !== heights[i + 1]) pen.line(edges[i + 1], heights[i]);
  }
  return pen.line(edges[heights.length], floor).toString();
}
