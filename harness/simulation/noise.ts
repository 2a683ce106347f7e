/**
 * Electronic noise of trigger cells: normal, and drawn only where it can be seen.
 *
 * A cell with charge gets its own draw. Of the many empty cells only those above threshold are drawn: how many cells lie between
 * two of them is geometric, and how far above it is is the tail of a normal (Robert 1995, Statistics and Computing 5:121).
 */
import { exp, log, sqrt } from "../core/elementary.js";
import type { Rng } from "../core/rng.js";

const STEPS = 4000;
const FARTHEST_SIGMA = 12;
const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327;

/** Probability that a standard normal is above `sigma` (Simpson's rule up to 12). */
export function normalTail(sigma: number): number {
  if (sigma >= FARTHEST_SIGMA) return 0;
  const step = (FARTHEST_SIGMA - sigma) / STEPS;
  let sum = 0;
  for (let i = 0; i <= STEPS; i++) {
    const z = sigma + i * step;
    const weight = i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * exp(-0.5 * z * z);
  }
  return (ONE_OVER_ROOT_TWO_PI * sum * step) / 3;
}

/** A standard normal above `sigma` > 0. */
export function drawAbove(sigma: number, random: Rng): number {
  const rate = 0.5 * (sigma + sqrt(sigma * sigma + 4));
  for (;;) {
    const z = sigma + random.exponential() / rate;
    const off = z - rate;
    if (random.uniform() < exp(-0.5 * off * off)) return z;
  }
}

/** Empty cells to pass before the next one above threshold, when each is with probability p; `logBelow` is ln(1 - p). */
export function cellsToPass(logBelow: number, random: Rng): number {
  if (logBelow === 0) return Infinity;
  return Math.floor(log(1 - random.uniform()) / logBelow);
}
