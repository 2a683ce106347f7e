/**
 * Losses of decoded pictures against their targets, with gradients: mean square, weighted mean square, telescope.
 *
 * Source: fastml-science sensor-data-compression (denseCNN.py, telescope.py). All are means over rows, times the rows' weights.
 * Where two sides tie in max(t, p), the slope is that of p. Pixels that are no trigger cell count in the first two and are
 * unseen by the third, as in the original.
 */
import { CELLS } from "../core/table.js";

export const PICTURE_LOSSES = ["mse", "weighted-mse", "telescope"] as const;
export type PictureLoss = (typeof PICTURE_LOSSES)[number];

type Reals = Float32Array | Float64Array;

/** Loss of one row, given its target and output; adds `share` times its slopes to `gradient`. */
type RowLoss = (target: Reals, output: Reals, gradient: Float64Array, share: number) => number;

const meanSquare: RowLoss = (target, output, gradient, share) => {
  let sum = 0;
  const each = 1 / output.length;
  for (let i = 0; i < output.length; i++) {
    const difference = output[i] - target[i];
    sum += difference * difference;
    gradient[i] += 2 * share * each * difference;
  }
  return sum * each;
};

/** (t - p)^2 max(t, p) and its slope in p. */
function weightedSquare(t: number, p: number): { value: number; slope: number } {
  const difference = p - t;
  const square = difference * difference;
  const larger = p >= t ? p : t;
  return { value: square * larger, slope: 2 * difference * larger + (p >= t ? square : 0) };
}

const weightedMeanSquare: RowLoss = (target, output, gradient, share) => {
  let sum = 0;
  const each = 1 / output.length;
  for (let i = 0; i < output.length; i++) {
    const { value, slope } = weightedSquare(target[i], output[i]);
    sum += value;
    gradient[i] += share * each * slope;
  }
  return sum * each;
};

const BLOCK = 16;
/** Groups inside a block of 16 cells with their weights: tiling, shifted right, shifted down, both. */
const INSIDE: readonly (readonly [cells: readonly number[], weight: number])[] = [
  [[0, 1, 4, 5], 0.375],
  [[2, 3, 6, 7], 0.25 + 1 / 12],
  [[8, 9, 12, 13], 0.5625],
  [[10, 11, 14, 15], 0.375],
  [[4, 5, 8, 9], 0.375],
  [[6, 7, 10, 11], 0.25],
  [[1, 2, 5, 6], 0.25],
  [[9, 10, 13, 14], 0.375],
  [[5, 6, 9, 10], 0.25],
];
/** Groups across the borders of blocks. The twelfths and sixths are not multiplied by 0.25: the original's numbers. */
const ACROSS: readonly (readonly [cells: readonly number[], weight: number])[] = [
  [[0, 1, 27, 31], 0.375],
  [[1, 2, 23, 27], 0.25],
  [[2, 3, 19, 23], 0.25 + 1 / 6],
  [[3, 7, 34, 35], 0.25 + 1 / 6],
  [[7, 11, 33, 34], 0.25],
  [[11, 15, 32, 33], 0.375],
  [[16, 17, 47, 43], 0.375],
  [[17, 18, 43, 39], 0.25],
  [[18, 19, 39, 35], 0.25 + 1 / 6],
];

export interface Group {
  readonly cells: readonly number[];
  /** What (T - P)^2 max(T, P) of the group's sums is multiplied by in the loss. */
  readonly factor: number;
}

/** Every group of cells of the telescope loss, 87 in all. */
export function telescopeGroups(): Group[] {
  const blocks = [0, BLOCK, 2 * BLOCK];
  const fours = [
    ...blocks.flatMap((first) =>
      INSIDE.map(([cells, weight]) => ({ cells: cells.map((cell) => cell + first), weight })),
    ),
    ...ACROSS.map(([cells, weight]) => ({ cells, weight })),
  ];
  return [
    ...Array.from({ length: CELLS }, (_, cell) => ({ cells: [cell], factor: 4 / CELLS })),
    ...fours.map(({ cells, weight }) => ({ cells, factor: (2 * weight) / fours.length })),
    ...blocks.map((first) => ({
      cells: Array.from({ length: BLOCK }, (_, i) => first + i),
      factor: 1 / blocks.length,
    })),
  ];
}

/** 4 A + 2 B + C: single cells, 36 groups of four, three of sixteen. `pixels` [48] says where a cell is. */
function telescope(pixels: readonly number[]): RowLoss {
  const groups = telescopeGroups().map(({ cells, factor }) => ({
    places: Int32Array.from(cells, (cell) => pixels[cell]),
    factor,
  }));
  return (target, output, gradient, share) => {
    let sum = 0;
    for (const { places, factor } of groups) {
      let [t, p] = [0, 0];
      for (const place of places) {
        t += target[place];
        p += output[place];
      }
      const { value, slope } = weightedSquare(t, p);
      sum += factor * value;
      for (const place of places) gradient[place] += share * factor * slope;
    }
    return sum;
  };
}

export interface LossOfBatch {
  /** Mean over rows of weight times the row's loss. */
  readonly loss: number;
  /** Its slopes, [rows, outputs]. */
  readonly gradient: Float64Array;
}

/** The loss of `rows` pictures against `target`, both [rows, pixels]; `weights` [rows] are 1 by default. */
export function pictureLoss(loss: PictureLoss, pixels: readonly number[]) {
  const ofRow = loss === "mse" ? meanSquare : loss === "telescope" ? telescope(pixels) : weightedMeanSquare;
  return (target: Reals, output: Reals, rows: number, weights?: ArrayLike<number>): LossOfBatch => {
    const width = output.length / rows;
    const gradient = new Float64Array(output.length);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const [from, to] = [row * width, (row + 1) * width];
      const share = (weights?.[row] ?? 1) / rows;
      total +=
        share *
        ofRow(target.subarray(from, to), output.subarray(from, to), gradient.subarray(from, to), share);
    }
    return { loss: total, gradient };
  };
}
