// Dense layers: rows [n, inputs] times kernel [inputs, units], bias and activation. Kernels are packed once in panels of 16 units
// (the last one of 8 where that is enough), inputs one after the other, padded with zeros; a batch normalisation of the inputs is
// folded in. Every output is summed in the order of its inputs, from the bias on, however many rows there are.
import { LEAKY, LINEAR, RELU, activated, activatedLanes } from "./_activation";
import { multiplyAdd } from "./_multiplyadd";
import { Step } from "./_networkstep";

const PANEL: i32 = 16;
const PANEL_BYTES: usize = 64;
const HALF: i32 = 8;
const LAST: usize = memory.data(256, 64); // outputs of a padded panel that must not be stored whole: four rows

/** Units of the last panel as it is packed: 0, 8 or 16. */
@inline
function lastWidth(units: i32): i32 {
  const rest = units % PANEL;
  return rest == 0 ? 0 : rest <= HALF ? HALF : PANEL;
}

/** Packs kernel and bias; the normalisation's scale is multiplied into the kernel, its shift summed into the bias, in float64. */
export function prepareDense(step: Step, parameters: usize, packed: usize): void {
  const units = step.filters;
  let target = packed + <usize>step.prepared;
  let bias = packed + <usize>step.preparedBias;
  const whole = units / PANEL;
  for (let panel = 0; panel <= whole; panel++) {
    const width = panel < whole ? PANEL : lastWidth(units);
    for (let j = 0; j < width; j++) {
      packUnit(step, parameters, panel * PANEL + j, target + <usize>(j << 2), <usize>(width << 2), bias);
      bias += 4;
    }
    target += <usize>((step.channels * width) << 2);
  }
}

/** One unit's kernel column and bias; zeros for a unit that only pads. */
function packUnit(step: Step, parameters: usize, unit: i32, target: usize, stride: usize, bias: usize): void {
  const inputs = step.channels;
  const isThere = unit < step.filters;
  let sum = isThere ? <f64>load<f32>(parameters + <usize>step.bias + <usize>(unit << 2)) : 0;
  const epsilon = <f64>reinterpret<f32>(step.epsilon);
  const next = <usize>(inputs << 2);
  for (let k = 0; k < inputs; k++) {
    let value: f32 = 0;
    if (isThere) {
      value = load<f32>(parameters + <usize>step.kernel + <usize>((k * step.filters + unit) << 2));
      if (step.gamma >= 0) {
        const at = parameters + <usize>step.gamma + <usize>(k << 2);
        const scale = <f64>load<f32>(at) / Math.sqrt(<f64>load<f32>(at + 3 * next) + epsilon);
        sum += (<f64>load<f32>(at + next) - <f64>load<f32>(at + 2 * next) * scale) * <f64>value;
        value = <f32>(scale * <f64>value);
      }
    }
    store<f32>(target, value);
    target += stride;
  }
  store<f32>(bias, <f32>sum);
}

/** All rows through one dense layer. */
export function dense(step: Step, packed: usize, from: usize, to: usize, rows: i32, leak: f32): void {
  const units = step.filters;
  const whole = units / PANEL;
  let kernel = packed + <usize>step.prepared;
  let bias = packed + <usize>step.preparedBias;
  const panelBytes = <usize>(step.channels << 6);
  // The padding of the last panel runs into the next row, so that panel comes first.
  if (units % PANEL > 0) lastPanel(step, kernel + <usize>whole * panelBytes, bias, from, to, rows, leak);
  if (ASC_FEATURE_SIMD) {
    if (rows == 1) {
      panelsOfOne(step, kernel, bias, from, to, whole, leak);
      return;
    }
  }
  for (let panel = 0; panel < whole; panel++) {
    const target = placeOf(step, to, panel);
    panelOfRows(step, kernel, PANEL, bias, from, target, <usize>step.toRow, rows, leak);
    bias += PANEL_BYTES;
    kernel += panelBytes;
  }
}

