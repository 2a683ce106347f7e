// Convolutions of zero-bordered pictures, NHWC: four neighbouring outputs by eight channels at a time, or four outputs of one
// channel. A transposed convolution is one such sum per output parity, over every stride-th kernel position, last one first;
// the compiler (harness/models/program.ts) writes each as a step of its own. Sums start at the bias and run over kernel row,
// kernel column, channel.
import { RELU, activateLine, activated, activatedLanes } from "./_activation";
import { multiplyAdd } from "./_multiplyadd";
import { Step } from "./_networkstep";
import {
  eightToEight,
  eightToOne,
  isEightToEight,
  isEightToOne,
  lanesSummed,
} from "./_writtenout";

const GROUP: i32 = 8; // channels
const SHARE: usize = memory.data(128, 64); // outputs of a group that is not stored whole: four pixels of eight channels

/** Weights in the order in which they are summed: [tap row, tap column, channel, filters padded with zeros], and biases (zeros where `bias` is -1). */
export function prepareConvolution(step: Step, parameters: usize, packed: usize): void {
  if (step.prepared < 0) return;
  const kernel = parameters + <usize>step.kernel;
  const channels = step.channels;
  const filters = step.filters;
  const padded = step.filtersPadded;
  let target = packed + <usize>step.prepared;
  for (let row = 0; row < step.tapRows; row++) {
    for (let column = 0; column < step.tapColumns; column++) {
      const y = step.firstTapRow + row * step.tapStep;
      const x = step.firstTapColumn + column * step.tapStep;
      const tap = (y * step.kernelColumns + x) * channels * filters;
      if (ASC_FEATURE_SIMD) {
        if (step.transposed && padded == filters && (filters == 1 || ((filters | channels) & 3) == 0)) {
          target = transposeTap(kernel + <usize>(tap << 2), target, channels, filters);
          continue;
        }
      }
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < padded; f++) {
          const index = step.transposed ? f * channels + c : c * filters + f;
          store<f32>(target, f < filters ? load<f32>(kernel + <usize>((tap + index) << 2)) : 0);
          target += 4;
        }
      }
    }
  }
  const bias = packed + <usize>step.preparedBias;
  for (let f = 0; f < padded; f++) {
    const value = f < filters && step.bias >= 0 ? load<f32>(parameters + <usize>step.bias + <usize>(f << 2)) : 0;
    store<f32>(bias + <usize>(f << 2), value);
  }
}

