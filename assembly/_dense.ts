// Dense layers: rows [n, inputs] times kernel [inputs, units], bias, activation and the scale and shift of a batch
// normalisation that follows. Panels of 16 units; whole panels are read where the parameters lie, the last, partial one from a
// zero-padded copy. Every output is summed in the order of its inputs, from the bias on, however many rows there are.
import { RELU, activated, activatedLanes } from "./_activation";
import { Step } from "./_networkstep";

const PANEL: i32 = 16;
const PANEL_BYTES: usize = 64;
const SINGLE: i32 = 32; // units up to which one row goes by panels
const LAST: usize = memory.data(128, 64); // the partial panel's outputs of two rows

/** One row and many units, that lie together: singleRow. */
@inline
function isSingle(step: Step, rows: i32): bool {
  return ASC_FEATURE_SIMD && rows == 1 && (step.filters > SINGLE || step.filters % PANEL > 0) && step.width == step.filters;
}

/** Copies the partial panel of kernel and bias, padded with zeros, and works out scale and shift. */
export function prepareDense(step: Step, parameters: usize, scratch: usize, rows: i32): void {
  if (isSingle(step, rows)) return;
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
  if (ASC_FEATURE_SIMD) {
    if (isSingle(step, rows)) {
      singleRow(step, kernel, bias, scaled ? scale : 0, shift, from, to, leak);
      return;
    }
  }
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
    const pairs = rows >> 1;
    if (pairs > 0) {
      pairsOfRows(kernel, stride, bias, scale, shift, from, fromRow, bytes, to, toRow, activation, leak, pairs);
    }
    if (rows & 1) {
      const last = <usize>(rows - 1);
      from += last * fromRow;
      oneRow(kernel, stride, bias, scale, shift, from, from + bytes, to + last * toRow, activation, leak);
    }
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

/**
 * 16 units of two rows at a time. One input a turn of the inner loop: with more, the engine loads everything first and runs out
 * of registers. All pairs in one call, because setting it up costs as much as a short sum.
 */
function pairsOfRows(
  kernel: usize,
  stride: usize,
  bias: usize,
  scale: usize,
  shift: usize,
  from: usize,
  fromRow: usize,
  bytes: usize,
  to: usize,
  toRow: usize,
  activation: i32,
  leak: f32,
  pairs: i32,
): void {
  for (; pairs > 0; pairs--) {
    let a0 = v128.load(bias);
    let a1 = v128.load(bias, 16);
    let a2 = v128.load(bias, 32);
    let a3 = v128.load(bias, 48);
    let b0 = a0;
    let b1 = a1;
    let b2 = a2;
    let b3 = a3;
    let first = from;
    let second = from + fromRow;
    let panel = kernel;
    const end = from + bytes;
    while (first < end) {
      const x = v128.load_splat<f32>(first);
      const y = v128.load_splat<f32>(second);
      let w = v128.load(panel);
      a0 = f32x4.add(a0, f32x4.mul(x, w));
      b0 = f32x4.add(b0, f32x4.mul(y, w));
      w = v128.load(panel, 16);
      a1 = f32x4.add(a1, f32x4.mul(x, w));
      b1 = f32x4.add(b1, f32x4.mul(y, w));
      w = v128.load(panel, 32);
      a2 = f32x4.add(a2, f32x4.mul(x, w));
      b2 = f32x4.add(b2, f32x4.mul(y, w));
      w = v128.load(panel, 48);
      a3 = f32x4.add(a3, f32x4.mul(x, w));
      b3 = f32x4.add(b3, f32x4.mul(y, w));
      first += 4;
      second += 4;
      panel += stride;
    }
    if (activation == RELU) {
      const zero = f32x4.splat(0);
      a0 = f32x4.pmax(zero, a0);
      a1 = f32x4.pmax(zero, a1);
      a2 = f32x4.pmax(zero, a2);
      a3 = f32x4.pmax(zero, a3);
      b0 = f32x4.pmax(zero, b0);
      b1 = f32x4.pmax(zero, b1);
      b2 = f32x4.pmax(zero, b2);
      b3 = f32x4.pmax(zero, b3);
    }
    const second0 = to + toRow;
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    v128.store(second0, b0);
    v128.store(second0, b1, 16);
    v128.store(second0, b2, 32);
    v128.store(second0, b3, 48);
    if (activation > RELU || scale != 0) {
      finishPanel(to, activation, leak, scale, shift);
      finishPanel(second0, activation, leak, scale, shift);
    }
    from += 2 * fromRow;
    to += 2 * toRow;
  }
}

/** Activation and normalisation of 16 sums where they lie; a relu has been applied already. */
function finishPanel(at: usize, activation: i32, leak: f32, scale: usize, shift: usize): void {
  const end = at + PANEL_BYTES;
  for (; at < end; at += 16) {
    let y = activatedLanes(activation, v128.load(at), leak);
    if (scale != 0) {
      y = f32x4.add(f32x4.mul(y, v128.load(scale)), v128.load(shift));
      scale += 16;
      shift += 16;
    }
    v128.store(at, y);
  }
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
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  finishPanel(to, activation, leak, scale, shift);
}

/**
 * One row: kernel lines are read as they lie, four at a time, and the sums wait in the output. What a whole batch does by panels
 * would fetch every kernel line many times over for one row.
 */
function singleRow(step: Step, kernel: usize, bias: usize, scale: usize, shift: usize, from: usize, to: usize, leak: f32): void {
  const inputs = step.channels;
  const stride = <usize>(step.filters << 2);
  const end = to + stride;
  memory.copy(to, bias, stride);
  let k = 0;
  for (; k + 4 <= inputs; k += 4) {
    fourLines(kernel, stride, from, to, end);
    kernel += 4 * stride;
    from += 16;
  }
  for (; k < inputs; k++) {
    const x = load<f32>(from);
    let weight = kernel;
    for (let at = to; at < end; at += 4) {
      store<f32>(at, load<f32>(at) + x * load<f32>(weight));
      weight += 4;
    }
    kernel += stride;
    from += 4;
  }
  const activation = step.activation;
  let at = to;
  for (; at + 16 <= end; at += 16) {
    let y = activatedLanes(activation, v128.load(at), leak);
    if (scale != 0) {
      y = f32x4.add(f32x4.mul(y, v128.load(scale)), v128.load(shift));
      scale += 16;
      shift += 16;
    }
    v128.store(at, y);
  }
  for (; at < end; at += 4) {
    let y = activated(activation, load<f32>(at), leak);
    if (scale != 0) {
      y = y * load<f32>(scale) + load<f32>(shift);
      scale += 4;
      shift += 4;
    }
    store<f32>(at, y);
  }
}

/** to += x[0] line 0 + ... + x[3] line 3, in this order. */
function fourLines(kernel: usize, stride: usize, from: usize, to: usize, end: usize): void {
  const x0 = v128.load_splat<f32>(from);
  const x1 = v128.load_splat<f32>(from, 4);
  const x2 = v128.load_splat<f32>(from, 8);
  const x3 = v128.load_splat<f32>(from, 12);
  let l0 = kernel;
  let l1 = l0 + stride;
  let l2 = l1 + stride;
  let l3 = l2 + stride;
  for (; to + 16 <= end; to += 16) {
    let y = f32x4.add(v128.load(to), f32x4.mul(x0, v128.load(l0)));
    y = f32x4.add(y, f32x4.mul(x1, v128.load(l1)));
    y = f32x4.add(y, f32x4.mul(x2, v128.load(l2)));
    y = f32x4.add(y, f32x4.mul(x3, v128.load(l3)));
    v128.store(to, y);
    l0 += 16;
    l1 += 16;
    l2 += 16;
    l3 += 16;
  }
  for (; to < end; to += 4) {
    let y = load<f32>(to) + f32x4.extract_lane(x0, 0) * load<f32>(l0);
    y += f32x4.extract_lane(x1, 0) * load<f32>(l1);
    y += f32x4.extract_lane(x2, 0) * load<f32>(l2);
    y += f32x4.extract_lane(x3, 0) * load<f32>(l3);
    store<f32>(to, y);
    l0 += 4;
    l1 += 4;
    l2 += 4;
    l3 += 4;
  }
}
