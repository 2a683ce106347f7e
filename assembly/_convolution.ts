// Convolutions of zero-bordered pictures, NHWC: four neighbouring outputs by eight channels at a time, or four outputs of one
// channel. A transposed convolution is one such sum per output parity, over every stride-th kernel position, last one first;
// the compiler (harness/models/program.ts) writes each as a step of its own. Sums start at the bias and run over kernel row,
// kernel column, channel.
import { activated, activatedLanes } from "./_activation";
import { Step } from "./_networkstep";

const GROUP: i32 = 8; // channels
const SHARE: usize = memory.data(128, 64); // outputs of a group that is not stored whole: four pixels of eight channels

/** Weights in the order in which they are summed: [tap row, tap column, channel, filters padded with zeros], and biases. */
export function prepareConvolution(step: Step, parameters: usize, scratch: usize): void {
  if (step.prepared < 0) return;
  const kernel = parameters + <usize>step.kernel;
  const channels = step.channels;
  const filters = step.filters;
  const padded = step.filtersPadded;
  let target = scratch + <usize>step.prepared;
  for (let row = 0; row < step.tapRows; row++) {
    for (let column = 0; column < step.tapColumns; column++) {
      const y = step.firstTapRow + row * step.tapStep;
      const x = step.firstTapColumn + column * step.tapStep;
      const tap = (y * step.kernelEdge + x) * channels * filters;
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < padded; f++) {
          const index = step.transposed ? f * channels + c : c * filters + f;
          store<f32>(target, f < filters ? load<f32>(kernel + <usize>((tap + index) << 2)) : 0);
          target += 4;
        }
      }
    }
  }
  const bias = scratch + <usize>step.preparedBias;
  for (let f = 0; f < padded; f++) {
    const value = f < filters ? load<f32>(parameters + <usize>step.bias + <usize>(f << 2)) : 0;
    store<f32>(bias + <usize>(f << 2), value);
  }
}

/** One row's picture through a convolution with any number of filters. */
export function convolve(step: Step, weights: usize, bias: usize, from: usize, to: usize, leak: f32): void {
  const filters = step.filters;
  const width = step.width;
  const pixel = <usize>((step.stride * step.channels) << 2);
  const nextLine = <usize>(step.stride * step.fromLine);
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < width; x += 4) {
      const picture = from + <usize>x * pixel;
      const target = to + <usize>(x * step.toPixel);
      const count = min(4, width - x);
      for (let f = 0; f < filters; f += GROUP) {
        const at = <usize>(f << 2);
        if (count == 4 && filters - f >= GROUP) {
          group(step, weights + at, bias + at, picture, pixel, target + at, <usize>step.toPixel, leak);
        } else {
          group(step, weights + at, bias + at, picture, pixel, SHARE, 32, leak);
          const bytes = <usize>(min(GROUP, filters - f) << 2);
          for (let i = 0; i < count; i++) {
            memory.copy(target + at + <usize>(i * step.toPixel), SHARE + <usize>(i << 5), bytes);
          }
        }
      }
    }
    from += nextLine;
    to += <usize>step.toLine;
  }
}

/** Four outputs of eight channels. */
function group(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  pixel: usize,
  to: usize,
  toPixel: usize,
  leak: f32,
): void {
  const bytes = <usize>((step.tapColumns * step.channels) << 2);
  const line = <usize>step.fromLine - bytes;
  const stride = <usize>(step.filtersPadded << 2);
  if (ASC_FEATURE_SIMD) {
    fourByEight(
      weights,
      stride,
      bias,
      from,
      pixel,
      bytes,
      line,
      step.tapRows,
      to,
      toPixel,
      step.activation,
      leak,
    );
  } else {
    for (let i = 0; i < 4; i++) {
      for (let f: usize = 0; f < 32; f += 4) {
        let sum = load<f32>(bias + f);
        let weight = weights + f;
        let at = from;
        for (let row = 0; row < step.tapRows; row++) {
          const end = at + bytes;
          for (; at < end; at += 4) {
            sum += load<f32>(at) * load<f32>(weight);
            weight += stride;
          }
          at += line;
        }
        store<f32>(to + f, activated(step.activation, sum, leak));
      }
      from += pixel;
      to += toPixel;
    }
  }
}

