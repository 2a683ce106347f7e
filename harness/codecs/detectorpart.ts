/**
 * Which part of the calorimeter a module sits in and its density, from its labels: CE-E and low density where there are none.
 *
 * subdet: 1 is CE-E, 2 CE-H silicon, 10 CE-H scintillator. layer (used when subdet is absent): 1..28 is CE-E, beyond is CE-H.
 * HD_LD: 1 is high density, 0 low. Other values are refused, since guessing would change what is sent.
 */
import { InputError } from "../core/errors.js";
import type { Label, Slab } from "../core/table.js";

/** The labels read here. */
export const PART_LABELS: readonly Label[] = ["subdet", "layer", "HD_LD"];

/** Silicon layers of CE-E in the geometries V9 to V11. */
const LAST_CEE_LAYER = 28;

export interface DetectorPart {
  readonly part: "CE-E" | "CE-H";
  readonly highDensity: boolean;
}

function labelOf(labels: Slab["labels"], name: Label, row: number): number | undefined {
  return labels.get(name)?.[row];
}

function refused(name: Label, row: number, expected: string, got: number): InputError {
  return new InputError(`row ${row}: ${name}: expected ${expected}, got ${got}`, { tag: "label" });
}

function partOf(labels: Slab["labels"], row: number): DetectorPart["part"] {
  const subdet = labelOf(labels, "subdet", row);
  if (subdet !== undefined) {
    if (subdet === 1) return "CE-E";
    if (subdet === 2 || subdet === 10) return "CE-H";
    throw refused("subdet", row, "1 (CE-E), 2 or 10 (CE-H)", subdet);
  }
  const layer = labelOf(labels, "layer", row);
  if (layer === undefined) return "CE-E";
  if (!Number.isInteger(layer) || layer < 1) throw refused("layer", row, "a whole number >= 1", layer);
  return layer <= LAST_CEE_LAYER ? "CE-E" : "CE-H";
}

export function detectorPart(labels: Slab["labels"], row: number): DetectorPart {
  const density = labelOf(labels, "HD_LD", row) ?? 0;
  if (density !== 0 && density !== 1) throw refused("HD_LD", row, "1 (HD) or 0 (LD)", density);
  return { part: partOf(labels, row), highDensity: density === 1 };
}
