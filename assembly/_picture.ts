// Steps of a network that multiply nothing: copying into a zero border, pooling, upsampling, and elementwise batch normalisation
// or activation where it could not be fused into the step before. One row's picture at a time, NHWC.
import { activated } from "./_activation";
import { Step } from "./_networkstep";

/** Lines of `width` pixels, `filters` channels each. */
export function copyPicture(step: Step, from: usize, to: usize): void {
  const bytes = <usize>((step.width * step.filters) << 2);
  for (let y = 0; y < step.height; y++) {
    if (ASC_FEATURE_SIMD) {
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
      for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
    } else {
      memory.copy(to, from, bytes);
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
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

/** y = activation(x), or x * scale + shift by channel where there is a batch normalisation. */
export function affine(step: Step, scratch: usize, from: usize, to: usize, leak: f32): void {
  const channels = step.filters;
  for (let y = 0; y < step.height; y++) {
    for (let x = 0; x < step.width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = <usize>((x * channels + c) << 2);
        let value = load<f32>(from + at);
        if (step.gamma >= 0) {
          const k = <usize>(c << 2);
          value = value * load<f32>(scratch + <usize>step.scale + k) + load<f32>(scratch + <usize>step.shift + k);
        }
        store<f32>(to + at, activated(step.activation, value, leak));
      }
    }
    from += <usize>step.fromLine;
    to += <usize>step.toLine;
  }
}
