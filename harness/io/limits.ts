/**
 * How much memory one file may cost: the budget that every reader compares counts with before it allocates.
 *
 * `WAFERMARK_MAX_BYTES` overrides it. The budget is about safety only; no result depends on it.
 */
import { totalmem } from "node:os";
import { LimitError, UsageError } from "../core/errors.js";
import type { ReadLimits } from "../core/reader.js";

const LEAST = 256 * 2 ** 20;
/** Typed arrays and buffers above this do not exist in every supported engine. */
const MOST = 4 * 2 ** 30 - 4096;
/** Row numbers are kept in 32-bit integers. */
const MAX_ROWS = 2 ** 31 - 1;

/** The budget of this process: half of the machine's memory, between 256 MiB and 4 GiB, unless the environment says otherwise. */
export function defaultLimits(environment: NodeJS.ProcessEnv = process.env): ReadLimits {
  const asked = environment["WAFERMARK_MAX_BYTES"];
  if (asked === undefined || asked === "")
    return { maxBytes: Math.min(MOST, Math.max(LEAST, Math.floor(totalmem() / 2))), maxRows: MAX_ROWS };
  if (!/^\d{1,15}$/.test(asked) || Number(asked) < 1) {
    throw new UsageError(
      `WAFERMARK_MAX_BYTES: not a number of bytes: expected a whole number, got ${JSON.stringify(asked)}`,
    );
  }
  return { maxBytes: Number(asked), maxRows: MAX_ROWS };
}

/** Refuses (LimitError) to hold `bytes` bytes for `where` when that is beyond the budget. */
export function withinBudget(where: string, bytes: number, limits: ReadLimits): void {
  if (bytes <= limits.maxBytes) return;
  throw new LimitError(
    `${where}: too large for the memory budget: expected at most ${limits.maxBytes} bytes, got ${bytes}`,
    {
      tag: "too-large",
      remedy: "set WAFERMARK_MAX_BYTES to a larger number of bytes, or give a smaller file",
    },
  );
}
