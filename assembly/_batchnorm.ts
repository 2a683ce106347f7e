// Batch normalisation in training: statistics of all rows (and pixels) of the call, and the way back through them. Sums are
// float64, in the order of the rows, four channels at a time where there is SIMD. Source: Ioffe and Szegedy 2015.
import { TrainingStep } from "./_trainingstep";

const FIRST: usize = memory.data(32, 16); // sums of four channels
const SECOND: usize = memory.data(32, 16);

/** What a channel's sums run over. */
@inline
function counted(step: TrainingStep, rows: i32): f64 {
  return <f64>rows * <f64>(step.height * step.width);
}

/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta. Keeps mean and 1 / sqrt(..) for the way back; what the moving statistics
 * move towards (mean, unbiased variance) goes into their places of the gradient where one is kept.
 */
export function normalise(
  step: TrainingStep,
  parameters: usize,
  packed: usize,
  gradient: usize,
  x: usize,
  to: usize,
  rows: i32,
  keeps: bool,
): void {
  const channels = step.filters;
  const n = counted(step, rows);
  const epsilon = <f64>reinterpret<f32>(step.epsilon);
  const next = <usize>(channels << 2);
  for (let c = 0; c < channels; c += 4) {
    const lanes = min(4, channels - c);
    const at = <usize>(c << 2);
    sumsOf(step, x + at, 0, 0, rows, lanes);
    for (let i = 0; i < lanes; i++) {
      const own = at + <usize>(i << 2);
      const mean = load<f64>(FIRST + <usize>(i << 3)) / n;
      store<f32>(packed + <usize>step.scale + own, <f32>mean);
      if (keeps) store<f32>(gradient + <usize>step.gamma + own + 2 * next, <f32>mean);
    }
    centredSquares(step, x + at, packed + <usize>step.scale + at, rows, lanes);
    for (let i = 0; i < lanes; i++) {
      const own = at + <usize>(i << 2);
      const squares = load<f64>(FIRST + <usize>(i << 3));
      store<f32>(packed + <usize>step.shift + own, <f32>(1 / Math.sqrt(squares / n + epsilon)));
      if (keeps) {
        store<f32>(gradient + <usize>step.gamma + own + 3 * next, <f32>(squares / (n > 1 ? n - 1 : 1)));
      }
    }
  }
  const gamma = parameters + <usize>step.gamma;
  standardise(step, gamma, gamma + next, packed, x, to, rows);
}

