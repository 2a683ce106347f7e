/**
 * Trains a network on the WebAssembly kernels, on one thread or several.
 *
 * A batch is cut into shares by its size alone; threads take shares, gradients are added in order: results have the same bits on
 * any number of threads. With batch normalisation a batch is one share, because its statistics are the whole batch's (PyTorch's
 * and Keras' rule on one device), and one thread does it all. Inference goes by the moving statistics.
 */
import { setImmediate } from "node:timers/promises";
import { constant } from "../core/constant.js";
import { InputError } from "../core/errors.js";
import type { Buffers, Dims, Kernel } from "../core/kernel.js";
import { RULE_FIELDS, adamRules, adamSettings } from "../models/adam.js";
import { networkKernel } from "../models/networkkernel.js";
import type { Plan } from "../models/network.js";
import { compile } from "../models/program.js";
import type { LossAndGradient, Optimiser, Trainer, TrainerOptions, TrainState } from "../models/training.js";
import { WANT, adamKernel, gradientOfLossKernel, trainingStepKernel } from "../models/trainingkernel.js";
import { checkLoss } from "../models/trainingloss.js";
import { compileTraining } from "../models/trainingprogram.js";
import { LOSS } from "../models/trainingsteps.js";
import { loadBinary } from "../wasm/binary.js";
import { createHost, type Host } from "../wasm/host.js";

/** Rows that are worth a share: weights are packed for each. */
const SHARE_ROWS = 128;
const MOST_SHARES = 16;
/** The process gets to its signals at least this often while one thread trains. */
const BREATH_MS = 25;

interface Division {
  readonly shares: number;
  /** Rows of a share; the last one is filled up with rows of weight 0. */
  readonly rows: number;
}

/** How a batch is cut: by its size alone, so that the number of threads changes no bit. */
function divisionOf(rows: number, isWhole: boolean): Division {
  const shares = isWhole ? 1 : Math.max(1, Math.min(MOST_SHARES, Math.floor(rows / SHARE_ROWS)));
  return { shares, rows: Math.ceil(rows / shares) };
}

const mustHold = (values: Float32Array, length: number, name: string): void => {
  if (values.length !== length)
    throw new InputError(`trainer: ${name}: expected ${length} values, got ${values.length}`, {
      tag: "shape",
    });
};

/** `values` as long as the shares are; the copy's rest is zero. */
function padded(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const filled = new Float32Array(length);
  filled.set(values);
  return filled;
}

interface Kernels {
  readonly step: Kernel;
  readonly gradient: Kernel;
  readonly adam: Kernel;
  readonly infer: Kernel;
}

function kernelsOf(planned: Plan): Kernels {
  const { network } = planned;
  const common = {
    title: network.id,
    source: "harness/models/trainingkernel.ts",
    network,
    itemName: "row",
    drawRow: () => new Float64Array(planned.inputSize),
    losses: [],
    rows: 1,
  };
  return {
    step: trainingStepKernel({ ...common, id: `${network.id}: training step` }),
    gradient: gradientOfLossKernel({ ...common, id: `${network.id}: gradient` }),
    adam: adamKernel({ ...common, id: `${network.id}: adam` }),
    infer: networkKernel({ ...common, id: network.id, rows: [1] }),
  };
}

class KernelTrainer implements Trainer {
  readonly #planned: Plan;
  readonly #kernels: Kernels;
  readonly #rules: Int32Array;
  readonly #program: Int32Array;
  readonly #inferenceProgram: Int32Array;
  readonly #isWhole: boolean;
  #optimiser: Optimiser;
  #state: TrainState;
  #breath = performance.now();
  #inference: { readonly of: Float32Array; readonly parameters: Float32Array } | undefined;

  constructor(
    private readonly options: TrainerOptions,
    state: TrainState,
    private readonly host: Host,
  ) {
    this.#planned = options.planned;
    this.#kernels = kernelsOf(options.planned);
    this.#rules = adamRules(options.planned);
    this.#program = compileTraining(options.planned).code;
    this.#inferenceProgram = compile(options.planned).code;
    this.#isWhole = options.planned.layers.some(({ layer }) => layer.kind === "batch-norm");
    this.#optimiser = options.optimiser;
    this.#state = state;
  }

  get state(): TrainState {
    const { parameters, firstMoment, secondMoment, step } = this.#state;
    return {
      parameters: parameters.slice(),
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
      step,
    };
  }

  setLearningRate(rate: number): void {
    this.#optimiser = { ...this.#optimiser, learningRate: rate };
  }

