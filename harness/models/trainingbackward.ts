/**
 * The way back in a training program: from the slopes of the loss to those of every parameter, or past fixed parameters to those of
 * the inputs.
 *
 * The way back through a convolution is the transposed convolution with the same kernel array, and the other way round; its weight
 * gradient is one routine for both.
 */
import type { Convolution } from "./convolutiongeometry.js";
import { kernelEdges, product } from "./network.js";
import { ACTIVATION, FLOAT, edges, quantiseFields, sizes } from "./networksteps.js";
import type { TrainingBuilder } from "./trainingbuilder.js";
import { type TrainingStage, weightsOf } from "./trainingstages.js";
import { TRAINING_KIND } from "./trainingsteps.js";
import {
  type Values,
  type View,
  adjoint,
  canWrite,
  convolutionOf,
  fromView,
  inShape,
  otherView,
  seenAs,
  toView,
} from "./trainingviews.js";

export class BackwardPass {
  constructor(
    private readonly builder: TrainingBuilder,
    private readonly stages: readonly TrainingStage[],
    private readonly values: readonly Values[],
    /** Index of the first stage with parameters to learn; -1 when the way goes to the inputs. */
    private readonly first: number,
  ) {}

  /** Emits everything behind the loss, whose slopes are at `upstream`, down to the parameters of the first stage that has some. */
  toParameters(upstream: View): void {
    // The loss writes plainly; every other stage may write where its slopes are wanted at once.
    let slopes = this.#slopesOf(this.stages.length - 1);
    for (let i = this.stages.length - 1; i >= this.first; i--) {
      const stage = this.stages[i];
      this.#slope(stage, this.values[i + 1], upstream, slopes);
      this.#parameterGradient(stage, this.values[i].read, slopes);
      if (i === this.first) this.#firstGradient(stage, this.values[i].read, slopes);
      else [upstream, slopes] = this.#step(i, slopes);
    }
  }

  /** Emits everything behind the loss without slopes of parameters; answers with the place of the inputs' slopes. */
  toInput(upstream: View): View {
    let slopes = this.#slopesOf(this.stages.length - 1);
    for (let i = this.stages.length - 1; i > 0; i--) {
      this.#slope(this.stages[i], this.values[i + 1], upstream, slopes);
      [upstream, slopes] = this.#step(i, slopes);
    }
    const [stage] = this.stages;
    this.#slope(stage, this.values[1], upstream, slopes);
    const found = this.builder.plain(stage.planned.inputShape);
    this.#inputGradient(stage, this.values[0].read, slopes, found);
    return found;
  }