/** The padded panel: stored whole but for the last rows, whose padding would fall on somebody else's bytes. */
function lastPanel(step: Step, kernel: usize, bias: usize, from: usize, to: usize, rows: i32, leak: f32): void {
  const units = step.filters;
  const width = lastWidth(units);
  const first = units - (units % PANEL);
  const offset = <usize>(first << 2);
  bias += offset;
  to += offset;
  const careful = min(rows, 2 + (rows & 1));
  const plain = rows - careful;
  if (plain > 0) panelOfRows(step, kernel, width, bias, from, to, <usize>step.toRow, plain, leak);
  from += <usize>(plain * step.fromRow);
  to += <usize>(plain * step.toRow);
  panelOfRows(step, kernel, width, bias, from, LAST, PANEL_BYTES, careful, leak);
  const bytes = <usize>((units - first) << 2);
  for (let row = 0; row < careful; row++) {
    const source = LAST + <usize>(row << 6);
    for (let at: usize = 0; at < bytes; at += 4) store<f32>(to + at, load<f32>(source + at));
    to += <usize>step.toRow;
  }
}

/** A panel of `width` units, 8 or 16, of all rows. */
function panelOfRows(
  step: Step,
  kernel: usize,
  width: i32,
  bias: usize,
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
    if (width == PANEL) {
      const pairs = rows >> 1;
      if (pairs > 0) pairsOfRows(kernel, bias, from, fromRow, bytes, to, toRow, activation, leak, pairs);
      if (rows & 1) {
        const last = <usize>(rows - 1);
        oneRow(kernel, bias, from + last * fromRow, bytes, to + last * toRow, activation, leak);
      }
    } else {
      const fours = rows >> 2;
      if (fours > 0) foursOfRows(kernel, bias, from, fromRow, bytes, to, toRow, activation, leak, fours);
      for (let row = <usize>(fours << 2); row < <usize>rows; row++) {
        halfRow(kernel, bias, from + row * fromRow, bytes, to + row * toRow, activation, leak);
      }
    }
  } else {
    for (let row = 0; row < rows; row++) {
      scalarPanel(kernel, <usize>(width << 2), bias, from, from + bytes, to, activation, leak);
      from += fromRow;
      to += toRow;
    }
  }
}

function scalarPanel(
  kernel: usize,
  stride: usize,
  bias: usize,
  from: usize,
  end: usize,
  to: usize,
  activation: i32,
  leak: f32,
): void {
  for (let j: usize = 0; j < stride; j += 4) {
    let sum = load<f32>(bias + j);
    let weight = kernel + j;
    for (let at = from; at < end; at += 4) {
      sum += load<f32>(at) * load<f32>(weight);
      weight += stride;
    }
    store<f32>(to + j, activated(activation, sum, leak));
  }
}

/**
 * 16 units of two rows at a time. Two inputs a turn of the inner loop, a way out between them: without it the engine loads
 * everything first and runs out of registers. All pairs in one call, because setting it up costs as much as a short sum.
 */
function pairsOfRows(
  kernel: usize,
  bias: usize,
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
    const odd = end - 4;
    while (first < end) {
      let x = v128.load_splat<f32>(first);
      let y = v128.load_splat<f32>(second);
      let w = v128.load(panel);
      a0 = multiplyAdd(a0, x, w);
      b0 = multiplyAdd(b0, y, w);
      w = v128.load(panel, 16);
      a1 = multiplyAdd(a1, x, w);
      b1 = multiplyAdd(b1, y, w);
      w = v128.load(panel, 32);
      a2 = multiplyAdd(a2, x, w);
      b2 = multiplyAdd(b2, y, w);
      w = v128.load(panel, 48);
      a3 = multiplyAdd(a3, x, w);
      b3 = multiplyAdd(b3, y, w);
      if (first == odd) break;
      x = v128.load_splat<f32>(first, 4);
      y = v128.load_splat<f32>(second, 4);
      w = v128.load(panel, 64);
      a0 = multiplyAdd(a0, x, w);
      b0 = multiplyAdd(b0, y, w);
      w = v128.load(panel, 80);
      a1 = multiplyAdd(a1, x, w);
      b1 = multiplyAdd(b1, y, w);
      w = v128.load(panel, 96);
      a2 = multiplyAdd(a2, x, w);
      b2 = multiplyAdd(b2, y, w);
      w = v128.load(panel, 112);
      a3 = multiplyAdd(a3, x, w);
      b3 = multiplyAdd(b3, y, w);
      first += 8;
      second += 8;
      panel += 2 * PANEL_BYTES;
    }
    const second0 = to + toRow;
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
    } else if (activation == LEAKY) {
      a0 = leaky(a0, leak);
      a1 = leaky(a1, leak);
      a2 = leaky(a2, leak);
      a3 = leaky(a3, leak);
      b0 = leaky(b0, leak);
      b1 = leaky(b1, leak);
      b2 = leaky(b2, leak);
      b3 = leaky(b3, leak);
    }
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    // In the order of the rows: a padded panel of the first runs into the second.
    if (activation > LEAKY) finish(to, PANEL_BYTES, activation, leak);
    v128.store(second0, b0);
    v128.store(second0, b1, 16);
    v128.store(second0, b2, 32);
    v128.store(second0, b3, 48);
    if (activation > LEAKY) finish(second0, PANEL_BYTES, activation, leak);
    from += 2 * fromRow;
    to += 2 * toRow;
  }
}

