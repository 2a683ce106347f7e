// Dense layers: rows [n, inputs] times kernel [inputs, units], bias, activation and the scale and shift of a batch
// normalisation that follows. Panels of 16 units; whole panels are read where the parameters lie, the last, partial one from a
// zero-padded copy. Every output is summed in the order of its inputs, from the bias on, however many rows there are.
import { LINEAR, activated, activatedLanes } from "./_activation";
import { Step } from "./_networkstep";

const PANEL: i32 = 16;
const PANEL_BYTES: usize = 64;
const LAST: usize = memory.data(128, 64); // the partial panel's outputs of two rows

/** Copies the partial panel of kernel and bias, padded with zeros, and works out scale and shift. */
export function prepareDense(step: Step, parameters: usize, scratch: usize): void {
  const inputs = step.channels;
  const units = step.filters;
  const rest = units % PANEL;
  if (rest > 0) {
    let target = scratch + <usize>step.prepared;
    const bytes = <usize>(rest << 2);
    let source = parameters + <usize>step.kernel + <usize>((units - rest) << 2);
    for (let k = 0; k < inputs; k++) {
      memory.copy(target, source, bytes);
      memory.fill(target + bytes, 0, PANEL_BYTES - bytes);
      target += PANEL_BYTES;
      source += <usize>(units << 2);
    }
    const bias = scratch + <usize>step.preparedBias;
    memory.copy(bias, parameters + <usize>step.bias + <usize>((units - rest) << 2), bytes);
    memory.fill(bias + bytes, 0, PANEL_BYTES - bytes);
  }
}

/** scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale, in float64; zeros up to a whole panel. */
export function prepareScale(step: Step, parameters: usize, scratch: usize): void {
  const count = step.filters;
  const gamma = parameters + <usize>step.gamma;
  const next = <usize>(count << 2);
  const scale = scratch + <usize>step.scale;
  const shift = scratch + <usize>step.shift;
  const epsilon = <f64>reinterpret<f32>(step.epsilon);
  for (let c = 0; c < count; c++) {
    const at = <usize>(c << 2);
    const mean = <f64>load<f32>(gamma + at + 2 * next);
    const variance = <f64>load<f32>(gamma + at + 3 * next);
    const factor = <f64>load<f32>(gamma + at) / Math.sqrt(variance + epsilon);
    store<f32>(scale + at, <f32>factor);
    store<f32>(shift + at, <f32>(<f64>load<f32>(gamma + at + next) - mean * factor));
  }
  for (let c = count; c % PANEL != 0; c++) {
    store<f32>(scale + <usize>(c << 2), 0);
    store<f32>(shift + <usize>(c << 2), 0);
  }
}

/** All rows through one dense layer. */
export function dense(step: Step, parameters: usize, scratch: usize, from: usize, to: usize, rows: i32, leak: f32): void {
  const units = step.filters;
  const whole = units / PANEL;
  const kernel = parameters + <usize>step.kernel;
  const bias = parameters + <usize>step.bias;
  const scaled = step.gamma >= 0;
  const scale = scratch + <usize>step.scale;
  const shift = scratch + <usize>step.shift;
  const stride = <usize>(units << 2);
  const lineBytes = step.width << 2;
  for (let panel = 0; panel < whole; panel++) {
    const at = panel << 6;
    const target = to + <usize>((at / lineBytes) * step.toLine + (at % lineBytes));
    const offset = <usize>at;
    panelOfRows(
      step,
      kernel + offset,
      stride,
      bias + offset,
      scaled ? scale + offset : 0,
      shift + offset,
      from,
      target,
      <usize>step.toRow,
      rows,
      leak,
    );
  }
  if (whole * PANEL == units) return;
  const offset = <usize>(whole << 6);
  lastPanel(step, scratch, scaled ? scale + offset : 0, shift + offset, from, to + offset, rows, leak);
}

/** The partial panel: computed whole, two rows at a time, and copied without its padding. */
function lastPanel(
  step: Step,
  scratch: usize,
  scale: usize,
  shift: usize,
  from: usize,
  to: usize,
  rows: i32,
  leak: f32,
): void {
  const kernel = scratch + <usize>step.prepared;
  const bias = scratch + <usize>step.preparedBias;
  const bytes = <usize>((step.filters % PANEL) << 2);
  for (let row = 0; row < rows; row += 2) {
    const count = min(2, rows - row);
    panelOfRows(step, kernel, PANEL_BYTES, bias, scale, shift, from, LAST, PANEL_BYTES, count, leak);
    memory.copy(to, LAST, bytes);
    if (count == 2) memory.copy(to + <usize>step.toRow, LAST + PANEL_BYTES, bytes);
    from += <usize>(2 * step.fromRow);
    to += <usize>(2 * step.toRow);
  }
}

