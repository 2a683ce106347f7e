/**
 * Whether a short series of samples still drifts: Mann-Kendall's test, which asks only for order and not for a distribution.
 *
 * Used to end a warm-up; it says nothing about how large the drift is.
 */

/** Two-sided 5 % point of the normal distribution. */
const CRITICAL = 1.96;

/** Kendall's S: rising pairs minus falling pairs of the series. */
export function kendallS(samples: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < samples.length; i++) {
    for (let j = i + 1; j < samples.length; j++) s += Math.sign(samples[j] - samples[i]);
  }
  return s;
}

/** True when the series rises or falls significantly (5 %, two-sided, continuity-corrected normal approximation). */
export function hasTrend(samples: ArrayLike<number>): boolean {
  const n = samples.length;
  if (n < 4) return true; // too short to show that it has settled
  const variance = (n * (n - 1) * (2 * n + 5)) / 18;
  const excess = Math.max(0, Math.abs(kendallS(samples)) - 1);
  return excess / Math.sqrt(variance) > CRITICAL;
}
