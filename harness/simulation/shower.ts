/**
 * Electromagnetic showers by the parameterisation of Grindhammer and Peters (hep-ex/0001020) in the form tuned to HGCAL.
 *
 * Longitudinal gamma profile with correlated fluctuations of ln T and ln alpha; exponential radial profile whose scale grows
 * with the layer. Numbers: jbsauvan/HGCAL-FastShower (technical-proposal studies). No conversion geometry, no gaps.
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

/** Fraction of the shower's energy lost in the block of `layer`, crossed at 1/`cosine` of its thickness (Simpson's rule). */
export function layerFraction(profile: Profile, layer: Layer, cosine: number): number {
  const end = layer.depthX0 / cosine;
  const begin = Math.max(profile.start, (layer.depthX0 - layer.thicknessX0) / cosine);
  if (end <= begin) return 0;
  const middle = 0.5 * (begin + end);
  const sum = density(profile, begin) + 4 * density(profile, middle) + density(profile, end);
  return Math.min(1, ((end - begin) * sum) / 6);
}

/** Mean distance from the axis, cm, of the deposits in layer `number`; distances are exponential. */
export function radialScaleCm(number: number): number {
  const k = Math.min(27, number - 1);
  const polynomial = 9 - 18 / 63 + (135 / 630) * k + (45 / 630) * k * k;
  return ((polynomial / 28) * MOLIERE_CM) / LN_10;
}
