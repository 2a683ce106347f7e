// The trigger chip's autoencoder in its own fixed-point arithmetic: CALQ of many modules to 16 latents of 9 bits each.
//
// Every product is floored before it is added, so nothing may be reassociated across a product; sums are whole numbers and may
// be added in any order. Lanes are filters in the convolution and latents in the dense layer. The picture's dark corner is
// always empty: the four positions that see only it are folded into the bias. Four modules are worked on at a time.
// It does not frame or mask the latents.
import { OK, BAD_SHAPE } from "./_status";

const CELLS: i32 = 48;
const FILTERS: i32 = 8;
const LATENTS: i32 = 16;
const TAPS: i32 = 9;
const HIDDEN: i32 = 128;
const POSITIONS: i32 = 12; // of 16: those that see a cell

// Places in the weights, in order of the register image.
const CONV_BIAS_AT: i32 = 72;
const DENSE_AT: i32 = 80;
const DENSE_BIAS_AT: i32 = 2128;

const LATENT_MAXIMUM: i32 = 511;
const WEIGHT_LOW: i32 = -32;
const WEIGHT_HIGH: i32 = 31;
const WIDE: u32 = 0xfc000000; // a module without these bits in any charge has a sum of 32 bits

const BLOCK: i32 = 4; // modules

const CONV: usize = memory.data(144, 64); // i16 [9][8]
const CONV_BIAS: usize = memory.data(16, 64); // i16 [8], in the convolution's units
const DENSE: usize = memory.data(3072, 64); // i16 [96][16]
const BIAS: usize = memory.data(64, 64); // i32 [16], dark positions included

// i16 pictures with a border that stays zero: 4 modules of 9 rows of 16.
const PICTURES: usize = memory.data(1152, 64);
const PICTURE_BYTES: usize = 288;
const PICTURE_ROW: usize = 32;
const HIDDENS: usize = memory.data(768, 64); // i16 [4][12][8]
const HIDDEN_BYTES: usize = 192;
const LATENT_ROWS: usize = memory.data(256, 64); // i32 [4][16]

/**
 * args: u32 pointers to calq u32 [rows, 48] (chip's channel order), weights i32 [2144] (register order, units of 1/32,
 * -32..31), latents u16 [rows, 16]. BAD_SHAPE when a weight does not fit 6 bits.
 */
export function econt(args: usize, rows: i32): i32 {
  if (rows < 0) return BAD_SHAPE;
  const calq: usize = load<u32>(args);
  const latents: usize = load<u32>(args, 8);
  if (!prepare(load<u32>(args, 4))) return BAD_SHAPE;
  for (let row = 0; row < rows; row += BLOCK) {
    const count = min(BLOCK, rows - row);
    block(calq + <usize>row * 192, latents + <usize>row * 32, count);
  }
  return OK;
}

/** Spreads the weights as the loops want them; false when one is out of range. */
function prepare(weights: usize): bool {
  for (let i = 0; i < DENSE_BIAS_AT + LATENTS; i++) {
    const w = load<i32>(weights + (<usize>i << 2));
    if (w < WEIGHT_LOW || w > WEIGHT_HIGH) return false;
  }
  for (let i = 0; i < TAPS * FILTERS; i++)
    store<i16>(CONV + (<usize>i << 1), <i16>load<i32>(weights + (<usize>i << 2)));
  for (let f = 0; f < FILTERS; f++)
    store<i16>(CONV_BIAS + (<usize>f << 1), <i16>(load<i32>(weights + (<usize>(CONV_BIAS_AT + f) << 2)) << 2));
  for (let o = 0; o < LATENTS; o++) prepareLatent(weights, o);
  return true;
}

function prepareLatent(weights: usize, o: i32): void {
  let bias = load<i32>(weights + (<usize>(DENSE_BIAS_AT + o) << 2)) << 3;
  let live = 0;
  for (let position = 0; position < 16; position++) {
    const dark = position >= 8 && (position & 3) >= 2;
    for (let f = 0; f < FILTERS; f++) {
      const w = load<i32>(weights + (<usize>(DENSE_AT + o * HIDDEN + position * FILTERS + f) << 2));
      if (dark) {
        const h = max(0, <i32>load<i16>(CONV_BIAS + (<usize>f << 1)));
        bias += (h * w) >> 4;
      } else {
        store<i16>(DENSE + (<usize>(live * LATENTS + o) << 1), <i16>w);
        live++;
      }
    }
  }
  store<i32>(BIAS + (<usize>o << 2), bias);
}

