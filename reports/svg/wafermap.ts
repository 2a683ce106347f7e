/**
 * Hexagonal map of the 48 trigger cells of a module: 3 rhombi of 4x4 rhombic cells, in their true order and orientation.
 *
 * The cell centres are means over sensor cells, so rhombi drawn round them miss one another at the seams; each third is
 * moved by less than half a cell so that the three meet in one point. Distances for EMD are never taken from here.
 */
import { TRIGGER_CELL_XY } from "../../harness/physics/triggercells.js";
import { join, markup, type Html } from "../escape.js";
import { at } from "./figure.js";
import type { Point } from "./marks.js";
import { Pen } from "./pen.js";

const CELLS = 48;
const THIRD = 16;

function centre(i: number): Point {
  return { x: TRIGGER_CELL_XY[2 * i], y: TRIGGER_CELL_XY[2 * i + 1] };
}

function meanOf(points: readonly Point[]): Point {
  return {
    x: points.reduce((total, { x }) => total + x, 0) / points.length,
    y: points.reduce((total, { y }) => total + y, 0) / points.length,
  };
}

const SIGNS = [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const; // prettier-ignore

/** Rhombus round `middle` with edges of `size` cell steps of the third that starts at cell `first`. */
function rhombus(first: number, middle: Point, size: number): Point[] {
  const [origin, along, across] = [centre(first), centre(first + 1), centre(first + 4)];
  const a = { x: ((along.x - origin.x) * size) / 2, y: ((along.y - origin.y) * size) / 2 };
  const b = { x: ((across.x - origin.x) * size) / 2, y: ((across.y - origin.y) * size) / 2 };
  return SIGNS.map(([u, v]) => ({ x: middle.x + u * a.x + v * b.x, y: middle.y + u * a.y + v * b.y }));
}

const FIRSTS = [0, THIRD, 2 * THIRD];
const TRUE_THIRDS = FIRSTS.map((first) => {
  return rhombus(first, meanOf(Array.from({ length: THIRD }, (_, i) => centre(first + i))), 4);
});
const MIDDLE = meanOf(TRUE_THIRDS.flat());
/** The corner of each third that lies next to the middle of the module. */
const INNER = TRUE_THIRDS.map((third) => {
  const distance = ({ x, y }: Point): number => Math.hypot(x - MIDDLE.x, y - MIDDLE.y);
  return third.reduce((nearest, corner) => (distance(corner) < distance(nearest) ? corner : nearest));
});
const MEETING = meanOf(INNER);
const SHIFTS = INNER.map((corner) => ({ x: MEETING.x - corner.x, y: MEETING.y - corner.y }));

function moved(point: Point, third: number): Point {
  return { x: point.x + SHIFTS[third].x, y: point.y + SHIFTS[third].y };
}

/** Middle of cell `i` as drawn. */
function cell(i: number): Point {
  return moved(centre(i), Math.floor(i / THIRD));
}

const OUTLINES = Array.from({ length: CELLS }, (_, i) => rhombus(i - (i % THIRD), cell(i), 1));
const THIRDS = TRUE_THIRDS.map((third, k) => third.map((corner) => moved(corner, k)));
const ALL = OUTLINES.flat();
const LOW = { x: Math.min(...ALL.map(({ x }) => x)), y: Math.min(...ALL.map(({ y }) => y)) };
const HIGH = { x: Math.max(...ALL.map(({ x }) => x)), y: Math.max(...ALL.map(({ y }) => y)) };

export interface MapPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

/** Height of a map of the given width. */
export function mapHeight(width: number): number {
  return (width * (HIGH.y - LOW.y)) / (HIGH.x - LOW.x);
}

/** Module coordinates to figure coordinates: y points up in the module. */
function placed({ x, y }: Point, place: MapPlace): Point {
  const scale = place.width / (HIGH.x - LOW.x);
  return { x: place.left + (x - LOW.x) * scale, y: place.top + (HIGH.y - y) * scale };
}

/** Steps of the hexagonal lattice on which all corners lie: the second edge of a cell of the first third, and its first, turned round. */
const EDGE = { x: centre(4).x - centre(0).x, y: centre(4).y - centre(0).y };
const UPRIGHT = { x: centre(1).x - centre(0).x, y: centre(1).y - centre(0).y };

/** Whole lattice steps from the meeting point of the thirds to a corner; moved by four so that none is negative. */
const OFFSET = THIRD / 4;

function latticeSteps({ x, y }: Point): Point {
  const [dx, dy] = [x - MEETING.x, y - MEETING.y];
  const determinant = EDGE.x * UPRIGHT.y - EDGE.y * UPRIGHT.x;
  return {
    x: Math.round((dx * UPRIGHT.y - dy * UPRIGHT.x) / determinant) + OFFSET,
    y: Math.round((EDGE.x * dy - EDGE.y * dx) / determinant) + OFFSET,
  };
}

/** The transform from lattice steps to the figure. */
function latticeTransform(place: MapPlace): string {
  const scale = place.width / (HIGH.x - LOW.x);
  const meeting = placed(MEETING, place);
  const [a, b, c, d] = [EDGE.x, -EDGE.y, UPRIGHT.x, -UPRIGHT.y].map((value) => value * scale);
  const [e, f] = [meeting.x - OFFSET * (a + c), meeting.y - OFFSET * (b + d)];
  return `matrix(${[a, b, c, d, e, f].map((value) => Number(value.toFixed(3))).join(" ")})`;
}

function polygon(points: readonly Point[]): string {
  const pen = new Pen();
  points.forEach(({ x, y }, i) => (i === 0 ? pen.move(x, y) : pen.line(x, y)));
  return pen.close().toString();
}

/** A polygon to be filled: the last edge is left to the filling. */
function filled(points: readonly Point[]): string {
  return polygon(points).replace(/z$/, "");
}

/** The polygon from the corner and in the direction that take the fewest characters. */
function shortest(corners: readonly Point[]): string {
  const ways = [corners, [...corners].reverse()].flatMap((round) =>
    round.map((_, i) => filled([...round.slice(i), ...round.slice(0, i)])),
  );
  return ways.reduce((best, way) => (way.length < best.length ? way : best));
}

/** The lines between cells: three each way in every third. */
function grid(place: MapPlace): string {
  const pen = new Pen();
  for (const third of THIRDS) {
    const [a, b, c, d] = third.map((corner) => placed(corner, place));
    for (const share of [0.25, 0.5, 0.75]) {
      for (const [from, to, start, end] of [
        [a, b, d, c],
        [a, d, b, c],
      ] as const) {
        const first = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
        const last = { x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share };
        pen.move(first.x, first.y).line(last.x, last.y);
      }
    }
  }
  return pen.toString();
}

/** Cells of a row of a third; rows follow one another. */
const ROW = 4;

/** By first cell and number of cells: neighbours in a row as one shape. */
const RUNS = OUTLINES.map((first, i) =>
  OUTLINES.slice(i, i + ROW - (i % ROW)).map((last) =>
    shortest([first[0], last[1], last[2], first[3]].map(latticeSteps)),
  ),
);

/** One path for each class, neighbours in a row of one class drawn together. */
function pathsOf(classOf: (cell: number) => string): Map<string, string> {
  const paths = new Map<string, string>();
  for (let i = 0; i < CELLS;) {
    const name = classOf(i);
    let length = 1;
    while ((i + length) % ROW > 0 && classOf(i + length) === name) length++;
    paths.set(name, (paths.get(name) ?? "") + RUNS[i][length - 1]);
    i += length;
  }
  return paths;
}

/** The outline of all cells together. */
const WHOLE = filled([[4, 0], [8, 0], [8, 4], [4, 8], [0, 8], [0, 4]].map(([x, y]) => ({ x, y }))); // prettier-ignore

/**
 * Coloured cells: those of class `ground` are left to the ground below, those of one class are one path; what most cells are is
 * drawn as a whole, under the others. Cells are drawn in lattice steps and placed by one transform: whole numbers are short, and a
 * page holds tens of thousands of cells.
 */
export function waferCells(place: MapPlace, ground: string, classOf: (cell: number) => string): Html {
  const paths = pathsOf(classOf);
  const [[usual, path]] = [...paths].sort(([, a], [, b]) => b.length - a.length);
  const isWorth = usual !== ground && path.length > WHOLE.length + (paths.get(ground)?.length ?? 0);
  const under = isWorth ? usual : ground;
  if (isWorth) paths.set(usual, WHOLE);
  else paths.delete(ground);
  const drawn = [...paths].sort(([a], [b]) => Number(b === under) - Number(a === under));
  const cells = drawn.map(([name, d]) => markup`<path class="${name}" d="${d}"/>`);
  return markup`<g transform="${latticeTransform(place)}">${cells}</g>`;
}

/** The whole module in class `ground`. */
export function waferGround(place: MapPlace, ground: string): Html {
  return markup`<path class="${ground}" d="${thirds(place)}"/>`;
}

function thirds(place: MapPlace): string {
  return THIRDS.map((outline) => polygon(outline.map((point) => placed(point, place)))).join("");
}

/** The lines of a map, the same for every module: between cells, and round the thirds. */
export function waferLines(place: MapPlace): Html {
  return markup`<path class="other" d="${grid(place)}"/><path class="third" d="${thirds(place)}"/>`;
}

/** A text in the middle of every cell for which `textOf` has one; `classOf` gives its colour class. */
export function waferTexts(
  place: MapPlace,
  textOf: (cell: number) => string | undefined,
  classOf: (cell: number) => string,
): Html {
  const texts: Html[] = [];
  for (let i = 0; i < CELLS; i++) {
    const text = textOf(i);
    if (text === undefined) continue;
    const { x, y } = placed(cell(i), place);
    texts.push(markup`<text class="tiny m ${classOf(i)}" x="${at(x)}" y="${at(y + 3)}">${text}</text>`);
  }
  return join(texts);
}
