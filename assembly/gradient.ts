// Forward and backward pass of a whole network for training: interprets a program that harness/models/gradientprogram.ts compiled.
//
// Four rows go through the network together, one in each lane, so that every layer is the same few loops over values of four
// lanes; sums over rows are made once at the end. Gradients are those of the loss whose slope with respect to the outputs the
// caller gives. Latents may be floored to a grid on their way: the gradient passes as if they were not (straight-through).
// No batch normalisation, no optimiser and no loss; inference is faster in network.ts.
import { BAD_SHAPE, OK } from "./_status";
import { activated, activatedLanes, LEAKY, RELU, SIGMOID, TANH } from "./_activation";

const MAGIC: i32 = 0x31474d57; // "WMG1"
const HEADER_BYTES: usize = 32;
const LANES: i32 = 4;
const MODE_BACKWARD: i32 = 1;

const LINEAR_MAP: i32 = 1; // convolution, transposed convolution, dense layer: taps between pixels
const ACTIVATE: i32 = 2; // in place
const POOL: i32 = 3;
const UPSAMPLE: i32 = 4;
const QUANTISE: i32 = 5;

@unmanaged
class Header {
  magic: i32;
  steps: i32;
  inputs: i32;
  outputs: i32;
  parameters: i32;
  values: i32;
  leak: f32;
  unused: i32;
}

/** 64 bytes; offsets count values (of four lanes) from the arena, whole numbers from the program, parameters from theirs. */
@unmanaged
class Step {
  kind: i32;
  from: i32;
  fromSize: i32;
  to: i32;
  toSize: i32;
  kernel: i32;
  bias: i32;
  channels: i32;
  filters: i32;
  /** Between the weights of neighbouring channels and filters. */
  channelStride: i32;
  filterStride: i32;
  /** Tables: by output pixel, by input pixel, by kernel position; pooling and upsampling have one. */
  byOutput: i32;
  byInput: i32;
  byTap: i32;
  /** An activation, or how often a pixel is looked at (pooling window). */
  what: i32;
  /** Quantise: levels; its step is in `kernel` as float32 bits. */
  levels: i32;
}

let arena: usize = 0;
let slopes: usize = 0;
let sums: usize = 0;
let parameters: usize = 0;
let program: usize = 0;

/** args: input [shares, rows x inputs], upstream [shares, rows x outputs], parameters, program, output [shares, rows x outputs],
 * gradient [shares, parameters] (with mode 1), scratch. `rows` of a share are a multiple of four. */
export function gradient(args: usize, shares: i32, rows: i32, mode: i32): i32 {
  let input = <usize>load<u32>(args);
  let upstream = <usize>load<u32>(args, 4);
  parameters = <usize>load<u32>(args, 8);
  program = <usize>load<u32>(args, 12);
  let output = <usize>load<u32>(args, 16);
  let result = <usize>load<u32>(args, 20);
  const scratch = <usize>load<u32>(args, 24);
  const header = changetype<Header>(program);
  if (shares < 0 || rows < 0 || rows % LANES != 0 || header.magic != MAGIC) return BAD_SHAPE;
  arena = scratch;
  slopes = arena + (<usize>header.values << 4);
  sums = slopes + (<usize>header.values << 4);
  const first = program + HEADER_BYTES;
  const end = first + <usize>header.steps * offsetof<Step>();
  const inputBytes = <usize>header.inputs << 2;
  const outputBytes = <usize>header.outputs << 2;
  const backwards = (mode & MODE_BACKWARD) != 0;
  const outputAt = <usize>changetype<Step>(end - offsetof<Step>()).to << 4;
  for (let share = 0; share < shares; share++) {
    if (backwards) zero(sums, header.parameters);
    for (let row = 0; row < rows; row += LANES) {
      scatter(input, arena, header.inputs);
      for (let at = first; at < end; at += offsetof<Step>()) forward(changetype<Step>(at), header.leak);
      gather(arena + outputAt, output, header.outputs);
      if (backwards) {
        scatter(upstream, slopes + outputAt, header.outputs);
        for (let at = end; at > first; ) {
          at -= offsetof<Step>();
          backward(changetype<Step>(at), header.leak, at == first);
        }
      }
      input += inputBytes * LANES;
      upstream += outputBytes * LANES;
      output += outputBytes * LANES;
    }
    if (backwards) {
      reduce(result, header.parameters);
      result += <usize>header.parameters << 2;
    }
  }
  return OK;
}

