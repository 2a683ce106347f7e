/**
 * Declarations of the training kernels of a network: gradient of a loss, a step of Adam from given gradients, and both in one.
 *
 * A batch is cut into `shares` of `rows` rows, which threads divide; each share gives a gradient and a loss, added in order. The
 * caller scales `weights` so that the sum of weight times row loss is the loss it means, and gives padding rows the weight 0.
 * Batch normalisation takes its statistics per share. Slopes of an external loss stand in `target`.
 */
import { type Buffers, type BufferSpec, type Dims, type Kernel, f32, f64, i32 } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { adamReference, adamRules, adamSettings, RULE_FIELDS, SETTINGS } from "./adam.js";
import { trainingPass } from "./backward.js";
import { type Network, type Plan, plan } from "./network.js";
import { drawParameters } from "./networkkernel.js";
import { tensorAgreement, valueAgreement, worstAgreement } from "./tensoragreement.js";
import type { LossId } from "./training.js";
import { lossOfBatch } from "./trainingloss.js";
import { compileTraining } from "./trainingprogram.js";
import { LOSS } from "./trainingsteps.js";

/** Bits of `want`. */
export const WANT = { gradient: 1, output: 2 } as const;

export interface TrainingKernelOptions {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly network: Network;
  readonly itemName: string;
  /** One row of inputs; targets are drawn the same way where the sizes agree, else uniformly. */
  readonly drawRow: (rng: Rng) => Float64Array;
  readonly losses: readonly LossId[];
  /** Rows of a share in validation. */
  readonly rows: number;
}

const ON_TFJS = "tfjs trains through its own graph of gradients; see the training peers";
const UNAVAILABLE = {
  "tfjs-cpu": ON_TFJS,
  "tfjs-wasm": ON_TFJS,
  "tfjs-node": ON_TFJS,
  "onnxruntime-web": "runs inference only",
  "onnxruntime-web-threads": "runs inference only",
  "onnxruntime-node": "runs inference only",
  "wasm-relaxed": "the build has inference of networks only",
};
const LOSS_NAMES = Object.keys(LOSS) as (LossId | "external")[];
const DRAWN_OPTIMISER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 };
const DRAWN_STEP = 3;

interface ShareResult {
  readonly loss: number;
  readonly gradient: Float64Array;
  readonly output: Float64Array;
}

/** One share in float64: statistics of batch normalisation are in the gradient's places, as the kernel leaves them. */
function shareReference(planned: Plan, inputs: Buffers, dims: Dims, share: number): ShareResult {
  const { rows, loss } = dims;
  const part = (name: string, width: number): Float64Array =>
    Float64Array.from({ length: rows * width }, (_, i) => inputs[name][share * rows * width + i]);
  const weights = part("weights", 1);
  const target = part("target", planned.outputSize);
  const parameters = Float64Array.from(inputs.parameters);
  const name = LOSS_NAMES.find((id) => LOSS[id] === loss);
  let value = 0;
  const pass = trainingPass(planned, parameters, part("input", planned.inputSize), rows, (output) => {
    if (name === undefined || name === "external")
      return target.map((slope, i) => slope * weights[Math.floor(i / planned.outputSize)]);
    // The mean over rows is undone: the caller's weights say what the loss is.
    const whole = weights.map((weight) => weight * rows);
    const found = lossOfBatch(name, planned, target, output, rows, whole);
    value = found.loss;
    return found.gradient;
  });
  const gradient = pass.parameterGradient;
  for (const { layer, tensors } of planned.layers) {
    if (layer.kind !== "batch-norm") continue;
    for (const { offset, size } of tensors.filter(({ trainable }) => !trainable)) {
      for (let i = offset; i < offset + size; i++) {
        const moved = pass.movedStatistics.get(i) ?? NaN;
        gradient[i] = (moved - layer.momentum * parameters[i]) / (1 - layer.momentum);
      }
    }
  }
  return { loss: value, gradient, output: pass.output };
}

function batchSpecs({ inputSize, outputSize }: Plan): Readonly<Record<string, BufferSpec>> {
  return {
    input: f32(`shares rows ${inputSize}`, "1"),
    target: f32(`shares rows ${outputSize}`, "1"),
    weights: f32("shares rows", "1"),
  };
}

