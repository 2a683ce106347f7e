// Convolutions of pictures whose sizes are common enough to be written out: a kernel position's eight channels, or a channel's nine
// positions, one after the other without a loop, addresses as literals. The order of the sums is that of _convolution.ts, and so
// are the bits. The conditions that never hold stand where a loop's end would: without them the engine moves all loads of a
// stretch to its beginning and runs out of registers; each is another one because equal ones are merged.
import { RELU, activatedLanes } from "./_activation";
import { multiplyAdd } from "./_multiplyadd";
import { Step } from "./_networkstep";

/** Is it four-by-eight with eight channels in and eight out? A kernel smaller than its stride has outputs without positions. */
@inline
export function isEightToEight(step: Step): bool {
  return step.channels == 8 && step.filters == 8 && step.width == 4 && step.tapRows * step.tapColumns > 0;
}

/** Activations other than ReLU, where the sums lie: a call among the sums would cost registers even where it is not made. */
function finish(step: Step, to: usize, rows: i32, leak: f32): void {
  const activation = step.activation;
  if (activation <= RELU) return;
  const toPixel = <usize>step.toPixel;
  for (; rows > 0; rows--) {
    for (let y: usize = 0; y < <usize>step.height; y++) {
      let target = to + y * <usize>step.toLine;
      for (let x = 0; x < 4; x++) {
        v128.store(target, activatedLanes(activation, v128.load(target), leak));
        v128.store(target, activatedLanes(activation, v128.load(target, 16), leak), 16);
        target += toPixel;
      }
    }
    to += <usize>step.toRow;
  }
}

/** Lines of four outputs, eight channels of them, from eight channels; any kernel positions. */
export function eightToEight(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  to: usize,
  rows: i32,
  leak: f32,
): void {
  const first = to;
  const all = rows;
  const isRelu = step.activation == RELU;
  const height = step.height;
  const toPixel = <usize>step.toPixel;
  const toLine = <usize>step.toLine;
  const fromLine = <usize>step.fromLine;
  const nextLine = <usize>step.stride * fromLine;
  const nextFrom = <usize>step.fromRow - <usize>height * nextLine;
  const nextTo = <usize>step.toRow - <usize>height * toLine;
  const pixel = <usize>(step.stride << 5);
  const lineBytes = <usize>(step.tapColumns << 5);
  const nextTapRow = fromLine - lineBytes;
  const kernelRow = lineBytes << 3;
  const kernelEnd = weights + <usize>step.tapRows * kernelRow;
  for (; rows > 0; rows--) {
    for (let y = 0; y < height; y++) {
      let a0 = v128.load(bias);
      let a1 = v128.load(bias, 16);
      let b0 = a0;
      let b1 = a1;
      let c0 = a0;
      let c1 = a1;
      let d0 = a0;
      let d1 = a1;
      let w0: v128;
      let w1: v128;
      let v: v128;
      let p0 = from;
      let p1 = p0 + pixel;
      let p2 = p1 + pixel;
      let p3 = p2 + pixel;
      let at = weights;
      let lineEnd = at + kernelRow;
      while (true) {
        w0 = v128.load(at);
        w1 = v128.load(at, 16);
        v = v128.load_splat<f32>(p0);
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
        if (p0 == 1) break;
        w0 = v128.load(at, 32);
        w1 = v128.load(at, 48);
        v = v128.load_splat<f32>(p0, 4);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 4);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 4);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 4);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (p1 == 1) break;
        w0 = v128.load(at, 64);
        w1 = v128.load(at, 80);
        v = v128.load_splat<f32>(p0, 8);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 8);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 8);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 8);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (p2 == 1) break;
        w0 = v128.load(at, 96);
        w1 = v128.load(at, 112);
        v = v128.load_splat<f32>(p0, 12);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 12);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 12);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 12);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (p3 == 1) break;
        w0 = v128.load(at, 128);
        w1 = v128.load(at, 144);
        v = v128.load_splat<f32>(p0, 16);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 16);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 16);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 16);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (at == 1) break;
        w0 = v128.load(at, 160);
        w1 = v128.load(at, 176);
        v = v128.load_splat<f32>(p0, 20);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 20);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 20);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 20);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (p0 == 2) break;
        w0 = v128.load(at, 192);
        w1 = v128.load(at, 208);
        v = v128.load_splat<f32>(p0, 24);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 24);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 24);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 24);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        if (p1 == 2) break;
        w0 = v128.load(at, 224);
        w1 = v128.load(at, 240);
        v = v128.load_splat<f32>(p0, 28);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(p1, 28);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(p2, 28);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(p3, 28);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        p0 += 32;
        p1 += 32;
        p2 += 32;
        p3 += 32;
        at += 256;
        if (at == lineEnd) {
          if (at == kernelEnd) break;
          lineEnd += kernelRow;
          p0 += nextTapRow;
          p1 += nextTapRow;
          p2 += nextTapRow;
          p3 += nextTapRow;
        }
      }
      if (isRelu) {
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
      let target = to;
      v128.store(target, a0);
      v128.store(target, a1, 16);
      target += toPixel;
      v128.store(target, b0);
      v128.store(target, b1, 16);
      target += toPixel;
      v128.store(target, c0);
      v128.store(target, c1, 16);
      target += toPixel;
      v128.store(target, d0);
      v128.store(target, d1, 16);
      from += nextLine;
      to += toLine;
    }
    from += nextFrom;
    to += nextTo;
  }
  finish(step, first, all, leak);
}