/** 16 units of all rows. `scale` is 0 where there is none. */
function panelOfRows(
  step: Step,
  kernel: usize,
  stride: usize,
  bias: usize,
  scale: usize,
  shift: usize,
  from: usize,
  to: usize,
  toRow: usize,
  rows: i32,
  leak: f32,
): void {
  const bytes = <usize>(step.channels << 2);
  const fromRow = <usize>step.fromRow;
  const activation = step.activation;
  if (ASC_FEATURE_SIMD) {
    const toRow2 = toRow << 1;
    let row = 0;
    for (; row < rows - 1; row += 2) {
      twoRows(kernel, stride, bias, scale, shift, from, fromRow, from + bytes, to, toRow, activation, leak);
      from += 2 * fromRow;
      to += toRow2;
    }
    if (row < rows) oneRow(kernel, stride, bias, scale, shift, from, from + bytes, to, activation, leak);
  } else {
    for (let row = 0; row < rows; row++) {
      scalarPanel(kernel, stride, bias, scale, shift, from, from + bytes, to, activation, leak);
      from += fromRow;
      to += toRow;
    }
  }
}

function scalarPanel(
  kernel: usize,
  stride: usize,
  bias: usize,
  scale: usize,
  shift: usize,
  from: usize,
  end: usize,
  to: usize,
  activation: i32,
  leak: f32,
): void {
  for (let j: usize = 0; j < PANEL_BYTES; j += 4) {
    let sum = load<f32>(bias + j);
    let weight = kernel + j;
    for (let at = from; at < end; at += 4) {
      sum += load<f32>(at) * load<f32>(weight);
      weight += stride;
    }
    sum = activated(activation, sum, leak);
    if (scale != 0) sum = sum * load<f32>(scale + j) + load<f32>(shift + j);
    store<f32>(to + j, sum);
  }
}

// @ts-ignore: decorator
@inline
function finished(sum: v128, activation: i32, leak: f32, scale: usize, shift: usize): v128 {
  const y = activatedLanes(activation, sum, leak);
  return scale == 0 ? y : f32x4.add(f32x4.mul(y, v128.load(scale)), v128.load(shift));
}

/** Two rows of 16 units. One input a turn: more would make the engine load everything first and run out of registers. */
function twoRows(
  kernel: usize,
  stride: usize,
  bias: usize,
  scale: usize,
  shift: usize,
  from: usize,
  fromRow: usize,
  end: usize,
  to: usize,
  toRow: usize,
  activation: i32,
  leak: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  let b0 = a0;
  let b1 = a1;
  let b2 = a2;
  let b3 = a3;
  let second = from + fromRow;
  while (from < end) {
    const x = v128.load_splat<f32>(from);
    const y = v128.load_splat<f32>(second);
    let w = v128.load(kernel);
    a0 = f32x4.add(a0, f32x4.mul(x, w));
    b0 = f32x4.add(b0, f32x4.mul(y, w));
    w = v128.load(kernel, 16);
    a1 = f32x4.add(a1, f32x4.mul(x, w));
    b1 = f32x4.add(b1, f32x4.mul(y, w));
    w = v128.load(kernel, 32);
    a2 = f32x4.add(a2, f32x4.mul(x, w));
    b2 = f32x4.add(b2, f32x4.mul(y, w));
    w = v128.load(kernel, 48);
    a3 = f32x4.add(a3, f32x4.mul(x, w));
    b3 = f32x4.add(b3, f32x4.mul(y, w));
    from += 4;
    second += 4;
    kernel += stride;
  }
  if (activation != LINEAR || scale != 0) {
    const s1 = scale == 0 ? <usize>0 : scale + 16;
    const s2 = scale == 0 ? <usize>0 : scale + 32;
    const s3 = scale == 0 ? <usize>0 : scale + 48;
    a0 = finished(a0, activation, leak, scale, shift);
    a1 = finished(a1, activation, leak, s1, shift + 16);
    a2 = finished(a2, activation, leak, s2, shift + 32);
    a3 = finished(a3, activation, leak, s3, shift + 48);
    b0 = finished(b0, activation, leak, scale, shift);
    b1 = finished(b1, activation, leak, s1, shift + 16);
    b2 = finished(b2, activation, leak, s2, shift + 32);
    b3 = finished(b3, activation, leak, s3, shift + 48);
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to + toRow, b0);
  v128.store(to + toRow, b1, 16);
  v128.store(to + toRow, b2, 32);
  v128.store(to + toRow, b3, 48);
}

function oneRow(
  kernel: usize,
  stride: usize,
  bias: usize,
  scale: usize,
  shift: usize,
  from: usize,
  end: usize,
  to: usize,
  activation: i32,
  leak: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  while (from < end) {
    const x = v128.load_splat<f32>(from);
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(kernel)));
    a1 = f32x4.add(a1, f32x4.mul(x, v128.load(kernel, 16)));
    a2 = f32x4.add(a2, f32x4.mul(x, v128.load(kernel, 32)));
    a3 = f32x4.add(a3, f32x4.mul(x, v128.load(kernel, 48)));
    from += 4;
    kernel += stride;
  }
  const s1 = scale == 0 ? <usize>0 : scale + 16;
  const s2 = scale == 0 ? <usize>0 : scale + 32;
  const s3 = scale == 0 ? <usize>0 : scale + 48;
  v128.store(to, finished(a0, activation, leak, scale, shift));
  v128.store(to, finished(a1, activation, leak, s1, shift + 16), 16);
  v128.store(to, finished(a2, activation, leak, s2, shift + 32), 32);
  v128.store(to, finished(a3, activation, leak, s3, shift + 48), 48);
}
