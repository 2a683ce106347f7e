// Seeds of 3D clusters: a histogram of transverse energy over the plane, smoothed, and its local maxima above a threshold.
//
// Contents are whole numbers, so sums are exact and neither contents nor maxima depend on the order of the trigger cells. The
// electromagnetic part is smoothed over 3 x 3 bins, the hadronic part over 5 x 5. One call is one endcap.
// Source: the XY seeding of CMSSW L1Trigger/L1THGCal, HGCalHistoSeedingImpl (smoothing kernels, ties, weighted positions).
import { OK, BAD_SHAPE, NON_FINITE, NEGATIVE } from "./_status";
import { areFinite } from "./_finite";
import { largestWeight, wholeScale } from "./_exactsum";

const BINS_MAXIMUM: i32 = 4096;
const BORDER: i32 = 2; // empty bins on every edge of the histograms
const OUTSIDE: i32 = -1;
const NO_SEED: i32 = -1;
const WANT_SMOOTHED: i32 = 1;

const EM_CENTRE: f64 = 0.1; // weight of the central bin beyond that of a neighbour
const EM_AREA: f64 = 9.1;
const HAD_AREA: f64 = 26; // 25 bins, the central one twice

// Of the current call.
let bins: i32 = 0;
let stride: usize = 0; // bytes of a row of every padded histogram
let em: usize = 0;
let had: usize = 0;
let smooth: usize = 0;
let columns3: usize = 0;
let columns5: usize = 0;

/**
 * args: u32 pointers to points f32 [n, 2], weights f32 [n] (>= 0), part u8 [n] (0 electromagnetic, else hadronic), parameters
 * f64 [2] (half width of the plane, threshold > 0); count i32 [1], outside i32 [1], bin i32 [limit] (x bin times `size` plus y bin; -1 after the
 * last seed), seeds f64 [limit, 3] (x, y, smoothed content; 0 after the last), smoothed f64 [size, size] (when `wants` is 1);
 * and scratch: three histograms of (size + 4)^2 doubles, two rows of size + 4 doubles, u32 [n], i32 [(size + 4)^2].
 * BAD_SHAPE when there are more than `limit` seeds.
 */
export function seeding(args: usize, n: i32, size: i32, limit: i32, wants: i32): i32 {
  const points: usize = load<u32>(args);
  const weights: usize = load<u32>(args, 4);
  const half = load<f64>(load<u32>(args, 12));
  const threshold = load<f64>(load<u32>(args, 12), 8);
  if (n < 0 || size < 1 || size > BINS_MAXIMUM || limit < 0) return BAD_SHAPE;
  if (!(half > 0) || !(half < 1e12) || !(threshold > 0)) return BAD_SHAPE;
  const most = largestWeight(weights, n);
  if (most != most || !areFinite(points, 2 * n)) return NON_FINITE;
  if (most < 0) return NEGATIVE;
  const scale = wholeScale(most, n);
  setScratch(args, size);
  const binOf: usize = load<u32>(args, 56);
  store<i32>(load<u32>(args, 20), fillBins(points, weights, load<u32>(args, 8), n, half, scale, binOf));
  smoothen(1 / scale);
  const count: usize = load<u32>(args, 16);
  const bin: usize = load<u32>(args, 24);
  const seeds: usize = load<u32>(args, 28);
  const map: usize = load<u32>(args, 60);
  const found = maxima(threshold, limit, bin, seeds, map);
  store<i32>(count, found);
  if (found > limit) return BAD_SHAPE;
  locate(points, weights, n, scale, half, binOf, found, bin, seeds, map);
  blank(found, limit, bin, seeds);
  if ((wants & WANT_SMOOTHED) != 0) copyOut(load<u32>(args, 32));
  return OK;
}

function setScratch(args: usize, size: i32): void {
  bins = size;
  stride = (<usize>(size + 2 * BORDER)) << 3;
  em = load<u32>(args, 36);
  had = load<u32>(args, 40);
  smooth = load<u32>(args, 44);
  columns3 = load<u32>(args, 48);
  columns5 = load<u32>(args, 52);
  const bytes = stride * <usize>(size + 2 * BORDER);
  memory.fill(em, 0, bytes);
  memory.fill(had, 0, bytes);
  memory.fill(smooth, 0, bytes);
}

