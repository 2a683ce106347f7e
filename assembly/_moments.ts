// Shifted sums of a table's rows in one pass: s[j] = sum of (x[j] - shift[j]), S[i, j] = sum of products of two such factors.
// Blocks of rows are shifted into a packed copy that stays in the first-level cache; 4 x 32-byte register tiles run over it
// (only those that touch the upper triangle) and their sums are flushed into float64 after every block. float32 tables are
// multiplied and summed in float32 within a block. Every element's sum runs over the rows in order, so all builds agree.

const VECTOR: i32 = 32; // bytes of a tile's row: 8 float32 or 4 float64
const HEIGHT: i32 = 4;
/** Rows that the shift comes from. */
const SHIFT_ROWS: i32 = 64;
/** The bits of a float64 that leave its power of two. */
const EXPONENT: u64 = 0x7ff0000000000000;

/** Columns with padding: whole tiles. */
@inline
export function paddedColumns<T>(columns: i32): i32 {
  const width = VECTOR / <i32>sizeof<T>();
  return (columns + width - 1) & -width;
}

/** Rows of a packed block: 32 KB of 64 float64 columns. */
export const BLOCK: i32 = 64;

/**
 * shift[columns]: the mean of the first rows, rounded to a quarter of their spread. A shift of few bits leaves most differences
 * exact in the table's own precision; one of full length costs a factor of 20 in the eigenvalues of a float32 table.
 */
export function firstShift<T>(data: usize, rows: i32, columns: i32, shift: usize): void {
  let j = 0;
  for (; j + 4 <= columns; j += 4) shiftsOf<T>(data, rows, columns, 4, shift + <usize>j * sizeof<T>(), <usize>j * sizeof<T>());
  for (; j < columns; j++) shiftsOf<T>(data, rows, columns, 1, shift + <usize>j * sizeof<T>(), <usize>j * sizeof<T>());
}

/** The value `index` columns from `p` on, where there are so many. */
@inline
function columnOf<T>(p: usize, index: i32, many: bool): f64 {
  return many ? <f64>load<T>(p + <usize>index * sizeof<T>()) : 0;
}

/** A mean rounded to a quarter of the power of two of the spread, from the sum of squares about it. */
function roundedShift<T>(mean: f64, squares: f64, count: f64, shift: usize): void {
  const spread = Math.sqrt(squares / count);
  const unit = reinterpret<f64>(reinterpret<u64>(spread) & EXPONENT) * 0.25;
  const rounded = nearest(mean / unit) * unit;
  store<T>(shift, <T>(rounded - rounded == 0 ? rounded : mean));
}

/** Shifts of one or of four columns: four sums at a time do not wait for one another. */
function shiftsOf<T>(data: usize, rows: i32, columns: i32, width: i32, shift: usize, at: usize): void {
  const many = width == 4;
  const count = <f64>min(rows, SHIFT_ROWS);
  const stride = <usize>columns * sizeof<T>();
  const begin = data + at;
  const end = begin + <usize>min(rows, SHIFT_ROWS) * stride;
  let m0: f64 = 0;
  let m1: f64 = 0;
  let m2: f64 = 0;
  let m3: f64 = 0;
  for (let p = begin; p < end; p += stride) {
    m0 += <f64>load<T>(p);
    m1 += columnOf<T>(p, 1, many);
    m2 += columnOf<T>(p, 2, many);
    m3 += columnOf<T>(p, 3, many);
  }
  m0 /= count;
  m1 /= count;
  m2 /= count;
  m3 /= count;
  let s0: f64 = 0;
  let s1: f64 = 0;
  let s2: f64 = 0;
  let s3: f64 = 0;
  for (let p = begin; p < end; p += stride) {
    const a = <f64>load<T>(p) - m0;
    const b = columnOf<T>(p, 1, many) - m1;
    const c = columnOf<T>(p, 2, many) - m2;
    const d = columnOf<T>(p, 3, many) - m3;
    s0 += a * a;
    s1 += b * b;
    s2 += c * c;
    s3 += d * d;
  }
  roundedShift<T>(m0, s0, count, shift);
  if (!many) return;
  roundedShift<T>(m1, s1, count, shift + sizeof<T>());
  roundedShift<T>(m2, s2, count, shift + 2 * sizeof<T>());
  roundedShift<T>(m3, s3, count, shift + 3 * sizeof<T>());
}

/** Adds four or two float lanes to float64 sums. */
@inline
function flushF32(sums: usize, lanes: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(lanes)));
  const high = v128.shuffle<i64>(lanes, lanes, 1, 0);
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(high)), 16);
}

@inline
function flushF64(sums: usize, lanes: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), lanes));
}

/** One vector of columns of a block, shifted into `packed`; the column sums are added to `sums`. */
@inline
function packVector<T>(source: usize, stride: usize, rows: i32, shift: usize, packed: usize, packedStride: usize, sums: usize): void {
  const by = v128.load(shift);
  let sum = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    if (sizeof<T>() == 4) {
      const x = f32x4.sub(v128.load(source), by);
      sum = f32x4.add(sum, x);
      v128.store(packed, x);
    } else {
      const x = f64x2.sub(v128.load(source), by);
      sum = f64x2.add(sum, x);
      v128.store(packed, x);
    }
    source += stride;
    packed += packedStride;
  }
  if (sizeof<T>() == 4) flushF32(sums, sum);
  else flushF64(sums, sum);
}

