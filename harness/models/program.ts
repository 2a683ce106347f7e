/**
 * Compiles a network to the program that assembly/network.ts interprets: steps with addresses, fused activations and batch
 * normalisations, zero-bordered pictures for convolutions, a transposed convolution as one step per output parity.
 *
 * The program holds no parameters: it says where in the parameter array (Keras' order, see network.ts) a step finds its own.
 */
import { constant } from "../core/constant.js";
import { InputError } from "../core/errors.js";
import { type Convolution, axesOf, borderAlong } from "./convolutiongeometry.js";
import { convolutionSums } from "./convolutionsteps.js";
import { type Plan, product } from "./network.js";
import {
  ACTIVATION,
  FLOAT,
  KIND,
  PANEL,
  STEP_FIELDS,
  type Step,
  alignUp,
  bits,
  edges,
  paddedUnits,
  quantiseFields,
  sizes,
} from "./networksteps.js";
import { type Stage, stagesOf } from "./stages.js";

const MAGIC = 0x314e4d57; // "WMN1"
const HEADER_INTEGERS = 8;
const MOST_STEPS = 256;
/** Outputs that a convolution computes together. */
const OUTPUTS = 4;
/**
 * Activations of a block: enough rows that what every step costs per block is small. The 8x8 stride autoencoder takes 1.3 to 1.5 us a
 * row with anything from 16 to 128 KiB on a Xeon with 48 KiB of first-level cache; below and above it is no faster.
 */
const PICTURE_BLOCK_BYTES = 65_536;
const LARGEST_BLOCK = 64;

export interface Program {
  /** Header and steps. */
  readonly code: Int32Array;
  readonly scratchBytes: number;
  /** Weights as the steps read them, made once from the parameters. */
  readonly packedBytes: number;
  /** Rows that go through the network together. */
  readonly block: number;
}

/** A tensor of `row` bytes per row, in lines `line` bytes apart; `at` -1 is the network's own input or output. */
interface View {
  readonly at: number;
  readonly row: number;
  readonly line: number;
  /** Bytes that lie together in a line. */
  readonly run: number;
}

/** The tensor that a stage reads: plain, or with a border of zeros around each row's picture. */
interface Tensor {
  readonly plain: Omit<View, "at">;
  readonly bordered?: Omit<View, "at">;
  /** From the border's corner to the first pixel. */
  readonly inside: number;
  /** The stage before cannot write between borders: a copy stands between. */
  readonly copied: boolean;
}

function plainView(shape: readonly number[]): Omit<View, "at"> {
  const [height, width, channels] = edges(shape);
  const line = width * channels * FLOAT;
  return { row: height * line, line, run: line };
}

/** Can `writer` put its output, seen as `shape`, between borders? Dense layers write whole panels. */
function writesLines(writer: Stage | undefined, shape: readonly number[]): boolean {
  if (writer === undefined) return false;
  const [height, width, channels] = edges(shape);
  if (writer.planned.layer.kind === "dense") return (width * channels) % PANEL === 0;
  const wrote = edges(writer.planned.outputShape);
  return wrote[0] === height && wrote[1] === width && wrote[2] === channels;
}

/** The chip's first layer and a dense one behind it: a step of its own, which needs no border. */
function isChipsFirst(stages: readonly Stage[], i: number): boolean {
  const [{ planned, activation }] = stages;
  const next = stages.at(1);
  const { layer, inputShape } = planned;
  if (i > 0 || layer.kind !== "conv2d" || inputShape.join() !== "8,8,1") return false;
  if (activation !== "relu" || next?.planned.layer.kind !== "dense") return false;
  const { filters, kernel, kernelColumns = kernel, stride, padding } = layer;
  return filters === 8 && kernel === 3 && kernelColumns === 3 && stride === 2 && padding === undefined;
}