/** Address of an inner bin in a padded histogram. */
@inline
function inner(histogram: usize, i: i32, j: i32): usize {
  return histogram + <usize>(i + BORDER) * stride + ((<usize>(j + BORDER)) << 3);
}

/** Weight of a trigger cell as a whole number. */
@inline
function wholeWeight(weights: usize, k: usize, scale: f64): f64 {
  return nearest<f64>(<f64>load<f32>(weights + (k << 2)) * scale);
}

/** Fills both histograms; returns how many trigger cells are outside of the plane. */
function fillBins(points: usize, weights: usize, part: usize, n: i32, half: f64, scale: f64, binOf: usize): i32 {
  const pitch = (2 * half) / <f64>bins;
  const most = <f64>bins;
  let outside = 0;
  for (let k: usize = 0; k < <usize>n; k++) {
    const x = Math.floor((<f64>load<f32>(points + (k << 3)) + half) / pitch);
    const y = Math.floor((<f64>load<f32>(points + (k << 3), 4) + half) / pitch);
    if (!(x >= 0 && y >= 0 && x < most && y < most)) {
      store<i32>(binOf + (k << 2), OUTSIDE);
      outside++;
      continue;
    }
    const i = <i32>x;
    const j = <i32>y;
    store<i32>(binOf + (k << 2), i * bins + j);
    const at = inner(load<u8>(part + k) == 0 ? em : had, i, j);
    store<f64>(at, load<f64>(at) + wholeWeight(weights, k, scale));
  }
  return outside;
}

/** Both smoothed contents, added, in the units of the weights. Sums of whole numbers: exact in any order. */
function smoothen(unit: f64): void {
  for (let i = 0; i < bins; i++) {
    const row = <usize>(i + BORDER) * stride;
    sumColumns(em + row, had + row);
    if (ASC_FEATURE_SIMD) {
      smoothRow(row, unit);
    } else {
      for (let at: usize = 16; at < stride - 16; at += 8) smoothBin(row, at, unit);
    }
  }
}

/** Sums over three and five rows for every column, edges included. */
function sumColumns(e: usize, h: usize): void {
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= stride; at += 16) {
      const p = e + at;
      v128.store(columns3 + at, f64x2.add(v128.load(p), f64x2.add(v128.load(p - stride), v128.load(p + stride))));
      const q = h + at;
      const near = f64x2.add(v128.load(q), f64x2.add(v128.load(q - stride), v128.load(q + stride)));
      v128.store(columns5 + at, f64x2.add(near, f64x2.add(v128.load(q - 2 * stride), v128.load(q + 2 * stride))));
    }
  }
  for (; at < stride; at += 8) {
    const p = e + at;
    store<f64>(columns3 + at, load<f64>(p) + load<f64>(p - stride) + load<f64>(p + stride));
    const q = h + at;
    const near = load<f64>(q) + load<f64>(q - stride) + load<f64>(q + stride);
    store<f64>(columns5 + at, near + load<f64>(q - 2 * stride) + load<f64>(q + 2 * stride));
  }
}

function smoothBin(row: usize, at: usize, unit: f64): void {
  const c = columns3 + at;
  const d = columns5 + at;
  const e = load<f64>(c - 8) + load<f64>(c) + load<f64>(c, 8);
  const h = load<f64>(d - 16) + load<f64>(d - 8) + load<f64>(d) + load<f64>(d, 8) + load<f64>(d, 16);
  const eSmooth = (e + EM_CENTRE * load<f64>(em + row + at)) / EM_AREA;
  const hSmooth = (h + load<f64>(had + row + at)) / HAD_AREA;
  store<f64>(smooth + row + at, (eSmooth + hSmooth) * unit);
}

function smoothRow(row: usize, unit: f64): void {
  const centre = f64x2.splat(EM_CENTRE);
  const emArea = f64x2.splat(EM_AREA);
  const hadArea = f64x2.splat(HAD_AREA);
  const units = f64x2.splat(unit);
  let at: usize = 16;
  for (; at + 32 <= stride; at += 16) {
    const c = columns3 + at;
    const d = columns5 + at;
    const e = f64x2.add(v128.load(c), f64x2.add(v128.load(c - 8), v128.load(c, 8)));
    const near = f64x2.add(v128.load(d), f64x2.add(v128.load(d - 8), v128.load(d, 8)));
    const h = f64x2.add(near, f64x2.add(v128.load(d - 16), v128.load(d, 16)));
    const eSmooth = f64x2.div(f64x2.add(e, f64x2.mul(centre, v128.load(em + row + at))), emArea);
    const hSmooth = f64x2.div(f64x2.add(h, v128.load(had + row + at)), hadArea);
    v128.store(smooth + row + at, f64x2.mul(f64x2.add(eSmooth, hSmooth), units));
  }
  for (; at < stride - 16; at += 8) smoothBin(row, at, unit);
}

