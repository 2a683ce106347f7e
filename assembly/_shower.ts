// Electromagnetic showers of Grindhammer and Peters (hep-ex/0001020) as harness/simulation/shower.ts has them, with its constants
// and its operations in its order: longitudinal gamma profile, share of a layer, tail beyond the core.
import { exp, firstExp, firstLog, log, secondExp, secondLog, setExps, setLogs } from "./_elementary";
import { normal } from "./_random";

const CRITICAL_ENERGY_GEV: f64 = 0.00536;
const MOLIERE_CM: f64 = 2.3;
const SMALLEST_T: f64 = 0.3;
const SMALLEST_ALPHA: f64 = 1.1;
const LARGEST_LOG_SIGMA: f64 = 0.6;
const LEAST_DENSITY: f64 = 1e-5;
const TAIL_Z: f64 = 60;
const HALF_LOG_TWO_PI: f64 = 0.9189385332046727;
const SERIES_FROM: f64 = 8;

// Of the current shower.
let alpha: f64 = 0;
let beta: f64 = 0;
let start: f64 = 0;
let logNorm: f64 = 0;
let logEnergy: f64 = 0;
let falls: f64 = 0;

/** Of the last layer asked for: share of the tail, its radius in cm. */
export let tailShare: f64 = 0;
export let tailCm: f64 = 0;

@inline
function logSigma(inverse: f64): f64 {
  return inverse > 1 / LARGEST_LOG_SIGMA ? 1 / inverse : LARGEST_LOG_SIGMA;
}

/** ln Gamma(x) for x > 0: Stirling's series after shifting the argument above 8. */
function logGamma(x: f64): f64 {
  let argument = x;
  let product: f64 = 1;
  while (argument < SERIES_FROM) {
    product *= argument;
    argument += 1;
  }
  const inverse = 1 / argument;
  const square = inverse * inverse;
  const series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
  return (argument - 0.5) * log(argument) - argument + HALF_LOG_TWO_PI + series - log(product);
}

/** Draws the profile of an electron or photon of `gev` that starts at depth `from` (X0): it is the current shower. */
export function drawProfile(gev: f64, from: f64): void {
  const y = log(max<f64>(gev / CRITICAL_ENERGY_GEV, 2));
  const meanT = max<f64>(SMALLEST_T, -1.396 + 1.007 * y);
  const meanAlpha = max<f64>(SMALLEST_ALPHA, -0.0433 + 0.54 * y);
  const sigmaT = logSigma(-2.506 + 1.245 * y);
  const sigmaAlpha = logSigma(-0.08442 + 0.7904 * y);
  const rho = min<f64>(1, max<f64>(0, 0.7858 - 0.0232 * y));
  const together = Math.sqrt((1 + rho) / 2) * normal();
  const apart = Math.sqrt((1 - rho) / 2) * normal();
  const t = exp(log(meanT) + sigmaT * (together + apart));
  alpha = max<f64>(SMALLEST_ALPHA, exp(log(meanAlpha) + sigmaAlpha * (together - apart)));
  beta = (alpha - 1) / t;
  start = from;
  logNorm = alpha * log(beta) - logGamma(alpha);
  logEnergy = log(max<f64>(gev, 1));
  falls = 1.313 - 0.0686 * logEnergy;
}

@inline
function density(depth: f64): f64 {
  const t = depth - start;
  if (t <= 0) return 0;
  return exp(logNorm + (alpha - 1) * log(t) - beta * t);
}

let middle: f64 = 0;
let right: f64 = 0;

/** Sets `middle` and `right` to the densities at two depths, the second one deeper. */
function setDensities(depthMiddle: f64, depthRight: f64): void {
  const tMiddle = depthMiddle - start;
  const tRight = depthRight - start;
  if (tMiddle <= 0) {
    middle = 0;
    right = density(depthRight);
    return;
  }
  setLogs(tMiddle, tRight);
  setExps(
    logNorm + (alpha - 1) * firstLog - beta * tMiddle,
    logNorm + (alpha - 1) * secondLog - beta * tRight,
  );
  middle = firstExp;
  right = secondExp;
}

/** Fraction of the shower's energy lost in a block that ends at `depthX0`, crossed at 1/`cosine` of its thickness, in `pieces`. */
export function layerFraction(depthX0: f64, thicknessX0: f64, pieces: f64, cosine: f64): f64 {
  const end = depthX0 / cosine;
  const begin = max<f64>(start, (depthX0 - thicknessX0) / cosine);
  if (end <= begin) return 0;
  const step = (end - begin) / pieces;
  let left = density(begin);
  if (left < LEAST_DENSITY && begin - start > (alpha - 1) / beta) return 0;
  let sum: f64 = 0;
  for (let piece: f64 = 0; piece < pieces; piece += 1) {
    const from = begin + piece * step;
    setDensities(from + 0.5 * step, from + step);
    sum += left + 4 * middle + right;
    left = right;
  }
  return min<f64>(1, (step * sum) / 6);
}

/** Sets the tail at `depth` X0. */
export function setTail(depth: f64): void {
  const tau = min<f64>(3, max<f64>(0, ((depth - start) * beta) / alpha));
  const falling = (0.401 + 0.00187 * TAIL_Z - tau) / falls;
  const core = min<f64>(1, (2.632 - 0.00094 * TAIL_Z) * exp(falling - exp(falling)));
  setExps(-2.59 * (tau - 0.645), (0.3585 + 0.0412 * logEnergy) * (tau - 0.645));
  const scale = (0.659 - 0.00309 * TAIL_Z) * (firstExp + secondExp);
  tailShare = 1 - core;
  tailCm = MOLIERE_CM * scale;
}