function zero(at: usize, values: i32): void {
  const end = at + (<usize>values << 4);
  for (; at < end; at += 8) store<u64>(at, 0);
}

/** Four rows of `count` values to values of four lanes. */
function scatter(rows: usize, to: usize, count: i32): void {
  const step = <usize>count << 2;
  for (let i = 0; i < count; i++) {
    store<u32>(to, load<u32>(rows));
    store<u32>(to, load<u32>(rows + step), 4);
    store<u32>(to, load<u32>(rows + 2 * step), 8);
    store<u32>(to, load<u32>(rows + 3 * step), 12);
    rows += 4;
    to += 16;
  }
}

function gather(from: usize, rows: usize, count: i32): void {
  const step = <usize>count << 2;
  for (let i = 0; i < count; i++) {
    store<u32>(rows, load<u32>(from));
    store<u32>(rows + step, load<u32>(from, 4));
    store<u32>(rows + 2 * step, load<u32>(from, 8));
    store<u32>(rows + 3 * step, load<u32>(from, 12));
    rows += 4;
    from += 16;
  }
}

function reduce(to: usize, count: i32): void {
  let at = sums;
  for (let i = 0; i < count; i++) {
    store<f32>(to, load<f32>(at) + load<f32>(at, 4) + (load<f32>(at, 8) + load<f32>(at, 12)));
    to += 4;
    at += 16;
  }
}

function forward(step: Step, leak: f32): void {
  switch (step.kind) {
    case LINEAR_MAP:
      map(step);
      break;
    case ACTIVATE:
      activate(arena + (<usize>step.to << 4), step.toSize, step.what, leak);
      break;
    case POOL:
      pool(step);
      break;
    case UPSAMPLE:
      upsample(step);
      break;
    case QUANTISE:
      quantise(step);
      break;
  }
}

function backward(step: Step, leak: f32, isFirst: bool): void {
  switch (step.kind) {
    case LINEAR_MAP:
      weightSums(step);
      biasSums(step);
      if (!isFirst) mapBack(step);
      break;
    case ACTIVATE:
      activateBack(step, leak);
      break;
    case POOL:
      poolBack(step);
      break;
    case UPSAMPLE:
      upsampleBack(step);
      break;
    case QUANTISE:
      quantiseBack(step);
      break;
  }
}

@inline
function table(index: i32): usize {
  return program + (<usize>index << 2);
}

/**
 * `count` sums over pairs of vectors and weights: out[k] = start[k] + sum over entries and inner of value x weight.
 * An entry is (first value, first weight); values follow one another, weights are `innerStride` and `stride` apart.
 */
