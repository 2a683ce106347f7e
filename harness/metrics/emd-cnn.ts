/**
 * A published convolutional network that guesses the EMD, as a peer of the exact metric: it needs weights from outside and is
 * never in the list of metrics by itself, nor called EMD.
 *
 * Input are both modules as unit-sum 4x4x3 pictures in interleaved order, on six channels; the answer is the mean over both
 * orders of the pair. Far from what it was trained on (sparse modules) it is wrong by more than its value.
 * Source: fastml-science sensor-data-compression, pair_emd_loss_cnn.py.
 */
import { InputError } from "../core/errors.js";
import { defineMetric, type Metric } from "../core/metric.js";
import { CELLS } from "../core/table.js";
import type { ImportedModel } from "../models/imported.js";
import { compileNetwork } from "../models/inference.js";
import { pixelsOf } from "../models/picture.js";

const CHANNELS = 3;

/** Channels of a pair of pictures. */
export const PAIR_CHANNELS = 2 * CHANNELS;

/** Where each cell of the first (0) or the second (1) module is in a pair of pictures, [48]. */
export function pairPixels(side: 0 | 1): readonly number[] {
  return pixelsOf("interleave").map(
    (at) => PAIR_CHANNELS * Math.floor(at / CHANNELS) + CHANNELS * side + (at % CHANNELS),
  );
}

/** True for networks from two 4x4x3 pictures to one number. */
export function guessesEmd({ parts: { network } }: Pick<ImportedModel, "parts">): boolean {
  return (
    network !== undefined && network.plan.network.input.join("x") === "4x4x6" && network.plan.outputSize === 1
  );
}

/** A function from two modules [48] with positive sums to the network's guess, pitches. */
export function emdGuess(model: ImportedModel): (a: Float64Array, b: Float64Array) => number {
  const { network } = model.parts;
  if (network === undefined || !guessesEmd(model))
    throw new InputError(
      `model ${model.id}: expected a network from 4x4x6 to one number, got another shape`,
      {
        tag: "model",
      },
    );
  const infer = compileNetwork(network.plan, network.parameters);
  const places = [pairPixels(0), pairPixels(1)] as const;
  const pictures = new Float64Array(2 * CELLS);
  const put = (module: Float64Array, side: 0 | 1): void => {
    const sum = module.reduce((total, charge) => total + charge, 0);
    for (let cell = 0; cell < CELLS; cell++) pictures[places[side][cell]] = module[cell] / sum;
  };
  return (a, b) => {
    put(a, 0);
    put(b, 1);
    const there = infer(pictures)[0];
    put(b, 0);
    put(a, 1);
    return (there + infer(pictures)[0]) / 2;
  };
}

/** The guess as a metric, for runs in which weights are supplied. */
export function emdCnn(model: ImportedModel): Metric {
  const guess = emdGuess(model);
  return defineMetric({
    id: `emd-cnn-${model.id}`,
    title: "EMD as a network guesses it",
    unit: "cell",
    better: "lower",
    source: model.source,
    domain: "both",
    range: [0, 6],
    headline: false,
    of(original, restored) {
      const row = (calq: Float64Array, i: number): Float64Array => calq.subarray(i * CELLS, (i + 1) * CELLS);
      return Float64Array.from({ length: original.rows }, (_, i) =>
        guess(row(original.calq, i), row(restored.calq, i)),
      );
    },
  });
}
