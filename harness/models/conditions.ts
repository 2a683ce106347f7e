/**
 * What a receiver knows of a module without a bit on the links: its layer, its pseudorapidity, its type. Inputs of conditional decoders,
 * behind the latents.
 *
 * Per module [CONDITIONS]: 1 where the labels are there, else all zero; 1 for the band of layers; |eta| over its range; 1 for high
 * density; 1 for partial modules.
 */
import type { Label, Slab } from "../core/table.js";

/** The labels read here. */
export const CONDITION_LABELS: readonly Label[] = ["layer", "eta", "HD_LD", "ModType"];

/** Last layers of the bands: the rise of a shower in CE-E layer by trigger layer, its maximum, its end, CE-H. */
const BAND_ENDS = [5, 7, 9, 11, 13, 17, 21, 27, 37, Infinity];
const LEAST_ETA = 1.5;
const MOST_ETA = 3.2;

/** Inputs of a decoder behind its latents. */
export const CONDITIONS = 1 + BAND_ENDS.length + 3;

/** Writes the conditions of a row of `labels` to `to` from `at` on; zeros where a label is missing. */
export function writeConditions(
  labels: Slab["labels"],
  row: number,
  to: Float32Array | Float64Array,
  at: number,
): void {
  to.fill(0, at, at + CONDITIONS);
  const [layer, eta, density, type] = CONDITION_LABELS.map((label) => labels.get(label)?.[row] ?? NaN);
  if ([layer, eta, density, type].some(Number.isNaN)) return;
  to[at] = 1;
  to[at + 1 + BAND_ENDS.findIndex((end) => layer <= end)] = 1;
  const rest = at + 1 + BAND_ENDS.length;
  to[rest] = Math.min(1, Math.max(0, (Math.abs(eta) - LEAST_ETA) / (MOST_ETA - LEAST_ETA)));
  to[rest + 1] = density > 0 ? 1 : 0;
  to[rest + 2] = type > 0 ? 1 : 0;
}
