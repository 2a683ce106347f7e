// One step of a compiled network as it lies in memory: 32 whole numbers, in the order of STEP_FIELDS in
// harness/models/program.ts. Offsets and strides are bytes: from and to count from the scratch buffer, prepared weights from the
// packed one, parameters from theirs.
export const DENSE: i32 = 1;
export const CONVOLVE: i32 = 2;
export const CONVOLVE_TO_ONE: i32 = 3;
export const COPY: i32 = 4;
export const POOL: i32 = 5;
export const UPSAMPLE: i32 = 6;
export const AFFINE: i32 = 7;
/** Zeroes `fromRow` bytes per row before the first block: pictures with borders. */
export const BORDER: i32 = 8;

/** `scale` and `shift` hold the float32 bits of the first value and of the step between values, `size` the last one's number;
 * `stride` is 1 where values are rounded to the nearest instead of down. */
export const QUANTISE: i32 = 9;

/** The chip's first layer, which reads the network's 8x8 input where it lies: 3x3 at stride 2, eight filters. */
export const CONVOLVE_PICTURE: i32 = 10;

export const STEP_BYTES: usize = 128;

@unmanaged
export class Step {
  kind: i32;
  activation: i32;
  /** Where a row's input begins, or -1: the network's input. */
  from: i32;
  fromRow: i32;
  fromLine: i32;
  /** Where a row's output begins, or -1: the network's output. */
  to: i32;
  toRow: i32;
  toLine: i32;
  toPixel: i32;
  /** Output picture (dense: lines of `width` units). */
  height: i32;
  width: i32;
  /** Channels in and out; dense: inputs and units. */
  channels: i32;
  filters: i32;
  /** Parameters: first kernel value, first bias. */
  kernel: i32;
  bias: i32;
  /** Packed weights and biases, or -1: the parameters as they are. */
  prepared: i32;
  preparedBias: i32;
  /** Values per kernel position and channel in the weights that are read. */
  filtersPadded: i32;
  /** Kernel positions that are summed, and the step between outputs in the input picture. */
  tapRows: i32;
  tapColumns: i32;
  stride: i32;
  /** Which kernel position the first one is, and how they go on (prepared weights). */
  kernelColumns: i32;
  firstTapRow: i32;
  firstTapColumn: i32;
  tapStep: i32;
  transposed: i32;
  /** Batch normalisation, of a dense layer's inputs: first gamma in the parameters or -1, packed scale and shift (affine only),
   * epsilon's float32 bits. */
  gamma: i32;
  scale: i32;
  shift: i32;
  epsilon: i32;
  /** Added to where the output begins: the parity of a transposed convolution. */
  toShift: i32;
  /** Edge of a pooling window, or how often a pixel is repeated. */
  size: i32;
}
