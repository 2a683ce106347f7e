/** The last line of what a process said on stderr: where Python and Node put the reason of a failure. */
import { printable } from "../../core/errors.js";

/** That line without blanks around it, safe for a terminal; `otherwise` when nothing was said. */
export function lastLine(text: string, otherwise: string): string {
  const trimmed = text.trim();
  const line = trimmed.slice(trimmed.lastIndexOf("\n") + 1);
  return printable(line === "" ? otherwise : line);
}
