/**
 * Which inputs a "same" convolution reads, per axis: the border of zeros it needs, and for transposed convolutions the kernel
 * positions that reach each output parity. Numbers of pixels; no memory, no channels.
 */
import { type Layer, paddingBefore } from "./network.js";

export type Convolution = Extract<Layer, { kind: "conv2d" | "conv2d-transpose" }>;

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

/** The sums of an axis with `size` inputs: one, or one per parity of a transposed convolution. */
export function axisSums(layer: Convolution, size: number): readonly AxisSum[] {
  const { kernel, stride } = layer;
  if (layer.kind === "conv2d") {
    const start = -paddingBefore(size, kernel, stride);
    return [{ residue: 0, outputStep: 1, inputStep: stride, first: 0, tapStep: 1, taps: kernel, start }];
  }
  const padding = paddingBefore(size * stride, kernel, stride);
  return Array.from({ length: stride }, (_, residue): AxisSum => {
    const least = (residue + padding) % stride;
    const taps = Math.max(0, Math.ceil((kernel - least) / stride));
    const first = taps === 0 ? 0 : least + stride * (taps - 1);
    const start = taps === 0 ? 0 : (residue + padding - first) / stride;
    return { residue, outputStep: stride, inputStep: 1, first, tapStep: -stride, taps, start };
  });
}

/** Zeros that must stand before and after the `size` inputs of an axis. */
export function borderAlong(layer: Convolution, size: number): readonly [before: number, after: number] {
  let before = 0;
  let after = 0;
  const outputs = layer.kind === "conv2d" ? Math.ceil(size / layer.stride) : size;
  for (const { start, taps, inputStep } of axisSums(layer, size)) {
    before = Math.max(before, -start);
    after = Math.max(after, start + (outputs - 1) * inputStep + taps - size);
  }
  return [before, after];
}
