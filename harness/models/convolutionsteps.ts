/** The sums of a convolution as fields of steps, one for each parity of the outputs: the same for inference and for training. */
import { type AxisSum, type Convolution, axesOf, axisSums, outputsOf } from "./convolutiongeometry.js";
import { FLOAT, KIND, type Step, edges } from "./networksteps.js";

/** Outputs whose weights lie together. */
const GROUP = 8;

export interface ConvolutionSum {
  readonly row: AxisSum;
  readonly column: AxisSum;
  /** Everything but where inputs, outputs and parameters are. */
  readonly step: Step;
  /** Bytes of the weights and of the biases as the step reads them. */
  readonly packed: readonly [weights: number, biases: number];
}

/** The sums that make `outputShape` of `inputShape`, written in lines `toLine` bytes apart. */
export function convolutionSums(
  layer: Convolution,
  inputShape: readonly number[],
  outputShape: readonly number[],
  toLine: number,
): readonly ConvolutionSum[] {
  const channels = edges(inputShape)[2];
  const { filters } = layer;
  const [lines, columns] = axesOf(layer, inputShape, outputShape);
  const toOne = filters === 1 && channels % 4 === 0 && layer.stride === 1;
  const filtersPadded = toOne ? 1 : Math.ceil(filters / GROUP) * GROUP;
  const sumOf = (row: AxisSum, column: AxisSum): ConvolutionSum => ({
    row,
    column,
    packed: [row.taps * column.taps * channels * filtersPadded * FLOAT, filtersPadded * FLOAT],
    step: {
      kind: toOne ? KIND.convolveToOne : KIND.convolve,
      toShift: row.residue * toLine + column.residue * filters * FLOAT,
      toLine: toLine * row.outputStep,
      toPixel: filters * FLOAT * column.outputStep,
      height: outputsOf(row, lines),
      width: outputsOf(column, columns),
      channels,
      filters,
      filtersPadded,
      tapRows: row.taps,
      tapColumns: column.taps,
      stride: row.inputStep,
      kernelColumns: columns.kernel,
      firstTapRow: row.first,
      firstTapColumn: column.first,
      tapStep: row.tapStep,
      transposed: layer.kind === "conv2d-transpose" ? 1 : 0,
    },
  });
  return axisSums(layer, lines).flatMap((row) =>
    axisSums(layer, columns).map((column) => sumOf(row, column)),
  );
}
