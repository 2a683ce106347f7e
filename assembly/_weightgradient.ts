// Gradients of weights: sums over rows (and pixels) of what came in times what goes back. Every weight is summed in the order of
// rows and pixels within a block, and the block's sum is added to what earlier blocks gave, with and without SIMD alike. The inner
// loop is one row or pixel for eight vectors of sums: see pairsOfRows in _dense.ts.
import { multiplyAdd } from "./_multiplyadd";

const SUMS: usize = memory.data(128, 64);
/** Rows that a dense layer's gradient goes through at a time, so that they stay in the first-level cache. */
const ROWS: i32 = 64;

@inline
function least(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

/** gradient[inputs, units] += x^T dy; x and dy are flat rows. */
export function denseGradient(
  x: usize,
  xRow: usize,
  dy: usize,
  dyRow: usize,
  inputs: i32,
  units: i32,
  rows: i32,
  gradient: usize,
): void {
  for (let row = 0; row < rows; row += ROWS) {
    const count = least(ROWS, rows - row);
    const first = x + <usize>row * xRow;
    const second = dy + <usize>row * dyRow;
    for (let unit = 0; unit < units; unit += 16) {
      const wide = units - unit > 8;
      const width = least(wide ? 16 : 8, units - unit);
      const height = wide ? 2 : 4;
      for (let input = 0; input < inputs; input += height) {
        const from = first + <usize>(input << 2);
        const back = second + <usize>(unit << 2);
        if (wide) twoBySixteen(from, xRow, back, dyRow, count);
        else fourByEight(from, xRow, back, dyRow, count);
        const to = gradient + <usize>((input * units + unit) << 2);
        addSums(to, <usize>(units << 2), least(height, inputs - input), width, wide ? 64 : 32);
      }
    }
  }
}

/** Adds `lines` lines of `width` sums, `sumsLine` bytes apart, to lines `line` bytes apart. */
function addSums(to: usize, line: usize, lines: i32, width: i32, sumsLine: usize): void {
  let sums = SUMS;
  for (; lines > 0; lines--) {
    const end = <usize>(width << 2);
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (; at + 16 <= end; at += 16) {
        v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(sums + at)));
      }
    }
    for (; at < end; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(sums + at));
    to += line;
    sums += sumsLine;
  }
}

/** SUMS[2][16] of two inputs by sixteen units. */
function twoBySixteen(x: usize, xRow: usize, dy: usize, dyRow: usize, rows: i32): void {
  if (ASC_FEATURE_SIMD) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    const end = x + <usize>rows * xRow;
    while (x < end) {
      const first = v128.load_splat<f32>(x);
      const second = v128.load_splat<f32>(x, 4);
      let d = v128.load(dy);
      a0 = multiplyAdd(a0, first, d);
      b0 = multiplyAdd(b0, second, d);
      d = v128.load(dy, 16);
      a1 = multiplyAdd(a1, first, d);
      b1 = multiplyAdd(b1, second, d);
      d = v128.load(dy, 32);
      a2 = multiplyAdd(a2, first, d);
      b2 = multiplyAdd(b2, second, d);
      d = v128.load(dy, 48);
      a3 = multiplyAdd(a3, first, d);
      b3 = multiplyAdd(b3, second, d);
      x += xRow;
      dy += dyRow;
    }
    v128.store(SUMS, a0);
    v128.store(SUMS, a1, 16);
    v128.store(SUMS, a2, 32);
    v128.store(SUMS, a3, 48);
    v128.store(SUMS, b0, 64);
    v128.store(SUMS, b1, 80);
    v128.store(SUMS, b2, 96);
    v128.store(SUMS, b3, 112);
  } else {
    scalarSums(x, xRow, 2, dy, dyRow, 16, rows);
  }
}

/** SUMS[4][8] of four inputs by eight units. */
function fourByEight(x: usize, xRow: usize, dy: usize, dyRow: usize, rows: i32): void {
  if (ASC_FEATURE_SIMD) {
    lineByEight(x, xRow, 0, dy, dyRow, 0, 1, rows, 1, 0, 0);
  } else {
    scalarSums(x, xRow, 4, dy, dyRow, 8, rows);
  }
}

/** The same sums one by one, `lines` inputs by `width` units. */
function scalarSums(x: usize, xRow: usize, lines: i32, dy: usize, dyRow: usize, width: i32, rows: i32): void {
  for (let i = 0; i < lines; i++) {
    for (let j = 0; j < width; j++) {
      let sum: f32 = 0;
      let from = x + <usize>(i << 2);
      let back = dy + <usize>(j << 2);
      for (let row = 0; row < rows; row++) {
        sum += load<f32>(from) * load<f32>(back);
        from += xRow;
        back += dyRow;
      }
      store<f32>(SUMS + <usize>((i * width + j) << 2), sum);
    }
  }
}

/**
 * SUMS[4][8]: four neighbouring values of the large picture by eight channels of the small one, over `width` pixels of `height`
 * lines of `rows` pictures.
 */