/** The sums themselves. One input of four outputs a turn: see twoRows in _dense.ts. `line` leads to the next tap row. */
function fourByEight(
  weights: usize,
  stride: usize,
  bias: usize,
  from: usize,
  pixel: usize,
  bytes: usize,
  line: usize,
  tapRows: i32,
  to: usize,
  toPixel: usize,
  activation: i32,
  leak: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let p0 = from;
  let p1 = from + pixel;
  let p2 = p1 + pixel;
  let p3 = p2 + pixel;
  for (let row = 0; row < tapRows; row++) {
    const end = p0 + bytes;
    while (p0 < end) {
      const w0 = v128.load(weights);
      const w1 = v128.load(weights, 16);
      let x = v128.load_splat<f32>(p0);
      a0 = f32x4.add(a0, f32x4.mul(x, w0));
      a1 = f32x4.add(a1, f32x4.mul(x, w1));
      x = v128.load_splat<f32>(p1);
      b0 = f32x4.add(b0, f32x4.mul(x, w0));
      b1 = f32x4.add(b1, f32x4.mul(x, w1));
      x = v128.load_splat<f32>(p2);
      c0 = f32x4.add(c0, f32x4.mul(x, w0));
      c1 = f32x4.add(c1, f32x4.mul(x, w1));
      x = v128.load_splat<f32>(p3);
      d0 = f32x4.add(d0, f32x4.mul(x, w0));
      d1 = f32x4.add(d1, f32x4.mul(x, w1));
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      weights += stride;
    }
    p0 += line;
    p1 += line;
    p2 += line;
    p3 += line;
  }
  v128.store(to, activatedLanes(activation, a0, leak));
  v128.store(to, activatedLanes(activation, a1, leak), 16);
  to += toPixel;
  v128.store(to, activatedLanes(activation, b0, leak));
  v128.store(to, activatedLanes(activation, b1, leak), 16);
  to += toPixel;
  v128.store(to, activatedLanes(activation, c0, leak));
  v128.store(to, activatedLanes(activation, c1, leak), 16);
  to += toPixel;
  v128.store(to, activatedLanes(activation, d0, leak));
  v128.store(to, activatedLanes(activation, d1, leak), 16);
}

/** One row's picture through a convolution with one filter and stride 1; channels are a multiple of four. */
export function convolveToOne(step: Step, weights: usize, bias: usize, from: usize, to: usize, leak: f32): void {
  const width = step.width;
  const pixel = <usize>(step.channels << 2);
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < width; x += 4) {
      const picture = from + <usize>x * pixel;
      const target = to + <usize>(x << 2);
      if (width - x >= 4) fourOutputs(step, weights, bias, picture, pixel, target, leak);
      else {
        fourOutputs(step, weights, bias, picture, pixel, SHARE, leak);
        memory.copy(target, SHARE, <usize>((width - x) << 2));
      }
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
}

/** Lanes are channels until the end, when each output's four lanes are summed. */
function fourOutputs(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  pixel: usize,
  to: usize,
  leak: f32,
): void {
  const bytes = <usize>step.tapColumns * pixel;
  const line = <usize>step.fromLine - bytes;
  if (ASC_FEATURE_SIMD) {
    store4(to, fourSums(weights, from, pixel, bytes, line, step.tapRows), bias, step.activation, leak);
  } else {
    for (let i = 0; i < 4; i++) {
      let sum = load<f32>(bias);
      let weight = weights;
      let at = from;
      for (let row = 0; row < step.tapRows; row++) {
        const end = at + bytes;
        for (; at < end; at += 4) {
          sum += load<f32>(at) * load<f32>(weight);
          weight += 4;
        }
        at += line;
      }
      store<f32>(to, activated(step.activation, sum, leak));
      from += pixel;
      to += 4;
    }
  }
}

function store4(to: usize, sums: v128, bias: usize, activation: i32, leak: f32): void {
  const y = f32x4.add(sums, v128.load_splat<f32>(bias));
  v128.store(to, activatedLanes(activation, y, leak));
}

function fourSums(weights: usize, from: usize, pixel: usize, bytes: usize, line: usize, tapRows: i32): v128 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let p0 = from;
  let p1 = from + pixel;
  let p2 = p1 + pixel;
  let p3 = p2 + pixel;
  for (let row = 0; row < tapRows; row++) {
    const end = p0 + bytes;
    while (p0 < end) {
      const w = v128.load(weights);
      a = f32x4.add(a, f32x4.mul(v128.load(p0), w));
      b = f32x4.add(b, f32x4.mul(v128.load(p1), w));
      c = f32x4.add(c, f32x4.mul(v128.load(p2), w));
      d = f32x4.add(d, f32x4.mul(v128.load(p3), w));
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      weights += 16;
    }
    p0 += line;
    p1 += line;
    p2 += line;
    p3 += line;
  }
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const ab = f32x4.add(ab0, ab1);
  const cd = f32x4.add(cd0, cd1);
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}
