/**
 * Compiles a network to the program that assembly/training.ts interprets: steps forward, the loss, steps back.
 *
 * The way back through a convolution is the transposed convolution with the same kernel array, and the other way round; its weight
 * gradient is one routine for both. A tensor's values and its slopes each have the border of zeros that their reader needs. Places
 * count bytes per row of a block, so one program serves any number of rows. The program holds no parameters.
 */
import { constant } from "../core/constant.js";
import { InputError } from "../core/errors.js";
import { pixelsOf } from "./picture.js";
import { telescopeGroups } from "./losses.js";
import { type Convolution, axesOf, axisSums, borderAlong, outputsOf } from "./convolutiongeometry.js";
import { type Plan, kernelEdges, product } from "./network.js";
import { ACTIVATION, KIND, STEP_FIELDS, type Step, bits, edges, quantiseFields } from "./program.js";
import type { LossId } from "./training.js";
import { type TrainingStage, firstTrainable, trainingStages, weightsOf } from "./trainingstages.js";

/** Fields of a step after those of a plain one, in the order of assembly/_trainingstep.ts. */
const TRAINING_FIELDS = [
  ...STEP_FIELDS,
  "fromInside",
  "toInside",
  "other",
  "otherInside",
  "otherRow",
  "otherLine",
  "spare0",
  "spare1",
] as const;
type TrainingStep = Step & Partial<Record<(typeof TRAINING_FIELDS)[number], number>>;

const TRAINING_KIND = {
  loss: 20,
  denseGradient: 21,
  convolveGradient: 22,
  biasGradient: 23,
  slope: 24,
  poolBack: 25,
  upsampleBack: 26,
  normalise: 27,
  normaliseBack: 28,
  quantiseBack: 29,
  denseBack: 30,
} as const;

/** Numbers of the losses in assembly/_loss.ts. */
export const LOSS: Readonly<Record<LossId | "external", number>> = {
  external: 0,
  mse: 1,
  "weighted-mse": 2,
  telescope: 3,
  "wasserstein-1": 4,
};

const MAGIC = 0x31544d57; // "WMT1"
const HEADER_INTEGERS = 16;
const MOST_STEPS = 1024;
const FLOAT = 4;
const CACHE_LINE = 64;
const PANEL = 16;
const HALF_PANEL = 8;
const GROUP = 8;
/** Activations and slopes of a block: what the second-level cache holds with room for weights (measured). */
const BLOCK_BYTES = 196_608;
const BLOCKS = { least: 4, most: 64 } as const;
/** A picture's last outputs are computed in fours and weights in eights: reads may go this far past a tensor's end. */
const OVERRUN_PIXELS = 8;

export interface TrainingProgram {
  readonly code: Int32Array;
  /** Bytes of working memory for shares of `rows` rows. */
  workBytes(rows: number): number;
  readonly packedBytes: number;
  /** Rows that go through together; 0 when it is all of them. */
  readonly block: number;
}

/** A picture of `shape` [lines, pixels, channels] in working memory; `at` -1 is the input. */
interface View {
  readonly at: number;
  readonly inside: number;
  readonly row: number;
  readonly line: number;
  readonly shape: readonly [number, number, number];
  readonly isBordered: boolean;
}

/** A stage's result: where it is written, read by the next stage, and found line by line for slopes. */
interface Values {
  readonly written: View;
  readonly read: View;
}

const alignUp = (bytes: number): number => Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;

const convolutionOf = ({ planned: { layer } }: TrainingStage): Convolution | undefined =>
  layer.kind === "conv2d" || layer.kind === "conv2d-transpose" ? layer : undefined;

/** The layer that a convolution's slopes go through: the other kind, with channels for filters. */
function adjoint(layer: Convolution, channels: number): Convolution {
  const kind = layer.kind === "conv2d" ? "conv2d-transpose" : "conv2d";
  return { ...layer, kind, filters: channels, activation: "linear" };
}

const fromView = (view: View): TrainingStep => ({
  from: view.at,
  fromInside: view.inside,
  fromRow: view.row,
  fromLine: view.line,
});
const toView = (view: View): TrainingStep => ({
  to: view.at,
  toInside: view.inside,
  toRow: view.row,
  toLine: view.line,
});
const otherView = (view: View): TrainingStep => ({
  other: view.at,
  otherInside: view.inside,
  otherRow: view.row,
  otherLine: view.line,
});
const sizes = ([height, width, channels]: readonly number[]): TrainingStep => ({
  height,
  width,
  channels,
  filters: channels,
});