@inline
function sumsOf(width: i32, values: usize, entries: usize, end: usize, inner: i32, weights: usize, innerStride: usize, stride: usize, starts: usize, startStride: usize, out: usize): void {
  if (ASC_FEATURE_SIMD) {
    let s0 = starts != 0 ? v128.load32_splat(starts) : f32x4.splat(0);
    let s1 = width > 1 && starts != 0 ? v128.load32_splat(starts + startStride) : f32x4.splat(0);
    let s2 = width > 1 && starts != 0 ? v128.load32_splat(starts + 2 * startStride) : f32x4.splat(0);
    let s3 = width > 1 && starts != 0 ? v128.load32_splat(starts + 3 * startStride) : f32x4.splat(0);
    for (; entries < end; entries += 8) {
      let from = values + (<usize>load<u32>(entries) << 4);
      const last = from + (<usize>inner << 4);
      let weight = weights + (<usize>load<u32>(entries, 4) << 2);
      for (; from < last; from += 16) {
        const x = v128.load(from);
        s0 = f32x4.add(s0, f32x4.mul(x, v128.load32_splat(weight)));
        if (width > 1) {
          s1 = f32x4.add(s1, f32x4.mul(x, v128.load32_splat(weight + stride)));
          s2 = f32x4.add(s2, f32x4.mul(x, v128.load32_splat(weight + 2 * stride)));
          s3 = f32x4.add(s3, f32x4.mul(x, v128.load32_splat(weight + 3 * stride)));
        }
        weight += innerStride;
      }
    }
    v128.store(out, s0);
    if (width > 1) {
      v128.store(out, s1, 16);
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
    }
  } else {
    for (let k = 0; k < width; k++) {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        let s: f32 = starts != 0 ? load<f32>(starts + <usize>k * startStride) : 0;
        for (let entry = entries; entry < end; entry += 8) {
          let from = values + (<usize>load<u32>(entry) << 4) + lane;
          let weight = weights + (<usize>load<u32>(entry, 4) << 2) + <usize>k * stride;
          for (let i = 0; i < inner; i++) {
            s += load<f32>(from) * load<f32>(weight);
            from += 16;
            weight += innerStride;
          }
        }
        store<f32>(out + (<usize>k << 4) + lane, s);
      }
    }
  }
}

/** Outputs of a linear map: table by output pixel, a count and that many (first input value, first weight). */
function map(step: Step): void {
  const filters = step.filters;
  const weights = parameters + (<usize>step.kernel << 2);
  const biases = parameters + (<usize>step.bias << 2);
  const innerStride = <usize>step.channelStride << 2;
  const stride = <usize>step.filterStride << 2;
  const from = arena + (<usize>step.from << 4);
  let out = arena + (<usize>step.to << 4);
  let at = table(step.byOutput);
  const pixels = step.toSize / filters;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const entries = at + 4;
    const end = entries + (<usize>load<u32>(at) << 3);
    let f = 0;
    for (; f + 4 <= filters; f += 4) {
      sumsOf(4, from, entries, end, step.channels, weights + <usize>f * stride, innerStride, stride, biases + (<usize>f << 2), 4, out);
      out += 64;
    }
    for (; f < filters; f++) {
      sumsOf(1, from, entries, end, step.channels, weights + <usize>f * stride, innerStride, stride, biases + (<usize>f << 2), 4, out);
      out += 16;
    }
    at = end;
  }
}

/** Slopes of a linear map's inputs: table by input pixel, a count and that many (first output value, first weight). */
function mapBack(step: Step): void {
  const channels = step.channels;
  const weights = parameters + (<usize>step.kernel << 2);
  const innerStride = <usize>step.filterStride << 2;
  const stride = <usize>step.channelStride << 2;
  const from = slopes + (<usize>step.to << 4);
  let out = slopes + (<usize>step.from << 4);
  let at = table(step.byInput);
  const pixels = step.fromSize / channels;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const entries = at + 4;
    const end = entries + (<usize>load<u32>(at) << 3);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      sumsOf(4, from, entries, end, step.filters, weights + <usize>c * stride, innerStride, stride, 0, 0, out);
      out += 64;
    }
    for (; c < channels; c++) {
      sumsOf(1, from, entries, end, step.filters, weights + <usize>c * stride, innerStride, stride, 0, 0, out);
      out += 16;
    }
    at = end;
  }
}