/** Four vectors of columns at once. */
function packWide<T>(source: usize, stride: usize, rows: i32, shift: usize, packed: usize, packedStride: usize, sums: usize): void {
  const by0 = v128.load(shift);
  const by1 = v128.load(shift, 16);
  const by2 = v128.load(shift, 32);
  const by3 = v128.load(shift, 48);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  for (let r = 0; r < rows; r++) {
    if (sizeof<T>() == 4) {
      const a = f32x4.sub(v128.load(source), by0);
      const b = f32x4.sub(v128.load(source, 16), by1);
      const c = f32x4.sub(v128.load(source, 32), by2);
      const d = f32x4.sub(v128.load(source, 48), by3);
      v128.store(packed, a);
      v128.store(packed, b, 16);
      v128.store(packed, c, 32);
      v128.store(packed, d, 48);
      s0 = f32x4.add(s0, a);
      s1 = f32x4.add(s1, b);
      s2 = f32x4.add(s2, c);
      s3 = f32x4.add(s3, d);
    } else {
      const a = f64x2.sub(v128.load(source), by0);
      const b = f64x2.sub(v128.load(source, 16), by1);
      const c = f64x2.sub(v128.load(source, 32), by2);
      const d = f64x2.sub(v128.load(source, 48), by3);
      v128.store(packed, a);
      v128.store(packed, b, 16);
      v128.store(packed, c, 32);
      v128.store(packed, d, 48);
      s0 = f64x2.add(s0, a);
      s1 = f64x2.add(s1, b);
      s2 = f64x2.add(s2, c);
      s3 = f64x2.add(s3, d);
    }
    source += stride;
    packed += packedStride;
  }
  if (sizeof<T>() == 4) {
    flushF32(sums, s0);
    flushF32(sums + 32, s1);
    flushF32(sums + 64, s2);
    flushF32(sums + 96, s3);
  } else {
    flushF64(sums, s0);
    flushF64(sums + 16, s1);
    flushF64(sums + 32, s2);
    flushF64(sums + 48, s3);
  }
}

/** One column of a block. */
function packColumn<T>(source: usize, stride: usize, rows: i32, shift: usize, packed: usize, packedStride: usize, sums: usize): void {
  const by = load<T>(shift);
  let sum: T = 0;
  for (let r = 0; r < rows; r++) {
    const x: T = load<T>(source) - by;
    sum += x;
    store<T>(packed, x);
    source += stride;
    packed += packedStride;
  }
  store<f64>(sums, load<f64>(sums) + <f64>sum);
}

/** A block of rows, less the shift, into `packed` [rows, padded]; padding is not touched. Adds the column sums to `sums`. */
export function pack<T>(source: usize, columns: i32, rows: i32, shift: usize, packed: usize, packedStride: usize, sums: usize): void {
  const size = sizeof<T>();
  const stride = <usize>columns * size;
  let o: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; o + 64 <= stride; o += 64) {
      packWide<T>(source + o, stride, rows, shift + o, packed + o, packedStride, sums + (o / size) * 8);
    }
    for (; o + 16 <= stride; o += 16) {
      packVector<T>(source + o, stride, rows, shift + o, packed + o, packedStride, sums + (o / size) * 8);
    }
  }
  for (; o < stride; o += size) {
    packColumn<T>(source + o, stride, rows, shift + o, packed + o, packedStride, sums + (o / size) * 8);
  }
}

/** Products of columns p..p+3 with columns q..q+7, summed over a block and added to `out`. */
function tileF32(p: usize, q: usize, end: usize, stride: usize, out: usize, outStride: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  while (p < end) {
    const x = v128.load(q);
    const y = v128.load(q, 16);
    let f = v128.load32_splat(p);
    a0 = f32x4.add(a0, f32x4.mul(f, x));
    a1 = f32x4.add(a1, f32x4.mul(f, y));
    f = v128.load32_splat(p, 4);
    b0 = f32x4.add(b0, f32x4.mul(f, x));
    b1 = f32x4.add(b1, f32x4.mul(f, y));
    f = v128.load32_splat(p, 8);
    c0 = f32x4.add(c0, f32x4.mul(f, x));
    c1 = f32x4.add(c1, f32x4.mul(f, y));
    f = v128.load32_splat(p, 12);
    d0 = f32x4.add(d0, f32x4.mul(f, x));
    d1 = f32x4.add(d1, f32x4.mul(f, y));
    p += stride;
    q += stride;
  }
  flushF32(out, a0);
  flushF32(out + 32, a1);
  out += outStride;
  flushF32(out, b0);
  flushF32(out + 32, b1);
  out += outStride;
  flushF32(out, c0);
  flushF32(out + 32, c1);
  out += outStride;
  flushF32(out, d0);
  flushF32(out + 32, d1);
}