/** Bytes of the chip's picture: 8 lines of 8 pixels; and of its eight-channel outputs, 4 x 4. */
const PICTURE: usize = 256;
const LINE: usize = 32;
const OUTPUT_LINE: usize = 128;

/**
 * The chip's first layer and its ReLU: eight channels from the 8x8 picture, 3x3 at stride 2, which "same" pads after the last
 * line and column only: nothing is read there. Where no charge is in the lower right quarter, as no trigger cell is, the four outputs that see
 * nothing else are the bias, and two lines of two outputs are one group. Adding zeros changes no sum: the bits are the same.
 */
export function pictureToEight(
  step: Step,
  weights: usize,
  bias: usize,
  from: usize,
  to: usize,
  rows: i32,
): void {
  const toRow = <usize>step.toRow;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const picture = from + row * PICTURE;
    const target = to + row * toRow;
    if (ASC_FEATURE_SIMD) {
      if (isDark(picture)) {
        pictureLines(weights, bias, picture, target, 2);
        pictureCorner(weights, bias, picture + 4 * LINE, target + 2 * OUTPUT_LINE);
      } else {
        pictureLines(weights, bias, picture, target, 4);
      }
    } else {
      scalarPicture(weights, bias, picture, target);
    }
  }
}

/** Nothing but zeros in the lower right quarter? */
function isDark(picture: usize): bool {
  const a = v128.or(v128.load(picture, 144), v128.load(picture, 176));
  const b = v128.or(v128.load(picture, 208), v128.load(picture, 240));
  return !v128.any_true(v128.or(a, b));
}

/** Four outputs of each of the first `lines` lines; the fourth has no third line of pixels. */
function pictureLines(at: usize, bias: usize, p: usize, to: usize, lines: i32): void {
  const zero = f32x4.splat(0);
  for (let y = 0; y < lines; y++) {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let w0: v128;
  let w1: v128;
  let v: v128;
  do {
    w0 = v128.load(at);
    w1 = v128.load(at, 16);
    v = v128.load_splat<f32>(p);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 8);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 16);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 24);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 1) break;
    w0 = v128.load(at, 32);
    w1 = v128.load(at, 48);
    v = v128.load_splat<f32>(p, 4);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 12);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 20);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 28);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 2) break;
    w0 = v128.load(at, 64);
    w1 = v128.load(at, 80);
    v = v128.load_splat<f32>(p, 8);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 16);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 24);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    if (p == 3) break;
    w0 = v128.load(at, 96);
    w1 = v128.load(at, 112);
    v = v128.load_splat<f32>(p, 32);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 40);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 48);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 56);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 5) break;
    w0 = v128.load(at, 128);
    w1 = v128.load(at, 144);
    v = v128.load_splat<f32>(p, 36);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 44);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 52);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 60);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 6) break;
    w0 = v128.load(at, 160);
    w1 = v128.load(at, 176);
    v = v128.load_splat<f32>(p, 40);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 48);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 56);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    if (y == 3) break;
    w0 = v128.load(at, 192);
    w1 = v128.load(at, 208);
    v = v128.load_splat<f32>(p, 64);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 72);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 80);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 88);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 9) break;
    w0 = v128.load(at, 224);
    w1 = v128.load(at, 240);
    v = v128.load_splat<f32>(p, 68);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 76);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 84);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 92);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 10) break;
    w0 = v128.load(at, 256);
    w1 = v128.load(at, 272);
    v = v128.load_splat<f32>(p, 72);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 80);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 88);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
  } while (false);
  v128.store(to, f32x4.pmax(zero, a0));
  v128.store(to, f32x4.pmax(zero, a1), 16);
  v128.store(to, f32x4.pmax(zero, b0), 32);
  v128.store(to, f32x4.pmax(zero, b1), 48);
  v128.store(to, f32x4.pmax(zero, c0), 64);
  v128.store(to, f32x4.pmax(zero, c1), 80);
  v128.store(to, f32x4.pmax(zero, d0), 96);
  v128.store(to, f32x4.pmax(zero, d1), 112);
  p += 2 * LINE;
  to += OUTPUT_LINE;
  }
}