function tensorBefore(stages: readonly Stage[], i: number): Tensor {
  const stage = stages[i];
  const writer = i === 0 ? undefined : stages[i - 1];
  const { layer, inputShape, outputShape } = stage.planned;
  const plain = plainView(inputShape);
  const isConvolution = layer.kind === "conv2d" || layer.kind === "conv2d-transpose";
  if (!isConvolution || isChipsFirst(stages, i)) return { plain, inside: 0, copied: false };
  const [height, width, channels] = edges(inputShape);
  const [lines, columns] = axesOf(layer, inputShape, outputShape);
  const [top, bottom] = borderAlong(layer, lines);
  const [left, right] = borderAlong(layer, columns);
  if (top + bottom + left + right === 0) return { plain, inside: 0, copied: false };
  const line = (left + width + right) * channels * FLOAT;
  return {
    plain,
    bordered: { row: (top + height + bottom) * line, line, run: plain.run },
    inside: top * line + left * channels * FLOAT,
    copied: !writesLines(writer, inputShape),
  };
}

const from = ({ at, row, line }: View): Step => ({ from: at, fromRow: row, fromLine: line });
const to = ({ at, row, line }: View): Step => ({ to: at, toRow: row, toLine: line });

/** Bytes of activations per row, as they are laid out in scratch. */
function activationBytes(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { plain, bordered, copied }, i) => {
    const written = i === 0 ? 0 : copied || bordered === undefined ? plain.row : 0;
    return sum + written + (bordered?.row ?? 0);
  }, 0);
}

function blockRows(tensors: readonly Tensor[]): number {
  if (tensors.every(({ bordered }) => bordered === undefined)) return LARGEST_BLOCK;
  const fitting = 2 * Math.floor(PICTURE_BLOCK_BYTES / (2 * activationBytes(tensors)));
  return Math.max(2, Math.min(LARGEST_BLOCK, fitting));
}

class Compiler {
  readonly #stages: readonly Stage[];
  readonly #tensors: readonly Tensor[];
  readonly steps: Step[] = [];
  readonly block: number;
  #used = 0;
  #packed = 0;
  /** Four outputs are always computed: the last ones may read this far past a picture's end. */
  #overrun = 0;

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
    this.#tensors = stages.map((_, i) => tensorBefore(stages, i));
    this.block = blockRows(this.#tensors);
    this.#compile();
  }

  get scratchBytes(): number {
    return alignUp(this.#used + this.#overrun);
  }

  get packedBytes(): number {
    return alignUp(this.#packed);
  }

  #compile(): void {
    const [first] = this.#stages;
    let written: View = { at: -1, ...plainView(first.planned.inputShape) };
    this.#stages.forEach((stage, i) => {
      const source = this.#enter(i, written);
      written =
        i === this.#stages.length - 1
          ? { at: -1, ...plainView(stage.planned.outputShape) }
          : this.#target(stage, this.#tensors[i + 1]);
      this.#emit(stage, source, written);
    });
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

