// Floors that every speed table is read against: an empty call, a copy, and the engine's multiply-add peak.
// The peaks sum products into 8 independent vectors, two loads from the first-level cache for 16 operations: what remains is the
// arithmetic, and only the additions wait for one another. Vector i sums values of every second vector of four lanes (i < 4: the
// first of each two) times weight vector i mod 4. Both builds give the same lanes.
import { BAD_SHAPE, OK } from "./_status";

/** What a call costs: nothing is done. */
export function nop(args: usize): i32 {
  return OK;
}

/** target[bytes] = source[bytes]. args: source, target. */
export function copy(args: usize, bytes: i32): i32 {
  if (bytes < 0) return BAD_SHAPE;
  memory.copy(<usize>load<u32>(args, 4), <usize>load<u32>(args), <usize>bytes);
  return OK;
}

/** Values that a pass goes through: they stay in the first-level cache. */
const VALUES_BYTES: usize = 4096;

/** args: values[512], weights[8], out[16]: see vectorF64; a pass is 1024 multiplications and as many additions. */
export function peakF64(args: usize, passes: i32): i32 {
  if (passes < 0) return BAD_SHAPE;
  const values = <usize>load<u32>(args);
  const weights = <usize>load<u32>(args, 4);
  const out = <usize>load<u32>(args, 8);
  if (ASC_FEATURE_SIMD) vectorF64(values, weights, out, passes);
  else scalarF64(values, weights, out, passes);
  return OK;
}

/** args: values[1024], weights[16], out[32]; a pass is 4096 multiplications and as many additions. */
export function peakF32(args: usize, passes: i32): i32 {
  if (passes < 0) return BAD_SHAPE;
  const values = <usize>load<u32>(args);
  const weights = <usize>load<u32>(args, 4);
  const out = <usize>load<u32>(args, 8);
  if (ASC_FEATURE_SIMD) vectorF32(values, weights, out, passes);
  else scalarF32(values, weights, out, passes);
  return OK;
}

function vectorF64(values: usize, weights: usize, out: usize, passes: i32): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  const end = values + VALUES_BYTES;
  for (; passes > 0; passes--) {
    for (let at = values; at < end; at += 32) {
      let x = v128.load(at);
      a = f64x2.add(a, f64x2.mul(x, w0));
      b = f64x2.add(b, f64x2.mul(x, w1));
      c = f64x2.add(c, f64x2.mul(x, w2));
      d = f64x2.add(d, f64x2.mul(x, w3));
      x = v128.load(at, 16);
      e = f64x2.add(e, f64x2.mul(x, w0));
      f = f64x2.add(f, f64x2.mul(x, w1));
      g = f64x2.add(g, f64x2.mul(x, w2));
      h = f64x2.add(h, f64x2.mul(x, w3));
    }
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
}

/** The same sums lane by lane. */
function scalarF64(values: usize, weights: usize, out: usize, passes: i32): void {
  const end = values + VALUES_BYTES;
  for (let vector: usize = 0; vector < 8; vector++) {
    const from = values + (vector >> 2) * 16;
    for (let lane: usize = 0; lane < 16; lane += sizeof<f64>()) {
      const weight = load<f64>(weights + (vector & 3) * 16 + lane);
      let sum: f64 = 0;
      for (let pass = 0; pass < passes; pass++) {
        for (let at = from; at < end; at += 32) sum += load<f64>(at + lane) * weight;
      }
      store<f64>(out + vector * 16 + lane, sum);
    }
  }
}

function vectorF32(values: usize, weights: usize, out: usize, passes: i32): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  const end = values + VALUES_BYTES;
  for (; passes > 0; passes--) {
    for (let at = values; at < end; at += 32) {
      let x = v128.load(at);
      a = f32x4.add(a, f32x4.mul(x, w0));
      b = f32x4.add(b, f32x4.mul(x, w1));
      c = f32x4.add(c, f32x4.mul(x, w2));
      d = f32x4.add(d, f32x4.mul(x, w3));
      x = v128.load(at, 16);
      e = f32x4.add(e, f32x4.mul(x, w0));
      f = f32x4.add(f, f32x4.mul(x, w1));
      g = f32x4.add(g, f32x4.mul(x, w2));
      h = f32x4.add(h, f32x4.mul(x, w3));
    }
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
}

/** The same sums lane by lane. */
function scalarF32(values: usize, weights: usize, out: usize, passes: i32): void {
  const end = values + VALUES_BYTES;
  for (let vector: usize = 0; vector < 8; vector++) {
    const from = values + (vector >> 2) * 16;
    for (let lane: usize = 0; lane < 16; lane += sizeof<f32>()) {
      const weight = load<f32>(weights + (vector & 3) * 16 + lane);
      let sum: f32 = 0;
      for (let pass = 0; pass < passes; pass++) {
        for (let at = from; at < end; at += 32) sum += load<f32>(at + lane) * weight;
      }
      store<f32>(out + vector * 16 + lane, sum);
    }
  }
}
