// Eigen-decomposition of a real symmetric matrix: Householder reduction to tridiagonal form, then implicitly shifted QL
// (Bowdler, Martin, Reinsch, Wilkinson 1968, doi:10.1007/BF02161360 and doi:10.1007/BF02162163). Eigenvectors are kept as rows,
// so that every rotation runs along contiguous memory. The matrix is scaled by a power of two first: no overflow, no loss.
import { NON_FINITE, NOT_CONVERGED, OK } from "./_status";
import { addScaled, dot, rotateRows, subtractPair, symmetricRow } from "./_rows";

/** QL sweeps per eigenvalue; two are usual. */
const MOST_SWEEPS: i32 = 60;
/** Elements this much (relatively) below the largest count as equally large for the sign of a vector. */
const SIGN_BAND: f64 = 1.0 / 1048576.0;
/** Sweeps of one eigenvalue after which off-diagonal elements that are rounding of the largest ones count as zero. */
const USUAL_SWEEPS: i32 = 8;
/** 2^-53. */
const ROUNDING: f64 = 1.0 / 9007199254740992.0;
/** Squares below this are nothing beside a largest element of about 1, and their inverse is still a number. */
const NOTHING: f64 = 1e-280;

/** Bytes of `work` for n columns. */
export function symmetricWork(n: i32): usize {
  return <usize>(2 * n * n + 5 * n) << 3;
}

/** Largest magnitude of n*n elements; NaN when one is not finite. */
function largest(a: usize, count: i32): f64 {
  let most: f64 = 0;
  let check: f64 = 0;
  for (const end = a + ((<usize>count) << 3); a < end; a += 8) {
    const x = Math.abs(load<f64>(a));
    check += x - x;
    if (x > most) most = x;
  }
  return check == 0 ? most : NaN;
}

/** A power of two that brings x (> 0) to between 1 and 2, or as near as one factor can. */
function powerNear(x: f64): f64 {
  const exponent = <i32>((reinterpret<u64>(x) >> 52) & 0x7ff) - 1023;
  return reinterpret<f64>((<u64>(1023 - max(-1000, min(1000, exponent)))) << 52);
}

/**
 * Householder's reflection that clears row k beyond its second element: replaces the row's tail by the vector v, stores the
 * new off-diagonal element, returns beta of I - beta v v' (0 when nothing is to be cleared).
 */
function reflection(tail: usize, length: i32, offDiagonal: usize): f64 {
  const first = load<f64>(tail);
  const rest = dot(tail + 8, tail + 8, length - 1);
  if (rest < NOTHING) {
    store<f64>(offDiagonal, first);
    return 0;
  }
  const norm = Math.sqrt(first * first + rest);
  const alpha = first > 0 ? -norm : norm;
  store<f64>(offDiagonal, alpha);
  store<f64>(tail, first - alpha);
  return 1 / (norm * norm - alpha * first);
}

/** Tridiagonal form of `a` [n, n] (upper triangle): diagonal, off-diagonal; row k of `a` keeps its reflection, betas[k] its factor. */
function reduce(a: usize, n: i32, diagonal: usize, off: usize, betas: usize, p: usize): void {
  const step = (<usize>(n + 1)) << 3;
  for (let k = 0; k < n; k++) {
    const at = a + <usize>k * step;
    store<f64>(diagonal + ((<usize>k) << 3), load<f64>(at));
    const length = n - k - 1;
    if (length == 0) break;
    const v = at + 8;
    const beta = reflection(v, length, off + ((<usize>k) << 3));
    store<f64>(betas + ((<usize>k) << 3), beta);
    if (beta == 0) continue;
    const block = at + step;
    memory.fill(p, 0, (<usize>length) << 3);
    for (let i = 0; i < length; i++) {
      const o = (<usize>i) << 3;
      const row = block + <usize>i * step;
      const own = load<f64>(row) * load<f64>(v + o);
      const sum = own + symmetricRow(row, v + o, p + o, length - i);
      store<f64>(p + o, load<f64>(p + o) + sum);
    }
    for (let i = 0; i < length; i++) {
      const o = (<usize>i) << 3;
      store<f64>(p + o, load<f64>(p + o) * beta);
    }
    addScaled(p, -0.5 * beta * dot(p, v, length), v, length);
    for (let i = 0; i < length; i++) {
      const o = (<usize>i) << 3;
      subtractPair(block + <usize>i * step, load<f64>(v + o), p + o, load<f64>(p + o), v + o, length - i);
    }
  }
}

