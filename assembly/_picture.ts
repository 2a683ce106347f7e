// Steps of a network that multiply nothing: copying into a zero border, pooling, upsampling, and elementwise batch normalisation
// or activation where it could not be fused into the step before. One row's picture at a time, NHWC.
import { activated } from "./_activation";
import { Step } from "./_networkstep";

/** Lines of `width` pixels, `filters` channels each, of all rows. */
export function copyPictures(step: Step, from: usize, to: usize, rows: i32): void {
  const bytes = <usize>((step.width * step.filters) << 2);
  if (ASC_FEATURE_SIMD) {
    if (bytes == 32) {
      copyShortLines(step, from, to, rows);
      return;
    }
  }
  const fromLine = <usize>step.fromLine;
  const toLine = <usize>step.toLine;
  for (; rows > 0; rows--) {
    for (let y: usize = 0; y < <usize>step.height; y++) copyLine(from + y * fromLine, to + y * toLine, bytes);
    from += <usize>step.fromRow;
    to += <usize>step.toRow;
  }
}

function copyLine(from: usize, to: usize, bytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
  } else {
    memory.copy(to, from, bytes);
  }
}

/** Lines of eight values: a third of what the first convolution of a small picture takes, if done the general way. */
function copyShortLines(step: Step, from: usize, to: usize, rows: i32): void {
  const height = step.height;
  const fromLine = <usize>step.fromLine;
  const toLine = <usize>step.toLine;
  const nextFrom = <usize>step.fromRow - <usize>height * fromLine;
  const nextTo = <usize>step.toRow - <usize>height * toLine;
  for (; rows > 0; rows--) {
    for (let y = 0; y < height; y++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += fromLine;
      to += toLine;
    }
    from += nextFrom;
    to += nextTo;
  }
}

/** The largest value of each `size` x `size` window, channel by channel. */
export function pool(step: Step, from: usize, to: usize): void {
  const pixel = <usize>(step.filters << 2);
  const size = step.size;
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < step.width; x++) {
      const window = from + <usize>(y * size * step.fromLine) + <usize>(x * size) * pixel;
      const target = to + <usize>(y * step.toLine) + <usize>x * pixel;
      for (let c: usize = 0; c < pixel; c += 4) {
        let best = load<f32>(window + c);
        for (let i = 0; i < size; i++) {
          const line = window + <usize>(i * step.fromLine) + c;
          for (let j = 0; j < size; j++) {
            const value = load<f32>(line + <usize>j * pixel);
            best = value > best ? value : best;
          }
        }
        store<f32>(target + c, best);
      }
    }
  }
}

/** Each pixel `size` times in both directions. */
export function upsample(step: Step, from: usize, to: usize): void {
  const pixel = <usize>(step.filters << 2);
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < step.width; x++) {
      const source = from + <usize>((y / step.size) * step.fromLine) + <usize>(x / step.size) * pixel;
      memory.copy(to + <usize>(y * step.toLine) + <usize>x * pixel, source, pixel);
    }
  }
}

/** scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale, in float64. */
export function prepareScale(step: Step, parameters: usize, packed: usize): void {
  if (step.gamma < 0) return;
  const count = step.filters;
  const gamma = parameters + <usize>step.gamma;
  const next = <usize>(count << 2);
  const scale = packed + <usize>step.scale;
  const shift = packed + <usize>step.shift;
  const epsilon = <f64>reinterpret<f32>(step.epsilon);
  for (let c = 0; c < count; c++) {
    const at = <usize>(c << 2);
    const mean = <f64>load<f32>(gamma + at + 2 * next);
    const variance = <f64>load<f32>(gamma + at + 3 * next);
    const factor = <f64>load<f32>(gamma + at) / Math.sqrt(variance + epsilon);
    store<f32>(scale + at, <f32>factor);
    store<f32>(shift + at, <f32>(<f64>load<f32>(gamma + at + next) - mean * factor));
  }
}

/** y = activation(x), or x * scale + shift by channel where there is a batch normalisation. */
export function affine(step: Step, packed: usize, from: usize, to: usize, leak: f32): void {
  const channels = step.filters;
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < step.width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = <usize>((x * channels + c) << 2);
        let value = load<f32>(from + at);
        if (step.gamma >= 0) {
          const k = <usize>(c << 2);
          value = value * load<f32>(packed + <usize>step.scale + k) + load<f32>(packed + <usize>step.shift + k);
        }
        store<f32>(to + at, activated(step.activation, value, leak));
      }
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
}

/** y = low + step * clip(floor((x - low) / step + half), 0, last), half 0.5 where values are rounded to the nearest. */
export function quantise(step: Step, from: usize, to: usize): void {
  const low = reinterpret<f32>(step.scale);
  const spacing = reinterpret<f32>(step.shift);
  const last = <f32>step.size;
  const half: f32 = step.stride ? 0.5 : 0;
  const bytes = <usize>((step.width * step.filters) << 2);
  for (let y = 0; y < step.height; y++) {
    for (let at: usize = 0; at < bytes; at += 4) {
      let place = floor<f32>((load<f32>(from + at) - low) / spacing + half);
      place = place < last ? place : last;
      place = place > 0 ? place : 0;
      store<f32>(to + at, low + spacing * place);
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
}