/** [filters, channels] to [channels, filters] in squares of four (one filter: a copy); returns where the next tap goes. */
function transposeTap(source: usize, target: usize, channels: i32, filters: i32): usize {
  const end = target + <usize>((channels * filters) << 2);
  if (filters == 1) {
    for (; target < end; target += 16) {
      v128.store(target, v128.load(source));
      source += 16;
    }
    return end;
  }
  const line = <usize>(channels << 2);
  const toLine = <usize>(filters << 2);
  for (let f: usize = 0; f < toLine; f += 16) {
    let at = source;
    for (let to = target + f; to < end; to += 4 * toLine) {
      const a = v128.load(at);
      const b = v128.load(at + line);
      const c = v128.load(at + 2 * line);
      const d = v128.load(at + 3 * line);
      const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(to + toLine, v128.shuffle<i32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(to + 2 * toLine, v128.shuffle<i32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(to + 3 * toLine, v128.shuffle<i32>(ab1, cd1, 2, 3, 6, 7));
      at += 16;
    }
    source += 4 * line;
  }
  return end;
}

/** All rows' pictures through a convolution with any number of filters. */
export function convolve(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  to: usize,
  rows: i32,
  leak: f32,
): void {
  const filters = step.filters;
  const width = step.width;
  const pixel = <usize>((step.stride * step.channels) << 2);
  if (ASC_FEATURE_SIMD) {
    if (isEightToEight(step)) {
      eightToEight(step, weights, bias, from, to, rows, leak);
      return;
    }
    if (width % 4 == 0 && filters % GROUP == 0) {
      for (let f: usize = 0; f < <usize>(filters << 2); f += 32) {
        const toPixel = <usize>step.toPixel;
        fourByEight(step, weights + f, bias + f, from, pixel, to + f, toPixel, step.height, width, rows, leak);
      }
      return;
    }
  }
  for (let row = 0; row < rows; row++) {
    anyPicture(step, weights, bias, from, pixel, to, leak);
    from += <usize>step.fromRow;
    to += <usize>step.toRow;
  }
}

/** One row's picture, group by group; groups that reach beyond a line or the filters are shared out. */
function anyPicture(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  pixel: usize,
  to: usize,
  leak: f32,
): void {
  const filters = step.filters;
  const width = step.width;
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
  if (ASC_FEATURE_SIMD) {
    fourByEight(step, weights, bias, from, pixel, to, toPixel, 1, 4, 1, leak);
  } else {
    const bytes = <usize>((step.tapColumns * step.channels) << 2);
    const line = <usize>step.fromLine - bytes;
    const stride = <usize>(step.filtersPadded << 2);
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

/**
 * The sums themselves, for `rows` pictures of `height` lines of `width` outputs, a multiple of four, by eight channels. One input
 * of four outputs a turn of the inner loop, all rows in one call: see pairsOfRows in _dense.ts.
 */
function fourByEight(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  pixel: usize,
  to: usize,
  toPixel: usize,
  height: i32,
  width: i32,
  rows: i32,
  leak: f32,
): void {
  const activation = step.activation;
  const tapRows = step.tapRows;
  const stride = <usize>(step.filtersPadded << 2);
  const bytes = <usize>((step.tapColumns * step.channels) << 2);
  const line = <usize>step.fromLine - bytes;
  const nextLine = <usize>(step.stride * step.fromLine);
  const nextGroup = pixel << 2;
  const toLine = <usize>step.toLine;
  // What is left to do after the lines of a picture.
  const nextFrom = <usize>step.fromRow - <usize>height * nextLine;
  const nextTo = <usize>step.toRow - <usize>height * toLine;
  for (; rows > 0; rows--) {
  for (let y = 0; y < height; y++) {
    let picture = from;
    let target = to;
    for (let x = 0; x < width; x += 4) {
      let a0 = v128.load(bias);
      let a1 = v128.load(bias, 16);
      let b0 = a0;
      let b1 = a1;
      let c0 = a0;
      let c1 = a1;
      let d0 = a0;
      let d1 = a1;
      let p0 = picture;
      let p1 = p0 + pixel;
      let p2 = p1 + pixel;
      let p3 = p2 + pixel;
      let at = weights;
      for (let row = 0; row < tapRows; row++) {
        const end = p0 + bytes;
        while (p0 < end) {
          const w0 = v128.load(at);
          const w1 = v128.load(at, 16);
          let v = v128.load_splat<f32>(p0);
          a0 = multiplyAdd(a0, v, w0);
          a1 = multiplyAdd(a1, v, w1);
          v = v128.load_splat<f32>(p1);
          b0 = multiplyAdd(b0, v, w0);
          b1 = multiplyAdd(b1, v, w1);
          v = v128.load_splat<f32>(p2);
          c0 = multiplyAdd(c0, v, w0);
          c1 = multiplyAdd(c1, v, w1);
          v = v128.load_splat<f32>(p3);
          d0 = multiplyAdd(d0, v, w0);
          d1 = multiplyAdd(d1, v, w1);
          p0 += 4;
          p1 += 4;
          p2 += 4;
          p3 += 4;
          at += stride;
        }
        p0 += line;
        p1 += line;
        p2 += line;
        p3 += line;
      }
      if (activation == RELU) {
        const zero = f32x4.splat(0);
        a0 = f32x4.pmax(zero, a0);
        a1 = f32x4.pmax(zero, a1);
        b0 = f32x4.pmax(zero, b0);
        b1 = f32x4.pmax(zero, b1);
        c0 = f32x4.pmax(zero, c0);
        c1 = f32x4.pmax(zero, c1);
        d0 = f32x4.pmax(zero, d0);
        d1 = f32x4.pmax(zero, d1);
      }
      storePixel(target, a0, a1, activation, leak);
      target += toPixel;
      storePixel(target, b0, b1, activation, leak);
      target += toPixel;
      storePixel(target, c0, c1, activation, leak);
      target += toPixel;
      storePixel(target, d0, d1, activation, leak);
      target += toPixel;
      picture += nextGroup;
    }
    from += nextLine;
    to += toLine;
  }
  from += nextFrom;
  to += nextTo;
  }
}

@inline
function storePixel(to: usize, low: v128, high: v128, activation: i32, leak: f32): void {
  v128.store(to, low);
  v128.store(to, high, 16);
  if (activation > RELU) finishPixel(to, activation, leak);
}

/** The activations that are worth a call. */
function finishPixel(at: usize, activation: i32, leak: f32): void {
  v128.store(at, activatedLanes(activation, v128.load(at), leak));
  v128.store(at, activatedLanes(activation, v128.load(at, 16), leak), 16);
}

/** All rows' pictures through a convolution with one filter and stride 1; channels are a multiple of four. */
export function convolveToOne(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  to: usize,
  rows: i32,
  leak: f32,
): void {
  const width = step.width;
  const height = step.height;
  const lineBytes = <usize>(width << 2);
  const toLine = <usize>step.toLine;
  const areTogether = toLine == lineBytes;
  for (; rows > 0; rows--) {
    if (ASC_FEATURE_SIMD) {
      if (isEightToOne(step)) eightToOne(step, weights, bias, from, to);
      else if (width % 4 == 0 && step.tapColumns == 3) linesOfThree(step, weights, bias, from, to);
      else linesOfAny(step, weights, bias, from, to);
    } else {
      scalarLines(step, weights, bias, from, to);
    }
    if (areTogether) activateLine(to, lineBytes * <usize>height, step.activation, leak);
    else {
      for (let y = 0; y < height; y++) activateLine(to + <usize>y * toLine, lineBytes, step.activation, leak);
    }
    from += <usize>step.fromRow;
    to += <usize>step.toRow;
  }
}

function scalarLines(step: Step, weights: usize, bias: usize, from: usize, to: usize): void {
  const pixel = <usize>(step.channels << 2);
  const bytes = <usize>step.tapColumns * pixel;
  const line = <usize>step.fromLine - bytes;
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < step.width; x++) {
      let sum = load<f32>(bias);
      let weight = weights;
      let at = from + <usize>x * pixel;
      for (let row = 0; row < step.tapRows; row++) {
        const end = at + bytes;
        for (; at < end; at += 4) {
          sum += load<f32>(at) * load<f32>(weight);
          weight += 4;
        }
        at += line;
      }
      store<f32>(to + <usize>(x << 2), sum);
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
}

/** Lanes are channels until the end, when each output's four lanes are summed. */
function linesOfAny(step: Step, weights: usize, bias: usize, from: usize, to: usize): void {
  const width = step.width;
  const pixel = <usize>(step.channels << 2);
  const bytes = <usize>step.tapColumns * pixel;
  const line = <usize>step.fromLine - bytes;
  const start = v128.load_splat<f32>(bias);
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < width; x += 4) {
      const picture = from + <usize>x * pixel;
      const target = to + <usize>(x << 2);
      const sums = f32x4.add(fourSums(weights, picture, pixel, bytes, line, step.tapRows), start);
      if (width - x >= 4) v128.store(target, sums);
      else {
        v128.store(SHARE, sums);
        memory.copy(target, SHARE, <usize>((width - x) << 2));
      }
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
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
      a = multiplyAdd(a, v128.load(p0), w);
      b = multiplyAdd(b, v128.load(p1), w);
      c = multiplyAdd(c, v128.load(p2), w);
      d = multiplyAdd(d, v128.load(p3), w);
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
  return lanesSummed(a, b, c, d);
}

/** The same for three taps a line: their weights and the six pixels under them are loaded once for four outputs. */
function linesOfThree(step: Step, weights: usize, bias: usize, from: usize, to: usize): void {
  const pixel = <usize>(step.channels << 2);
  const pixel2 = pixel << 1;
  const fromLine = <usize>step.fromLine;
  const nextRow = fromLine - pixel;
  const nextWeights = pixel2;
  const kernelEnd = weights + <usize>step.tapRows * 3 * pixel;
  const start = v128.load_splat<f32>(bias);
  const groups = step.width >> 2;
  for (let y = 0; y < step.height; y++) {
    let picture = from;
    for (let x = 0; x < groups; x++) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let p = picture;
      let w = weights;
      while (w < kernelEnd) {
        const end = p + pixel;
        while (p < end) {
          const second = p + pixel;
          const fourth = second + pixel2;
          const w0 = v128.load(w);
          const w1 = v128.load(w + pixel);
          const w2 = v128.load(w + pixel2);
          let v = v128.load(p);
          a = multiplyAdd(a, v, w0);
          v = v128.load(second);
          a = multiplyAdd(a, v, w1);
          b = multiplyAdd(b, v, w0);
          v = v128.load(p + pixel2);
          a = multiplyAdd(a, v, w2);
          b = multiplyAdd(b, v, w1);
          c = multiplyAdd(c, v, w0);
          v = v128.load(fourth);
          b = multiplyAdd(b, v, w2);
          c = multiplyAdd(c, v, w1);
          d = multiplyAdd(d, v, w0);
          v = v128.load(fourth + pixel);
          c = multiplyAdd(c, v, w2);
          d = multiplyAdd(d, v, w1);
          v = v128.load(fourth + pixel2);
          d = multiplyAdd(d, v, w2);
          p += 16;
          w += 16;
        }
        p += nextRow;
        w += nextWeights;
      }
      v128.store(to + <usize>(x << 4), f32x4.add(lanesSummed(a, b, c, d), start));
      picture += pixel << 2;
    }
    from += fromLine;
    to += <usize>step.toLine;
  }
}
