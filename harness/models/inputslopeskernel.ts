/**
 * Declaration of the kernel that takes slopes of a network's outputs back to its inputs, parameters fixed: what a loss that is itself a
 * network needs. Rows are independent; threads divide them.
 */
import { constant } from "../core/constant.js";
import { type Kernel, f32, i32, resident } from "../core/kernel.js";
import { trainingPass } from "./backward.js";
import { plan } from "./network.js";
import { agreement } from "./rounding.js";
import { drawParameters } from "./networkkernel.js";
import { valueAgreement, worstAgreement } from "./tensoragreement.js";
import type { TrainingKernelOptions } from "./trainingkernel.js";
import { compileInputSlopes } from "./trainingprogram.js";

/** Bits of `want`. */
export const WANT_BACK = { slopes: 1, output: 2 } as const;

/** `network` without batch normalisation (frozennetwork.ts); `rows` that validate visits, beside one alone. */
export type InputSlopesOptions = Omit<TrainingKernelOptions, "losses">;

/** The declaration: input [rows, inputs] and slopes [rows, outputs] to input slopes and outputs. */
export function inputSlopesKernel(options: InputSlopesOptions): Kernel {
  const planned = plan(options.network);
  const program = compileInputSlopes(planned);
  const { inputSize, outputSize, parameters } = planned;
  const { slopes, output } = WANT_BACK;
  const onTfjs = "its gradients are compared by the training peers, those of inputs are not";
  return {
    id: options.id,
    title: options.title,
    source: options.source,
    symbol: "inputSlopes",
    dims: ["rows", "want"],
    batch: "rows",
    inputs: {
      input: f32(`rows ${inputSize}`, "1"),
      slopes: f32(`rows ${outputSize}`, "1"),
      parameters: resident(f32(`${parameters}`, "1")),
      program: resident(i32(`${program.code.length}`, "1")),
    },
    outputs: {
      inputSlopes: { ...f32(`rows ${inputSize}`, "1"), when: { dim: "want", bit: slopes } },
      output: { ...f32(`rows ${outputSize}`, "1"), when: { dim: "want", bit: output } },
    },
    scratch: { work: ({ rows }) => program.workBytes(rows), packed: () => program.packedBytes },
    shapes: [
      { rows: options.rows, want: slopes | output },
      { rows: 1, want: slopes },
      { rows: 5, want: output },
    ],
    generate: ({ rows }, rng) => ({
      input: Float32Array.from(Array.from({ length: rows }, () => [...options.drawRow(rng)]).flat()),
      slopes: Float32Array.from({ length: rows * outputSize }, () => rng.normal()),
      parameters: constant(drawParameters(planned, rng)),
      program: program.code,
    }),
    work: ({ rows, want }) => ({
      items: rows,
      itemName: options.itemName,
      bytes: 4 * (rows * (2 * inputSize + 2 * outputSize) + parameters),
      operations: {
        count: 2 * planned.multiplyAccumulates * rows * ((want & slopes) === 0 ? 1 : 2),
        type: "f32",
      },
    }),
    reference: (inputs, { rows, want }) => {
      const pass = trainingPass(
        planned,
        Float64Array.from(inputs.parameters),
        Float64Array.from(inputs.input),
        rows,
        () => Float64Array.from(inputs.slopes),
      );
      return {
        inputSlopes: Float32Array.from((want & slopes) === 0 ? [] : pass.inputGradient),
        output: Float32Array.from((want & output) === 0 ? [] : pass.output),
      };
    },
    agrees: (outputs, expected, inputs, { rows, want }) =>
      worstAgreement([
        valueAgreement("inputSlopes", outputs.inputSlopes, expected.inputSlopes),
        ...((want & output) === 0 ? [] : [agreement(planned, outputs.output, expected.output, inputs, rows)]),
      ]),
    laws: [],
    unavailable: {
      "tfjs-cpu": onTfjs,
      "tfjs-wasm": onTfjs,
      "tfjs-node": onTfjs,
      "onnxruntime-web": "runs inference only",
      "onnxruntime-web-threads": "runs inference only",
      "onnxruntime-node": "runs inference only",
      "wasm-relaxed": "the build has inference of networks only",
    },
  };
}
