/**
 * Makes a kernel declaration from a network: inference of `rows` inputs with given parameters.
 *
 * Buffers: input [rows, inputs], parameters in Keras' order (network.ts), the compiled program, output [rows, outputs]. Constant
 * parameters stay where they are and are packed once. Other backends find the network by `networkOf` and ignore the program.
 */
import { constant } from "../core/constant.js";
import { type Buffers, type Dims, type Kernel, type Law, f32, i32, resident } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { activationOf, forward } from "./forward.js";
import { initialise } from "./initialise.js";
import { type Network, type Plan, plan } from "./network.js";
import { type Program, compile } from "./program.js";
import { agreement } from "./rounding.js";

const ROWS = [16, 1, 3, 33] as const;

const networks = new WeakMap<Kernel, Plan>();

/** The network that a kernel runs, or undefined when it is no network kernel. */
export function networkOf(kernel: Kernel): Plan | undefined {
  return networks.get(kernel);
}

export interface NetworkKernelOptions {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly network: Network;
  /** "module", "jet": what one row is. */
  readonly itemName: string;
  /** One row of inputs, [plan.inputSize]. */
  readonly drawRow: (rng: Rng) => Float64Array;
  /** Rows of the shapes that validate visits, the headline first; by default also a block and one row more. */
  readonly rows?: readonly number[];
}

/** Starting values moved off their special points: biases, gammas and moving statistics that a mistake would show in. */
export function drawParameters(planned: Plan, rng: Rng): Float32Array {
  const values = initialise(planned, rng.integer(2 ** 31), "glorot");
  for (const { layer, tensors } of planned.layers) {
    for (const { name, offset, size } of tensors) {
      if (name.endsWith("kernel")) continue;
      const positive = layer.kind === "batch-norm" && /gamma|variance/.test(name);
      for (let i = offset; i < offset + size; i++) {
        values[i] = positive ? 0.5 + rng.uniform() : 0.2 * (rng.uniform() - 0.5);
      }
    }
  }
  return Float32Array.from(values);
}

function rangeLaw(planned: Plan): Law[] {
  const last = planned.layers.at(-1);
  const activation = last === undefined ? "linear" : activationOf(last.layer);
  if (activation !== "relu" && activation !== "sigmoid") return [];
  const highest = activation === "relu" ? Infinity : 1;
  return [
    {
      id: "range",
      says: activation === "relu" ? "never negative" : "between 0 and 1",
      broken: (_inputs: Buffers, outputs: Buffers) => {
        const at = outputs.output.findIndex((y: number) => !(y >= 0 && y <= highest));
        return at < 0 ? undefined : `output ${at} is ${outputs.output[at]}`;
      },
    },
  ];
}

function inputsOf(
  options: NetworkKernelOptions,
  planned: Plan,
  program: Program,
  rows: number,
  rng: Rng,
): Buffers {
  const input = new Float32Array(rows * planned.inputSize);
  for (let row = 0; row < rows; row++) input.set(options.drawRow(rng), row * planned.inputSize);
  return { input, parameters: constant(drawParameters(planned, rng)), program: program.code };
}

/** The declaration; `output` agrees when its error is within 30 estimates of what rounding makes of it (rounding.ts). */
export function networkKernel(options: NetworkKernelOptions): Kernel {
  const planned = plan(options.network);
  const program = compile(planned);
  const { inputSize, outputSize, parameters } = planned;
  const kernel: Kernel = {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "network",
    dims: ["rows"],
    batch: "rows",
    inputs: {
      input: f32(`rows ${inputSize}`, "1"),
      parameters: resident(f32(`${parameters}`, "1")),
      program: resident(i32(`${program.code.length}`, "1")),
    },
    outputs: { output: f32(`rows ${outputSize}`, "1") },
    scratch: { work: () => program.scratchBytes },
    prepare: "prepareNetwork",
    kept: { packed: program.packedBytes },
    shapes: (options.rows ?? ROWS).map((rows) => ({ rows })),
    generate: ({ rows }: Dims, rng: Rng) => inputsOf(options, planned, program, rows, rng),
    work: ({ rows }: Dims) => ({
      items: rows,
      itemName: options.itemName,
      bytes: 4 * (rows * (inputSize + outputSize) + parameters),
      operations: { count: 2 * planned.multiplyAccumulates * rows, type: "f32" },
    }),
    reference: (inputs: Buffers, { rows }: Dims) => ({
      output: Float32Array.from(
        forward(planned, Float64Array.from(inputs.parameters), Float64Array.from(inputs.input), rows),
      ),
    }),
    agrees: (outputs: Buffers, expected: Buffers, inputs: Buffers, { rows }: Dims) =>
      agreement(planned, outputs.output, expected.output, inputs, rows),
    laws: rangeLaw(planned),
    unavailable: {},
  };
  networks.set(kernel, planned);
  return kernel;
}