/** The two lower lines of outputs when their right halves see zeros only. */
function pictureCorner(at: usize, bias: usize, p: usize, to: usize): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let w0: v128;
  let w1: v128;
  let v: v128;
  do {
    w0 = v128.load(at);
    w1 = v128.load(at, 16);
    v = v128.load_splat<f32>(p);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 8);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 64);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 72);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 1) break;
    w0 = v128.load(at, 32);
    w1 = v128.load(at, 48);
    v = v128.load_splat<f32>(p, 4);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 12);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 68);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 76);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 2) break;
    w0 = v128.load(at, 64);
    w1 = v128.load(at, 80);
    v = v128.load_splat<f32>(p, 8);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 16);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 72);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 80);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 3) break;
    w0 = v128.load(at, 96);
    w1 = v128.load(at, 112);
    v = v128.load_splat<f32>(p, 32);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 40);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 96);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 104);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 5) break;
    w0 = v128.load(at, 128);
    w1 = v128.load(at, 144);
    v = v128.load_splat<f32>(p, 36);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 44);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 100);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 108);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 6) break;
    w0 = v128.load(at, 160);
    w1 = v128.load(at, 176);
    v = v128.load_splat<f32>(p, 40);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 48);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    v = v128.load_splat<f32>(p, 104);
    c0 = multiplyAdd(c0, v, w0);
    c1 = multiplyAdd(c1, v, w1);
    v = v128.load_splat<f32>(p, 112);
    d0 = multiplyAdd(d0, v, w0);
    d1 = multiplyAdd(d1, v, w1);
    if (p == 7) break;
    w0 = v128.load(at, 192);
    w1 = v128.load(at, 208);
    v = v128.load_splat<f32>(p, 64);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 72);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    if (p == 9) break;
    w0 = v128.load(at, 224);
    w1 = v128.load(at, 240);
    v = v128.load_splat<f32>(p, 68);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 76);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
    if (p == 10) break;
    w0 = v128.load(at, 256);
    w1 = v128.load(at, 272);
    v = v128.load_splat<f32>(p, 72);
    a0 = multiplyAdd(a0, v, w0);
    a1 = multiplyAdd(a1, v, w1);
    v = v128.load_splat<f32>(p, 80);
    b0 = multiplyAdd(b0, v, w0);
    b1 = multiplyAdd(b1, v, w1);
  } while (false);
  const zero = f32x4.splat(0);
  v128.store(to, f32x4.pmax(zero, a0));
  v128.store(to, f32x4.pmax(zero, a1), 16);
  v128.store(to, f32x4.pmax(zero, b0), 32);
  v128.store(to, f32x4.pmax(zero, b1), 48);
  v128.store(to, f32x4.pmax(zero, c0), 128);
  v128.store(to, f32x4.pmax(zero, c1), 144);
  v128.store(to, f32x4.pmax(zero, d0), 160);
  v128.store(to, f32x4.pmax(zero, d1), 176);
  w0 = f32x4.pmax(zero, v128.load(bias));
  w1 = f32x4.pmax(zero, v128.load(bias, 16));
  v128.store(to, w0, 64);
  v128.store(to, w1, 80);
  v128.store(to, w0, 96);
  v128.store(to, w1, 112);
  v128.store(to, w0, 192);
  v128.store(to, w1, 208);
  v128.store(to, w0, 224);
  v128.store(to, w1, 240);
}

