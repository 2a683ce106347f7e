// The way back through what multiplies by no weights: slopes of activations, pooling, upsampling, quantising. Rows of pictures,
// NHWC; every function takes all rows of a block.
import { LEAKY, LINEAR, RELU, SIGMOID, TANH } from "./_activation";
import { TrainingStep } from "./_trainingstep";

/** What goes back through an activation whose output is y: all slopes follow from it. */
@inline
function sloped(activation: i32, y: f32, d: f32, leak: f32): f32 {
  if (activation == RELU) return y > 0 ? d : 0;
  if (activation == LEAKY) return y > 0 ? d : d * leak;
  if (activation == SIGMOID) return d * (y * (<f32>1 - y));
  if (activation == TANH) return d * (<f32>1 - y * y);
  return d;
}

@inline
function slopedLanes(activation: i32, y: v128, d: v128, leak: f32): v128 {
  if (activation == RELU) return v128.and(d, f32x4.gt(y, f32x4.splat(0)));
  if (activation == LEAKY) return v128.bitselect(d, f32x4.mul(d, f32x4.splat(leak)), f32x4.gt(y, f32x4.splat(0)));
  const one = f32x4.splat(1);
  if (activation == SIGMOID) return f32x4.mul(d, f32x4.mul(y, f32x4.sub(one, y)));
  if (activation == TANH) return f32x4.mul(d, f32x4.sub(one, f32x4.mul(y, y)));
  return d;
}

/** to = other * slope at the outputs `from`, line by line. */
export function slopes(step: TrainingStep, y: usize, d: usize, to: usize, rows: i32, leak: f32): void {
  const activation = step.activation;
  const bytes = <usize>((step.width * step.filters) << 2);
  for (; rows > 0; rows--) {
    for (let line: usize = 0; line < <usize>step.height; line++) {
      const first = y + line * <usize>step.fromLine;
      const second = d + line * <usize>step.otherLine;
      slopeLine(activation, first, second, to + line * <usize>step.toLine, bytes, leak);
    }
    y += <usize>step.fromRow;
    d += <usize>step.otherRow;
    to += <usize>step.toRow;
  }
}

function slopeLine(activation: i32, y: usize, d: usize, to: usize, bytes: usize, leak: f32): void {
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= bytes; at += 16) {
      v128.store(to + at, slopedLanes(activation, v128.load(y + at), v128.load(d + at), leak));
    }
  }
  for (; at < bytes; at += 4) store<f32>(to + at, sloped(activation, load<f32>(y + at), load<f32>(d + at), leak));
}

/** Zeroes lines of `bytes` bytes. */
function clearLines(to: usize, line: usize, height: i32, bytes: usize): void {
  for (; height > 0; height--) {
    memory.fill(to, 0, bytes);
    to += line;
  }
}

/** To the first of the largest values of each window; nothing to the others. Height and width are the pooled picture's. */
export function poolBack(step: TrainingStep, x: usize, d: usize, to: usize, rows: i32): void {
  const pixel = <usize>(step.filters << 2);
  const size = step.size;
  for (; rows > 0; rows--) {
    clearLines(to, <usize>step.toLine, step.tapRows, <usize>step.tapColumns * pixel);
    for (let y = 0; y < step.height; y++) {
      for (let column = 0; column < step.width; column++) {
        const back = d + <usize>(y * step.otherLine) + <usize>column * pixel;
        for (let c: usize = 0; c < pixel; c += 4) {
          const at = largestOf(step, x, y * size, column * size, size, pixel, c);
          store<f32>(to + at, load<f32>(back + c));
        }
      }
    }
    x += <usize>step.fromRow;
    d += <usize>step.otherRow;
    to += <usize>step.toRow;
  }
}

/** Where in the written picture the first largest value of a window belongs. */
function largestOf(step: TrainingStep, x: usize, y: i32, column: i32, size: i32, pixel: usize, c: usize): usize {
  let best = load<f32>(x + <usize>(y * step.fromLine) + <usize>column * pixel + c);
  let at = <usize>(y * step.toLine) + <usize>column * pixel + c;
  for (let i = y; i < y + size; i++) {
    for (let j = column; j < column + size; j++) {
      const value = load<f32>(x + <usize>(i * step.fromLine) + <usize>j * pixel + c);
      if (value > best) {
        best = value;
        at = <usize>(i * step.toLine) + <usize>j * pixel + c;
      }
    }
  }
  return at;
}

/** Sums over the copies of each pixel. Height and width are those of the picture before. */
export function upsampleBack(step: TrainingStep, d: usize, to: usize, rows: i32): void {
  const pixel = <usize>(step.filters << 2);
  const size = step.size;
  for (; rows > 0; rows--) {
    for (let y = 0; y < step.height; y++) {
      for (let x = 0; x < step.width; x++) {
        const target = to + <usize>(y * step.toLine) + <usize>x * pixel;
        const window = d + <usize>(y * size * step.otherLine) + <usize>(x * size) * pixel;
        for (let c: usize = 0; c < pixel; c += 4) {
          let sum: f32 = 0;
          for (let i = 0; i < size; i++) {
            for (let j = 0; j < size; j++) {
              sum += load<f32>(window + <usize>(i * step.otherLine) + <usize>j * pixel + c);
            }
          }
          store<f32>(target + c, sum);
        }
      }
    }
    d += <usize>step.otherRow;
    to += <usize>step.toRow;
  }
}

/** Straight through inside the range of a quantising layer, nothing elsewhere. */
export function quantiseBack(step: TrainingStep, x: usize, d: usize, to: usize, rows: i32): void {
  const low = reinterpret<f32>(step.scale);
  const high = low + reinterpret<f32>(step.shift) * <f32>(step.size + 1);
  const bytes = <usize>((step.width * step.filters) << 2);
  for (; rows > 0; rows--) {
    for (let y: usize = 0; y < <usize>step.height; y++) {
      const first = x + y * <usize>step.fromLine;
      const second = d + y * <usize>step.otherLine;
      const third = to + y * <usize>step.toLine;
      for (let at: usize = 0; at < bytes; at += 4) {
        const value = load<f32>(first + at);
        store<f32>(third + at, value >= low && value < high ? load<f32>(second + at) : 0);
      }
    }
    x += <usize>step.fromRow;
    d += <usize>step.otherRow;
    to += <usize>step.toRow;
  }
}