function drawBatch(options: TrainingKernelOptions, planned: Plan, rows: number, rng: Rng): Buffers {
  const { inputSize, outputSize } = planned;
  const input = new Float32Array(rows * inputSize);
  const target = new Float32Array(rows * outputSize);
  const draw = (): ArrayLike<number> =>
    outputSize === inputSize
      ? options.drawRow(rng)
      : Float64Array.from({ length: outputSize }, () => rng.uniform());
  for (let row = 0; row < rows; row++) {
    input.set(options.drawRow(rng), row * inputSize);
    target.set(draw(), row * outputSize);
  }
  const weights = Float32Array.from({ length: rows }, () => (0.5 + rng.uniform()) / rows);
  return { input, target, weights };
}

/** Multiplications and additions of a step, thrice those of the way forward (backward passes are twice as much). */
const operations = (planned: Plan, rows: number) =>
  ({ count: 6 * planned.multiplyAccumulates * rows, type: "f32" }) as const;

/** Loss and gradient of each share. */
export function gradientOfLossKernel(options: TrainingKernelOptions): Kernel {
  const planned = plan(options.network);
  const program = compileTraining(planned);
  const { inputSize, outputSize, parameters } = planned;
  const { gradient, output } = WANT;
  return {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "trainingGradient",
    dims: ["shares", "rows", "loss", "want"],
    batch: "shares",
    inputs: {
      ...batchSpecs(planned),
      parameters: f32(`${parameters}`, "1"),
      program: i32(`${program.code.length}`, "1"),
    },
    outputs: {
      gradient: { ...f32(`shares ${parameters}`, "1"), when: { dim: "want", bit: gradient } },
      output: { ...f32(`shares rows ${outputSize}`, "1"), when: { dim: "want", bit: output } },
      loss: f64("shares", "1"),
    },
    scratch: { work: ({ rows }) => program.workBytes(rows), packed: () => program.packedBytes },
    shapes: [
      ...options.losses.map((loss) => ({
        shares: 1,
        rows: options.rows,
        loss: LOSS[loss],
        want: gradient | output,
      })),
      { shares: 2, rows: options.rows, loss: LOSS.external, want: gradient },
      { shares: 2, rows: 1, loss: LOSS.mse, want: output },
    ],
    generate: ({ shares, rows }, rng) => ({
      ...drawBatch(options, planned, shares * rows, rng),
      parameters: drawParameters(planned, rng),
      program: program.code,
    }),
    work: ({ shares, rows, want }) => ({
      items: shares * rows,
      itemName: options.itemName,
      bytes: 4 * (shares * rows * (inputSize + outputSize + 1) + parameters * (1 + (want & 1) * shares)),
      operations: operations(planned, shares * rows),
    }),
    reference: (inputs, dims) => {
      const shares = Array.from({ length: dims.shares }, (_, i) => shareReference(planned, inputs, dims, i));
      const flat = (name: "gradient" | "output", bit: number): Float32Array =>
        Float32Array.from((dims.want & bit) === 0 ? [] : shares.flatMap((share) => [...share[name]]));
      // Without the way back the loss is not taken.
      const loss = Float64Array.from(shares, (share) => ((dims.want & gradient) === 0 ? 0 : share.loss));
      return { gradient: flat("gradient", gradient), output: flat("output", output), loss };
    },
    agrees: (outputs, expected) =>
      worstAgreement([
        tensorAgreement(planned, "gradient", outputs.gradient, expected.gradient),
        valueAgreement("output", outputs.output, expected.output),
        valueAgreement("loss", outputs.loss, expected.loss),
      ]),
    laws: [],
    unavailable: UNAVAILABLE,
  };
}

const stateSpecs = (count: string): Readonly<Record<string, BufferSpec>> => ({
  parameters: f32(count, "1"),
  firstMoment: f32(count, "1"),
  secondMoment: f32(count, "1"),
});
const newStateSpecs = (count: string): Readonly<Record<string, BufferSpec>> => ({
  newParameters: f32(count, "1"),
  newFirstMoment: f32(count, "1"),
  newSecondMoment: f32(count, "1"),
});

function drawState(planned: Plan, rng: Rng): Buffers {
  const draw = (value: () => number): Float32Array =>
    Float32Array.from({ length: planned.parameters }, value);
  return {
    parameters: drawParameters(planned, rng),
    firstMoment: draw(() => 0.01 * rng.normal()),
    secondMoment: draw(() => 1e-3 * (0.1 + rng.uniform())),
  };
}

function stepped(inputs: Buffers, gradient: ArrayLike<number>): Buffers {
  const { parameters, firstMoment, secondMoment, rules, settings } = inputs;
  const state = {
    parameters: Float64Array.from(parameters),
    firstMoment: Float64Array.from(firstMoment),
    secondMoment: Float64Array.from(secondMoment),
  };
  const next = adamReference(state, gradient, rules as Int32Array, settings as Float64Array);
  return {
    newParameters: Float32Array.from(next.parameters),
    newFirstMoment: Float32Array.from(next.firstMoment),
    newSecondMoment: Float32Array.from(next.secondMoment),
  };
}

