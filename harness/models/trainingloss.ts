/**
 * The losses of training in float64, with their slopes in the outputs: one obvious loop each. The reference for assembly/_loss.ts
 * and what a trainer uses outside its steps.
 *
 * Weighted and telescope losses: losses.ts, whose groups are used here. Wasserstein-1 of a row: mean of |sorted t - sorted p|
 * (Baler, github.com/baler-collaboration/baler, modules/utils.py, there without a gradient); equal outputs keep their order.
 */
import { InputError } from "../core/errors.js";
import { telescopeGroups } from "./losses.js";
import type { Plan } from "./network.js";
import type { LossId } from "./training.js";
import { telescopePixels } from "./telescopetable.js";

type Reals = Float64Array;

export interface LossOfBatch {
  /** Mean over rows of weight times the row's loss. */
  readonly loss: number;
  /** Its slopes, [rows, outputs]. */
  readonly gradient: Reals;
}

interface RowLoss {
  readonly loss: number;
  readonly slopes: Reals;
}

type OfRow = (target: Reals, output: Reals) => RowLoss;

/** (p - t)^2 max(t, p) and its slope in p. */
function weightedSquare(t: number, p: number): { readonly value: number; readonly slope: number } {
  const d = p - t;
  return { value: d * d * Math.max(t, p), slope: 2 * d * Math.max(t, p) + (p >= t ? d * d : 0) };
}

const meanSquare: OfRow = (target, output) => ({
  loss: output.reduce((sum, p, i) => sum + (p - target[i]) ** 2, 0) / output.length,
  slopes: output.map((p, i) => (2 * (p - target[i])) / output.length),
});

const weightedMeanSquare: OfRow = (target, output) => {
  const each = Array.from(output, (p, i) => weightedSquare(target[i], p));
  return {
    loss: each.reduce((sum, { value }) => sum + value, 0) / output.length,
    slopes: Float64Array.from(each, ({ slope }) => slope / output.length),
  };
};

function telescope(pixels: readonly number[]): OfRow {
  const groups = telescopeGroups();
  return (target, output) => {
    const slopes = new Float64Array(output.length);
    let loss = 0;
    for (const { cells, factor } of groups) {
      const sum = (values: Reals): number => cells.reduce((total, cell) => total + values[pixels[cell]], 0);
      const { value, slope } = weightedSquare(sum(target), sum(output));
      loss += factor * value;
      for (const cell of cells) slopes[pixels[cell]] += factor * slope;
    }
    return { loss, slopes };
  };
}

/** Places of the values in ascending order. */
const order = (values: Reals): readonly number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);

const transport: OfRow = (target, output) => {
  const goal = target.slice().sort();
  const slopes = new Float64Array(output.length);
  let loss = 0;
  order(output).forEach((place, i) => {
    const d = output[place] - goal[i];
    loss += Math.abs(d) / output.length;
    slopes[place] = Math.sign(d) / output.length;
  });
  return { loss, slopes };
};

function rowLoss(loss: LossId, plan: Pick<Plan, "outputSize">): OfRow {
  if (loss === "mse") return meanSquare;
  if (loss === "weighted-mse") return weightedMeanSquare;
  if (loss === "wasserstein-1") return transport;
  const pixels = telescopePixels(plan);
  if (pixels !== undefined) return telescope(pixels);
  throw new InputError(`telescope loss: outputs: expected 48 or 64, got ${plan.outputSize}`, {
    tag: "shape",
  });
}

/** Refuses (InputError) a loss that the network's outputs cannot have. */
export function checkLoss(loss: LossId, plan: Pick<Plan, "outputSize">): void {
  rowLoss(loss, plan);
}

/** Loss and slopes of `rows` outputs [rows, outputs] against targets of the same shape; `weights` [rows] are 1 by default. */
export function lossOfBatch(
  loss: LossId,
  plan: Pick<Plan, "outputSize">,
  target: ArrayLike<number>,
  output: ArrayLike<number>,
  rows: number,
  weights?: ArrayLike<number>,
): LossOfBatch {
  const ofRow = rowLoss(loss, plan);
  const width = plan.outputSize;
  const part = (all: ArrayLike<number>, row: number): Reals =>
    Float64Array.from({ length: width }, (_, i) => all[row * width + i]);
  const gradient = new Float64Array(rows * width);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = (weights?.[row] ?? 1) / rows;
    const found = ofRow(part(target, row), part(output, row));
    total += weight * found.loss;
    gradient.set(
      found.slopes.map((slope) => weight * slope),
      row * width,
    );
  }
  return { loss: total, gradient };
}
