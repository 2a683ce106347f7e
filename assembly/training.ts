// Training of a whole network: interprets a program that harness/models/trainingprogram.ts compiled from the network's description.
// A block of rows goes forward, its loss and slopes are taken, and it goes back; gradients of weights add up over blocks. With
// batch normalisation a block is all rows of the share. Weights are packed anew for every call: they change with every step.
// Shares are independent: threads divide them, and their gradients are added in order, so the number of threads changes no bit.
import { BAD_SHAPE, OK } from "./_status";
import { AFFINE, BORDER, CONVOLVE, CONVOLVE_TO_ONE, COPY, DENSE, POOL, QUANTISE, UPSAMPLE } from "./_networkstep";
import { addShares, adamStep, rulesFit } from "./_adam";
import { normalise, normaliseBack } from "./_batchnorm";
import { convolve, convolveToOne, prepareConvolution } from "./_convolution";
import { dense } from "./_dense";
import { packBack, packForward } from "./_densepack";
import { EXTERNAL, WASSERSTEIN, rowLoss } from "./_loss";
import { affine, copyPictures, pool, quantise, upsample } from "./_picture";
import { poolBack, quantiseBack, slopes, upsampleBack } from "./_trainingpicture";
import {
  BIAS_GRADIENT,
  CONVOLVE_GRADIENT,
  DENSE_BACK,
  DENSE_GRADIENT,
  LOSS,
  NORMALISE,
  NORMALISE_BACK,
  POOL_BACK,
  QUANTISE_BACK,
  SLOPE,
  TRAINING_STEP_BYTES,
  TrainingStep,
  UPSAMPLE_BACK,
} from "./_trainingstep";
import { biasGradient, convolveGradient, denseGradient } from "./_weightgradient";

const MAGIC: i32 = 0x31544d57; // "WMT1"
const HEADER_BYTES: usize = 64;
const MAX_STEPS: i32 = 1024;
/** Rows of a dense layer that go through it together: more would leave the second-level cache. */
const DENSE_ROWS: i32 = 64;

/** Rows whose pictures' gradients are summed at a time: short sums are more exact, and stay in the cache. */
const PICTURE_ROWS: i32 = 16;

/** Bits of `want`. */
const GRADIENT: i32 = 1;
const OUTPUT: i32 = 2;

@unmanaged
class Header {
  magic: i32;
  steps: i32;
  /** Rows that go through together; 0: all of the share. */
  block: i32;
  inputBytes: i32;
  outputBytes: i32;
  leak: i32;
  parameters: i32;
  /** Bytes of activations and slopes per row of a block. */
  rowBytes: i32;
  /** Where the outputs are, in bytes per row of a block. */
  outputAt: i32;
  /** Steps up to and with the loss. */
  forwardSteps: i32;
  /** Bytes from the program's start to the telescope's groups. */
  table: i32;
  /** Where the loss's working memory is among the packed weights. */
  lossWork: i32;
  /** Where the inputs' slopes are, in bytes per row of a block; negative in a program that goes back to parameters only. */
  inputSlopesAt: i32;
  unused0: i32;
  unused1: i32;
  unused2: i32;
}

/** Why a program cannot be run, as a status; OK when it can. */
function problem(header: Header, shares: i32, rows: i32, loss: i32, want: i32): i32 {
  if (shares < 0 || rows < 1 || header.magic != MAGIC) return BAD_SHAPE;
  if (header.steps < 1 || header.steps > MAX_STEPS || header.forwardSteps > header.steps) return BAD_SHAPE;
  if (header.block < 0 || loss < 0 || loss > WASSERSTEIN || want < 1 || want > (GRADIENT | OUTPUT)) return BAD_SHAPE;
  return OK;
}

/**
 * args: input [shares, rows, inputs], target [shares, rows, outputs], weights [shares, rows], parameters, program, gradient
 * [shares, parameters] (want & 1), output [shares, rows, outputs] (want & 2), loss [shares], work, packed.
 */
export function trainingGradient(args: usize, shares: i32, rows: i32, loss: i32, want: i32): i32 {
  let input = <usize>load<u32>(args);
  let target = <usize>load<u32>(args, 4);
  let weights = <usize>load<u32>(args, 8);
  const parameters = <usize>load<u32>(args, 12);
  const program = <usize>load<u32>(args, 16);
  let gradient = <usize>load<u32>(args, 20);
  let output = <usize>load<u32>(args, 24);
  const losses = <usize>load<u32>(args, 28);
  const work = <usize>load<u32>(args, 32);
  const packed = <usize>load<u32>(args, 36);
  const header = changetype<Header>(program);
  const status = problem(header, shares, rows, loss, want);
  if (status != OK) return status;
  if (header.inputSlopesAt >= 0) return BAD_SHAPE;
  prepare(header, program, parameters, work, packed, rows);
  for (let share: usize = 0; share < <usize>shares; share++) {
    const sum = shareOf(header, program, input, target, weights, parameters, gradient, output, work, packed, rows, loss, want);
    store<f64>(losses + (share << 3), sum);
    input += <usize>rows * <usize>header.inputBytes;
    target += <usize>rows * <usize>header.outputBytes;
    output += <usize>rows * <usize>header.outputBytes;
    weights += <usize>rows << 2;
    gradient += <usize>(header.parameters << 2);
  }
  return OK;
}

