/**
 * Marginal distributions of trigger-level jets at 13 TeV, as quantiles: read off the histograms of 0.95 and 1.2 million jets in the
 * notebooks of E. Wulff's thesis on this table (erwulff/lth_thesis_project, jet_by_jet_compression). Accuracy: a few per cent.
 *
 * GeV, mm, mm2 / 1000, ns as in jetcolumns.ts; each at the probabilities of quantilemap.ts.
 */
import type { Quantiles } from "./quantilemap.js";

export const PT: Quantiles = [
  20, 20, 20.05, 20.5, 21, 22.3, 23.9, 26.4, 31.6, 44.5, 67.3, 85.3, 105, 126, 186, 305, 1040,
];
/** Of |eta|: both halves of the histogram together. */
export const ABSOLUTE_ETA: Quantiles = [
  0, 0.00258, 0.0258, 0.131, 0.264, 0.523, 0.751, 0.974, 1.15, 1.3, 1.54, 1.95, 2.59, 3.02, 3.97, 4.54, 4.8,
];
export const MASS: Quantiles = [
  0, 0.3, 1.6, 2.73, 3.28, 3.92, 4.38, 4.82, 5.36, 6.19, 7.59, 9.59, 12.6, 15.4, 22.3, 35.6, 123,
];
/** In steps of the ghost density, see AREA_STEP. */
export const ACTIVE_AREA: Quantiles = [
  0.081, 0.29, 0.349, 0.43, 0.452, 0.473, 0.484, 0.492, 0.499, 0.503, 0.508, 0.517, 0.54, 0.57, 0.63, 0.715,
  0.93,
];
export const AVERAGE_LAR_QF: Quantiles = [
  0.842, 1.25, 5.29, 30.6, 56, 95.3, 136, 189, 270, 404, 654, 1190, 2700, 5240, 18800, 50100, 64500,
];
export const NEGATIVE_E: Quantiles = [
  -278, -44, -18.5, -11.6, -9, -6.59, -5.38, -4.61, -4.03, -3.54, -3.09, -2.66, -2.15, -1.78, -1.18, -0.427,
  0,
];
/** Of jets with hadronic endcap cells of poor quality; all others have 0. */
export const HEC_QUALITY: Quantiles = [
  -2.48, -1.4, -0.192, -0.0301, 0.00114, 0.0121, 0.023, 0.034, 0.045, 0.0676, 0.0986, 0.162, 0.285, 0.408,
  0.69, 1.89, 2.41,
];
export const LAR_QUALITY: Quantiles = [
  0, 0, 0, 0, 0, 0, 0.0005, 0.001, 0.003, 0.0085, 0.0217, 0.046, 0.105, 0.185, 0.386, 0.623, 1.06,
];
export const WIDTH: Quantiles = [
  -2.38, -0.027, -0.0187, 0.0185, 0.0464, 0.0664, 0.0865, 0.106, 0.125, 0.142, 0.16, 0.178, 0.213, 0.231,
  0.246, 0.297, 4.5,
];
export const WIDTH_PHI: Quantiles = [
  -3.09, -0.0454, -0.0361, 0.0055, 0.0236, 0.0357, 0.0479, 0.0601, 0.0722, 0.0844, 0.102, 0.12, 0.138, 0.147,
  0.195, 0.215, 3.46,
];
export const CENTER_LAMBDA: Quantiles = [
  0, 2.5, 20.7, 66.7, 108, 161, 192, 221, 264, 367, 734, 1050, 1460, 1820, 2630, 4220, 11000,
];
export const LEADING_PT: Quantiles = [
  0.015, 2.12, 2.9, 3.68, 4.32, 5.45, 6.64, 8.27, 10.7, 14.4, 20.4, 30, 45.6, 59.9, 96.2, 171, 757,
];
export const SECOND_LAMBDA: Quantiles = [
  0.233, 0.291, 0.819, 3.76, 7.45, 12.5, 16.4, 21.5, 29, 38.7, 60.5, 99.3, 177, 270, 512, 914, 2131,
];
export const SECOND_R: Quantiles = [
  0.196, 0.218, 0.419, 1.32, 1.97, 3.08, 4.22, 5.76, 7.59, 10.6, 16, 27, 50.7, 75.4, 137, 245, 1256,
];
export const EM_FRACTION: Quantiles = [
  -4.77, -0.0793, 0.0955, 0.271, 0.379, 0.505, 0.598, 0.667, 0.723, 0.773, 0.824, 0.875, 0.932, 0.963, 0.99,
  1.07, 4.9,
];
export const TIMING: Quantiles = [
  -113, -34.5, -20.8, -9.4, -3.94, -1.75, -0.991, -0.4, 0, 0.43, 0.858, 1.24, 2.47, 5, 17.3, 25.5, 69,
];
export const OOT_10: Quantiles = [
  0, 0, 0, 0, 0, 0, 0.0053, 0.0145, 0.0321, 0.0619, 0.114, 0.207, 0.395, 0.586, 0.86, 0.99, 1,
];
export const OOT_5: Quantiles = [
  0, 0, 0, 0, 0, 0.00578, 0.0224, 0.0449, 0.078, 0.128, 0.2, 0.311, 0.508, 0.684, 0.917, 0.997, 1,
];
/** N90Constituents: share of jets with at most k, from k = 1 (published probabilities, summed). */
const N90_SHARES = [
  0.0187, 0.0663, 0.0937, 0.118, 0.14, 0.148, 0.132, 0.105, 0.0744, 0.047, 0.0264, 0.0148, 0.00744, 0.00373,
  0.00187, 0.000884, 0.000418, 0.000187, 0.000094, 0.000044, 0.000017, 0.000013,
] as const;
const N90_TOTAL = N90_SHARES.reduce((sum, share) => sum + share, 0);

/** Boundaries k + 1/2 and the share of jets below each: a score mapped through them is rounded to a count. */
export const N90_PROBABILITIES: readonly number[] = [
  0,
  ...N90_SHARES.map((_, k) => N90_SHARES.slice(0, k + 1).reduce((sum, share) => sum + share, 0) / N90_TOTAL),
];
export const N90_BOUNDARIES: Quantiles = N90_PROBABILITIES.map((_, k) => k + 0.5);