/** Latents of `count` (1..4) modules. Pictures of modules that are not there keep what they had; nobody reads their latents. */
function block(calq: usize, latents: usize, count: i32): void {
  for (let i = 0; i < count; i++) draw(calq + <usize>i * 192, PICTURES + <usize>i * PICTURE_BYTES);
  if (ASC_FEATURE_SIMD) {
    convolve(PICTURES, HIDDENS);
    convolve(PICTURES + 8, HIDDENS + 32);
    convolve(PICTURES + 64, HIDDENS + 64);
    convolve(PICTURES + 72, HIDDENS + 96);
    convolve(PICTURES + 128, HIDDENS + 128);
    convolve(PICTURES + 192, HIDDENS + 160);
    condense(latents, count);
  } else {
    for (let i = 0; i < count; i++) {
      const hidden = HIDDENS + <usize>i * HIDDEN_BYTES;
      convolveScalar(PICTURES + <usize>i * PICTURE_BYTES, hidden);
      condenseScalar(hidden, latents + (<usize>i << 5));
    }
  }
}

/** Normalised charges of one module into its picture: shifted so that the top bit of their sum becomes bit 7. */
function draw(calq: usize, picture: usize): void {
  if (ASC_FEATURE_SIMD) {
    let sum = v128.load(calq);
    let any = sum;
    for (let at: usize = 16; at < 192; at += 16) {
      const q = v128.load(calq + at);
      sum = i32x4.add(sum, q);
      any = v128.or(any, q);
    }
    if (!v128.any_true(v128.and(any, i32x4.splat(WIDE)))) {
      sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
      sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 1, 0, 3, 2));
      const top = 31 - clz<i32>(i32x4.extract_lane(sum, 0)); // -1 for an empty module: shifts of nothing
      const right = max(0, top - 7);
      const left = max(0, 7 - top) & 7;
      for (let row: usize = 0; row < 4; row++) {
        const from = calq + (row << 5);
        const a = i32x4.shl(i32x4.shr_u(v128.load(from), right), left);
        const b = i32x4.shl(i32x4.shr_u(v128.load(from, 16), right), left);
        v128.store(picture + row * PICTURE_ROW, i16x8.narrow_i32x4_s(a, b));
      }
      const zero = i32x4.splat(0);
      for (let row: usize = 4; row < 8; row++) {
        const a = i32x4.shl(i32x4.shr_u(v128.load(calq + 64 + (row << 4)), right), left);
        v128.store(picture + row * PICTURE_ROW, i16x8.narrow_i32x4_s(a, zero));
      }
      return;
    }
  }
  drawScalar(calq, picture);
}

function drawScalar(calq: usize, picture: usize): void {
  let sum: u64 = 0;
  for (let i: usize = 0; i < <usize>CELLS; i++) sum += load<u32>(calq + (i << 2));
  const top = 63 - <i32>clz<u64>(sum);
  for (let i: usize = 0; i < <usize>CELLS; i++) {
    const q: u64 = load<u32>(calq + (i << 2));
    const x = top < 0 ? 0 : (q << 7) >> <u64>top;
    const at = i < 32 ? (i >> 3) * PICTURE_ROW + ((i & 7) << 1) : (i >> 2) * PICTURE_ROW - 128 + ((i & 3) << 1);
    store<i16>(picture + at, <i16>x);
  }
}

/** Two neighbouring positions of four modules; `picture` is the corner of the left one in the first module. */
function convolve(picture: usize, hidden: usize): void {
  let x = picture;
  let w = CONV;
  const bias = v128.load(CONV_BIAS);
  let a0 = bias;
  let a1 = bias;
  let a2 = bias;
  let a3 = bias;
  let b0 = bias;
  let b1 = bias;
  let b2 = bias;
  let b3 = bias;
  for (let dy = 0; dy < 3; dy++) {
    const end = x + 6;
    while (x < end) {
      const v = v128.load(w);
      a0 = i16x8.add(a0, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 0)), 5));
      b0 = i16x8.add(b0, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 4)), 5));
      a1 = i16x8.add(a1, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 288)), 5));
      b1 = i16x8.add(b1, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 292)), 5));
      a2 = i16x8.add(a2, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 576)), 5));
      b2 = i16x8.add(b2, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 580)), 5));
      a3 = i16x8.add(a3, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 864)), 5));
      b3 = i16x8.add(b3, i16x8.shr_s(i16x8.mul(v, v128.load16_splat(x, 868)), 5));
      w += 16;
      x += 2;
    }
    x += PICTURE_ROW - 6;
  }
  const zero = i16x8.splat(0);
  v128.store(hidden, i16x8.max_s(a0, zero));
  v128.store(hidden, i16x8.max_s(b0, zero), 16);
  v128.store(hidden, i16x8.max_s(a1, zero), 192);
  v128.store(hidden, i16x8.max_s(b1, zero), 208);
  v128.store(hidden, i16x8.max_s(a2, zero), 384);
  v128.store(hidden, i16x8.max_s(b2, zero), 400);
  v128.store(hidden, i16x8.max_s(a3, zero), 576);
  v128.store(hidden, i16x8.max_s(b3, zero), 592);
}

/**
 * Dense layer of four modules. A hidden value is at most 371 (the picture sums to at most 255), so a product fits 16 bits and
 * so do 32 of them after their shift; then they are widened.
 */