/** Can a stage whose result has `shape` write `view` line by line? Dense layers write whole panels. */
function canWrite(view: View, shape: readonly number[], isDense: boolean): boolean {
  if (!view.isBordered) return true;
  if (isDense) return (view.shape[1] * view.shape[2]) % PANEL === 0;
  return edges(shape).every((edge, i) => edge === view.shape[i]);
}

/** The same values as lines of `like`: only pictures without a border can be seen in another shape. */
function seenAs(view: View, like: View): View {
  if (view.isBordered || !like.isBordered) return view;
  const line = like.shape[1] * like.shape[2] * FLOAT;
  return { ...view, line, shape: like.shape };
}

/** A picture without border as its writer sees it; one with a border has the same shape for all. */
function inShape(view: View, shape: readonly number[]): View {
  if (view.isBordered) return view;
  const [height, width, channels] = edges(shape);
  return { ...view, line: width * channels * FLOAT, shape: [height, width, channels] };
}

class Compiler {
  readonly #stages: readonly TrainingStage[];
  readonly #steps: TrainingStep[] = [];
  readonly #values: Values[] = [];
  readonly #first: number;
  #used = 0;
  #packed = 0;
  #overrun = CACHE_LINE;
  #forwardSteps = 0;
  #lossWork = 0;

  constructor(private readonly plan: Plan) {
    this.#stages = trainingStages(plan);
    this.#first = firstTrainable(this.#stages);
    if (this.#first < 0) {
      throw new InputError(
        `network ${plan.network.id}: training: expected layers with parameters, got none`,
        {
          tag: "shape",
        },
      );
    }
    this.#forward();
    this.#back();
  }

  program(): TrainingProgram {
    const { plan } = this;
    const steps = this.#steps;
    if (steps.length > MOST_STEPS) {
      throw new InputError(
        `network ${plan.network.id}: layers: expected at most ${MOST_STEPS} training steps, got ${steps.length}`,
        { tag: "shape" },
      );
    }
    const hasStatistics = this.#stages.some(({ planned }) => planned.layer.kind === "batch-norm");
    const fitting = 4 * Math.floor(BLOCK_BYTES / this.#used / 4);
    const block = hasStatistics ? 0 : Math.max(BLOCKS.least, Math.min(BLOCKS.most, fitting));
    const table = HEADER_INTEGERS + steps.length * TRAINING_FIELDS.length;
    const groups = telescopeTable(plan);
    const code = new Int32Array(table + groups.length);
    code.set([
      ...[
        MAGIC,
        steps.length,
        block,
        plan.inputSize * FLOAT,
        plan.outputSize * FLOAT,
        bits(plan.network.leak),
      ],
      ...[plan.parameters, this.#used, this.#result.at, this.#forwardSteps, table * FLOAT, this.#lossWork],
    ]);
    steps.forEach((step, i) => {
      TRAINING_FIELDS.forEach((field, j) => {
        code[HEADER_INTEGERS + i * TRAINING_FIELDS.length + j] = step[field] ?? 0;
      });
    });
    code.set(groups, table);
    const [rowBytes, overrun] = [this.#used, this.#overrun];
    return {
      code: constant(code),
      workBytes: (rows) => alignUp((block === 0 ? rows : Math.min(block, rows)) * rowBytes + overrun),
      packedBytes: alignUp(this.#packed),
      block,
    };
  }

  get #result(): View {
    return this.#values[this.#values.length - 1].written;
  }

  #reserve(bytes: number): number {
    const at = this.#used;
    this.#used = alignUp(at + bytes);
    return at;
  }

  #pack(bytes: number): number {
    const at = this.#packed;
    this.#packed = alignUp(at + bytes);
    return at;
  }

  #plain(shape: readonly number[], at = this.#reserve(product(shape) * FLOAT)): View {
    const [height, width, channels] = edges(shape);
    const line = width * channels * FLOAT;
    return { at, inside: 0, row: height * line, line, shape: [height, width, channels], isBordered: false };
  }

