/**
 * Which inputs a convolution reads, per axis: the border of zeros it needs, and for transposed convolutions the kernel
 * positions that reach each output parity. Numbers of pixels; no memory, no channels.
 */
import { type Convolution, kernelEdges, paddingBefore } from "./network.js";

export type { Convolution };

/** Inputs and outputs of a convolution along one axis, and the kernel's edge there. */
export interface Axis {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
}

/**
 * Along one axis, the outputs `residue`, `residue + outputStep`, ...: output number q sums `taps` kernel positions `first`,
 * `first + tapStep`, ... over the inputs `start + q * inputStep`, and onwards one by one. `start` is negative in the border.
 */
export interface AxisSum {
  readonly residue: number;
  readonly outputStep: number;
  readonly inputStep: number;
  readonly first: number;
  readonly tapStep: number;
  readonly taps: number;
  readonly start: number;
}

/** The sums of an axis: one, or one per parity of a transposed convolution. */
export function axisSums(layer: Convolution, { inputs, outputs, kernel }: Axis): readonly AxisSum[] {
  const { stride } = layer;
  if (layer.kind === "conv2d") {
    const start = -paddingBefore(layer, inputs, kernel);
    return [{ residue: 0, outputStep: 1, inputStep: stride, first: 0, tapStep: 1, taps: kernel, start }];
  }
  const padding = paddingBefore(layer, outputs, kernel);
  return Array.from({ length: Math.min(stride, outputs) }, (_, residue): AxisSum => {
    const least = (residue + padding) % stride;
    const taps = Math.max(0, Math.ceil((kernel - least) / stride));
    const first = taps === 0 ? 0 : least + stride * (taps - 1);
    const start = taps === 0 ? 0 : (residue + padding - first) / stride;
    return { residue, outputStep: stride, inputStep: 1, first, tapStep: -stride, taps, start };
  });
}

/** How many outputs one of the sums makes. */
export function outputsOf({ residue, outputStep }: AxisSum, { outputs }: Axis): number {
  return Math.ceil((outputs - residue) / outputStep);
}

/** Zeros that must stand before and after the inputs of an axis. */
export function borderAlong(layer: Convolution, axis: Axis): readonly [before: number, after: number] {
  let before = 0;
  let after = 0;
  for (const sum of axisSums(layer, axis)) {
    const { start, taps, inputStep } = sum;
    before = Math.max(before, -start);
    after = Math.max(after, start + (outputsOf(sum, axis) - 1) * inputStep + taps - axis.inputs);
  }
  return [before, after];
}

/** Both axes of a layer from its pictures' shapes. */
export function axesOf(
  layer: Convolution,
  input: readonly number[],
  output: readonly number[],
): readonly [lines: Axis, columns: Axis] {
  const [lines, columns] = kernelEdges(layer);
  return [
    { inputs: input[0], outputs: output[0], kernel: lines },
    { inputs: input[1], outputs: output[1], kernel: columns },
  ];
}