/** Adds to `width` neighbouring filters' weight sums what one channel of one kernel position contributes. */
@inline
function productsOf(width: i32, x: usize, d: usize, entries: usize, end: usize, to: usize, stride: usize): void {
  if (ASC_FEATURE_SIMD) {
    let s0 = v128.load(to);
    let s1 = width > 1 ? v128.load(to + stride) : s0;
    let s2 = width > 1 ? v128.load(to + 2 * stride) : s0;
    let s3 = width > 1 ? v128.load(to + 3 * stride) : s0;
    for (; entries < end; entries += 8) {
      const value = v128.load(x + (<usize>load<u32>(entries) << 4));
      const slope = d + (<usize>load<u32>(entries, 4) << 4);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(slope)));
      if (width > 1) {
        s1 = f32x4.add(s1, f32x4.mul(value, v128.load(slope, 16)));
        s2 = f32x4.add(s2, f32x4.mul(value, v128.load(slope, 32)));
        s3 = f32x4.add(s3, f32x4.mul(value, v128.load(slope, 48)));
      }
    }
    v128.store(to, s0);
    if (width > 1) {
      v128.store(to + stride, s1);
      v128.store(to + 2 * stride, s2);
      v128.store(to + 3 * stride, s3);
    }
  } else {
    for (let k = 0; k < width; k++) {
      for (let lane: usize = 0; lane < 16; lane += 4) {
        const target = to + <usize>k * stride + lane;
        let s = load<f32>(target);
        for (let entry = entries; entry < end; entry += 8) {
          const value = load<f32>(x + (<usize>load<u32>(entry) << 4) + lane);
          s += value * load<f32>(d + (<usize>load<u32>(entry, 4) << 4) + (<usize>k << 4) + lane);
        }
        store<f32>(target, s);
      }
    }
  }
}

/** Table by kernel position: its first weight, a count and that many (first input value, first output value). */
function weightSums(step: Step): void {
  const filters = step.filters;
  const stride = <usize>step.filterStride << 4;
  let at = table(step.byTap);
  const taps = <i32>load<u32>(at);
  at += 4;
  for (let tap = 0; tap < taps; tap++) {
    const entries = at + 8;
    const end = entries + (<usize>load<u32>(at, 4) << 3);
    for (let c = 0; c < step.channels; c++) {
      const weight = <i32>load<u32>(at) + c * step.channelStride;
      let to = sums + (<usize>(step.kernel + weight) << 4);
      const x = arena + (<usize>(step.from + c) << 4);
      let d = slopes + (<usize>step.to << 4);
      let f = 0;
      for (; f + 4 <= filters; f += 4) {
        productsOf(4, x, d, entries, end, to, stride);
        to += 4 * stride;
        d += 64;
      }
      for (; f < filters; f++) {
        productsOf(1, x, d, entries, end, to, stride);
        to += stride;
        d += 16;
      }
    }
    at = end;
  }
}

function biasSums(step: Step): void {
  const biases = sums + (<usize>step.bias << 4);
  const count = step.toSize;
  const filters = step.filters;
  let from = slopes + (<usize>step.to << 4);
  for (let i = 0; i < count; i += filters) {
    for (let f = 0; f < filters; f++) {
      addLanes(biases + (<usize>f << 4), from);
      from += 16;
    }
  }
}

@inline
function addLanes(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  } else {
    for (let lane: usize = 0; lane < 16; lane += 4) store<f32>(to + lane, load<f32>(to + lane) + load<f32>(from + lane));
  }
}

function activate(at: usize, count: i32, activation: i32, leak: f32): void {
  const end = at + (<usize>count << 4);
  if (ASC_FEATURE_SIMD) {
    for (; at < end; at += 16) v128.store(at, activatedLanes(activation, v128.load(at), leak));
  } else {
    for (; at < end; at += 4) store<f32>(at, activated(activation, load<f32>(at), leak));
  }
}

