/**
 * Working memory and steps of a training program as they are laid out: room for pictures with or without a border of zeros, packed
 * weights, and the steps that both ways through a network have in common.
 *
 * A tensor's values and its slopes each have the border of zeros that their reader needs. Places count bytes per row of a block, so
 * one program serves any number of rows.
 */
import { type Convolution, axesOf, borderAlong } from "./convolutiongeometry.js";
import { convolutionSums } from "./convolutionsteps.js";
import { product } from "./network.js";
import { FLOAT, KIND, alignUp, bits, edges, paddedUnits, sizes } from "./networksteps.js";
import { type TrainingStage, weightsOf } from "./trainingstages.js";
import type { TrainingStep } from "./trainingsteps.js";
import { type View, fromView, seenAs, toView } from "./trainingviews.js";

/** A picture's last outputs are computed in fours and weights in eights: reads may go this far past a tensor's end. */
const OVERRUN_PIXELS = 8;

export class TrainingBuilder {
  readonly steps: TrainingStep[] = [];
  #used = 0;
  #packed = 0;
  #overrun = alignUp(1);

  /** Bytes of working memory for each row of a block. */
  get rowBytes(): number {
    return this.#used;
  }

  get packedBytes(): number {
    return alignUp(this.#packed);
  }

  /** Bytes behind the last row that may be read, whatever is there. */
  get overrun(): number {
    return this.#overrun;
  }

  reserve(bytes: number): number {
    const at = this.#used;
    this.#used = alignUp(at + bytes);
    return at;
  }

  pack(bytes: number): number {
    const at = this.#packed;
    this.#packed = alignUp(at + bytes);
    return at;
  }

  plain(shape: readonly number[], at = this.reserve(product(shape) * FLOAT)): View {
    const [height, width, channels] = edges(shape);
    const line = width * channels * FLOAT;
    return { at, inside: 0, row: height * line, line, shape: [height, width, channels], isBordered: false };
  }

  /** A picture of `shape` with the border that `reader`'s sums need to make `outputShape`, zeroed once; plain when it needs none. */
  bordered(shape: readonly number[], reader: Convolution, outputShape: readonly number[]): View {
    const [height, width, channels] = edges(shape);
    const [lines, columns] = axesOf(reader, shape, outputShape);
    const [top, bottom] = borderAlong(reader, lines);
    const [left, right] = borderAlong(reader, columns);
    if (top + bottom + left + right === 0) return this.plain(shape);
    const line = (left + width + right) * channels * FLOAT;
    const row = (top + height + bottom) * line;
    const at = this.reserve(row);
    this.emit({ kind: KIND.border, from: at, fromRow: row });
    const inside = top * line + left * channels * FLOAT;
    return { at, inside, row, line, shape: [height, width, channels], isBordered: true };
  }

  emit(step: TrainingStep): void {
    this.steps.push({ gamma: -1, ...step });
  }

  copy(from: View, to: View): void {
    this.emit({ kind: KIND.copy, ...fromView(seenAs(from, to)), ...toView(to), ...sizes(to.shape) });
  }

  readonly #places = new Map<TrainingStage, TrainingStep>();

  /** Where a batch normalisation keeps mean and spread between forward and back. Channels of a flat tensor are its values. */
  statistics(stage: TrainingStage): TrainingStep {
    const { layer, inputShape, tensors } = stage.planned;
    const shape = inputShape.length === 3 ? inputShape : [1, 1, product(inputShape)];
    const bytes = shape[2] * FLOAT;
    const found = this.#places.get(stage) ?? { scale: this.pack(bytes), shift: this.pack(bytes) };
    this.#places.set(stage, found);
    const epsilon = layer.kind === "batch-norm" ? layer.epsilon : 0;
    return { ...sizes(shape), ...found, gamma: tensors[0].offset * FLOAT, epsilon: bits(epsilon) };
  }

  /** A dense layer forward, or back: then its inputs are the units. */
  dense(kind: number, stage: TrainingStage, from: View, to: View, activation: number): void {
    const { kernel, bias } = weightsOf(stage);
    const [first, second] = kernel.shape;
    const [inputs, units] = kind === KIND.dense ? [first, second] : [second, first];
    const padded = paddedUnits(units);
    this.emit({
      ...fromView(from),
      ...toView(to),
      kind,
      activation,
      height: 1,
      width: to.isBordered ? to.shape[1] * to.shape[2] : units,
      channels: inputs,
      filters: units,
      kernel: kernel.offset * FLOAT,
      bias: bias.offset * FLOAT,
      prepared: this.pack(inputs * padded * FLOAT),
      preparedBias: this.pack(padded * FLOAT),
    });
  }

  /** The sums of a convolution of `inputShape` pictures whose corner (border included) is at `from`. */
  convolution(
    layer: Convolution,
    inputShape: readonly number[],
    outputShape: readonly number[],
    from: View,
    to: View,
    common: TrainingStep,
  ): void {
    const channels = edges(inputShape)[2];
    for (const { row, column, step, packed } of convolutionSums(layer, inputShape, outputShape, to.line)) {
      this.emit({
        ...common,
        ...step,
        fromInside: from.inside + row.start * from.line + column.start * channels * FLOAT,
        prepared: this.pack(packed[0]),
        preparedBias: this.pack(packed[1]),
      });
      const reach = (OVERRUN_PIXELS * row.inputStep + column.taps) * channels * FLOAT;
      this.#overrun = Math.max(this.#overrun, alignUp(reach));
    }
  }
}
