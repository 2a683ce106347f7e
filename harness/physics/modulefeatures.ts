/**
 * What a classifier is told about a module: counts, sums, shape, granularity of the charges, and the 48 charges themselves.
 *
 * One column per feature over all rows. Every feature is a function of its own row alone.
 */
import { log10, sqrt } from "../core/elementary.js";
import { CALQ_PER_MIPT, CELLS } from "../core/table.js";
import { GROUPS_OF_16, groundDistance, TRIGGER_CELL_XY } from "./triggercells.js";

/** Cells this near are neighbours: 2.0 inside a third, 1.8 or 2.3 across its borders. */
const NEIGHBOUR_REACH = 2.4;

const NEIGHBOURS: readonly (readonly number[])[] = (() => {
  const metric = groundDistance();
  return Array.from({ length: CELLS }, (_, i) =>
    Array.from({ length: CELLS }, (_unused, j) => j).filter(
      (j) => j !== i && metric[i * CELLS + j] < NEIGHBOUR_REACH,
    ),
  );
})();

const SHAPE_NAMES = [
  "cells above 0",
  "cells above 35",
  "log10 sum",
  "log10 maximum",
  "maximum / sum",
  "second / maximum",
  "log10 smallest above 0",
  "neighbours of maximum / maximum",
  "rms radius",
  "centre to middle",
  "centre x",
  "centre y",
  "clusters",
  "largest cluster",
  "isolated cells",
  "local maxima",
  "busiest third / sum",
  "trailing zero bits",
] as const;

export const FEATURE_NAMES: readonly string[] = [
  ...SHAPE_NAMES,
  ...Array.from({ length: CELLS }, (_, i) => `CALQ_${i}`),
];

interface Moments {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

function momentsOf(cells: Float64Array, sum: number): Moments {
  if (sum === 0) return { x: 0, y: 0, radius: 0 };
  let x = 0;
  let y = 0;
  let square = 0;
  for (let i = 0; i < CELLS; i++) {
    const px = TRIGGER_CELL_XY[2 * i];
    const py = TRIGGER_CELL_XY[2 * i + 1];
    x += cells[i] * px;
    y += cells[i] * py;
    square += cells[i] * (px * px + py * py);
  }
  x /= sum;
  y /= sum;
  return { x, y, radius: sqrt(Math.max(0, square / sum - x * x - y * y)) };
}

const MIDDLE = momentsOf(new Float64Array(CELLS).fill(1), CELLS);

/** Sizes of the groups of neighbouring cells with charge. */
function clusterSizes(cells: Float64Array): number[] {
  const seen = new Uint8Array(CELLS);
  const sizes: number[] = [];
  for (let start = 0; start < CELLS; start++) {
    if (cells[start] === 0 || seen[start] === 1) continue;
    const waiting = [start];
    seen[start] = 1;
    let size = 0;
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      size++;
      for (const next of NEIGHBOURS[cell]) {
        if (cells[next] === 0 || seen[next] === 1) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
    sizes.push(size);
  }
  return sizes;
}

function localMaxima(cells: Float64Array): number {
  let count = 0;
  for (let i = 0; i < CELLS; i++)
    if (cells[i] > 0 && NEIGHBOURS[i].every((j) => cells[j] < cells[i])) count++;
  return count;
}

/** Mean number of trailing zero bits of the charges above 0: how coarse the charges' own grid is. */
function trailingZeros(positive: Float64Array): number {
  if (positive.length === 0) return 0;
  const bits = (value: number): number => {
    const whole = Math.floor(value);
    return whole === 0 ? 0 : 31 - Math.clz32(whole & -whole);
  };
  return positive.reduce((sum, value) => sum + bits(value), 0) / positive.length;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function shapeOf(cells: Float64Array): readonly number[] {
  const positive = cells.filter((charge) => charge > 0).sort();
  const sum = cells.reduce((total, charge) => total + charge, 0);
  const largest = positive.length === 0 ? 0 : positive[positive.length - 1];
  const second = positive.length < 2 ? 0 : positive[positive.length - 2];
  const hottest = cells.indexOf(largest);
  const around = NEIGHBOURS[hottest].reduce((total, j) => total + cells[j], 0);
  const { x, y, radius } = momentsOf(cells, sum);
  const clusters = clusterSizes(cells);
  const thirds = GROUPS_OF_16.map((group) => group.reduce((total, i) => total + cells[i], 0));
  const toMiddle = sqrt((x - MIDDLE.x) * (x - MIDDLE.x) + (y - MIDDLE.y) * (y - MIDDLE.y));
  return [
    positive.length,
    cells.filter((charge) => charge > CALQ_PER_MIPT).length,
    log10(1 + sum),
    log10(1 + largest),
    ratio(largest, sum),
    ratio(second, largest),
    positive.length === 0 ? 0 : log10(1 + positive[0]),
    ratio(around, largest),
    radius,
    sum === 0 ? 0 : toMiddle,
    x,
    y,
    clusters.length,
    clusters.reduce((most, size) => Math.max(most, size), 0),
    clusters.filter((size) => size === 1).length,
    localMaxima(cells),
    ratio(Math.max(...thirds), sum),
    trailingZeros(positive),
  ];
}

/** Columns of FEATURE_NAMES for rows [rows, 48] of charges. */
export function moduleFeatures(calq: Float64Array): Float64Array[] {
  const rows = calq.length / CELLS;
  const columns = FEATURE_NAMES.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const cells = calq.subarray(row * CELLS, (row + 1) * CELLS);
    shapeOf(cells).forEach((value, k) => {
      columns[k][row] = value;
    });
    for (let i = 0; i < CELLS; i++) columns[SHAPE_NAMES.length + i][row] = cells[i];
  }
  return columns;
}