/** The same on float64: columns p..p+3 with q..q+3. */
function tileF64(p: usize, q: usize, end: usize, stride: usize, out: usize, outStride: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0);
  let c1 = f64x2.splat(0);
  let d0 = f64x2.splat(0);
  let d1 = f64x2.splat(0);
  while (p < end) {
    const x = v128.load(q);
    const y = v128.load(q, 16);
    let f = v128.load64_splat(p);
    a0 = f64x2.add(a0, f64x2.mul(f, x));
    a1 = f64x2.add(a1, f64x2.mul(f, y));
    f = v128.load64_splat(p, 8);
    b0 = f64x2.add(b0, f64x2.mul(f, x));
    b1 = f64x2.add(b1, f64x2.mul(f, y));
    f = v128.load64_splat(p, 16);
    c0 = f64x2.add(c0, f64x2.mul(f, x));
    c1 = f64x2.add(c1, f64x2.mul(f, y));
    f = v128.load64_splat(p, 24);
    d0 = f64x2.add(d0, f64x2.mul(f, x));
    d1 = f64x2.add(d1, f64x2.mul(f, y));
    p += stride;
    q += stride;
  }
  flushF64(out, a0);
  flushF64(out + 16, a1);
  out += outStride;
  flushF64(out, b0);
  flushF64(out + 16, b1);
  out += outStride;
  flushF64(out, c0);
  flushF64(out + 16, c1);
  out += outStride;
  flushF64(out, d0);
  flushF64(out + 16, d1);
}

/** The same without vectors: the same sums in the same order, element by element. */
function tileScalar<T>(p: usize, q: usize, end: usize, stride: usize, out: usize, outStride: usize): void {
  for (let i: usize = 0; i < <usize>HEIGHT; i++) {
    for (let j: usize = 0; j < <usize>VECTOR / sizeof<T>(); j++) {
      let sum: T = 0;
      let b = q + j * sizeof<T>();
      for (let a = p + i * sizeof<T>(); a < end; a += stride) {
        sum += load<T>(a) * load<T>(b);
        b += stride;
      }
      const to = out + i * outStride + j * 8;
      store<f64>(to, load<f64>(to) + <f64>sum);
    }
  }
}

/** All tiles of the upper triangle over one packed block. */
function multiply<T>(packed: usize, rows: i32, padded: i32, sums: usize): void {
  const width = VECTOR / <i32>sizeof<T>();
  const stride = <usize>padded * sizeof<T>();
  const end = packed + <usize>rows * stride;
  const outStride = (<usize>padded) << 3;
  for (let i = 0; i < padded; i += HEIGHT) {
    const p = packed + <usize>i * sizeof<T>();
    for (let j = i & -width; j < padded; j += width) {
      const q = packed + <usize>j * sizeof<T>();
      const out = sums + <usize>i * outStride + ((<usize>j) << 3);
      if (!ASC_FEATURE_SIMD) tileScalar<T>(p, q, end, stride, out, outStride);
      else if (sizeof<T>() == 4) tileF32(p, q, end, stride, out, outStride);
      else tileF64(p, q, end, stride, out, outStride);
    }
  }
}

/** Bytes of `work` for shiftedSums. */
export function momentsWork<T>(columns: i32): usize {
  const padded = <usize>paddedColumns<T>(columns);
  return padded * sizeof<T>() * <usize>(BLOCK + 1) + (padded + 1) * padded * 8;
}

/**
 * Mean of the rows and, in the upper triangle and the diagonal, their scatter about it: sum of (x[i] - mean[i]) (x[j] - mean[j]).
 * mean [columns], scatter [columns, columns], both float64. `work` has momentsWork bytes on a 64-byte boundary.
 */
export function moments<T>(data: usize, rows: i32, columns: i32, mean: usize, scatter: usize, work: usize): void {
  const size = sizeof<T>();
  const padded = paddedColumns<T>(columns);
  const stride = <usize>padded * size;
  const row = (<usize>padded) << 3;
  const packed = work;
  const shift = packed + <usize>BLOCK * stride;
  const sums = shift + stride;
  const products = sums + row;
  memory.fill(work, 0, momentsWork<T>(columns));
  firstShift<T>(data, rows, columns, shift);
  for (let done = 0; done < rows; done += BLOCK) {
    const count = min(BLOCK, rows - done);
    pack<T>(data + <usize>done * <usize>columns * size, columns, count, shift, packed, stride, sums);
    multiply<T>(packed, count, padded, products);
  }
  const n = <f64>rows;
  for (let i = 0; i < columns; i++) {
    const s = load<f64>(sums + ((<usize>i) << 3));
    store<f64>(mean + ((<usize>i) << 3), <f64>load<T>(shift + <usize>i * size) + s / n);
    const from = products + <usize>i * row;
    const to = scatter + ((<usize>i * <usize>columns) << 3);
    for (let j = i; j < columns; j++) {
      const o = (<usize>j) << 3;
      store<f64>(to + o, load<f64>(from + o) - (s * load<f64>(sums + o)) / n);
    }
  }
}