  /** A picture of `shape` with the border that `reader`'s sums need to make `outputShape`, zeroed once; plain when it needs none. */
  #bordered(shape: readonly number[], reader: Convolution, outputShape: readonly number[]): View {
    const [height, width, channels] = edges(shape);
    const [lines, columns] = axesOf(reader, shape, outputShape);
    const [top, bottom] = borderAlong(reader, lines);
    const [left, right] = borderAlong(reader, columns);
    if (top + bottom + left + right === 0) return this.#plain(shape);
    const line = (left + width + right) * channels * FLOAT;
    const row = (top + height + bottom) * line;
    const at = this.#reserve(row);
    this.#emit({ kind: KIND.border, from: at, fromRow: row });
    const inside = top * line + left * channels * FLOAT;
    return { at, inside, row, line, shape: [height, width, channels], isBordered: true };
  }

  #emit(step: TrainingStep): void {
    this.#steps.push({ gamma: -1, ...step });
  }

  #copy(from: View, to: View): void {
    this.#emit({ kind: KIND.copy, ...fromView(seenAs(from, to)), ...toView(to), ...sizes(to.shape) });
  }

  #forward(): void {
    const { plan } = this;
    const input = this.#plain(plan.network.input, -1);
    this.#values.push({ written: input, read: this.#entered(input, 0) });
    this.#stages.forEach((stage, i) => {
      const shape = stage.planned.outputShape;
      const wanted = this.#wanted(i + 1);
      const isDirect = wanted !== undefined && canWrite(wanted, shape, stage.planned.layer.kind === "dense");
      const written = isDirect ? inShape(wanted, shape) : this.#plain(shape);
      this.#compute(stage, this.#values[i].read, written);
      const read = isDirect ? wanted : this.#entered(written, i + 1, wanted);
      this.#values.push({ written, read });
    });
  }

  /** The bordered picture that stage `i` reads, if it is one; where it reads it plainly, undefined. */
  #wanted(i: number): View | undefined {
    if (i >= this.#stages.length) return undefined;
    const convolution = convolutionOf(this.#stages[i]);
    if (convolution === undefined) return undefined;
    const { inputShape, outputShape } = this.#stages[i].planned;
    return this.#bordered(inputShape, convolution, outputShape);
  }

  /** What stage `i` reads when `written` was written plainly. */
  #entered(written: View, i: number, wanted = this.#wanted(i)): View {
    if (i >= this.#stages.length) return written;
    const shape = this.#stages[i].planned.inputShape;
    if (wanted?.isBordered !== true) return this.#plain(shape, written.at);
    this.#copy(written, wanted);
    return wanted;
  }

  #compute(stage: TrainingStage, from: View, to: View): void {
    const { layer, inputShape, outputShape } = stage.planned;
    const common = { ...fromView(from), ...toView(to), activation: ACTIVATION[stage.activation] };
    switch (layer.kind) {
      case "dense":
        this.#dense(KIND.dense, stage, from, to, ACTIVATION[stage.activation]);
        return;
      case "conv2d":
      case "conv2d-transpose": {
        const { kernel, bias } = weightsOf(stage);
        const offsets = { kernel: kernel.offset * FLOAT, bias: bias.offset * FLOAT };
        this.#convolution(layer, inputShape, outputShape, from, to, { ...common, ...offsets });
        return;
      }
      case "max-pool":
      case "upsample": {
        const kind = layer.kind === "upsample" ? KIND.upsample : KIND.pool;
        this.#emit({ ...common, kind, ...sizes(edges(outputShape)), size: layer.size });
        return;
      }
      case "quantise":
        this.#emit({ ...common, kind: KIND.quantise, ...sizes(to.shape), ...quantiseFields(layer) });
        return;
      case "batch-norm":
        this.#emit({ ...common, ...this.#statistics(stage), kind: TRAINING_KIND.normalise });
        return;
      default:
        this.#emit({ ...common, kind: KIND.affine, ...sizes(to.shape) });
    }
  }

  readonly #places = new Map<TrainingStage, TrainingStep>();

  /** Where a batch normalisation keeps mean and spread between forward and back. Channels of a flat tensor are its values. */
  #statistics(stage: TrainingStage): TrainingStep {
    const { layer, inputShape, tensors } = stage.planned;
    const shape = inputShape.length === 3 ? inputShape : [1, 1, product(inputShape)];
    const bytes = shape[2] * FLOAT;
    const found = this.#places.get(stage) ?? { scale: this.#pack(bytes), shift: this.#pack(bytes) };
    this.#places.set(stage, found);
    const epsilon = layer.kind === "batch-norm" ? layer.epsilon : 0;
    return { ...sizes(shape), ...found, gamma: tensors[0].offset * FLOAT, epsilon: bits(epsilon) };
  }

  /** A dense layer forward, or back: then its inputs are the units. */
  #dense(kind: number, stage: TrainingStage, from: View, to: View, activation: number): void {
    const { kernel, bias } = weightsOf(stage);
    const [first, second] = kernel.shape;
    const [inputs, units] = kind === KIND.dense ? [first, second] : [second, first];
    const rest = units % PANEL;
    const padded = units - rest + (rest === 0 ? 0 : rest <= HALF_PANEL ? HALF_PANEL : PANEL);
    this.#emit({
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
      prepared: this.#pack(inputs * padded * FLOAT),
      preparedBias: this.#pack(padded * FLOAT),
    });
  }

  /** The sums of a convolution of `inputShape` pictures whose corner (border included) is at `from`. */
  #convolution(
    layer: Convolution,
    inputShape: readonly number[],
    outputShape: readonly number[],
    from: View,
    to: View,
    common: TrainingStep,
  ): void {
    const channels = edges(inputShape)[2];
    const filters = edges(outputShape)[2];
    const [lineAxis, columnAxis] = axesOf(layer, inputShape, outputShape);
    const pixel = filters * FLOAT;
    const toOne = filters === 1 && channels % 4 === 0 && layer.stride === 1;
    const filtersPadded = toOne ? 1 : Math.ceil(filters / GROUP) * GROUP;
    for (const row of axisSums(layer, lineAxis)) {
      for (const column of axisSums(layer, columnAxis)) {
        this.#emit({
          ...common,
          kind: toOne ? KIND.convolveToOne : KIND.convolve,
          fromInside: from.inside + row.start * from.line + column.start * channels * FLOAT,
          toShift: row.residue * to.line + column.residue * pixel,
          toLine: to.line * row.outputStep,
          toPixel: pixel * column.outputStep,
          height: outputsOf(row, lineAxis),
          width: outputsOf(column, columnAxis),
          channels,
          filters,
          prepared: this.#pack(row.taps * column.taps * channels * filtersPadded * FLOAT),
          preparedBias: this.#pack(filtersPadded * FLOAT),
          filtersPadded,
          tapRows: row.taps,
          tapColumns: column.taps,
          stride: row.inputStep,
          kernelColumns: columnAxis.kernel,
          firstTapRow: row.first,
          firstTapColumn: column.first,
          tapStep: row.tapStep,
          transposed: layer.kind === "conv2d-transpose" ? 1 : 0,
        });
        const reach = (OVERRUN_PIXELS * row.inputStep + column.taps) * channels * FLOAT;
        this.#overrun = Math.max(this.#overrun, alignUp(reach));
      }
    }
  }

  /** Where the slopes of a stage's sums (before its activation) are, with the border that going back needs. */
  #slopesOf(i: number): View {
    const stage = this.#stages[i];
    const { inputShape, outputShape } = stage.planned;
    const layer = convolutionOf(stage);
    if (layer === undefined || (layer.kind === "conv2d" && i === this.#first))
      return this.#plain(outputShape);
    return this.#bordered(outputShape, adjoint(layer, edges(inputShape)[2]), inputShape);
  }

  #back(): void {
    const last = this.#stages.length - 1;
    const result = this.#result;
    let upstream = this.#plain(this.#stages[last].planned.outputShape);
    this.#lossWork = this.#pack(4 * product(result.shape) * FLOAT);
    this.#emit({ kind: TRAINING_KIND.loss, from: result.at, to: upstream.at });
    this.#forwardSteps = this.#steps.length;
    // The loss writes plainly; every other stage may write where its slopes are wanted at once.
    let slopes = this.#slopesOf(last);
    for (let i = last; i >= this.#first; i--) {
      const stage = this.#stages[i];
      this.#slope(stage, this.#values[i + 1], upstream, slopes);
      this.#parameterGradient(stage, this.#values[i].read, slopes);
      if (i === this.#first) {
        this.#firstGradient(stage, this.#values[i].read, slopes);
        return;
      }
      const next = this.#slopesOf(i - 1);
      const { inputShape, layer } = stage.planned;
      const isDirect = canWrite(next, inputShape, layer.kind === "dense");
      upstream = isDirect ? inShape(next, inputShape) : this.#plain(inputShape);
      this.#inputGradient(stage, this.#values[i].read, slopes, upstream);
      slopes = next;
    }
  }

  /** Slopes behind the activation to slopes before it, and to where they are wanted. */
  #slope({ activation }: TrainingStage, { written }: Values, upstream: View, to: View): void {
    if (activation === "linear") {
      if (upstream.at !== to.at) this.#copy(upstream, to);
      return;
    }
    const like = [written, upstream, to].find(({ isBordered }) => isBordered) ?? to;
    this.#emit({
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
      this.#emit({ kind: TRAINING_KIND.denseGradient, ...fromView(input), ...otherView(slopes), ...size });
    } else {
      const convolution = convolutionOf(stage);
      const isTransposed = layer.kind === "conv2d-transpose";
      const [large, small] = isTransposed ? [slopes, input] : [input, slopes];
      if (convolution !== undefined) this.#kernelGradient(convolution, large, small, offsets.kernel);
    }
    const shape = layer.kind === "dense" ? [1, 1, product(slopes.shape)] : slopes.shape;
    this.#emit({ kind: TRAINING_KIND.biasGradient, ...fromView(slopes), ...sizes(shape), ...offsets });
  }

  /** A batch normalisation's own gradients come with those of its inputs, which nobody reads here. */
  #firstGradient(stage: TrainingStage, input: View, slopes: View): void {
    if (stage.planned.layer.kind !== "batch-norm") return;
    this.#inputGradient(stage, input, slopes, this.#plain(stage.planned.inputShape));
  }

  #kernelGradient(layer: Convolution, large: View, small: View, offset: number): void {
    const [height, width] = small.shape;
    const [tapRows, kernelColumns] = kernelEdges(layer);
    this.#emit({
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
        this.#dense(TRAINING_KIND.denseBack, stage, slopes, to, ACTIVATION.linear);
        return;
      case "conv2d":
      case "conv2d-transpose":
        this.#convolutionBack(stage, layer, slopes, to);
        return;
      case "max-pool": {
        const [tapRows, tapColumns] = inputShape;
        const size = { ...sizes(edges(outputShape)), size: layer.size, tapRows, tapColumns };
        this.#emit({ kind: TRAINING_KIND.poolBack, ...views, ...size });
        return;
      }
      case "upsample":
        this.#emit({
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
        this.#emit({ kind: TRAINING_KIND.quantiseBack, ...seen, ...quantiseFields(layer) });
        return;
      }
      case "batch-norm":
        this.#emit({ kind: TRAINING_KIND.normaliseBack, ...views, ...this.#statistics(stage) });
        return;
      default:
        this.#copy(slopes, to);
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
    this.#convolution(adjoint(layer, channels), outputShape, inputShape, slopes, to, common);
  }
}

/** How many groups, then for each: members, factor, places in bytes. A network that makes no module's picture has none. */
function telescopeTable(plan: Plan): number[] {
  const pixels = telescopePixels(plan);
  if (pixels === undefined) return [0];
  const groups = telescopeGroups();
  return [
    groups.length,
    ...groups.flatMap(({ cells, factor }) => [
      cells.length,
      bits(factor),
      ...cells.map((cell) => pixels[cell] * FLOAT),
    ]),
  ];
}

const CELLS = 48;
const PICTURE = 64;

/** Pixel of each cell in what a network makes: the 8x8 picture, or 48 values in training order; undefined for anything else. */
export function telescopePixels({ outputSize }: Pick<Plan, "outputSize">): readonly number[] | undefined {
  if (outputSize === PICTURE) return pixelsOf("8x8");
  return outputSize === CELLS ? pixelsOf("flat") : undefined;
}

const compiled = new WeakMap<Plan, TrainingProgram>();

/** The training program of a network; refused (InputError) when it has nothing to train or more steps than are taken. */
export function compileTraining(plan: Plan): TrainingProgram {
  const found = compiled.get(plan) ?? new Compiler(plan).program();
  compiled.set(plan, found);
  return found;
}
