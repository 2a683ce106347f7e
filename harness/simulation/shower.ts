/**
 * Electromagnetic showers by the parameterisation of Grindhammer and Peters (hep-ex/0001020) in the form tuned to HGCAL.
 *
 * Longitudinal gamma profile with correlated fluctuations of ln T and ln alpha; exponential core whose scale grows with the layer,
 * numbers of jbsauvan/HGCAL-FastShower (technical-proposal studies); radial tail of Grindhammer and Peters. No gaps.
 */
import { exp, log, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";
import { logGamma } from "./gammafunction.js";
import type { Layer } from "./detector.js";

const CRITICAL_ENERGY_GEV = 0.00536;
const MOLIERE_CM = 2.3;
const LN_10 = 2.302585092994046;
/** Below these the profile of a very soft particle loses its meaning; it is then a deposit in the first X0. */
const SMALLEST_T = 0.3;
const SMALLEST_ALPHA = 1.1;
const LARGEST_LOG_SIGMA = 0.6;
/** Shares of a shower that are left out: behind the depth where so little of it remains. */
const LEAST_DENSITY = 1e-5;

/** One shower's longitudinal profile dE/dt / E = beta^alpha t^(alpha-1) e^(-beta t) / Gamma(alpha). */
export interface Profile {
  readonly alpha: number;
  readonly beta: number;
  /** Depth in X0 at which it starts. */
  readonly start: number;
  readonly logNorm: number;
}

function logSigma(inverse: number): number {
  return inverse > 1 / LARGEST_LOG_SIGMA ? 1 / inverse : LARGEST_LOG_SIGMA;
}

/** Draws the profile of an electron or photon of `energyGev` that starts at depth `start` (X0). */
export function drawProfile(energyGev: number, start: number, random: Rng): Profile {
  const y = log(Math.max(energyGev / CRITICAL_ENERGY_GEV, 2));
  const meanT = Math.max(SMALLEST_T, -1.396 + 1.007 * y);
  const meanAlpha = Math.max(SMALLEST_ALPHA, -0.0433 + 0.54 * y);
  const sigmaT = logSigma(-2.506 + 1.245 * y);
  const sigmaAlpha = logSigma(-0.08442 + 0.7904 * y);
  const rho = Math.min(1, Math.max(0, 0.7858 - 0.0232 * y));
  const together = sqrt((1 + rho) / 2) * random.normal();
  const apart = sqrt((1 - rho) / 2) * random.normal();
  const t = exp(log(meanT) + sigmaT * (together + apart));
  const alpha = Math.max(SMALLEST_ALPHA, exp(log(meanAlpha) + sigmaAlpha * (together - apart)));
  const beta = (alpha - 1) / t;
  return { alpha, beta, start, logNorm: alpha * log(beta) - logGamma(alpha) };
}

function density(profile: Profile, depth: number): number {
  const t = depth - profile.start;
  if (t <= 0) return 0;
  return exp(profile.logNorm + (profile.alpha - 1) * log(t) - profile.beta * t);
}

/**
 * Fraction of the shower's energy lost in the block of `layer`, crossed at 1/`cosine` of its thickness (Simpson's rule). Blocks
 * of CE-H are many X0 thick: only their first part counts as steeply falling, so they are cut in pieces.
 */
export function layerFraction(profile: Profile, layer: Layer, cosine: number): number {
  const end = layer.depthX0 / cosine;
  const begin = Math.max(profile.start, (layer.depthX0 - layer.thicknessX0) / cosine);
  if (end <= begin) return 0;
  const pieces = layer.electromagnetic ? 1 : 4;
  const step = (end - begin) / pieces;
  let left = density(profile, begin);
  if (left < LEAST_DENSITY && begin - profile.start > (profile.alpha - 1) / profile.beta) return 0;
  let sum = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const from = begin + piece * step;
    const right = density(profile, from + step);
    sum += left + 4 * density(profile, from + 0.5 * step) + right;
    left = right;
  }
  return Math.min(1, (step * sum) / 6);
}

/** Mean distance from the axis, cm, of the core's deposits in layer `number`; distances are exponential. */
export function radialScaleCm(number: number): number {
  const k = Math.min(27, number - 1);
  const polynomial = 9 - 18 / 63 + (135 / 630) * k + (45 / 630) * k * k;
  return ((polynomial / 28) * MOLIERE_CM) / LN_10;
}

const TAIL_Z = 60; // effective atomic number of the stack: tungsten, copper and lead, by radiation lengths

/**
 * The tail beyond that core at `depth` X0: its share of the energy and its radius, which holds half of it (Grindhammer and Peters'
 * second component). The exponential stands for their core.
 */
export function radialTail(
  { alpha, beta, start }: Profile,
  gev: number,
  depth: number,
): { readonly share: number; readonly scaleCm: number } {
  // Depth in units of the mean of the profile.
  const tau = Math.min(3, Math.max(0, ((depth - start) * beta) / alpha));
  const logE = log(Math.max(gev, 1));
  const p3 = 1.313 - 0.0686 * logE;
  const falling = (0.401 + 0.00187 * TAIL_Z - tau) / p3;
  const core = Math.min(1, (2.632 - 0.00094 * TAIL_Z) * exp(falling - exp(falling)));
  const scale =
    (0.659 - 0.00309 * TAIL_Z) * (exp(-2.59 * (tau - 0.645)) + exp((0.3585 + 0.0412 * logE) * (tau - 0.645)));
  return { share: 1 - core, scaleCm: MOLIERE_CM * scale };
}
