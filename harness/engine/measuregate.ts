/**
 * The verdict on a ratio: a change counts only outside the band and when all processes agree on its direction.
 *
 * A row that the first measurement flags is measured once more with more processes before it fails. Pure functions: whoever
 * has the numbers (bench, a comparison of two results) decides what to do with the verdict.
 */
import { medianOf } from "./measureratio.js";

export type Verdict = "faster" | "slower" | "no change";

/** Deviation of the ratio from 1 that is no change. */
export const GATE_BAND = 0.03;
/** Processes of the second measurement of a flagged row. */
export const REMEASURE_PROCESSES = 15;

/** Verdict on the process medians of baseline time / subject time. */
export function judge(perProcess: readonly number[], band = GATE_BAND): Verdict {
  const ratio = medianOf(perProcess);
  if (ratio > 1 + band && perProcess.every((r) => r > 1)) return "faster";
  if (ratio < 1 - band && perProcess.every((r) => r < 1)) return "slower";
  return "no change";
}

export interface GateResult {
  readonly verdict: Verdict;
  readonly first: readonly number[];
  /** Present when the first measurement was flagged. */
  readonly second?: readonly number[];
}

/** Judges `first`; when it is flagged, `again` measures with REMEASURE_PROCESSES processes, and both must say the same. */
export async function judgeTwice(
  first: readonly number[],
  again: (processes: number) => Promise<readonly number[]>,
  band = GATE_BAND,
): Promise<GateResult> {
  const flagged = judge(first, band);
  if (flagged === "no change") return { verdict: flagged, first };
  const second = await again(REMEASURE_PROCESSES);
  return { verdict: judge(second, band) === flagged ? flagged : "no change", first, second };
}