/** Lists bins above the threshold that no neighbour exceeds, in order; the map gets each bin's seed. Stops after `limit` + 1. */
function maxima(threshold: f64, limit: i32, bin: usize, seeds: usize, map: usize): i32 {
  let count = 0;
  memory.fill(map, 0xff, (<usize>(bins * bins)) << 2); // NO_SEED
  for (let i = 0; i < bins && count <= limit; i++) {
    for (let j = 0; j < bins; j++) {
      const at = inner(smooth, i, j);
      if (!(load<f64>(at) > threshold) || !isMaximum(at)) continue;
      if (count < limit) {
        store<i32>(map + ((<usize>(i * bins + j)) << 2), count);
        store<i32>(bin + ((<usize>count) << 2), i * bins + j);
        store<f64>(seeds + <usize>count * 24, load<f64>(at), 16);
      }
      count++;
    }
  }
  return count;
}

/** Of two equal neighbours the one at smaller y, or at equal y the one at larger x, is the maximum. */
function isMaximum(at: usize): bool {
  const s = load<f64>(at);
  const below = at - stride;
  const above = at + stride;
  return (
    s >= load<f64>(below) &&
    s >= load<f64>(at, 8) &&
    s >= load<f64>(below, 8) &&
    s >= load<f64>(above, 8) &&
    s > load<f64>(above) &&
    s > load<f64>(at - 8) &&
    s > load<f64>(below - 8) &&
    s > load<f64>(above - 8)
  );
}

/** Positions of the seeds: weighted means of the trigger cells in the seed's own bin, its middle when it has no energy. */
function locate(
  points: usize,
  weights: usize,
  n: i32,
  scale: f64,
  half: f64,
  binOf: usize,
  count: i32,
  bin: usize,
  seeds: usize,
  map: usize,
): void {
  for (let s: usize = 0; s < <usize>count; s++) {
    store<f64>(seeds + s * 24, 0);
    store<f64>(seeds + s * 24, 0, 8);
  }
  for (let k: usize = 0; k < <usize>n; k++) {
    const b = load<i32>(binOf + (k << 2));
    if (b == OUTSIDE) continue;
    const s = load<i32>(map + ((<usize>b) << 2));
    if (s == NO_SEED) continue;
    const w = wholeWeight(weights, k, scale);
    const to = seeds + <usize>s * 24;
    store<f64>(to, load<f64>(to) + w * <f64>load<f32>(points + (k << 3)));
    store<f64>(to, load<f64>(to, 8) + w * <f64>load<f32>(points + (k << 3), 4), 8);
  }
  const pitch = (2 * half) / <f64>bins;
  for (let s: usize = 0; s < <usize>count; s++) {
    const b = load<i32>(bin + (s << 2));
    const i = b / bins;
    const j = b % bins;
    const content = load<f64>(inner(em, i, j)) + load<f64>(inner(had, i, j));
    const to = seeds + s * 24;
    store<f64>(to, content > 0 ? load<f64>(to) / content : (<f64>i + 0.5) * pitch - half);
    store<f64>(to, content > 0 ? load<f64>(to, 8) / content : (<f64>j + 0.5) * pitch - half, 8);
  }
}

function blank(count: i32, limit: i32, bin: usize, seeds: usize): void {
  for (let s: usize = <usize>count; s < <usize>limit; s++) {
    store<i32>(bin + (s << 2), NO_SEED);
    store<f64>(seeds + s * 24, 0);
    store<f64>(seeds + s * 24, 0, 8);
    store<f64>(seeds + s * 24, 0, 16);
  }
}

function copyOut(smoothed: usize): void {
  const bytes = (<usize>bins) << 3;
  for (let i = 0; i < bins; i++) memory.copy(smoothed + <usize>i * bytes, inner(smooth, i, 0), bytes);
}