@inline
function leaky(x: v128, leak: f32): v128 {
  return v128.bitselect(x, f32x4.mul(x, f32x4.splat(leak)), f32x4.gt(x, f32x4.splat(0)));
}

/** 8 units of four rows at a time: for a last panel that 16 would leave half empty. */
function foursOfRows(
  kernel: usize,
  bias: usize,
  from: usize,
  fromRow: usize,
  bytes: usize,
  to: usize,
  toRow: usize,
  activation: i32,
  leak: f32,
  fours: i32,
): void {
  for (; fours > 0; fours--) {
    let a0 = v128.load(bias);
    let a1 = v128.load(bias, 16);
    let b0 = a0;
    let b1 = a1;
    let c0 = a0;
    let c1 = a1;
    let d0 = a0;
    let d1 = a1;
    let first = from;
    let second = from + fromRow;
    let third = second + fromRow;
    let fourth = third + fromRow;
    let panel = kernel;
    const end = from + bytes;
    while (first < end) {
      const w0 = v128.load(panel);
      const w1 = v128.load(panel, 16);
      let x = v128.load_splat<f32>(first);
      a0 = multiplyAdd(a0, x, w0);
      a1 = multiplyAdd(a1, x, w1);
      x = v128.load_splat<f32>(second);
      b0 = multiplyAdd(b0, x, w0);
      b1 = multiplyAdd(b1, x, w1);
      x = v128.load_splat<f32>(third);
      c0 = multiplyAdd(c0, x, w0);
      c1 = multiplyAdd(c1, x, w1);
      x = v128.load_splat<f32>(fourth);
      d0 = multiplyAdd(d0, x, w0);
      d1 = multiplyAdd(d1, x, w1);
      first += 4;
      second += 4;
      third += 4;
      fourth += 4;
      panel += 32;
    }
    storeHalf(to, a0, a1, activation, leak);
    to += toRow;
    storeHalf(to, b0, b1, activation, leak);
    to += toRow;
    storeHalf(to, c0, c1, activation, leak);
    to += toRow;
    storeHalf(to, d0, d1, activation, leak);
    to += toRow;
    from += 4 * fromRow;
  }
}

@inline
function storeHalf(to: usize, low: v128, high: v128, activation: i32, leak: f32): void {
  v128.store(to, low);
  v128.store(to, high, 16);
  if (activation != LINEAR) finish(to, 32, activation, leak);
}

/** Activation of sums where they lie. */
function finish(at: usize, bytes: usize, activation: i32, leak: f32): void {
  const end = at + bytes;
  for (; at < end; at += 16) v128.store(at, activatedLanes(activation, v128.load(at), leak));
}

