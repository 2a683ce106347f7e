/** Marks inside a frame: markers, lines, steps, error bars, bands. Colours come from the class of the group around them. */
import { markup, type Html } from "../escape.js";
import { at } from "./figure.js";
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

export function pathOf(points: readonly Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
}

function markerPath(style: SeriesStyle, { x, y }: Point, radius: number): string {
  const corners = MARKERS[style.marker];
  if (corners.length === 0) {
    const r = at(radius);
    const width = at(2 * radius);
    return `M${at(x - radius)} ${at(y)}a${r} ${r} 0 1 0 ${width} 0a${r} ${r} 0 1 0 -${width} 0z`;
  }
  const placed = corners.map(([dx, dy]) => ({ x: tenth(x + dx * radius), y: tenth(y + dy * radius) }));
  return `${pathOf(placed)}z`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

export function marker(style: SeriesStyle, point: Point, radius: number, open = false): Html {
  return markup`<path class="${open ? "open" : "dot"}" d="${markerPath(style, point, radius)}"/>`;
}

/** The same marker at many points, as one path. */
export function markers(style: SeriesStyle, points: readonly Point[], radius: number): Html {
  return markup`<path class="dot" d="${points.map((point) => markerPath(style, point, radius)).join("")}"/>`;
}

/** Vertical bars without caps, as one path: [x, from, to] each. */
export function plainBars(bars: readonly (readonly [number, number, number])[]): Html {
  return markup`<path class="bar" d="${bars.map(([x, from, to]) => `M${at(x)} ${at(from)}V${at(to)}`).join("")}"/>`;
}

export function line(points: readonly Point[], name = "line"): Html {
  return markup`<path class="${name}" d="${pathOf(points)}"/>`;
}

/** Vertical bar from `low` to `high` with end caps. */
export function verticalBar(x: number, low: number, high: number, cap = 3): Html {
  return markup`<path class="bar" d="M${at(x)} ${at(low)}V${at(high)}M${at(x - cap)} ${at(low)}h${2 * cap}M${at(x - cap)} ${at(high)}h${2 * cap}"/>`;
}

/** Horizontal bar from `low` to `high` with end caps. */
export function horizontalBar(y: number, low: number, high: number, cap = 3): Html {
  return markup`<path class="bar" d="M${at(low)} ${at(y)}H${at(high)}M${at(low)} ${at(y - cap)}v${2 * cap}M${at(high)} ${at(y - cap)}v${2 * cap}"/>`;
}

/** Area between two lines over the same abscissae. */
export function band(lower: readonly Point[], upper: readonly Point[]): Html {
  return markup`<path class="band" d="${pathOf([...upper, ...[...lower].reverse()])}z"/>`;
}

/** Outline of a histogram: edges has one element more than heights; `floor` closes it at both ends. */
export function steps(edges: readonly number[], heights: readonly number[], floor: number): string {
  let path = `M${at(edges[0])} ${at(floor)}`;
  for (let i = 0; i < heights.length; i++) {
    if (heights[i] !== heights[i - 1]) path += `V${at(heights[i])}`;
    if (heights[i] !== heights[i + 1]) path += `H${at(edges[i + 1])}`;
  }
  return `${path}V${at(floor)}`;
}