/** All slopes can be told from the output: its sign is the input's where that matters. */
function activateBack(step: Step, leak: f32): void {
  const y = arena + (<usize>step.to << 4);
  const d = slopes + (<usize>step.to << 4);
  const activation = step.what;
  const bytes = <usize>step.toSize << 4;
  for (let at: usize = 0; at < bytes; at += 4) {
    const value = load<f32>(y + at);
    let slope: f32 = 1;
    if (activation == RELU) slope = value > 0 ? 1 : 0;
    else if (activation == LEAKY) slope = value > 0 ? 1 : leak;
    else if (activation == SIGMOID) slope = value * (<f32>1 - value);
    else if (activation == TANH) slope = <f32>1 - value * value;
    store<f32>(d + at, load<f32>(d + at) * slope);
  }
}

/** Address of the largest of a window's values in one lane, the first of equal ones. */
@inline
function largest(base: usize, window: usize, count: i32, lane: usize): usize {
  let best = base + (<usize>load<u32>(window) << 4) + lane;
  for (let k = 1; k < count; k++) {
    const at = base + (<usize>load<u32>(window + (<usize>k << 2)) << 4) + lane;
    if (load<f32>(at) > load<f32>(best)) best = at;
  }
  return best;
}

function pool(step: Step): void {
  const from = arena + (<usize>step.from << 4);
  let out = arena + (<usize>step.to << 4);
  let window = table(step.byOutput);
  for (let i = 0; i < step.toSize; i++) {
    for (let lane: usize = 0; lane < 16; lane += 4) store<f32>(out + lane, load<f32>(largest(from, window, step.what, lane)));
    window += <usize>step.what << 2;
    out += 16;
  }
}

function poolBack(step: Step): void {
  const from = arena + (<usize>step.from << 4);
  const shift = slopes - arena;
  let d = slopes + (<usize>step.to << 4);
  zero(from + shift, step.fromSize);
  let window = table(step.byOutput);
  for (let i = 0; i < step.toSize; i++) {
    for (let lane: usize = 0; lane < 16; lane += 4) {
      const at = largest(from, window, step.what, lane) + shift;
      store<f32>(at, load<f32>(at) + load<f32>(d + lane));
    }
    window += <usize>step.what << 2;
    d += 16;
  }
}

function upsample(step: Step): void {
  const from = arena + (<usize>step.from << 4);
  let out = arena + (<usize>step.to << 4);
  let index = table(step.byOutput);
  for (let i = 0; i < step.toSize; i++) {
    const at = from + (<usize>load<u32>(index) << 4);
    store<u64>(out, load<u64>(at));
    store<u64>(out, load<u64>(at, 8), 8);
    index += 4;
    out += 16;
  }
}

function upsampleBack(step: Step): void {
  const to = slopes + (<usize>step.from << 4);
  let d = slopes + (<usize>step.to << 4);
  zero(to, step.fromSize);
  let index = table(step.byOutput);
  for (let i = 0; i < step.toSize; i++) {
    addLanes(to + (<usize>load<u32>(index) << 4), d);
    index += 4;
    d += 16;
  }
}

/** Floor to a grid from 0 on, `levels` values. */
function quantise(step: Step): void {
  const size = reinterpret<f32>(step.kernel);
  const top = <f32>(step.levels - 1);
  let from = arena + (<usize>step.from << 4);
  let out = arena + (<usize>step.to << 4);
  const end = from + (<usize>step.fromSize << 4);
  for (; from < end; from += 4) {
    let code = floor<f32>(load<f32>(from) / size);
    code = code < 0 ? 0 : code > top ? top : code;
    store<f32>(out, code * size);
    out += 4;
  }
}

/** Straight through inside the range, nothing outside. */
function quantiseBack(step: Step): void {
  const range = reinterpret<f32>(step.kernel) * <f32>step.levels;
  let x = arena + (<usize>step.from << 4);
  let to = slopes + (<usize>step.from << 4);
  let d = slopes + (<usize>step.to << 4);
  const end = x + (<usize>step.fromSize << 4);
  for (; x < end; x += 4) {
    const value = load<f32>(x);
    store<f32>(to, value >= 0 && value < range ? load<f32>(d) : 0);
    to += 4;
    d += 4;
  }
}
