/** The suites of a run: how much data and how much measuring, as data. The benchmark's own effort is benchplan.ts. */
import { printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { DatasetSize } from "./datasets.js";

export const SUITE_NAMES = ["smoke", "ci", "standard", "full"] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

export interface Suite {
  readonly name: SuiteName;
  readonly says: string;
  readonly size: DatasetSize;
  /** Seeds per kernel and shape in the validation that precedes everything. */
  readonly agreementCases: number;
}

const SUITES: readonly Suite[] = [
  { name: "smoke", says: "seconds: few modules, few measurements", size: "smoke", agreementCases: 1 },
  { name: "ci", says: "below three minutes", size: "smoke", agreementCases: 2 },
  { name: "standard", says: "below five minutes on two cores", size: "standard", agreementCases: 3 },
  { name: "full", says: "every sweep; may take hours", size: "full", agreementCases: 20 },
];

/** The suite of that name; refuses others (UsageError) with the nearest names. */
export function findSuite(name: string): Suite {
  const found = SUITES.find((suite) => suite.name === name);
  if (found !== undefined) return found;
  const near = nearestNames(name, SUITE_NAMES);
  throw new UsageError(`suite: unknown: expected one of ${SUITE_NAMES.join(", ")}, got ${printable(name)}`, {
    remedy: near.length === 0 ? "wafermark run --help" : `did you mean ${near.join(" or ")}?`,
  });
}