function lineByEight(
  large: usize,
  largePixel: usize,
  largeLine: usize,
  small: usize,
  smallPixel: usize,
  smallLine: usize,
  height: i32,
  width: i32,
  rows: i32,
  largeRow: usize,
  smallRow: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const run = <usize>width * smallPixel;
  for (; rows > 0; rows--) {
    let line = large;
    let back = small;
    for (let y = 0; y < height; y++) {
      let x = line;
      let at = back;
      const end = back + run;
      while (at < end) {
        const w0 = v128.load(at);
        const w1 = v128.load(at, 16);
        let v = v128.load_splat<f32>(x);
        a0 = multiplyAdd(a0, v, w0);
        a1 = multiplyAdd(a1, v, w1);
        v = v128.load_splat<f32>(x, 4);
        b0 = multiplyAdd(b0, v, w0);
        b1 = multiplyAdd(b1, v, w1);
        v = v128.load_splat<f32>(x, 8);
        c0 = multiplyAdd(c0, v, w0);
        c1 = multiplyAdd(c1, v, w1);
        v = v128.load_splat<f32>(x, 12);
        d0 = multiplyAdd(d0, v, w0);
        d1 = multiplyAdd(d1, v, w1);
        x += largePixel;
        at += smallPixel;
      }
      line += largeLine;
      back += smallLine;
    }
    large += largeRow;
    small += smallRow;
  }
  v128.store(SUMS, a0);
  v128.store(SUMS, a1, 16);
  v128.store(SUMS, b0, 32);
  v128.store(SUMS, b1, 48);
  v128.store(SUMS, c0, 64);
  v128.store(SUMS, c1, 80);
  v128.store(SUMS, d0, 96);
  v128.store(SUMS, d1, 112);
}

function scalarLineByEight(
  large: usize,
  largePixel: usize,
  largeLine: usize,
  small: usize,
  smallPixel: usize,
  smallLine: usize,
  height: i32,
  width: i32,
  rows: i32,
  largeRow: usize,
  smallRow: usize,
): void {
  for (let i: usize = 0; i < 16; i += 4) {
    for (let j: usize = 0; j < 32; j += 4) {
      let sum: f32 = 0;
      for (let row: usize = 0; row < <usize>rows; row++) {
        for (let y: usize = 0; y < <usize>height; y++) {
          let x = large + row * largeRow + y * largeLine + i;
          let at = small + row * smallRow + y * smallLine + j;
          for (let pixel = 0; pixel < width; pixel++) {
            sum += load<f32>(x) * load<f32>(at);
            x += largePixel;
            at += smallPixel;
          }
        }
      }
      store<f32>(SUMS + (i << 3) + j, sum);
    }
  }
}

/**
 * gradient[lines][columns * largeChannels][smallChannels] += sums over pixels of the small picture; the window of pixel (y, x) in the
 * large one begins at line y * stride, pixel x * stride of `large`. Serves convolutions (the small picture is the output's
 * gradient) and transposed ones (the small picture is the input).
 */
export function convolveGradient(
  large: usize,
  largeRow: usize,
  largeLine: usize,
  largeChannels: i32,
  small: usize,
  smallRow: usize,
  smallLine: usize,
  smallChannels: i32,
  height: i32,
  width: i32,
  stride: i32,
  lines: i32,
  columns: i32,
  rows: i32,
  gradient: usize,
): void {
  const window = columns * largeChannels;
  const pixel = <usize>((stride * largeChannels) << 2);
  const smallPixel = <usize>(smallChannels << 2);
  const nextLine = <usize>stride * largeLine;
  for (let tap = 0; tap < lines; tap++) {
    for (let i = 0; i < window; i += 4) {
      const from = large + <usize>(i << 2);
      for (let f = 0; f < smallChannels; f += 8) {
        const back = small + <usize>(f << 2);
        if (ASC_FEATURE_SIMD) {
          lineByEight(from, pixel, nextLine, back, smallPixel, smallLine, height, width, rows, largeRow, smallRow);
        } else {
          scalarLineByEight(from, pixel, nextLine, back, smallPixel, smallLine, height, width, rows, largeRow, smallRow);
        }
        const to = gradient + <usize>(((tap * window + i) * smallChannels + f) << 2);
        addSums(to, smallPixel, least(4, window - i), least(8, smallChannels - f), 32);
      }
    }
    large += largeLine;
  }
}

/** gradient[channels] += sums over rows, lines and pixels. */
export function biasGradient(
  from: usize,
  row: usize,
  line: usize,
  channels: i32,
  height: i32,
  width: i32,
  rows: i32,
  gradient: usize,
): void {
  const pixel = <usize>(channels << 2);
  let c: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; c + 16 <= pixel; c += 16) {
      let sum = f32x4.splat(0);
      for (let r: usize = 0; r < <usize>rows; r++) {
        for (let y: usize = 0; y < <usize>height; y++) {
          let at = from + r * row + y * line + c;
          const end = at + <usize>width * pixel;
          for (; at < end; at += pixel) sum = f32x4.add(sum, v128.load(at));
        }
      }
      v128.store(gradient + c, f32x4.add(v128.load(gradient + c), sum));
    }
  }
  for (; c < pixel; c += 4) {
    let sum: f32 = 0;
    for (let r: usize = 0; r < <usize>rows; r++) {
      for (let y: usize = 0; y < <usize>height; y++) {
        let at = from + r * row + y * line + c;
        const end = at + <usize>width * pixel;
        for (; at < end; at += pixel) sum += load<f32>(at);
      }
    }
    store<f32>(gradient + c, load<f32>(gradient + c) + sum);
  }
}
