/**
 * The losses of training in float64, with their slopes in the outputs: one obvious loop each. The reference for assembly/_loss.ts
 * and what a trainer uses outside its steps.
 *
 * Losses of pictures: losses.ts. Wasserstein-1 of a row: mean of |sorted t - sorted p| (Baler,
 * github.com/baler-collaboration/baler, modules/utils.py, there without a gradient); equal outputs keep their order.
 */
import { InputError } from "../core/errors.js";
import { pictureLoss, type LossOfBatch } from "./losses.js";
import type { Plan } from "./network.js";
import { telescopePixels } from "./telescopetable.js";
import type { LossId } from "./training.js";

type Reals = Float64Array;
type OfBatch = (target: Reals, output: Reals, rows: number, weights?: ArrayLike<number>) => LossOfBatch;

/** Places of the values in ascending order. */
const order = (values: Reals): readonly number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);

const transport: OfBatch = (targets, outputs, rows, weights) => {
  const width = outputs.length / rows;
  const gradient = new Float64Array(outputs.length);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const share = (weights?.[row] ?? 1) / rows / width;
    const goal = targets.slice(row * width, (row + 1) * width).sort();
    const output = outputs.subarray(row * width, (row + 1) * width);
    order(output).forEach((place, i) => {
      const d = output[place] - goal[i];
      loss += share * Math.abs(d);
      gradient[row * width + place] = share * Math.sign(d);
    });
  }
  return { loss, gradient };
};

function ofBatch(loss: LossId, plan: Pick<Plan, "outputSize">): OfBatch {
  if (loss === "wasserstein-1") return transport;
  const pixels = telescopePixels(plan);
  if (loss !== "telescope") return pictureLoss(loss, pixels ?? []);
  if (pixels !== undefined) return pictureLoss(loss, pixels);
  throw new InputError(`telescope loss: outputs: expected 48 or 64, got ${plan.outputSize}`, {
    tag: "shape",
  });
}

/** Refuses (InputError) a loss that the network's outputs cannot have. */
export function checkLoss(loss: LossId, plan: Pick<Plan, "outputSize">): void {
  ofBatch(loss, plan);
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
  const real = (values: ArrayLike<number>): Reals => Float64Array.from(values);
  return ofBatch(loss, plan)(real(target), real(output), rows, weights);
}
