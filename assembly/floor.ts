// Floors that every speed table is read against: an empty call, a copy, and the engine's multiply-add peak.
// The peaks run 8 independent vector accumulators over registers: no memory traffic, so they bound any kernel's arithmetic.
// Both builds give the same lanes: the scalar one runs the same recurrences, eight lanes at a time.
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

/** lanes[16] -> out[16]: each lane v = v * factor + term, `steps` times. args: lanes, constants (factor, term), out. */
export function peakF64(args: usize, steps: i32): i32 {
  if (steps < 0) return BAD_SHAPE;
  const lanes = <usize>load<u32>(args);
  const constants = <usize>load<u32>(args, 4);
  const out = <usize>load<u32>(args, 8);
  if (ASC_FEATURE_SIMD) {
    vectorF64(lanes, constants, out, steps);
  } else {
    scalarF64(lanes, constants, out, steps);
    scalarF64(lanes + 64, constants, out + 64, steps);
  }
  return OK;
}

/** The same on lanes[32] of float32. */
export function peakF32(args: usize, steps: i32): i32 {
  if (steps < 0) return BAD_SHAPE;
  const lanes = <usize>load<u32>(args);
  const constants = <usize>load<u32>(args, 4);
  const out = <usize>load<u32>(args, 8);
  if (ASC_FEATURE_SIMD) {
    vectorF32(lanes, constants, out, steps);
  } else {
    for (let part: usize = 0; part < 128; part += 32) scalarF32(lanes + part, constants, out + part, steps);
  }
  return OK;
}

function vectorF64(lanes: usize, constants: usize, out: usize, steps: i32): void {
  const factor = v128.load64_splat(constants);
  const term = v128.load64_splat(constants, 8);
  let a = v128.load(lanes);
  let b = v128.load(lanes, 16);
  let c = v128.load(lanes, 32);
  let d = v128.load(lanes, 48);
  let e = v128.load(lanes, 64);
  let f = v128.load(lanes, 80);
  let g = v128.load(lanes, 96);
  let h = v128.load(lanes, 112);
  for (let step = 0; step < steps; step++) {
    a = f64x2.add(f64x2.mul(a, factor), term);
    b = f64x2.add(f64x2.mul(b, factor), term);
    c = f64x2.add(f64x2.mul(c, factor), term);
    d = f64x2.add(f64x2.mul(d, factor), term);
    e = f64x2.add(f64x2.mul(e, factor), term);
    f = f64x2.add(f64x2.mul(f, factor), term);
    g = f64x2.add(f64x2.mul(g, factor), term);
    h = f64x2.add(f64x2.mul(h, factor), term);
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

function vectorF32(lanes: usize, constants: usize, out: usize, steps: i32): void {
  const factor = v128.load32_splat(constants);
  const term = v128.load32_splat(constants, 4);
  let a = v128.load(lanes);
  let b = v128.load(lanes, 16);
  let c = v128.load(lanes, 32);
  let d = v128.load(lanes, 48);
  let e = v128.load(lanes, 64);
  let f = v128.load(lanes, 80);
  let g = v128.load(lanes, 96);
  let h = v128.load(lanes, 112);
  for (let step = 0; step < steps; step++) {
    a = f32x4.add(f32x4.mul(a, factor), term);
    b = f32x4.add(f32x4.mul(b, factor), term);
    c = f32x4.add(f32x4.mul(c, factor), term);
    d = f32x4.add(f32x4.mul(d, factor), term);
    e = f32x4.add(f32x4.mul(e, factor), term);
    f = f32x4.add(f32x4.mul(f, factor), term);
    g = f32x4.add(f32x4.mul(g, factor), term);
    h = f32x4.add(f32x4.mul(h, factor), term);
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

function scalarF64(lanes: usize, constants: usize, out: usize, steps: i32): void {
  const factor = load<f64>(constants);
  const term = load<f64>(constants, 8);
  let a = load<f64>(lanes);
  let b = load<f64>(lanes, 8);
  let c = load<f64>(lanes, 16);
  let d = load<f64>(lanes, 24);
  let e = load<f64>(lanes, 32);
  let f = load<f64>(lanes, 40);
  let g = load<f64>(lanes, 48);
  let h = load<f64>(lanes, 56);
  for (let step = 0; step < steps; step++) {
    a = a * factor + term;
    b = b * factor + term;
    c = c * factor + term;
    d = d * factor + term;
    e = e * factor + term;
    f = f * factor + term;
    g = g * factor + term;
    h = h * factor + term;
  }
  store<f64>(out, a);
  store<f64>(out, b, 8);
  store<f64>(out, c, 16);
  store<f64>(out, d, 24);
  store<f64>(out, e, 32);
  store<f64>(out, f, 40);
  store<f64>(out, g, 48);
  store<f64>(out, h, 56);
}

function scalarF32(lanes: usize, constants: usize, out: usize, steps: i32): void {
  const factor = load<f32>(constants);
  const term = load<f32>(constants, 4);
  let a = load<f32>(lanes);
  let b = load<f32>(lanes, 4);
  let c = load<f32>(lanes, 8);
  let d = load<f32>(lanes, 12);
  let e = load<f32>(lanes, 16);
  let f = load<f32>(lanes, 20);
  let g = load<f32>(lanes, 24);
  let h = load<f32>(lanes, 28);
  for (let step = 0; step < steps; step++) {
    a = a * factor + term;
    b = b * factor + term;
    c = c * factor + term;
    d = d * factor + term;
    e = e * factor + term;
    f = f * factor + term;
    g = g * factor + term;
    h = h * factor + term;
  }
  store<f32>(out, a);
  store<f32>(out, b, 4);
  store<f32>(out, c, 8);
  store<f32>(out, d, 12);
  store<f32>(out, e, 16);
  store<f32>(out, f, 20);
  store<f32>(out, g, 24);
  store<f32>(out, h, 28);
}
