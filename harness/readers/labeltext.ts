/**
 * Labels that published files write as words, as numbers: module type and wafer density.
 *
 * Module types are numbered in the order of the public module table (full modules first); LD is 0, HD is 1.
 */
import { DENSITIES, MODULE_TYPES } from "../core/moduletypes.js";
import type { Label } from "../core/table.js";

/** Code of a word in a label column, or undefined when the column knows no such word. */
export function labelCode(label: Label, text: string): number | undefined {
  const words: readonly string[] = label === "ModType" ? MODULE_TYPES : label === "HD_LD" ? DENSITIES : [];
  const code = words.indexOf(text);
  return code < 0 ? undefined : code;
}

/** What a label column may hold, for messages. */
export function labelWords(label: Label): string {
  if (label === "ModType") return `a number or one of ${MODULE_TYPES.join(", ")}`;
  if (label === "HD_LD") return "a number, LD or HD";
  return "a decimal number";
}
