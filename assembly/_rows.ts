// Arithmetic on rows of float64 numbers: dot products, linear combinations, chains of plane rotations.
// Every build gives the same bits: sums run in four interleaved parts whatever the instructions are, all else is element by
// element. Rows may start anywhere; they must not overlap unless they are the same row.

/** Sum of x[i] * y[i]. */
export function dot(x: usize, y: usize, count: i32): f64 {
  let s0: f64 = 0;
  let s1: f64 = 0;
  let s2: f64 = 0;
  let s3: f64 = 0;
  let o: usize = 0;
  const whole = (<usize>(count & ~3)) << 3;
  const end = (<usize>count) << 3;
  if (ASC_FEATURE_SIMD) {
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    for (; o < whole; o += 32) {
      a = f64x2.add(a, f64x2.mul(v128.load(x + o), v128.load(y + o)));
      b = f64x2.add(b, f64x2.mul(v128.load(x + o, 16), v128.load(y + o, 16)));
    }
    s0 = f64x2.extract_lane(a, 0);
    s1 = f64x2.extract_lane(a, 1);
    s2 = f64x2.extract_lane(b, 0);
    s3 = f64x2.extract_lane(b, 1);
  } else {
    for (; o < whole; o += 32) {
      s0 += load<f64>(x + o) * load<f64>(y + o);
      s1 += load<f64>(x + o, 8) * load<f64>(y + o, 8);
      s2 += load<f64>(x + o, 16) * load<f64>(y + o, 16);
      s3 += load<f64>(x + o, 24) * load<f64>(y + o, 24);
    }
  }
  let rest: f64 = 0;
  for (; o < end; o += 8) rest += load<f64>(x + o) * load<f64>(y + o);
  return s0 + s2 + (s1 + s3) + rest;
}

/** y[i] += factor * x[i]. */
export function addScaled(y: usize, factor: f64, x: usize, count: i32): void {
  let o: usize = 0;
  const end = (<usize>count) << 3;
  if (ASC_FEATURE_SIMD) {
    const f = f64x2.splat(factor);
    for (const whole = end & ~15; o < whole; o += 16) {
      v128.store(y + o, f64x2.add(v128.load(y + o), f64x2.mul(f, v128.load(x + o))));
    }
  }
  for (; o < end; o += 8) store<f64>(y + o, load<f64>(y + o) + factor * load<f64>(x + o));
}

/** a[i] -= p * w[i] + q * v[i]: one row of a symmetric update of rank two. */
export function subtractPair(a: usize, p: f64, w: usize, q: f64, v: usize, count: i32): void {
  let o: usize = 0;
  const end = (<usize>count) << 3;
  if (ASC_FEATURE_SIMD) {
    const ps = f64x2.splat(p);
    const qs = f64x2.splat(q);
    for (const whole = end & ~15; o < whole; o += 16) {
      const change = f64x2.add(f64x2.mul(ps, v128.load(w + o)), f64x2.mul(qs, v128.load(v + o)));
      v128.store(a + o, f64x2.sub(v128.load(a + o), change));
    }
  }
  for (; o < end; o += 8) {
    store<f64>(a + o, load<f64>(a + o) - (p * load<f64>(w + o) + q * load<f64>(v + o)));
  }
}

/**
 * Row of a symmetric matrix, known from its diagonal on, times a vector: returns sum of row[j] * v[j] for j >= 1 and adds
 * row[j] * v[0] to p[j] for the same j, so that the row is read once.
 */
export function symmetricRow(row: usize, v: usize, p: usize, count: i32): f64 {
  const head = load<f64>(v);
  let s0: f64 = 0;
  let s1: f64 = 0;
  let o: usize = 8;
  const end = (<usize>count) << 3;
  if (ASC_FEATURE_SIMD) {
    const h = f64x2.splat(head);
    let sum = f64x2.splat(0);
    for (; o + 16 <= end; o += 16) {
      const a = v128.load(row + o);
      sum = f64x2.add(sum, f64x2.mul(a, v128.load(v + o)));
      v128.store(p + o, f64x2.add(v128.load(p + o), f64x2.mul(a, h)));
    }
    s0 = f64x2.extract_lane(sum, 0);
    s1 = f64x2.extract_lane(sum, 1);
  } else {
    for (; o + 16 <= end; o += 16) {
      const a = load<f64>(row + o);
      const b = load<f64>(row + o, 8);
      s0 += a * load<f64>(v + o);
      s1 += b * load<f64>(v + o, 8);
      store<f64>(p + o, load<f64>(p + o) + a * head);
      store<f64>(p + o, load<f64>(p + o, 8) + b * head, 8);
    }
  }
  if (o < end) {
    const a = load<f64>(row + o);
    s0 += a * load<f64>(v + o);
    store<f64>(p + o, load<f64>(p + o) + a * head);
  }
  return s0 + s1;
}

/**
 * Applies plane rotations to neighbouring rows of `rows` [.., count], from the pair (last - 1, last) up to (first, first + 1):
 * with (c, s) = turns[2 i], turns[2 i + 1] the pair (x, y) of rows i, i + 1 becomes (c x - s y, s x + c y). Each row is read and
 * written once: the lower row of a pair is carried on in registers.
 */
export function rotateRows(rows: usize, count: i32, first: i32, last: i32, turns: usize): void {
  const stride = (<usize>count) << 3;
  const top = rows + <usize>first * stride;
  const bottom = rows + <usize>last * stride;
  const lastTurn = turns + ((<usize>(last - 1)) << 4);
  let o: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (const whole = stride & ~63; o < whole; o += 64) {
      let row = bottom + o;
      let turn = lastTurn;
      let a = v128.load(row);
      let b = v128.load(row, 16);
      let d = v128.load(row, 32);
      let e = v128.load(row, 48);
      for (const end = top + o; row > end; row -= stride) {
        const c = v128.load64_splat(turn);
        const s = v128.load64_splat(turn, 8);
        const above = row - stride;
        let x = v128.load(above);
        v128.store(row, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, a)));
        a = f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, a));
        x = v128.load(above, 16);
        v128.store(row, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, b)), 16);
        b = f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, b));
        x = v128.load(above, 32);
        v128.store(row, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, d)), 32);
        d = f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, d));
        x = v128.load(above, 48);
        v128.store(row, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, e)), 48);
        e = f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, e));
        turn -= 16;
      }
      v128.store(row, a);
      v128.store(row, b, 16);
      v128.store(row, d, 32);
      v128.store(row, e, 48);
    }
  }
  for (; o < stride; o += 8) {
    let row = bottom + o;
    let turn = lastTurn;
    let carried = load<f64>(row);
    for (const end = top + o; row > end; row -= stride) {
      const c = load<f64>(turn);
      const s = load<f64>(turn, 8);
      const x = load<f64>(row - stride);
      store<f64>(row, s * x + c * carried);
      carried = c * x - s * carried;
      turn -= 16;
    }
    store<f64>(row, carried);
  }
}