  /** Room for pictures with borders, and the step that zeroes it before the first block. */
  #bordered({ row }: Omit<View, "at">): number {
    const at = this.#reserve(row * this.block);
    this.steps.push({ kind: KIND.border, gamma: -1, from: at, fromRow: row });
    return at;
  }

  /** Where the stage before writes: between the borders, or plainly. */
  #target(writer: Stage, { plain, bordered, inside, copied }: Tensor): View {
    if (copied || bordered === undefined) {
      return { at: this.#reserve(plain.row * this.block), ...plainView(writer.planned.outputShape) };
    }
    return { at: this.#bordered(bordered) + inside, ...bordered };
  }

  /** What stage i reads, from the corner of its border on; emits the copy where there is one. */
  #enter(i: number, written: View): View {
    const { bordered, inside, copied } = this.#tensors[i];
    if (bordered === undefined) return { at: written.at, ...this.#tensors[i].plain };
    if (!copied) return { ...written, at: written.at - inside };
    const at = this.#bordered(bordered);
    const shape = edges(this.#stages[i].planned.inputShape);
    this.steps.push({
      kind: KIND.copy,
      gamma: -1,
      ...from({ ...written, line: this.#tensors[i].plain.line }),
      ...to({ at: at + inside, ...bordered }),
      ...sizes(shape),
    });
    return { at, ...bordered };
  }

  #emit(stage: Stage, source: View, target: View): void {
    const { layer, inputShape, outputShape } = stage.planned;
    const common: Step = {
      ...from(source),
      ...to(target),
      activation: ACTIVATION[stage.activation],
      ...this.#normalisation(stage),
    };
    switch (layer.kind) {
      case "dense":
        this.#emitDense(stage, common, target);
        return;
      case "conv2d":
      case "conv2d-transpose":
        this.#emitConvolution(stage, layer, common, source, target);
        return;
      case "max-pool":
      case "upsample": {
        const kind = layer.kind === "upsample" ? KIND.upsample : KIND.pool;
        this.steps.push({ ...common, kind, ...sizes(edges(outputShape)), size: layer.size });
        return;
      }
      case "quantise":
        this.steps.push({
          ...common,
          kind: KIND.quantise,
          ...sizes(edges(inputShape)),
          ...quantiseFields(layer),
        });
        return;
      default: {
        // The channels of a flat tensor are its values.
        const shape = inputShape.length === 3 ? inputShape : [1, 1, product(inputShape)];
        const bytes = stage.normalisation === undefined ? 0 : shape[2] * FLOAT;
        const places = { scale: this.#pack(bytes), shift: this.#pack(bytes) };
        this.steps.push({ ...common, kind: KIND.affine, ...sizes(shape), ...places });
      }
    }
  }

  #normalisation({ normalisation }: Stage): Step {
    if (normalisation === undefined) return { gamma: -1 };
    const { tensors, epsilon } = normalisation;
    return { gamma: tensors[0].offset * FLOAT, epsilon: bits(epsilon) };
  }

  #emitDense({ planned }: Stage, common: Step, target: View): void {
    const [kernel, bias] = planned.tensors;
    const [inputs, units] = kernel.shape;
    const padded = paddedUnits(units);
    this.steps.push({
      ...common,
      kind: KIND.dense,
      height: 1,
      width: target.run / FLOAT,
      channels: inputs,
      filters: units,
      kernel: kernel.offset * FLOAT,
      bias: bias.offset * FLOAT,
      prepared: this.#pack(inputs * padded * FLOAT),
      preparedBias: this.#pack(padded * FLOAT),
    });
  }

  #emitConvolution(stage: Stage, layer: Convolution, common: Step, source: View, target: View): void {
    const { inputShape, outputShape, tensors } = stage.planned;
    const [, , channels] = edges(inputShape);
    const [lineAxis, columnAxis] = axesOf(layer, inputShape, outputShape);
    const [top] = borderAlong(layer, lineAxis);
    const [left] = borderAlong(layer, columnAxis);
    const isFirst = isChipsFirst(this.#stages, this.#stages.indexOf(stage));
    for (const { row, column, step, packed } of convolutionSums(
      layer,
      inputShape,
      outputShape,
      target.line,
    )) {
      const asTheyAre = layer.kind === "conv2d" && step.filtersPadded === layer.filters;
      const corner = (top + row.start) * source.line + (left + column.start) * channels * FLOAT;
      this.steps.push({
        ...common,
        ...step,
        ...(isFirst ? { kind: KIND.convolvePicture } : {}),
        from: source.at + (source.at < 0 ? 0 : corner),
        kernel: tensors[0].offset * FLOAT,
        bias: tensors[1].offset * FLOAT,
        prepared: asTheyAre ? -1 : this.#pack(packed[0]),
        preparedBias: asTheyAre ? -1 : this.#pack(packed[1]),
      });
      const reach = (OUTPUTS * row.inputStep + column.taps) * channels * FLOAT;
      this.#overrun = Math.max(this.#overrun, reach);
    }
  }
}

/** The program of a network; refused when it has more steps than the interpreter takes. */
export function compile(plan: Plan): Program {
  const { steps, block, scratchBytes, packedBytes } = new Compiler(stagesOf(plan));
  if (steps.length > MOST_STEPS) {
    throw new InputError(
      `network ${plan.network.id}: layers: expected at most ${MOST_STEPS} steps, got ${steps.length}`,
      { tag: "shape" },
    );
  }
  const code = new Int32Array(HEADER_INTEGERS + steps.length * STEP_FIELDS.length);
  code.set([
    MAGIC,
    steps.length,
    block,
    plan.inputSize * FLOAT,
    plan.outputSize * FLOAT,
    bits(plan.network.leak),
  ]);
  steps.forEach((step, i) => {
    STEP_FIELDS.forEach((field, j) => {
      code[HEADER_INTEGERS + i * STEP_FIELDS.length + j] = step[field] ?? 0;
    });
  });
  return { code: constant(code), scratchBytes, packedBytes, block };
}
