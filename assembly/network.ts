// Inference of a whole network: interprets a program that harness/models/program.ts compiled from the network's description.
// What must be rearranged of the parameters (panels of dense layers, transposed kernels, batch normalisation as scale and shift)
// is packed by prepareNetwork, once for as long as the host keeps it; other parameters are read where they lie, in Keras' order.
// Rows go through all steps a block at a time, so that activations stay in the cache. It knows nothing of particular networks and
// does not train.
import { BAD_SHAPE, OK } from "./_status";
import {
  AFFINE,
  BORDER,
  CONVOLVE,
  CONVOLVE_PICTURE,
  CONVOLVE_TO_ONE,
  COPY,
  DENSE,
  POOL,
  QUANTISE,
  STEP_BYTES,
  Step,
  UPSAMPLE,
} from "./_networkstep";
import { dense, prepareDense } from "./_dense";
import { convolve, convolveToOne, prepareConvolution } from "./_convolution";
import { pictureToEight } from "./_writtenout";
import { affine, copyPictures, pool, prepareScale, quantise, upsample } from "./_picture";

const MAGIC: i32 = 0x314e4d57; // "WMN1"
const HEADER_BYTES: usize = 32;
const MAX_STEPS: i32 = 256;
const MAX_BLOCK: i32 = 1024;

/** The first eight whole numbers of a program. */
@unmanaged
class Header {
  magic: i32;
  steps: i32;
  block: i32;
  inputBytes: i32;
  outputBytes: i32;
  leak: i32;
  unused0: i32;
  unused1: i32;
}

/** Why a program cannot be run, as a status; OK when it can. */
function problem(header: Header, rows: i32): i32 {
  if (rows < 0 || header.magic != MAGIC) return BAD_SHAPE;
  if (header.steps < 1 || header.steps > MAX_STEPS) return BAD_SHAPE;
  if (header.block < 1 || header.block > MAX_BLOCK) return BAD_SHAPE;
  return OK;
}

/** args: input, parameters, program, output, scratch, packed: fills `packed` from the parameters; reads nothing else. */
export function prepareNetwork(args: usize, rows: i32): i32 {
  const parameters = <usize>load<u32>(args, 4);
  const program = <usize>load<u32>(args, 8);
  const packed = <usize>load<u32>(args, 20);
  const header = changetype<Header>(program);
  const status = problem(header, rows);
  if (status != OK) return status;
  const first = program + HEADER_BYTES;
  const end = first + <usize>header.steps * STEP_BYTES;
  for (let at = first; at < end; at += STEP_BYTES) {
    const step = changetype<Step>(at);
    if (step.kind == DENSE) prepareDense(step, parameters, packed);
    else if (step.kind == AFFINE) prepareScale(step, parameters, packed);
    else if (step.kind == CONVOLVE || step.kind == CONVOLVE_TO_ONE) prepareConvolution(step, parameters, packed);
  }
  return OK;
}

/** args: input [rows, inputs], parameters, program, output [rows, outputs], scratch, packed. */
export function network(args: usize, rows: i32): i32 {
  let input = <usize>load<u32>(args);
  const parameters = <usize>load<u32>(args, 4);
  const program = <usize>load<u32>(args, 8);
  let output = <usize>load<u32>(args, 12);
  const scratch = <usize>load<u32>(args, 16);
  const packed = <usize>load<u32>(args, 20);
  const header = changetype<Header>(program);
  const status = problem(header, rows);
  if (status != OK) return status;
  const block = header.block;
  const leak = reinterpret<f32>(header.leak);
  const first = program + HEADER_BYTES;
  const end = first + <usize>header.steps * STEP_BYTES;
  for (let at = first; at < end; at += STEP_BYTES) {
    const step = changetype<Step>(at);
    if (step.kind == BORDER) clear(scratch + <usize>step.from, <usize>(step.fromRow * min(rows, block)));
  }
  for (let row = 0; row < rows; row += block) {
    const count = min(block, rows - row);
    for (let at = first; at < end; at += STEP_BYTES) {
      run(changetype<Step>(at), parameters, scratch, packed, input, output, count, leak);
    }
    input += <usize>header.inputBytes * <usize>count;
    output += <usize>header.outputBytes * <usize>count;
  }
  return OK;
}

/** Zeroes whole float32; the bulk instruction costs a call, which a single row would feel. */
function clear(at: usize, bytes: usize): void {
  const end = at + bytes;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= end; at += 16) v128.store(at, i32x4.splat(0));
  }
  for (; at < end; at += 4) store<f32>(at, 0);
}

/** One step for the rows of a block. */
function run(
  step: Step,
  parameters: usize,
  scratch: usize,
  packed: usize,
  input: usize,
  output: usize,
  rows: i32,
  leak: f32,
): void {
  let from = step.from < 0 ? input : scratch + <usize>step.from;
  let to = (step.to < 0 ? output : scratch + <usize>step.to) + <usize>step.toShift;
  const kind = step.kind;
  if (kind == BORDER) return;
  if (kind == DENSE) {
    dense(step, packed, from, to, rows, leak);
    return;
  }
  const ready = step.prepared >= 0;
  const weights = ready ? packed + <usize>step.prepared : parameters + <usize>step.kernel;
  const bias = ready ? packed + <usize>step.preparedBias : parameters + <usize>step.bias;
  if (kind == CONVOLVE_PICTURE) {
    pictureToEight(step, weights, bias, from, to, rows);
    return;
  }
  if (kind == CONVOLVE) {
    convolve(step, weights, bias, from, to, rows, leak);
    return;
  }
  if (kind == CONVOLVE_TO_ONE) {
    convolveToOne(step, weights, bias, from, to, rows, leak);
    return;
  }
  if (kind == COPY) {
    copyPictures(step, from, to, rows);
    return;
  }
  for (let row = 0; row < rows; row++) {
    if (kind == POOL) pool(step, from, to);
    else if (kind == UPSAMPLE) upsample(step, from, to);
    else if (kind == QUANTISE) quantise(step, from, to);
    else if (kind == AFFINE) affine(step, packed, from, to, leak);
    from += <usize>step.fromRow;
    to += <usize>step.toRow;
  }
}
