/**
 * Every refusal Wafermark makes, as one small family of errors.
 *
 * A message reads `<where>: <what was wrong>: expected <X>, got <Y>`, lower case, no full stop.
 * `remedy` says what to do, `safe` what was left untouched. Exit codes: see EXIT.
 */

export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  input: 3,
  disagreement: 4,
  regression: 5,
  limit: 6,
  busy: 7,
  incomplete: 8,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorDetails {
  /** Short machine-readable kind, e.g. "truncated", "non-finite". */
  readonly tag: string;
  readonly remedy?: string;
  readonly safe?: string;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("wafermark.error");

export class HarnessError extends Error {
  readonly [BRAND] = true;
  readonly tag: string;
  readonly remedy: string | undefined;
  readonly safe: string | undefined;

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    details: ErrorDetails,
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.tag = details.tag;
    this.remedy = details.remedy;
    this.safe = details.safe;
  }
}

type Details = Omit<ErrorDetails, "tag"> & { readonly tag?: string };

/** The command line asks for something that does not exist or does not fit (exit 2). */
export class UsageError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.usage, message, { tag: "usage", ...details });
  }
}

/** A file or value was refused (exit 3). */
export class InputError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.input, message, { tag: "input", ...details });
  }
}

/** A validation failed: kernels disagree, a round trip or a bound is broken (exit 4). */
export class DisagreementError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.disagreement, message, { tag: "disagreement", ...details });
  }
}

/** A kernel trapped, ran out of bounds or did not converge (exit 4). */
export class KernelError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.disagreement, message, { tag: "kernel", ...details });
  }
}

/** Memory, disk, time or size budget exceeded (exit 6). */
export class LimitError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.limit, message, { tag: "limit", ...details });
  }
}

/** A file could not be written; whatever was there before is still whole (exit 6). */
export class WriteError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.limit, message, { tag: "write", ...details });
  }
}

/** Another process holds the output folder (exit 7). */
export class BusyError extends HarnessError {
  constructor(message: string, details: Details = {}) {
    super(EXIT.busy, message, { tag: "busy", ...details });
  }
}

/** True for every refusal of ours, also across duplicated copies of this module. */
export function isHarnessError(value: unknown): value is HarnessError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** `text` with control, bidirectional and other invisible characters shown as escapes (terminal safety). */
export function printable(text: string, longest = 200): string {
  const shown = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return shown.length <= longest
    ? shown
    : `${shown.slice(0, longest)}... (${String(text.length)} characters)`;
}
