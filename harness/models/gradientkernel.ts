/**
 * Makes the declaration of the training kernel for a network: outputs of `shares` x `rows` inputs, and for each share the gradient
 * of a loss whose slope at the outputs is given.
 *
 * Shares are what threads divide: a batch is always cut into the same shares, whose gradients the caller adds in order, so the
 * number of threads changes no bit. `mode` 1 wants gradients, 0 outputs only.
 */
import { f32, i32, type Agreement, type Buffers, type Dims, type Kernel } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { trainingPass } from "./backward.js";
import { compileGradient, type LatentGrid } from "./gradientprogram.js";
import type { Plan } from "./network.js";
import { drawParameters } from "./networkkernel.js";

export const WITH_GRADIENT = 1;

export interface GradientKernelOptions {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly planned: Plan;
  readonly grid?: LatentGrid;
  /** One row of inputs for validation. */
  readonly drawRow: (rng: Rng) => Float64Array;
}

/** Relative to the largest entry of a tensor: float32 sums of up to a few thousand products, and their order. */
const TOLERANCE = 2e-5;

function worstOf(name: string, got: ArrayLike<number>, wanted: ArrayLike<number>): Agreement {
  let [scale, error, at] = [0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    scale = Math.max(scale, Math.abs(wanted[i]));
    const own = Math.abs(got[i] - wanted[i]);
    if (!(own <= error)) [error, at] = [own, i];
  }
  const worst = error === 0 ? 0 : error / scale;
  return {
    ratio: Number.isNaN(worst) ? Infinity : worst / TOLERANCE,
    worst,
    measure: "error over the largest entry",
    where: `${name}[${at}]`,
  };
}

function agreementOf(planned: Plan, outputs: Buffers, expected: Buffers, shares: number): Agreement {
  const found = [worstOf("output", outputs.output, expected.output)];
  for (let share = 0; share < shares && expected.gradient.length > 0; share++)
    for (const { offset, size } of planned.layers.flatMap(({ tensors }) => tensors)) {
      const from = share * planned.parameters + offset;
      const [got, wanted] = [outputs.gradient, expected.gradient].map((all) =>
        all.subarray(from, from + size),
      );
      const { where, ...rest } = worstOf("", got, wanted);
      found.push({ ...rest, where: `gradient[${from + Number(where.slice(1, -1))}]` });
    }
  return found.reduce((worst, one) => (one.ratio > worst.ratio ? one : worst));
}

function referenceOf(planned: Plan, inputs: Buffers, { shares, rows, mode }: Dims): Buffers {
  const { inputSize, outputSize, parameters } = planned;
  const output = new Float32Array(shares * rows * outputSize);
  const gradient = new Float32Array(mode === WITH_GRADIENT ? shares * parameters : 0);
  const values = Float64Array.from(inputs.parameters);
  for (let share = 0; share < shares; share++) {
    const part = (all: ArrayLike<number>, size: number): Float64Array =>
      Float64Array.from({ length: rows * size }, (_, i) => all[share * rows * size + i]);
    const pass = trainingPass(planned, values, part(inputs.input, inputSize), rows, () =>
      part(inputs.upstream, outputSize),
    );
    output.set(pass.output, share * rows * outputSize);
    if (mode === WITH_GRADIENT) gradient.set(pass.parameterGradient, share * parameters);
  }
  return { output, gradient };
}

const ON_TFJS = "tfjs has gradients of its own; see the training benches";

/** The declaration. With a grid the reference is not asked: training on a grid is checked against another implementation. */
export function gradientKernel(options: GradientKernelOptions): Kernel {
  const { planned, grid } = options;
  const program = compileGradient(planned, grid);
  const { inputSize, outputSize, parameters } = planned;
  return {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "gradient",
    dims: ["shares", "rows", "mode"],
    batch: "shares",
    inputs: {
      input: f32(`shares rows ${inputSize}`, "1"),
      upstream: f32(`shares rows ${outputSize}`, "1"),
      parameters: f32(`${parameters}`, "1"),
      program: i32(`${program.code.length}`, "1"),
    },
    outputs: {
      output: f32(`shares rows ${outputSize}`, "1"),
      gradient: { ...f32(`shares ${parameters}`, "1"), when: { dim: "mode", bit: WITH_GRADIENT } },
    },
    scratch: { work: () => program.scratchBytes },
    shapes: [
      { shares: 4, rows: 16, mode: 1 },
      { shares: 1, rows: 4, mode: 1 },
      { shares: 3, rows: 8, mode: 0 },
    ],
    generate: ({ shares, rows }: Dims, rng: Rng) => {
      const input = new Float32Array(shares * rows * inputSize);
      for (let row = 0; row < shares * rows; row++) input.set(options.drawRow(rng), row * inputSize);
      const upstream = Float32Array.from({ length: shares * rows * outputSize }, () => rng.normal());
      return { input, upstream, parameters: drawParameters(planned, rng), program: program.code };
    },
    work: ({ shares, rows, mode }: Dims) => ({
      items: shares * rows,
      itemName: "module",
      bytes: 4 * (shares * rows * (inputSize + 2 * outputSize) + parameters * (1 + mode * shares)),
    }),
    reference: (inputs: Buffers, dims: Dims) => referenceOf(planned, inputs, dims),
    agrees: (outputs: Buffers, expected: Buffers, _: Buffers, { shares }: Dims) =>
      agreementOf(planned, outputs, expected, shares),
    laws: [],
    unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
  };
}
