// Rows times a small matrix after a shift of their origin: principal components forward, (x - mean) V', and back, s V + mean.
// Blocks of rows are shifted into a packed copy, 4 x 32-byte register tiles run over it. A score is summed in the order of the
// columns in the table's own precision, whatever the build.
import { BLOCK, pack, paddedColumns } from "./_moments";

const HEIGHT: i32 = 4;
const TILE_BYTES: usize = 32;

export enum Direction {
  Forward,
  Back,
}

/** Matrix [inputs, padded outputs] in the table's precision from eigenvectors [components, columns]. */
function fillMatrix<T>(vectors: usize, columns: i32, components: i32, direction: Direction, padded: i32, matrix: usize): void {
  for (let c = 0; c < components; c++) {
    for (let j = 0; j < columns; j++) {
      const at = direction == Direction.Forward ? j * padded + c : c * padded + j;
      store<T>(matrix + <usize>at * sizeof<T>(), <T>load<f64>(vectors + ((<usize>(c * columns + j)) << 3)));
    }
  }
}

/** shift = mean as the table can hold it; offset = what that leaves of the mean, projected. */
function fillForward<T>(mean: usize, vectors: usize, columns: i32, components: i32, shift: usize, offset: usize): void {
  for (let j = 0; j < columns; j++) store<T>(shift + <usize>j * sizeof<T>(), <T>load<f64>(mean + ((<usize>j) << 3)));
  for (let c = 0; c < components; c++) {
    let sum: f64 = 0;
    for (let j = 0; j < columns; j++) {
      const left = load<f64>(mean + ((<usize>j) << 3)) - <f64>load<T>(shift + <usize>j * sizeof<T>());
      sum += left * load<f64>(vectors + ((<usize>(c * columns + j)) << 3));
    }
    store<T>(offset + <usize>c * sizeof<T>(), <T>-sum);
  }
}

@inline
function store2<T>(out: usize, a: v128, b: v128, x: v128, y: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f32x4.add(a, x));
    v128.store(out, f32x4.add(b, y), 16);
  } else {
    v128.store(out, f64x2.add(a, x));
    v128.store(out, f64x2.add(b, y), 16);
  }
}

@inline
function grown<T>(sum: v128, f: v128, x: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.add(sum, f32x4.mul(f, x)) : f64x2.add(sum, f64x2.mul(f, x));
}

@inline
function splat<T>(p: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(p) : v128.load64_splat(p);
}

/** Four rows from p (stride bytes apart) times 32 bytes of the matrix's columns from q, plus the offset. */
function tile<T>(p: usize, stride: usize, inputs: i32, q: usize, matrixStride: usize, offset: usize, out: usize, outStride: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0);
  let c1 = f64x2.splat(0);
  let d0 = f64x2.splat(0);
  let d1 = f64x2.splat(0);
  const second = p + stride;
  const third = second + stride;
  const fourth = third + stride;
  for (let o: usize = 0, end = <usize>inputs * sizeof<T>(); o < end; o += sizeof<T>()) {
    const x = v128.load(q);
    const y = v128.load(q, 16);
    let f = splat<T>(p + o);
    a0 = grown<T>(a0, f, x);
    a1 = grown<T>(a1, f, y);
    f = splat<T>(second + o);
    b0 = grown<T>(b0, f, x);
    b1 = grown<T>(b1, f, y);
    f = splat<T>(third + o);
    c0 = grown<T>(c0, f, x);
    c1 = grown<T>(c1, f, y);
    f = splat<T>(fourth + o);
    d0 = grown<T>(d0, f, x);
    d1 = grown<T>(d1, f, y);
    q += matrixStride;
  }
  const x = v128.load(offset);
  const y = v128.load(offset, 16);
  store2<T>(out, a0, a1, x, y);
  store2<T>(out + outStride, b0, b1, x, y);
  out += 2 * outStride;
  store2<T>(out, c0, c1, x, y);
  store2<T>(out + outStride, d0, d1, x, y);
}

function tileScalar<T>(p: usize, stride: usize, inputs: i32, q: usize, matrixStride: usize, offset: usize, out: usize, outStride: usize): void {
  for (let r = 0; r < HEIGHT; r++) {
    for (let o: usize = 0; o < TILE_BYTES; o += sizeof<T>()) {
      let sum: T = 0;
      let x = p;
      let w = q + o;
      for (let k = 0; k < inputs; k++) {
        sum += load<T>(x) * load<T>(w);
        x += sizeof<T>();
        w += matrixStride;
      }
      store<T>(out + o, sum + load<T>(offset + o));
    }
    p += stride;
    out += outStride;
  }
}

/**
 * Forward: data [rows, columns] to scores [rows, components]. Back: scores to data. mean [columns] and vectors
 * [components, columns] are float64; `work` is 64-byte aligned and holds the matrix, shift, offset, sums, a packed block and
 * one tile: affineWork in harness/kernels/pcabuffers.ts.
 */
export function affine<T>(
  source: usize,
  rows: i32,
  columns: i32,
  components: i32,
  direction: Direction,
  mean: usize,
  vectors: usize,
  target: usize,
  work: usize,
): void {
  const size = sizeof<T>();
  const forward = direction == Direction.Forward;
  const inputs = forward ? columns : components;
  const outputs = forward ? components : columns;
  const padded = paddedColumns<T>(outputs);
  const matrixStride = <usize>padded * size;
  const stride = <usize>paddedColumns<T>(inputs) * size;
  const packed = work;
  const spare = packed + <usize>BLOCK * stride;
  const matrix = spare + <usize>HEIGHT * TILE_BYTES;
  const offset = matrix + <usize>inputs * matrixStride;
  const shift = offset + matrixStride;
  const sums = (shift + stride + 7) & ~7;
  memory.fill(packed, 0, sums - packed);
  fillMatrix<T>(vectors, columns, components, direction, padded, matrix);
  if (forward) fillForward<T>(mean, vectors, columns, components, shift, offset);
  else for (let j = 0; j < columns; j++) store<T>(offset + <usize>j * size, <T>load<f64>(mean + ((<usize>j) << 3)));
  memory.fill(sums, 0, (<usize>inputs) << 3);
  const outStride = <usize>outputs * size;
  for (let done = 0; done < rows; done += BLOCK) {
    const count = min(BLOCK, rows - done);
    pack<T>(source + <usize>done * <usize>inputs * size, inputs, count, shift, packed, stride, sums);
    const out = target + <usize>done * outStride;
    for (let o: usize = 0; o < outStride; o += TILE_BYTES) {
      const bytes = min(TILE_BYTES, outStride - o);
      for (let r = 0; r < count; r += HEIGHT) {
        const p = packed + <usize>r * stride;
        const to = out + <usize>r * outStride + o;
        const whole = bytes == TILE_BYTES && r + HEIGHT <= count;
        const place = whole ? to : spare;
        const placeStride = whole ? outStride : TILE_BYTES;
        if (ASC_FEATURE_SIMD) tile<T>(p, stride, inputs, matrix + o, matrixStride, offset + o, place, placeStride);
        else tileScalar<T>(p, stride, inputs, matrix + o, matrixStride, offset + o, place, placeStride);
        if (whole) continue;
        const height = min(HEIGHT, count - r);
        for (let k = 0; k < height; k++) memory.copy(to + <usize>k * outStride, spare + <usize>k * TILE_BYTES, bytes);
      }
    }
  }
}