/** z [n, n] = transpose of the product of all reflections, from the last one back: only the lower right part is touched. */
function collect(a: usize, n: i32, betas: usize, z: usize): void {
  const stride = (<usize>n) << 3;
  memory.fill(z, 0, <usize>n * stride);
  for (let k = 0; k < n; k++) store<f64>(z + <usize>k * (stride + 8), 1);
  for (let k = n - 2; k >= 0; k--) {
    const beta = load<f64>(betas + ((<usize>k) << 3));
    if (beta == 0) continue;
    const length = n - k - 1;
    const v = a + <usize>k * (stride + 8) + 8;
    const o = (<usize>(k + 1)) << 3;
    for (let i = k + 1; i < n; i++) {
      const row = z + <usize>i * stride + o;
      addScaled(row, -beta * dot(row, v, length), v, length);
    }
  }
}

/** First index m >= l whose off-diagonal element is negligible beside its diagonal neighbours or not above `floor`. */
function splitFrom(l: i32, n: i32, diagonal: usize, off: usize, floor: f64): i32 {
  let m = l;
  for (; m < n - 1; m++) {
    const o = (<usize>m) << 3;
    const scale = Math.abs(load<f64>(diagonal + o)) + Math.abs(load<f64>(diagonal + o, 8));
    const size = Math.abs(load<f64>(off + o));
    if (size <= floor || scale + size == scale) break;
  }
  return m;
}