function condense(latents: usize, count: i32): void {
  for (let at: usize = 0; at < 256; at += 64) {
    v128.store(LATENT_ROWS + at, v128.load(BIAS));
    v128.store(LATENT_ROWS + at, v128.load(BIAS, 16), 16);
    v128.store(LATENT_ROWS + at, v128.load(BIAS, 32), 32);
    v128.store(LATENT_ROWS + at, v128.load(BIAS, 48), 48);
  }
  addThird(HIDDENS, DENSE);
  addThird(HIDDENS + 64, DENSE + 1024);
  addThird(HIDDENS + 128, DENSE + 2048);
  const zero = i16x8.splat(0);
  const most = i16x8.splat(<i16>LATENT_MAXIMUM);
  for (let i: usize = 0; i < <usize>count; i++) {
    const from = LATENT_ROWS + (i << 6);
    const to = latents + (i << 5);
    const low = i16x8.narrow_i32x4_s(v128.load(from), v128.load(from, 16));
    const high = i16x8.narrow_i32x4_s(v128.load(from, 32), v128.load(from, 48));
    v128.store(to, i16x8.min_s(most, i16x8.max_s(low, zero)));
    v128.store(to, i16x8.min_s(most, i16x8.max_s(high, zero)), 16);
  }
}

/** Adds the products of 32 hidden values of each of four modules. */
function addThird(hidden: usize, weights: usize): void {
  let h = hidden;
  let w = weights;
  let a0 = i16x8.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const end = h + 64;
  while (h < end) {
    const v0 = v128.load(w);
    const v1 = v128.load(w, 16);
    const a = v128.load16_splat(h, 0);
    a0 = i16x8.add(a0, i16x8.shr_s(i16x8.mul(v0, a), 4));
    a1 = i16x8.add(a1, i16x8.shr_s(i16x8.mul(v1, a), 4));
    const b = v128.load16_splat(h, 192);
    b0 = i16x8.add(b0, i16x8.shr_s(i16x8.mul(v0, b), 4));
    b1 = i16x8.add(b1, i16x8.shr_s(i16x8.mul(v1, b), 4));
    const c = v128.load16_splat(h, 384);
    c0 = i16x8.add(c0, i16x8.shr_s(i16x8.mul(v0, c), 4));
    c1 = i16x8.add(c1, i16x8.shr_s(i16x8.mul(v1, c), 4));
    const d = v128.load16_splat(h, 576);
    d0 = i16x8.add(d0, i16x8.shr_s(i16x8.mul(v0, d), 4));
    d1 = i16x8.add(d1, i16x8.shr_s(i16x8.mul(v1, d), 4));
    h += 2;
    w += 32;
  }
  widen(LATENT_ROWS, a0, a1);
  widen(LATENT_ROWS + 64, b0, b1);
  widen(LATENT_ROWS + 128, c0, c1);
  widen(LATENT_ROWS + 192, d0, d1);
}

@inline
function widen(to: usize, low: v128, high: v128): void {
  v128.store(to, i32x4.add(v128.load(to), i32x4.extend_low_i16x8_s(low)));
  v128.store(to, i32x4.add(v128.load(to, 16), i32x4.extend_high_i16x8_s(low)), 16);
  v128.store(to, i32x4.add(v128.load(to, 32), i32x4.extend_low_i16x8_s(high)), 32);
  v128.store(to, i32x4.add(v128.load(to, 48), i32x4.extend_high_i16x8_s(high)), 48);
}

function convolveScalar(picture: usize, hidden: usize): void {
  for (let position = 0; position < POSITIONS; position++) {
    const row = position < 8 ? position >> 2 : (position - 4) >> 1;
    const column = position < 8 ? position & 3 : position & 1;
    const corner = picture + <usize>row * 64 + <usize>column * 4;
    for (let f: usize = 0; f < <usize>FILTERS; f++) {
      let sum = <i32>load<i16>(CONV_BIAS + (f << 1));
      for (let tap: usize = 0; tap < <usize>TAPS; tap++) {
        const x = <i32>load<i16>(corner + (tap / 3) * PICTURE_ROW + (tap % 3 << 1));
        sum += (x * <i32>load<i16>(CONV + (tap << 4) + (f << 1))) >> 5;
      }
      store<i16>(hidden + (<usize>position << 4) + (f << 1), <i16>max(0, sum));
    }
  }
}

function condenseScalar(hidden: usize, latents: usize): void {
  memory.copy(LATENT_ROWS, BIAS, 64);
  for (let k: usize = 0; k < 96; k++) {
    const h = <i32>load<i16>(hidden + (k << 1));
    if (h == 0) continue;
    const w = DENSE + (k << 5);
    for (let o: usize = 0; o < 16; o++) {
      const to = LATENT_ROWS + (o << 2);
      store<i32>(to, load<i32>(to) + ((h * <i32>load<i16>(w + (o << 1))) >> 4));
    }
  }
  for (let o: usize = 0; o < 16; o++)
    store<u16>(latents + (o << 1), <u16>min(LATENT_MAXIMUM, max(0, load<i32>(LATENT_ROWS + (o << 2)))));
}
