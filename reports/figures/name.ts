/** File names of figures, date_topic_network_variable.svg, safe on every system; foreign names are reduced, never trusted. */
import type { Results } from "../../harness/core/results.js";

const LONGEST = 48;

/** 32-bit FNV-1a of the UTF-16 code units, eight hexadecimal digits. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Letters, digits, dots and hyphens of `text` in lower case; what had to change more than ":", "=", "," gets a short hash. */
export function safePart(text: string): string {
  const usual = text.replace(/[:=,]/g, "-");
  const safe = usual
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, LONGEST);
  return safe === usual && safe !== "" ? safe : `${safe === "" ? "x" : safe}-${shortHash(text)}`;
}

/** Name of a figure of this run. */
export function figureFile(results: Results, topic: string, network: string, variable: string): string {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(results.run.startedAt)?.[0] ?? "undated";
  return `${date}_${topic}_${safePart(network)}_${safePart(variable)}.svg`;
}
