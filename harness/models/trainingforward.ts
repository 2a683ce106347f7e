/** The way forward in a training program: every stage's result is kept where the next stage and the way back find it. */
import type { Plan } from "./network.js";
import { ACTIVATION, FLOAT, KIND, edges, quantiseFields, sizes } from "./networksteps.js";
import type { TrainingBuilder } from "./trainingbuilder.js";
import { type TrainingStage, weightsOf } from "./trainingstages.js";
import { TRAINING_KIND } from "./trainingsteps.js";
import {
  type Values,
  type View,
  canWrite,
  convolutionOf,
  fromView,
  inShape,
  toView,
} from "./trainingviews.js";

class ForwardPass {
  readonly values: Values[] = [];

  constructor(
    private readonly builder: TrainingBuilder,
    private readonly stages: readonly TrainingStage[],
  ) {}

  run(input: View): void {
    this.values.push({ written: input, read: this.#entered(input, 0) });
    this.stages.forEach((stage, i) => {
      const shape = stage.planned.outputShape;
      const wanted = this.#wanted(i + 1);
      const isDirect = wanted !== undefined && canWrite(wanted, shape, stage.planned.layer.kind === "dense");
      const written = isDirect ? inShape(wanted, shape) : this.builder.plain(shape);
      this.#compute(stage, this.values[i].read, written);
      const read = isDirect ? wanted : this.#entered(written, i + 1, wanted);
      this.values.push({ written, read });
    });
  }

  /** The bordered picture that stage `i` reads, if it is one; where it reads it plainly, undefined. */
  #wanted(i: number): View | undefined {
    if (i >= this.stages.length) return undefined;
    const convolution = convolutionOf(this.stages[i]);
    if (convolution === undefined) return undefined;
    const { inputShape, outputShape } = this.stages[i].planned;
    return this.builder.bordered(inputShape, convolution, outputShape);
  }

  /** What stage `i` reads when `written` was written plainly. */
  #entered(written: View, i: number, wanted = this.#wanted(i)): View {
    if (i >= this.stages.length) return written;
    const shape = this.stages[i].planned.inputShape;
    if (wanted?.isBordered !== true) return this.builder.plain(shape, written.at);
    this.builder.copy(written, wanted);
    return wanted;
  }

  #compute(stage: TrainingStage, from: View, to: View): void {
    const { layer, inputShape, outputShape } = stage.planned;
    const common = { ...fromView(from), ...toView(to), activation: ACTIVATION[stage.activation] };
    switch (layer.kind) {
      case "dense":
        this.builder.dense(KIND.dense, stage, from, to, ACTIVATION[stage.activation]);
        return;
      case "conv2d":
      case "conv2d-transpose": {
        const { kernel, bias } = weightsOf(stage);
        const offsets = { kernel: kernel.offset * FLOAT, bias: bias.offset * FLOAT };
        this.builder.convolution(layer, inputShape, outputShape, from, to, { ...common, ...offsets });
        return;
      }
      case "max-pool":
      case "upsample": {
        const kind = layer.kind === "upsample" ? KIND.upsample : KIND.pool;
        this.builder.emit({ ...common, kind, ...sizes(edges(outputShape)), size: layer.size });
        return;
      }
      case "quantise":
        this.builder.emit({ ...common, kind: KIND.quantise, ...sizes(to.shape), ...quantiseFields(layer) });
        return;
      case "batch-norm":
        this.builder.emit({ ...common, ...this.builder.statistics(stage), kind: TRAINING_KIND.normalise });
        return;
      default:
        this.builder.emit({ ...common, kind: KIND.affine, ...sizes(to.shape) });
    }
  }
}

/** Emits the way forward; answers with the input and the result of each stage. */
export function forwardSteps(
  builder: TrainingBuilder,
  stages: readonly TrainingStage[],
  { network }: Plan,
): readonly Values[] {
  const pass = new ForwardPass(builder, stages);
  pass.run(builder.plain(network.input, -1));
  return pass.values;
}