/** FIRST = sums of x over rows and pixels; SECOND = sums of x (z - mean) inverse, where z is given. */
function sumsOf(step: TrainingStep, x: usize, z: usize, statistics: usize, rows: i32, lanes: i32): void {
  const pixel = <usize>(step.filters << 2);
  const xRow = <usize>(z ? step.otherRow : step.fromRow);
  const xLine = <usize>(z ? step.otherLine : step.fromLine);
  const toInverse = <usize>(step.shift - step.scale);
  if (ASC_FEATURE_SIMD) {
    if (lanes == 4) {
      let a0 = f64x2.splat(0);
      let a1 = a0;
      let b0 = a0;
      let b1 = a0;
      const mean = z ? v128.load(statistics) : a0;
      const inverse = z ? v128.load(statistics + toInverse) : a0;
      for (let row: usize = 0; row < <usize>rows; row++) {
        for (let y: usize = 0; y < <usize>step.height; y++) {
          let at = x + row * xRow + y * xLine;
          let other = z + row * <usize>step.fromRow + y * <usize>step.fromLine;
          for (let i = 0; i < step.width; i++) {
            const v = v128.load(at);
            a0 = f64x2.add(a0, f64x2.promote_low_f32x4(v));
            a1 = f64x2.add(a1, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
            if (z) {
              const w = f32x4.mul(v, f32x4.mul(f32x4.sub(v128.load(other), mean), inverse));
              b0 = f64x2.add(b0, f64x2.promote_low_f32x4(w));
              b1 = f64x2.add(b1, f64x2.promote_low_f32x4(v128.shuffle<i32>(w, w, 2, 3, 2, 3)));
            }
            at += pixel;
            other += pixel;
          }
        }
      }
      v128.store(FIRST, a0);
      v128.store(FIRST, a1, 16);
      v128.store(SECOND, b0);
      v128.store(SECOND, b1, 16);
      return;
    }
  }
  for (let lane: usize = 0; lane < <usize>lanes; lane++) {
    let a: f64 = 0;
    let b: f64 = 0;
    const mean: f32 = z ? load<f32>(statistics + (lane << 2)) : 0;
    const inverse: f32 = z ? load<f32>(statistics + toInverse + (lane << 2)) : 0;
    for (let row: usize = 0; row < <usize>rows; row++) {
      for (let y: usize = 0; y < <usize>step.height; y++) {
        let at = x + row * xRow + y * xLine + (lane << 2);
        let other = z + row * <usize>step.fromRow + y * <usize>step.fromLine + (lane << 2);
        for (let i = 0; i < step.width; i++) {
          const v = load<f32>(at);
          a += <f64>v;
          if (z) b += <f64>(v * ((load<f32>(other) - mean) * inverse));
          at += pixel;
          other += pixel;
        }
      }
    }
    store<f64>(FIRST + (lane << 3), a);
    store<f64>(SECOND + (lane << 3), b);
  }
}

/** FIRST = sums of (x - mean)^2. */
function centredSquares(step: TrainingStep, x: usize, means: usize, rows: i32, lanes: i32): void {
  const pixel = <usize>(step.filters << 2);
  if (ASC_FEATURE_SIMD) {
    if (lanes == 4) {
      let a0 = f64x2.splat(0);
      let a1 = a0;
      const mean = v128.load(means);
      for (let row: usize = 0; row < <usize>rows; row++) {
        for (let y: usize = 0; y < <usize>step.height; y++) {
          let at = x + row * <usize>step.fromRow + y * <usize>step.fromLine;
          for (let i = 0; i < step.width; i++) {
            let v = f32x4.sub(v128.load(at), mean);
            v = f32x4.mul(v, v);
            a0 = f64x2.add(a0, f64x2.promote_low_f32x4(v));
            a1 = f64x2.add(a1, f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
            at += pixel;
          }
        }
      }
      v128.store(FIRST, a0);
      v128.store(FIRST, a1, 16);
      return;
    }
  }
  for (let lane: usize = 0; lane < <usize>lanes; lane++) {
    let a: f64 = 0;
    const mean = load<f32>(means + (lane << 2));
    for (let row: usize = 0; row < <usize>rows; row++) {
      for (let y: usize = 0; y < <usize>step.height; y++) {
        let at = x + row * <usize>step.fromRow + y * <usize>step.fromLine + (lane << 2);
        for (let i = 0; i < step.width; i++) {
          const v = load<f32>(at) - mean;
          a += <f64>(v * v);
          at += pixel;
        }
      }
    }
    store<f64>(FIRST + (lane << 3), a);
  }
}

/** to = gamma (x - mean) inverse + beta. */
function standardise(
  step: TrainingStep,
  gamma: usize,
  beta: usize,
  packed: usize,
  x: usize,
  to: usize,
  rows: i32,
): void {
  const means = packed + <usize>step.scale;
  const inverses = packed + <usize>step.shift;
  const pixel = <usize>(step.filters << 2);
  for (let row: usize = 0; row < <usize>rows; row++) {
    for (let y: usize = 0; y < <usize>step.height; y++) {
      let from = x + row * <usize>step.fromRow + y * <usize>step.fromLine;
      let target = to + row * <usize>step.toRow + y * <usize>step.toLine;
      for (let i = 0; i < step.width; i++) {
        let c: usize = 0;
        if (ASC_FEATURE_SIMD) {
          for (; c + 16 <= pixel; c += 16) {
            const v = f32x4.sub(v128.load(from + c), v128.load(means + c));
            const standard = f32x4.mul(v, v128.load(inverses + c));
            v128.store(target + c, f32x4.add(f32x4.mul(v128.load(gamma + c), standard), v128.load(beta + c)));
          }
        }
        for (; c < pixel; c += 4) {
          const standard = (load<f32>(from + c) - load<f32>(means + c)) * load<f32>(inverses + c);
          store<f32>(target + c, load<f32>(gamma + c) * standard + load<f32>(beta + c));
        }
        from += pixel;
        target += pixel;
      }
    }
  }
}

/** dx = gamma inverse (dy - (sum dy + standardised x * sum(dy * standardised x)) / n); adds to the gradient of gamma and beta. */
export function normaliseBack(
  step: TrainingStep,
  parameters: usize,
  packed: usize,
  gradient: usize,
  x: usize,
  d: usize,
  to: usize,
  rows: i32,
): void {
  const channels = step.filters;
  const n = counted(step, rows);
  const next = <usize>(channels << 2);
  const pixel = next;
  for (let c = 0; c < channels; c += 4) {
    const lanes = min(4, channels - c);
    const at = <usize>(c << 2);
    sumsOf(step, d + at, x + at, packed + <usize>step.scale + at, rows, lanes);
    const own = gradient + <usize>step.gamma + at;
    for (let i: usize = 0; i < <usize>lanes; i++) {
      const sum = load<f64>(FIRST + (i << 3));
      const product = load<f64>(SECOND + (i << 3));
      const place = own + (i << 2);
      store<f32>(place, load<f32>(place) + <f32>product);
      store<f32>(place + next, load<f32>(place + next) + <f32>sum);
      const mean = load<f32>(packed + <usize>step.scale + at + (i << 2));
      const inverse = load<f32>(packed + <usize>step.shift + at + (i << 2));
      const factor = load<f32>(parameters + <usize>step.gamma + at + (i << 2)) * inverse;
      const meanBack = <f32>(sum / n);
      const meanProduct = <f32>(product / n);
      for (let row: usize = 0; row < <usize>rows; row++) {
        for (let y: usize = 0; y < <usize>step.height; y++) {
          let from = x + row * <usize>step.fromRow + y * <usize>step.fromLine + at + (i << 2);
          let back = d + row * <usize>step.otherRow + y * <usize>step.otherLine + at + (i << 2);
          let target = to + row * <usize>step.toRow + y * <usize>step.toLine + at + (i << 2);
          for (let w = 0; w < step.width; w++) {
            const standard = (load<f32>(from) - mean) * inverse;
            store<f32>(target, factor * (load<f32>(back) - meanBack - standard * meanProduct));
            from += pixel;
            back += pixel;
            target += pixel;
          }
        }
      }
    }
  }
}