/**
 * Slopes of given slopes in the outputs, taken back to the inputs of a network whose parameters stay as they are. args: input
 * [rows, inputs], slopes [rows, outputs], parameters, program, input slopes [rows, inputs] (want & 1), output [rows, outputs] (want & 2),
 * work, packed.
 */
export function inputSlopes(args: usize, rows: i32, want: i32): i32 {
  let input = <usize>load<u32>(args);
  let slopes = <usize>load<u32>(args, 4);
  const parameters = <usize>load<u32>(args, 8);
  const program = <usize>load<u32>(args, 12);
  let inputSlopes = <usize>load<u32>(args, 16);
  let output = <usize>load<u32>(args, 20);
  const work = <usize>load<u32>(args, 24);
  const packed = <usize>load<u32>(args, 28);
  const header = changetype<Header>(program);
  const status = problem(header, 1, max(rows, 1), EXTERNAL, want);
  if (status != OK) return status;
  if (rows < 0 || header.inputSlopesAt < 0) return BAD_SHAPE;
  prepare(header, program, parameters, work, packed, rows);
  const block = blockOf(header, rows);
  for (let row = 0; row < rows; row += block) {
    const count = min(block, rows - row);
    slopesBack(header, program, input, slopes, parameters, work, packed, block, count, want);
    const inputBytes = <usize>count * <usize>header.inputBytes;
    const outputBytes = <usize>count * <usize>header.outputBytes;
    if (want & GRADIENT) {
      memory.copy(inputSlopes, work + <usize>header.inputSlopesAt * <usize>block, inputBytes);
      inputSlopes += inputBytes;
    }
    if (want & OUTPUT) {
      memory.copy(output, work + <usize>header.outputAt * <usize>block, outputBytes);
      output += outputBytes;
    }
    input += inputBytes;
    slopes += outputBytes;
  }
  return OK;
}

/** All steps of a block of rows; those back only where they are wanted. */
function slopesBack(
  header: Header,
  program: usize,
  input: usize,
  slopes: usize,
  parameters: usize,
  work: usize,
  packed: usize,
  block: i32,
  rows: i32,
  want: i32,
): void {
  const leak = reinterpret<f32>(header.leak);
  const isBack = (want & GRADIENT) != 0;
  const first = program + HEADER_BYTES;
  const end = first + <usize>(isBack ? header.steps : header.forwardSteps - 1) * TRAINING_STEP_BYTES;
  for (let at = first; at < end; at += TRAINING_STEP_BYTES) {
    const step = changetype<TrainingStep>(at);
    if (step.kind == LOSS) memory.copy(work + <usize>step.to * <usize>block, slopes, <usize>rows * <usize>header.outputBytes);
    else run(step, parameters, 0, work, packed, input, <usize>block, rows, leak, false);
  }
}

/**
 * A step of Adam from given gradients. args: gradients [shares, count], parameters, first, second [count], rules [segments, 4],
 * settings [7], new parameters, first, second [count], total [count].
 */
export function adam(args: usize, shares: i32, count: i32, segments: i32): i32 {
  const rules = <usize>load<u32>(args, 16);
  if (shares < 1 || count < 0 || segments < 0 || !rulesFit(rules, segments, count)) return BAD_SHAPE;
  const total = <usize>load<u32>(args, 36);
  addShares(<usize>load<u32>(args), shares, count, total);
  adamStep(
    <usize>load<u32>(args, 4),
    <usize>load<u32>(args, 8),
    <usize>load<u32>(args, 12),
    total,
    rules,
    segments,
    <usize>load<u32>(args, 20),
    <usize>load<u32>(args, 24),
    <usize>load<u32>(args, 28),
    <usize>load<u32>(args, 32),
  );
  return OK;
}

/**
 * A whole step in one call, of the same bits as the two kernels one after the other. args: input, target, weights, parameters,
 * first, second, rules, settings, program, new parameters, first, second, loss [shares], work, packed, gradients
 * [shares + 1, parameters].
 */