/** The same sums one by one. */
function scalarPicture(weights: usize, bias: usize, picture: usize, to: usize): void {
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      for (let f: usize = 0; f < LINE; f += 4) {
        let sum = load<f32>(bias + f);
        for (let i = 0; i < (y < 3 ? 3 : 2); i++) {
          for (let j = 0; j < (x < 3 ? 3 : 2); j++) {
            const pixel = load<f32>(picture + <usize>(((2 * y + i) * 8 + 2 * x + j) << 2));
            sum += pixel * load<f32>(weights + <usize>(3 * i + j) * LINE + f);
          }
        }
        store<f32>(to + f, sum > 0 ? sum : 0);
      }
      to += LINE;
    }
  }
}

/** Is it a 3-column kernel over eight channels, on lines of whole groups of four? */
@inline
export function isEightToOne(step: Step): bool {
  return step.channels == 8 && step.tapColumns == 3 && step.width % 4 == 0;
}

/** One row's sums of eight channels to one, four outputs at a time; lanes are channels until the end. */
export function eightToOne(step: Step, weights: usize, bias: usize, from: usize, to: usize): void {
  const fromLine = <usize>step.fromLine;
  const toLine = <usize>step.toLine;
  const kernelEnd = weights + <usize>(step.tapRows * 96);
  const start = v128.load_splat<f32>(bias);
  const lineEnd = <usize>(step.width << 2);
  for (let y = 0; y < step.height; y++) {
    let picture = from;
    for (let x: usize = 0; x < lineEnd; x += 16) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let p = picture;
      let w = weights;
      while (true) {
        let w0 = v128.load(w);
        let w1 = v128.load(w, 32);
        let w2 = v128.load(w, 64);
        let v = v128.load(p);
        a = multiplyAdd(a, v, w0);
        v = v128.load(p, 32);
        a = multiplyAdd(a, v, w1);
        b = multiplyAdd(b, v, w0);
        v = v128.load(p, 64);
        a = multiplyAdd(a, v, w2);
        b = multiplyAdd(b, v, w1);
        c = multiplyAdd(c, v, w0);
        v = v128.load(p, 96);
        b = multiplyAdd(b, v, w2);
        c = multiplyAdd(c, v, w1);
        d = multiplyAdd(d, v, w0);
        v = v128.load(p, 128);
        c = multiplyAdd(c, v, w2);
        d = multiplyAdd(d, v, w1);
        v = v128.load(p, 160);
        d = multiplyAdd(d, v, w2);
        if (p == 1) break;
        w0 = v128.load(w, 16);
        w1 = v128.load(w, 48);
        w2 = v128.load(w, 80);
        v = v128.load(p, 16);
        a = multiplyAdd(a, v, w0);
        v = v128.load(p, 48);
        a = multiplyAdd(a, v, w1);
        b = multiplyAdd(b, v, w0);
        v = v128.load(p, 80);
        a = multiplyAdd(a, v, w2);
        b = multiplyAdd(b, v, w1);
        c = multiplyAdd(c, v, w0);
        v = v128.load(p, 112);
        b = multiplyAdd(b, v, w2);
        c = multiplyAdd(c, v, w1);
        d = multiplyAdd(d, v, w0);
        v = v128.load(p, 144);
        c = multiplyAdd(c, v, w2);
        d = multiplyAdd(d, v, w1);
        v = v128.load(p, 176);
        d = multiplyAdd(d, v, w2);
        p += fromLine;
        w += 96;
        if (w == kernelEnd) break;
      }
      v128.store(to + x, f32x4.add(lanesSummed(a, b, c, d), start));
      picture += 128;
    }
    from += fromLine;
    to += toLine;
  }
}

/** [sum of a, sum of b, sum of c, sum of d] */
@inline
export function lanesSummed(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const ab = f32x4.add(ab0, ab1);
  const cd = f32x4.add(cd0, cd1);
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}