/** One implicit QL sweep over [l, m]: the rotations go to `turns` as (c, s) pairs. Returns the last row that was turned. */
function sweep(l: i32, m: i32, diagonal: usize, off: usize, turns: usize): i32 {
  const dl = diagonal + ((<usize>l) << 3);
  const el = off + ((<usize>l) << 3);
  let g = (load<f64>(dl, 8) - load<f64>(dl)) / (2 * load<f64>(el));
  const root = Math.sqrt(g * g + 1);
  g = load<f64>(diagonal + ((<usize>m) << 3)) - load<f64>(dl) + load<f64>(el) / (g < 0 ? g - root : g + root);
  let c: f64 = 1;
  let s: f64 = 1;
  let p: f64 = 0;
  let i = m - 1;
  for (; i >= l; i--) {
    const o = (<usize>i) << 3;
    const f = s * load<f64>(off + o);
    const b = c * load<f64>(off + o);
    const r = Math.sqrt(f * f + g * g);
    store<f64>(off + o, r, 8);
    if (r == 0) {
      // The block falls apart here: what has been turned stays, the rest is another sweep's.
      store<f64>(diagonal + o, load<f64>(diagonal + o, 8) - p, 8);
      store<f64>(off + ((<usize>m) << 3), 0);
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = load<f64>(diagonal + o, 8) - p;
    const t = (load<f64>(diagonal + o) - g) * s + 2 * c * b;
    p = s * t;
    store<f64>(diagonal + o, g + p, 8);
    g = c * t - b;
    store<f64>(turns + ((<usize>i) << 4), c);
    store<f64>(turns + ((<usize>i) << 4), s, 8);
  }
  store<f64>(dl, load<f64>(dl) - p);
  store<f64>(el, g);
  store<f64>(off + ((<usize>m) << 3), 0);
  return l;
}

/** Eigenvalues into `diagonal`, rows of z turned into eigenvectors. */
function iterate(n: i32, diagonal: usize, off: usize, z: usize, turns: usize): i32 {
  // Where the matrix has less than full rank, a block of nothing but rounding errors, which fall off to where their squares
  // vanish, may never settle by its own measure: it does by that of the matrix, and the eigenvalues lose nothing that they had.
  let floor: f64 = 0;
  let size: f64 = 0;
  for (let o: usize = 0, end = (<usize>n) << 3; o < end; o += 8) {
    size = max(size, Math.abs(load<f64>(diagonal + o)) + Math.abs(load<f64>(off + o)));
  }
  for (let l = 0; l < n; l++) {
    let sweeps = 0;
    for (let m = splitFrom(l, n, diagonal, off, floor); m > l; m = splitFrom(l, n, diagonal, off, floor)) {
      if (sweeps == MOST_SWEEPS) return NOT_CONVERGED;
      if (sweeps == USUAL_SWEEPS) floor = ROUNDING * size;
      sweeps++;
      const first = sweep(l, m, diagonal, off, turns);
      if (first < m) rotateRows(z, n, first, m, turns);
    }
  }
  return OK;
}

/** 1 or -1, so that the first of the vector's largest elements becomes positive. */
function signOf(row: usize, n: i32): f64 {
  let most: f64 = 0;
  const end = row + ((<usize>n) << 3);
  for (let p = row; p < end; p += 8) {
    const x = Math.abs(load<f64>(p));
    if (x > most) most = x;
  }
  const enough = most * (1 - SIGN_BAND);
  for (let p = row; p < end; p += 8) {
    const x = load<f64>(p);
    if (Math.abs(x) >= enough) return x < 0 ? -1 : 1;
  }
  return 1;
}

/** Copies eigenpairs out, largest value first (among equals the earlier one), signs fixed. */
function deliver(n: i32, diagonal: usize, z: usize, scale: f64, values: usize, vectors: usize): void {
  const stride = (<usize>n) << 3;
  for (let rank = 0; rank < n; rank++) {
    let best = -1;
    let most: f64 = 0;
    for (let k = 0; k < n; k++) {
      const value = load<f64>(diagonal + ((<usize>k) << 3));
      if (value == value && (best < 0 || value > most)) {
        best = k;
        most = value;
      }
    }
    store<f64>(values + ((<usize>rank) << 3), most * scale);
    store<f64>(diagonal + ((<usize>best) << 3), NaN);
    const source = z + <usize>best * stride;
    const target = vectors + <usize>rank * stride;
    const sign = signOf(source, n);
    for (let o: usize = 0; o < stride; o += 8) store<f64>(target + o, load<f64>(source + o) * sign);
  }
}

/**
 * values[n] descending and vectors [n, n] (row k belongs to value k, unit length) of a symmetric matrix [n, n], of which the
 * upper triangle is read. The first of a vector's largest elements (to one part in 2^20) is positive. `work` has
 * symmetricWork(n) bytes, 8-byte aligned.
 */
export function symmetricEigen(matrix: usize, n: i32, values: usize, vectors: usize, work: usize): i32 {
  const most = largest(matrix, n * n);
  if (!(most == most)) return NON_FINITE;
  const scale = most > 0 ? powerNear(most) : 1;
  const row = (<usize>n) << 3;
  const a = work;
  const z = a + <usize>n * row;
  const diagonal = z + <usize>n * row;
  const off = diagonal + row;
  const betas = off + row;
  const p = betas + row;
  const turns = p; // two rows, free again when the sweeps begin
  for (let o: usize = 0, end = <usize>n * row; o < end; o += 8) {
    store<f64>(a + o, load<f64>(matrix + o) * scale);
  }
  store<f64>(off + row - 8, 0);
  reduce(a, n, diagonal, off, betas, p);
  collect(a, n, betas, z);
  const status = iterate(n, diagonal, off, z, turns);
  if (status != OK) return status;
  deliver(n, diagonal, z, 1 / scale, values, vectors);
  return OK;
}