export function trainingStep(args: usize, shares: i32, rows: i32, loss: i32, segments: i32): i32 {
  let input = <usize>load<u32>(args);
  let target = <usize>load<u32>(args, 4);
  let weights = <usize>load<u32>(args, 8);
  const parameters = <usize>load<u32>(args, 12);
  const rules = <usize>load<u32>(args, 24);
  const program = <usize>load<u32>(args, 32);
  const losses = <usize>load<u32>(args, 48);
  const work = <usize>load<u32>(args, 52);
  const packed = <usize>load<u32>(args, 56);
  const gradients = <usize>load<u32>(args, 60);
  const header = changetype<Header>(program);
  const status = problem(header, shares, rows, loss, GRADIENT);
  if (status != OK) return status;
  const count = header.parameters;
  if (header.inputSlopesAt >= 0 || shares < 1 || segments < 0 || !rulesFit(rules, segments, count)) return BAD_SHAPE;
  prepare(header, program, parameters, work, packed, rows);
  let gradient = gradients;
  for (let share: usize = 0; share < <usize>shares; share++) {
    const sum = shareOf(header, program, input, target, weights, parameters, gradient, 0, work, packed, rows, loss, GRADIENT);
    store<f64>(losses + (share << 3), sum);
    input += <usize>rows * <usize>header.inputBytes;
    target += <usize>rows * <usize>header.outputBytes;
    weights += <usize>rows << 2;
    gradient += <usize>(count << 2);
  }
  addShares(gradients, shares, count, gradient);
  adamStep(
    parameters,
    <usize>load<u32>(args, 16),
    <usize>load<u32>(args, 20),
    gradient,
    rules,
    segments,
    <usize>load<u32>(args, 28),
    <usize>load<u32>(args, 36),
    <usize>load<u32>(args, 40),
    <usize>load<u32>(args, 44),
  );
  return OK;
}

@inline
function blockOf(header: Header, rows: i32): i32 {
  return header.block > 0 && header.block < rows ? header.block : rows;
}

/** Packs the weights and zeroes the borders. */
function prepare(header: Header, program: usize, parameters: usize, work: usize, packed: usize, rows: i32): void {
  const block = <usize>blockOf(header, rows);
  const first = program + HEADER_BYTES;
  const end = first + <usize>header.steps * TRAINING_STEP_BYTES;
  for (let at = first; at < end; at += TRAINING_STEP_BYTES) {
    const step = changetype<TrainingStep>(at);
    const kind = step.kind;
    const kernel = parameters + <usize>step.kernel;
    const to = packed + <usize>step.prepared;
    const toBias = packed + <usize>step.preparedBias;
    if (kind == DENSE) packForward(kernel, parameters + <usize>step.bias, step.channels, step.filters, to, toBias);
    else if (kind == DENSE_BACK) packBack(kernel, step.filters, step.channels, to, toBias);
    else if (kind == CONVOLVE || kind == CONVOLVE_TO_ONE) prepareConvolution(step, parameters, packed);
    else if (kind == BORDER) memory.fill(work + <usize>step.from * block, 0, <usize>step.fromRow * block);
  }
}

/** Loss (weighted, added up) and gradient of one share. */
function shareOf(
  header: Header,
  program: usize,
  input: usize,
  target: usize,
  weights: usize,
  parameters: usize,
  gradient: usize,
  output: usize,
  work: usize,
  packed: usize,
  rows: i32,
  loss: i32,
  want: i32,
): f64 {
  const block = blockOf(header, rows);
  const leak = reinterpret<f32>(header.leak);
  const first = program + HEADER_BYTES;
  const isBack = (want & GRADIENT) != 0;
  const steps = isBack ? header.steps : header.forwardSteps - 1;
  const end = first + <usize>steps * TRAINING_STEP_BYTES;
  const results = work + <usize>header.outputAt * <usize>block;
  if (isBack) memory.fill(gradient, 0, <usize>(header.parameters << 2));
  let sum: f64 = 0;
  for (let row = 0; row < rows; row += block) {
    const count = min(block, rows - row);
    for (let at = first; at < end; at += TRAINING_STEP_BYTES) {
      const step = changetype<TrainingStep>(at);
      if (step.kind == LOSS) sum += lossOf(header, step, program, target, weights, work, packed, block, count, loss);
      else run(step, parameters, gradient, work, packed, input, <usize>block, count, leak, isBack);
    }
    const bytes = <usize>count * <usize>header.outputBytes;
    if (want & OUTPUT) {
      memory.copy(output, results, bytes);
      output += bytes;
    }
    input += <usize>count * <usize>header.inputBytes;
    target += bytes;
    weights += <usize>count << 2;
  }
  return sum;
}

function lossOf(
  header: Header,
  step: TrainingStep,
  program: usize,
  target: usize,
  weights: usize,
  work: usize,
  packed: usize,
  block: i32,
  rows: i32,
  loss: i32,
): f64 {
  let output = work + <usize>step.from * <usize>block;
  let slopes = work + <usize>step.to * <usize>block;
  const places = packed + <usize>header.lossWork;
  const bytes = <usize>header.outputBytes;
  const count = header.outputBytes >> 2;
  const table = program + <usize>header.table;
  let sum: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const weight = load<f32>(weights);
    sum += <f64>weight * rowLoss(loss, target, output, slopes, count, weight, table, places);
    output += bytes;
    slopes += bytes;
    target += bytes;
    weights += 4;
  }
  return sum;
}

