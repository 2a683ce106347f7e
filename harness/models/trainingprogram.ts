/**
 * Compiles a network to the program that assembly/training.ts interprets: steps forward, the loss, steps back. The program holds no
 * parameters: it says where in their array (network.ts) a step finds its own.
 */
import { constant } from "../core/constant.js";
import { InputError } from "../core/errors.js";
import { type Plan, product } from "./network.js";
import { FLOAT, alignUp, bits } from "./networksteps.js";
import { telescopeTable } from "./telescopetable.js";
import { BackwardPass } from "./trainingbackward.js";
import { TrainingBuilder } from "./trainingbuilder.js";
import { forwardSteps } from "./trainingforward.js";
import { type TrainingStage, firstTrainable, trainingStages } from "./trainingstages.js";
import { TRAINING_FIELDS, TRAINING_KIND } from "./trainingsteps.js";

const MAGIC = 0x31544d57; // "WMT1"
const HEADER_INTEGERS = 16;
const MOST_STEPS = 1024;
/**
 * Activations and slopes of a block, with room for weights in a second-level cache of 512 KiB. Gradients of the 8x8 stride
 * autoencoder on a Xeon of 2 MiB: 5.1 us a row here, 5.4 in blocks of a quarter, 5.2 to 6.7 in blocks of four times the size.
 */
const BLOCK_BYTES = 196_608;
const BLOCKS = { least: 4, most: 64 } as const;
/** The transport loss sorts both sides, each with its places. */
const LOSS_ARRAYS = 4;

export interface TrainingProgram {
  readonly code: Int32Array;
  /** Bytes of working memory for shares of `rows` rows. */
  workBytes(rows: number): number;
  readonly packedBytes: number;
  /** Rows that go through together; 0 when it is all of them. */
  readonly block: number;
}

interface Laid {
  readonly builder: TrainingBuilder;
  /** Where the network's outputs are. */
  readonly result: number;
  /** Steps up to the loss and with it. */
  readonly forwardSteps: number;
  readonly lossWork: number;
  /** Where the inputs' slopes are; -1 where the program goes back to parameters. */
  readonly inputSlopes: number;
}

/** What a program's way back is for. */
type Aim = "parameters" | "input";

/** Index of the first stage that has something to learn, -1 where nothing shall; refuses (InputError) what `aim` cannot have. */
function firstOf(plan: Plan, stages: readonly TrainingStage[], aim: Aim): number {
  const refuse = (expected: string): never => {
    throw new InputError(`network ${plan.network.id}: training: expected ${expected}`, { tag: "shape" });
  };
  if (aim === "input") {
    // Its statistics are the batch's here: slopes of one row would depend on the others.
    if (stages.some(({ planned }) => planned.layer.kind === "batch-norm"))
      refuse("batch normalisation folded into the layers (frozennetwork.ts), got some");
    return -1;
  }
  const first = firstTrainable(stages);
  if (first < 0) refuse("layers with parameters, got none");
  return first;
}

/** All steps in order, in memory that is laid out on the way. */
function layOut(plan: Plan, stages: readonly TrainingStage[], aim: Aim): Laid {
  const first = firstOf(plan, stages, aim);
  const builder = new TrainingBuilder();
  const values = forwardSteps(builder, stages, plan);
  const { written: result } = values[values.length - 1];
  const slopes = builder.plain(stages[stages.length - 1].planned.outputShape);
  const lossWork = builder.pack(LOSS_ARRAYS * product(result.shape) * FLOAT);
  builder.emit({ kind: TRAINING_KIND.loss, from: result.at, to: slopes.at });
  const forward = builder.steps.length;
  const back = new BackwardPass(builder, stages, values, first);
  let inputSlopes = -1;
  if (aim === "input") inputSlopes = back.toInput(slopes).at;
  else back.toParameters(slopes);
  return { builder, result: result.at, forwardSteps: forward, lossWork, inputSlopes };
}

/** Statistics of batch normalisation are those of all rows, so then all rows are one block. */
function blockOf(stages: readonly TrainingStage[], rowBytes: number): number {
  if (stages.some(({ planned }) => planned.layer.kind === "batch-norm")) return 0;
  const fitting = 4 * Math.floor(BLOCK_BYTES / rowBytes / 4);
  return Math.max(BLOCKS.least, Math.min(BLOCKS.most, fitting));
}

function codeOf(plan: Plan, laid: Laid, block: number): Int32Array {
  const { result, forwardSteps, lossWork, inputSlopes } = laid;
  const { steps, rowBytes } = laid.builder;
  const { network, inputSize, outputSize, parameters } = plan;
  const table = HEADER_INTEGERS + steps.length * TRAINING_FIELDS.length;
  const groups = telescopeTable(plan);
  const code = new Int32Array(table + groups.length);
  code.set([
    ...[MAGIC, steps.length, block, inputSize * FLOAT, outputSize * FLOAT, bits(network.leak)],
    ...[parameters, rowBytes, result, forwardSteps, table * FLOAT, lossWork],
    inputSlopes,
  ]);
  steps.forEach((step, i) => {
    TRAINING_FIELDS.forEach((field, j) => {
      code[HEADER_INTEGERS + i * TRAINING_FIELDS.length + j] = step[field] ?? 0;
    });
  });
  code.set(groups, table);
  return code;
}

function programOf(plan: Plan, aim: Aim): TrainingProgram {
  const stages = trainingStages(plan);
  const laid = layOut(plan, stages, aim);
  const { steps, rowBytes, overrun, packedBytes } = laid.builder;
  if (steps.length > MOST_STEPS)
    throw new InputError(
      `network ${plan.network.id}: layers: expected at most ${MOST_STEPS} training steps, got ${steps.length}`,
      { tag: "shape" },
    );
  const block = blockOf(stages, rowBytes);
  return {
    code: constant(codeOf(plan, laid, block)),
    workBytes: (rows) => alignUp((block === 0 ? rows : Math.min(block, rows)) * rowBytes + overrun),
    packedBytes,
    block,
  };
}

const compiled = {
  parameters: new WeakMap<Plan, TrainingProgram>(),
  input: new WeakMap<Plan, TrainingProgram>(),
};

function compileFor(plan: Plan, aim: Aim): TrainingProgram {
  const found = compiled[aim].get(plan) ?? programOf(plan, aim);
  compiled[aim].set(plan, found);
  return found;
}

/** The training program of a network; refused (InputError) when it has nothing to train or more steps than are taken. */
export const compileTraining = (plan: Plan): TrainingProgram => compileFor(plan, "parameters");

/**
 * The program that takes slopes of the outputs back to the inputs and leaves parameters as they are, for inputSlopes of
 * assembly/training.ts. Refused (InputError): batch normalisation, which has to be folded before, and more steps than are taken.
 */
export const compileInputSlopes = (plan: Plan): TrainingProgram => compileFor(plan, "input");
