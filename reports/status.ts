/** What stands at the head of every report: synthetic data, a run that was stopped, failed validations. */
import type { Results } from "../harness/core/results.js";
import { grouped } from "./numbers.js";

/** "stopped after k of n rows", or nothing for a finished run. */
export function partialText({ run }: Results): string | undefined {
  if (run.finishedRows >= run.plannedRows) return undefined;
  return `stopped after ${grouped(run.finishedRows)} of ${grouped(run.plannedRows)} rows`;
}

/** Which datasets are synthetic, or nothing. */
export function syntheticText({ datasets }: Results): string | undefined {
  const made = datasets.filter((dataset) => dataset.kind === "synthetic");
  if (made.length === 0) return undefined;
  const which =
    made.length === datasets.length ? "every dataset here" : made.map(({ title }) => title).join("; ");
  return `generated, not measured: ${which}`;
}

/** Rows of the agreement table outside their tolerance. */
export function failedAgreements(results: Results): number {
  return results.agreement.filter(({ verdict }) => verdict === "fail").length;
}