  /** Past stage i: what goes into the stage before it, and where that one wants its slopes. */
  #step(i: number, slopes: View): [upstream: View, slopes: View] {
    const next = this.#slopesOf(i - 1);
    const { inputShape, layer } = this.stages[i].planned;
    const isDirect = canWrite(next, inputShape, layer.kind === "dense");
    const upstream = isDirect ? inShape(next, inputShape) : this.builder.plain(inputShape);
    this.#inputGradient(this.stages[i], this.values[i].read, slopes, upstream);
    return [upstream, next];
  }

  /** Where the slopes of a stage's sums (before its activation) are, with the border that going back needs. */
  #slopesOf(i: number): View {
    const stage = this.stages[i];
    const { inputShape, outputShape } = stage.planned;
    const layer = convolutionOf(stage);
    if (layer === undefined || (layer.kind === "conv2d" && i === this.first))
      return this.builder.plain(outputShape);
    return this.builder.bordered(outputShape, adjoint(layer, edges(inputShape)[2]), inputShape);
  }

  /** Slopes behind the activation to slopes before it, and to where they are wanted. */
  #slope({ activation }: TrainingStage, { written }: Values, upstream: View, to: View): void {
    if (activation === "linear") {
      if (upstream.at !== to.at) this.builder.copy(upstream, to);
      return;
    }
    const like = [written, upstream, to].find(({ isBordered }) => isBordered) ?? to;
    this.builder.emit({
      kind: TRAINING_KIND.slope,
      activation: ACTIVATION[activation],
      ...fromView(seenAs(written, like)),
      ...otherView(seenAs(upstream, like)),
      ...toView(seenAs(to, like)),
      ...sizes(like.isBordered ? like.shape : [1, 1, product(like.shape)]),
    });
  }

  #parameterGradient(stage: TrainingStage, input: View, slopes: View): void {
    const { layer, tensors } = stage.planned;
    if (layer.kind === "batch-norm" || tensors.length === 0) return;
    const { kernel, bias } = weightsOf(stage);
    const offsets = { kernel: kernel.offset * FLOAT, bias: bias.offset * FLOAT };
    if (layer.kind === "dense") {
      const [channels, filters] = kernel.shape;
      const size = { channels, filters, ...offsets };
      this.builder.emit({
        kind: TRAINING_KIND.denseGradient,
        ...fromView(input),
        ...otherView(slopes),
        ...size,
      });
    } else {
      const convolution = convolutionOf(stage);
      const isTransposed = layer.kind === "conv2d-transpose";
      const [large, small] = isTransposed ? [slopes, input] : [input, slopes];
      if (convolution !== undefined) this.#kernelGradient(convolution, large, small, offsets.kernel);
    }
    const shape = layer.kind === "dense" ? [1, 1, product(slopes.shape)] : slopes.shape;
    this.builder.emit({ kind: TRAINING_KIND.biasGradient, ...fromView(slopes), ...sizes(shape), ...offsets });
  }

  /** A batch normalisation's own gradients come with those of its inputs, which nobody reads here. */
  #firstGradient(stage: TrainingStage, input: View, slopes: View): void {
    if (stage.planned.layer.kind !== "batch-norm") return;
    this.#inputGradient(stage, input, slopes, this.builder.plain(stage.planned.inputShape));
  }

  #kernelGradient(layer: Convolution, large: View, small: View, offset: number): void {
    const [height, width] = small.shape;
    const [tapRows, kernelColumns] = kernelEdges(layer);
    this.builder.emit({
      kind: TRAINING_KIND.convolveGradient,
      ...fromView(large),
      // Windows begin in the border.
      fromInside: 0,
      ...otherView(small),
      height,
      width,
      channels: large.shape[2],
      filters: small.shape[2],
      stride: layer.stride,
      tapRows,
      kernelColumns,
      kernel: offset,
    });
  }

  #inputGradient(stage: TrainingStage, input: View, slopes: View, to: View): void {
    const { layer, inputShape, outputShape } = stage.planned;
    const views = { ...fromView(input), ...otherView(slopes), ...toView(to) };
    switch (layer.kind) {
      case "dense":
        this.builder.dense(TRAINING_KIND.denseBack, stage, slopes, to, ACTIVATION.linear);
        return;
      case "conv2d":
      case "conv2d-transpose":
        this.#convolutionBack(stage, layer, slopes, to);
        return;
      case "max-pool": {
        const [tapRows, tapColumns] = inputShape;
        const size = { ...sizes(edges(outputShape)), size: layer.size, tapRows, tapColumns };
        this.builder.emit({ kind: TRAINING_KIND.poolBack, ...views, ...size });
        return;
      }
      case "upsample":
        this.builder.emit({
          kind: TRAINING_KIND.upsampleBack,
          ...views,
          ...sizes(edges(inputShape)),
          size: layer.size,
        });
        return;
      case "quantise": {
        const [from, other] = [seenAs(input, to), seenAs(slopes, to)];
        const shape = to.isBordered ? to.shape : [1, 1, product(to.shape)];
        const seen = { ...fromView(from), ...otherView(other), ...toView(to), ...sizes(shape) };
        this.builder.emit({ kind: TRAINING_KIND.quantiseBack, ...seen, ...quantiseFields(layer) });
        return;
      }
      case "batch-norm":
        this.builder.emit({ kind: TRAINING_KIND.normaliseBack, ...views, ...this.builder.statistics(stage) });
        return;
      default:
        this.builder.copy(slopes, to);
    }
  }

  #convolutionBack(stage: TrainingStage, layer: Convolution, slopes: View, to: View): void {
    const { inputShape, outputShape } = stage.planned;
    const channels = edges(inputShape)[2];
    const common = {
      ...fromView(slopes),
      ...toView(to),
      activation: ACTIVATION.linear,
      kernel: weightsOf(stage).kernel.offset * FLOAT,
      bias: -1,
    };
    this.builder.convolution(adjoint(layer, channels), outputShape, inputShape, slopes, to, common);
  }
}
