/** Bits per module: what was written, what the links carry, and whether every module fits them (contracts: three numbers). */
import type { QualityResult } from "../core/results.js";
import { mean, quantileSorted, sorted } from "../core/stats.js";

/** Bits that one output link carries per crossing; payloads travel in whole words of this size. */
export const LINK_BITS = 32;

/** Rate of payloads [rows] in bits; `links` is undefined for codecs outside the link scheme. Refuses no rows (RangeError). */
export function rateOf(payloadBits: Uint32Array, links: number | undefined): QualityResult["rate"] {
  if (payloadBits.length === 0) throw new RangeError("rate: expected at least one module, got none");
  const ascending = sorted(payloadBits);
  const at = (p: number): number => quantileSorted(ascending, p) as number;
  const words = Float64Array.from(payloadBits, (bits) => Math.ceil(bits / LINK_BITS) * LINK_BITS);
  const budget = links === undefined ? Infinity : links * LINK_BITS;
  const overBudgetModules = payloadBits.filter((bits) => bits > budget).length;
  return {
    payloadMean: mean(payloadBits) as number,
    payloadMedian: at(0.5),
    payload95: at(0.95),
    payloadMaximum: at(1),
    linkMean: mean(words) as number,
    fitsBudget: links === undefined ? null : overBudgetModules === 0,
    overBudgetModules,
  };
}