/** One step for the rows of a block. */
function run(
  step: TrainingStep,
  parameters: usize,
  gradient: usize,
  work: usize,
  packed: usize,
  input: usize,
  block: usize,
  rows: i32,
  leak: f32,
  isBack: bool,
): void {
  let from = step.from < 0 ? input : work + <usize>step.from * block;
  let to = work + <usize>step.to * block + <usize>step.toInside + <usize>step.toShift;
  let other = (step.other < 0 ? input : work + <usize>step.other * block) + <usize>step.otherInside;
  from += <usize>step.fromInside;
  const kind = step.kind;
  if (kind == BORDER) return;
  if (kind == DENSE || kind == DENSE_BACK) {
    for (let row = 0; row < rows; row += DENSE_ROWS) {
      dense(step, packed, from, to, min(DENSE_ROWS, rows - row), leak);
      from += <usize>DENSE_ROWS * <usize>step.fromRow;
      to += <usize>DENSE_ROWS * <usize>step.toRow;
    }
  } else if (kind == CONVOLVE) {
    convolve(step, weightsOf(step, parameters, packed), biasOf(step, parameters, packed), from, to, rows, leak);
  } else if (kind == CONVOLVE_TO_ONE) {
    convolveToOne(step, weightsOf(step, parameters, packed), biasOf(step, parameters, packed), from, to, rows, leak);
  } else if (kind == COPY) copyPictures(step, from, to, rows);
  else if (kind == SLOPE) slopes(step, from, other, to, rows, leak);
  else if (kind == DENSE_GRADIENT) {
    const kernel = gradient + <usize>step.kernel;
    denseGradient(from, <usize>step.fromRow, other, <usize>step.otherRow, step.channels, step.filters, rows, kernel);
  } else if (kind == CONVOLVE_GRADIENT || kind == BIAS_GRADIENT) {
    for (let row = 0; row < rows; row += PICTURE_ROWS) {
      const count = min(PICTURE_ROWS, rows - row);
      if (kind == CONVOLVE_GRADIENT) convolutionGradient(step, from, other, gradient, count);
      else {
        const bias = gradient + <usize>step.bias;
        const line = <usize>step.fromLine;
        biasGradient(from, <usize>step.fromRow, line, step.filters, step.height, step.width, count, bias);
      }
      from += <usize>PICTURE_ROWS * <usize>step.fromRow;
      other += <usize>PICTURE_ROWS * <usize>step.otherRow;
    }
  } else if (kind == NORMALISE) normalise(step, parameters, packed, gradient, from, to, rows, isBack);
  else if (kind == NORMALISE_BACK) normaliseBack(step, parameters, packed, gradient, from, other, to, rows);
  else if (kind == POOL_BACK) poolBack(step, from, other, to, rows);
  else if (kind == UPSAMPLE_BACK) upsampleBack(step, other, to, rows);
  else if (kind == QUANTISE_BACK) quantiseBack(step, from, other, to, rows);
  else plainRows(step, packed, from, to, rows, leak);
}

function plainRows(step: TrainingStep, packed: usize, from: usize, to: usize, rows: i32, leak: f32): void {
  for (let row = 0; row < rows; row++) {
    if (step.kind == POOL) pool(step, from, to);
    else if (step.kind == UPSAMPLE) upsample(step, from, to);
    else if (step.kind == QUANTISE) quantise(step, from, to);
    else if (step.kind == AFFINE) affine(step, packed, from, to, leak);
    from += <usize>step.fromRow;
    to += <usize>step.toRow;
  }
}

@inline
function weightsOf(step: TrainingStep, parameters: usize, packed: usize): usize {
  return step.prepared >= 0 ? packed + <usize>step.prepared : parameters + <usize>step.kernel;
}

@inline
function biasOf(step: TrainingStep, parameters: usize, packed: usize): usize {
  return step.prepared >= 0 ? packed + <usize>step.preparedBias : parameters + <usize>step.bias;
}

/** The large picture is `from`, the small one `other`. */
function convolutionGradient(step: TrainingStep, from: usize, other: usize, gradient: usize, rows: i32): void {
  convolveGradient(
    from,
    <usize>step.fromRow,
    <usize>step.fromLine,
    step.channels,
    other,
    <usize>step.otherRow,
    <usize>step.otherLine,
    step.filters,
    step.height,
    step.width,
    step.stride,
    step.tapRows,
    step.kernelColumns,
    rows,
    gradient + <usize>step.kernel,
  );
}
