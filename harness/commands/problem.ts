/** How a failure is told: at most three lines for a refusal, the stack for a bug, one JSON line with --json-errors. */
import { EXIT, isHarnessError, printable, type ExitCode } from "../core/errors.js";

export interface Problem {
  readonly exitCode: ExitCode;
  readonly text: string;
}

const REPORT_AT = "this is a bug in wafermark: please report it with the lines above";

/** Lines of `text` made safe for a terminal, long ones shortened. */
function safeLines(text: string): string {
  return text
    .split("\n")
    .map((line) => printable(line, 1000))
    .join("\n");
}

/** What to print on stderr for `error`, and the exit code it means (contracts.md §1). */
export function describeProblem(error: unknown, asJson: boolean): Problem {
  if (isHarnessError(error)) {
    if (asJson) {
      const { exitCode, tag, message, remedy = null, safe = null } = error;
      return { exitCode, text: `${JSON.stringify({ error: tag, exitCode, message, try: remedy, safe })}\n` };
    }
    const lines = [`error[${error.tag}] ${printable(error.message, 1000)}`];
    if (error.remedy !== undefined) lines.push(`  try: ${printable(error.remedy, 1000)}`);
    lines.push(`  ${error.safe === undefined ? "nothing was written" : printable(error.safe, 1000)}`);
    return { exitCode: error.exitCode, text: `${lines.join("\n")}\n` };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (asJson) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      exitCode: EXIT.bug,
      text: `${JSON.stringify({ error: "bug", exitCode: EXIT.bug, message, stack, try: REPORT_AT, safe: null })}\n`,
    };
  }
  return { exitCode: EXIT.bug, text: `${safeLines(stack)}\n${REPORT_AT}\n` };
}
