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
  /** Seeds per kernel and shape in the validation that precedes everything, and which shapes it visits. */
  readonly agreementCases: number;
  readonly agreementShapes: "headline" | "small" | "all";
  /** Link counts of the codecs that run when none is named: those of modules, or every one that a codec has. */
  readonly links: "usual" | "all";
}

const SUITES: readonly Suite[] = [
  {
    name: "smoke",
    says: "a minute or two: few modules, few measurements",
    size: "smoke",
    agreementCases: 1,
    agreementShapes: "headline",
    links: "usual",
  },
  {
    name: "ci",
    says: "some three minutes on two cores",
    size: "smoke",
    agreementCases: 2,
    agreementShapes: "small",
    links: "usual",
  },
  {
    name: "standard",
    says: "a quarter of an hour on two cores",
    size: "standard",
    agreementCases: 3,
    agreementShapes: "small",
    links: "usual",
  },
  {
    name: "full",
    says: "every sweep; may take hours",
    size: "full",
    agreementCases: 20,
    agreementShapes: "all",
    links: "all",
  },
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