function halfRow(
  kernel: usize,
  bias: usize,
  from: usize,
  bytes: usize,
  to: usize,
  activation: i32,
  leak: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  const end = from + bytes;
  while (from < end) {
    const x = v128.load_splat<f32>(from);
    a0 = multiplyAdd(a0, x, v128.load(kernel));
    a1 = multiplyAdd(a1, x, v128.load(kernel, 16));
    from += 4;
    kernel += 32;
  }
  storeHalf(to, a0, a1, activation, leak);
}

function oneRow(
  kernel: usize,
  bias: usize,
  from: usize,
  bytes: usize,
  to: usize,
  activation: i32,
  leak: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  const end = from + bytes;
  while (from < end) {
    const x = v128.load_splat<f32>(from);
    a0 = multiplyAdd(a0, x, v128.load(kernel));
    a1 = multiplyAdd(a1, x, v128.load(kernel, 16));
    a2 = multiplyAdd(a2, x, v128.load(kernel, 32));
    a3 = multiplyAdd(a3, x, v128.load(kernel, 48));
    from += 4;
    kernel += PANEL_BYTES;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  if (activation != LINEAR) finish(to, PANEL_BYTES, activation, leak);
}

/** Where unit 16 * panel of a row goes, line by line. */
@inline
function placeOf(step: Step, to: usize, panel: i32): usize {
  const at = panel << 6;
  const lineBytes = step.width << 2;
  return to + <usize>((at / lineBytes) * step.toLine + (at % lineBytes));
}

/**
 * The whole panels of one row, three at a time in two halves of six vectors: the four sums of one panel wait for one another, and
 * eight would need more loads in a turn than there are registers.
 */
function panelsOfOne(
  step: Step,
  kernel: usize,
  bias: usize,
  from: usize,
  to: usize,
  panels: i32,
  leak: f32,
): void {
  const bytes = <usize>(step.channels << 2);
  const panelBytes = bytes << 4;
  const activation = step.activation;
  let panel = 0;
  for (; panel + 3 <= panels; panel += 3) {
    const second = kernel + panelBytes;
    const third = second + panelBytes;
    const to0 = placeOf(step, to, panel);
    const to1 = placeOf(step, to, panel + 1);
    const to2 = placeOf(step, to, panel + 2);
    panelAndHalf(kernel, second, bias, bias + PANEL_BYTES, from, bytes, to0, to1);
    panelAndHalf(third, second + 32, bias + 2 * PANEL_BYTES, bias + 96, from, bytes, to2, to1 + 32);
    if (activation != LINEAR) {
      finish(to0, PANEL_BYTES, activation, leak);
      finish(to1, PANEL_BYTES, activation, leak);
      finish(to2, PANEL_BYTES, activation, leak);
    }
    kernel = third + panelBytes;
    bias += 3 * PANEL_BYTES;
  }
  for (; panel < panels; panel++) {
    oneRow(kernel, bias, from, bytes, placeOf(step, to, panel), activation, leak);
    kernel += panelBytes;
    bias += PANEL_BYTES;
  }
}

/** Sums of one row: all 16 units of the panel `whole` and eight of the panel that `half` points into. */
function panelAndHalf(
  whole: usize,
  half: usize,
  bias: usize,
  halfBias: usize,
  from: usize,
  bytes: usize,
  to: usize,
  toHalf: usize,
): void {
  let a0 = v128.load(bias);
  let a1 = v128.load(bias, 16);
  let a2 = v128.load(bias, 32);
  let a3 = v128.load(bias, 48);
  let b0 = v128.load(halfBias);
  let b1 = v128.load(halfBias, 16);
  const end = from + bytes;
  while (from < end) {
    const x = v128.load_splat<f32>(from);
    a0 = multiplyAdd(a0, x, v128.load(whole));
    a1 = multiplyAdd(a1, x, v128.load(whole, 16));
    a2 = multiplyAdd(a2, x, v128.load(whole, 32));
    a3 = multiplyAdd(a3, x, v128.load(whole, 48));
    b0 = multiplyAdd(b0, x, v128.load(half));
    b1 = multiplyAdd(b1, x, v128.load(half, 16));
    from += 4;
    whole += PANEL_BYTES;
    half += PANEL_BYTES;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(toHalf, b0);
  v128.store(toHalf, b1, 16);
}