  async step(
    input: Float32Array,
    target: Float32Array,
    rows: number,
    weights?: Float32Array,
  ): Promise<number> {
    const division = divisionOf(rows, this.#isWhole);
    const batch = this.#batch(input, target, rows, division, weights);
    if (this.options.loss === undefined)
      throw new InputError("trainer: loss: expected one of its own, got none", { tag: "loss" });
    const loss = LOSS[this.options.loss];
    if (this.options.kernels !== undefined || this.options.quantise !== undefined)
      return this.#stepInTwo(batch, division, loss);
    await this.#breathe();
    const dims = { ...division, loss, segments: this.#rules.length / RULE_FIELDS };
    const outputs = this.host.call(
      this.#kernels.step,
      { ...batch, ...this.#moments(), program: this.#program, parameters: this.#state.parameters },
      dims,
    );
    return this.#adopt(outputs, outputs.loss);
  }

  async stepWith(
    input: Float32Array,
    rows: number,
    lossOf: (output: Float32Array) => LossAndGradient | Promise<LossAndGradient>,
  ): Promise<number> {
    const { outputSize } = this.#planned;
    const division = divisionOf(rows, this.#isWhole);
    const empty = new Float32Array(rows * outputSize);
    const ones = new Float32Array(rows).fill(rows);
    const batch = this.#batch(input, empty, rows, division, ones);
    const { output } = await this.#gradient(batch, division, LOSS.external, WANT.output);
    const { loss, gradient } = await lossOf((output as Float32Array).slice(0, rows * outputSize));
    if (!Number.isFinite(loss)) return loss;
    mustHold(gradient, rows * outputSize, "gradient");
    const target = padded(gradient, division.shares * division.rows * outputSize);
    await this.#stepInTwo({ ...batch, target }, division, LOSS.external);
    return loss;
  }

  async infer(input: Float32Array, rows: number): Promise<Float32Array> {
    mustHold(input, rows * this.#planned.inputSize, "input");
    const of = this.#state.parameters;
    // Until the next step they stay as they are, and are packed once.
    if (this.#inference?.of !== of) this.#inference = { of, parameters: constant(this.#seen().slice()) };
    const { parameters } = this.#inference;
    const { infer } = this.#kernels;
    const inputs = { input, parameters, program: this.#inferenceProgram };
    const { output } = await this.#call(infer, inputs, { rows });
    return output as Float32Array;
  }

  #moments(): Buffers {
    const { firstMoment, secondMoment } = this.#state;
    const settings = adamSettings(this.#optimiser, this.#state.step + 1);
    return { firstMoment, secondMoment, rules: this.#rules, settings };
  }

  /** The parameters that outputs and gradients are those of. */
  #seen(): Float32Array {
    const { parameters } = this.#state;
    return this.options.quantise?.(parameters) ?? parameters;
  }

  #batch(
    input: Float32Array,
    target: Float32Array,
    rows: number,
    division: Division,
    weights?: Float32Array,
  ): Buffers {
    const { inputSize, outputSize } = this.#planned;
    if (!Number.isInteger(rows) || rows < 1)
      throw new InputError(`trainer: rows: expected a whole number >= 1, got ${rows}`, { tag: "shape" });
    mustHold(input, rows * inputSize, "input");
    mustHold(target, rows * outputSize, "target");
    if (weights !== undefined) mustHold(weights, rows, "weights");
    const total = division.shares * division.rows;
    const each = new Float32Array(total);
    for (let row = 0; row < rows; row++) each[row] = (weights?.[row] ?? 1) / rows;
    return {
      input: padded(input, total * inputSize),
      target: padded(target, total * outputSize),
      weights: each,
    };
  }

  /** Gradients by shares, on threads where there are any, and Adam here. */
  async #stepInTwo(batch: Buffers, division: Division, loss: number): Promise<number> {
    const outputs = await this.#gradient(batch, division, loss, WANT.gradient);
    const { parameters } = this.#state;
    const next = this.host.call(
      this.#kernels.adam,
      { gradients: outputs.gradient, parameters, ...this.#moments() },
      {
        shares: division.shares,
        count: parameters.length,
        segments: this.#rules.length / RULE_FIELDS,
      },
    );
    return this.#adopt(next, outputs.loss);
  }

  async #gradient(batch: Buffers, division: Division, loss: number, want: number): Promise<Buffers> {
    const inputs = { ...batch, parameters: this.#seen(), program: this.#program };
    return this.#call(this.#kernels.gradient, inputs, { ...division, loss, want });
  }

  async #call(kernel: Kernel, inputs: Buffers, dims: Dims): Promise<Buffers> {
    const { kernels } = this.options;
    if (kernels !== undefined) return kernels.call(kernel, inputs, dims);
    await this.#breathe();
    return this.host.call(kernel, inputs, dims);
  }

  /** The new state; a loss that is no number makes no step. */
  #adopt(outputs: Buffers, losses: Buffers[string]): number {
    let sum = 0;
    for (const loss of losses) sum += loss;
    if (!Number.isFinite(sum)) return sum;
    const { newParameters, newFirstMoment, newSecondMoment } = outputs as Record<string, Float32Array>;
    this.#state = {
      parameters: newParameters,
      firstMoment: newFirstMoment,
      secondMoment: newSecondMoment,
      step: this.#state.step + 1,
    };
    return sum;
  }

  /** Lets timers and signals have their turn. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breath < BREATH_MS) return;
    await setImmediate();
    this.#breath = performance.now();
  }
}

/**
 * A trainer that goes on from `state`. Refuses (InputError) a state of another network and a loss that its outputs cannot have;
 * UsageError where the build is missing.
 */
export async function openTrainer(options: TrainerOptions, state: TrainState): Promise<Trainer> {
  const { planned, loss } = options;
  if (loss !== undefined) checkLoss(loss, planned);
  for (const name of ["parameters", "firstMoment", "secondMoment"] as const)
    mustHold(state[name], planned.parameters, name);
  const host = createHost((await loadBinary("release")).module);
  const { parameters, firstMoment, secondMoment, step } = state;
  const own = {
    parameters: parameters.slice(),
    firstMoment: firstMoment.slice(),
    secondMoment: secondMoment.slice(),
    step,
  };
  return new KernelTrainer(options, own, host);
}