function statesAgree(planned: Plan, outputs: Buffers, expected: Buffers) {
  return ["newParameters", "newFirstMoment", "newSecondMoment"].map((name) =>
    tensorAgreement(planned, name, outputs[name], expected[name]),
  );
}

const sum = (gradients: readonly ArrayLike<number>[]): Float64Array =>
  Float64Array.from({ length: gradients[0].length }, (_, i) =>
    gradients.reduce((total, gradient) => total + gradient[i], 0),
  );

/** A step of Adam from the gradients of all shares. */
export function adamKernel(
  options: Pick<TrainingKernelOptions, "id" | "title" | "source" | "network">,
): Kernel {
  const planned = plan(options.network);
  const rules = adamRules(planned);
  const shape = { count: planned.parameters, segments: rules.length / RULE_FIELDS };
  return {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "adam",
    dims: ["shares", "count", "segments"],
    inputs: {
      gradients: f32("shares count", "1"),
      ...stateSpecs("count"),
      rules: i32(`segments ${RULE_FIELDS}`, "1"),
      settings: f64(`${SETTINGS}`, "1"),
    },
    outputs: newStateSpecs("count"),
    scratch: { total: ({ count }) => 4 * count },
    shapes: [
      { shares: 1, ...shape },
      { shares: 5, ...shape },
    ],
    generate: ({ shares, count }, rng) => ({
      gradients: Float32Array.from({ length: shares * count }, () => (0.03 / shares) * rng.normal()),
      ...drawState(planned, rng),
      rules,
      settings: adamSettings(DRAWN_OPTIMISER, DRAWN_STEP),
    }),
    work: ({ shares, count }) => ({ items: count, itemName: "parameter", bytes: 4 * count * (6 + shares) }),
    reference: (inputs, { shares, count }) =>
      stepped(
        inputs,
        sum(Array.from({ length: shares }, (_, i) => inputs.gradients.subarray(i * count, (i + 1) * count))),
      ),
    agrees: (outputs, expected) => worstAgreement(statesAgree(planned, outputs, expected)),
    laws: [],
    unavailable: UNAVAILABLE,
  };
}

/** Forward, back and Adam in one call. */
export function trainingStepKernel(options: TrainingKernelOptions): Kernel {
  const planned = plan(options.network);
  const program = compileTraining(planned);
  const rules = adamRules(planned);
  const { inputSize, outputSize, parameters } = planned;
  const segments = rules.length / RULE_FIELDS;
  const count = `${parameters}`;
  return {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "trainingStep",
    dims: ["shares", "rows", "loss", "segments"],
    inputs: {
      ...batchSpecs(planned),
      ...stateSpecs(count),
      rules: i32(`segments ${RULE_FIELDS}`, "1"),
      settings: f64(`${SETTINGS}`, "1"),
      program: i32(`${program.code.length}`, "1"),
    },
    outputs: { ...newStateSpecs(count), loss: f64("shares", "1") },
    scratch: {
      work: ({ rows }) => program.workBytes(rows),
      packed: () => program.packedBytes,
      gradients: ({ shares }) => 4 * (shares + 1) * parameters,
    },
    shapes: [
      ...options.losses.map((loss) => ({ shares: 1, rows: options.rows, loss: LOSS[loss], segments })),
      { shares: 3, rows: 5, loss: LOSS.mse, segments },
    ],
    generate: ({ shares, rows }, rng) => ({
      ...drawBatch(options, planned, shares * rows, rng),
      ...drawState(planned, rng),
      rules,
      settings: adamSettings(DRAWN_OPTIMISER, DRAWN_STEP),
      program: program.code,
    }),
    work: ({ shares, rows }) => ({
      items: shares * rows,
      itemName: options.itemName,
      bytes: 4 * (shares * rows * (inputSize + outputSize + 1) + 6 * parameters),
      operations: operations(planned, shares * rows),
    }),
    reference: (inputs, dims) => {
      const shares = Array.from({ length: dims.shares }, (_, i) => shareReference(planned, inputs, dims, i));
      const gradient = sum(shares.map((share) => share.gradient));
      return { ...stepped(inputs, gradient), loss: Float64Array.from(shares, (share) => share.loss) };
    },
    agrees: (outputs, expected) =>
      worstAgreement([
        ...statesAgree(planned, outputs, expected),
        valueAgreement("loss", outputs.loss, expected.loss),
      ]),
    laws: [],
    unavailable: UNAVAILABLE,
  };
}
