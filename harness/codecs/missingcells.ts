/**
 * Which trigger cells a partial module has, by its layer and place: known off-detector, so that it costs no bits.
 *
 * The geometry is that of the simulated detector (simulation/wafers.ts): the outlines of the real partial modules are not public in
 * the files at hand. Rows without these labels, and places outside that geometry, count as whole modules.
 */
import { InputError } from "../core/errors.js";
import type { Label, Slab } from "../core/table.js";
import { TRIGGER_LAYERS } from "../simulation/detector.js";
import { WaferLayer } from "../simulation/wafers.js";

/** The labels read here. */
export const PLACE_LABELS: readonly Label[] = ["layer", "waferu", "waferv"];

/** 1 for each cell that the module has, [48]; undefined for whole modules. */
export type Presence = (side: Slab["labels"], row: number) => Uint8Array | undefined;

const key = (u: number, v: number): string => `${u} ${v}`;

/** Looks partial modules up, each layer's geometry made when it is first asked for. */
export function createPresence(): Presence {
  const layers = new Map<number, ReadonlyMap<string, Uint8Array>>();
  const partialOf = (number: number): ReadonlyMap<string, Uint8Array> => {
    const known = layers.get(number);
    if (known !== undefined) return known;
    const layer = TRIGGER_LAYERS.find((one) => one.number === number);
    const wafers = layer === undefined ? [] : new WaferLayer(layer).wafers;
    const partial = wafers.filter((wafer) => wafer.partial);
    const found = new Map(partial.map(({ u, v, present }) => [key(u, v), present]));
    layers.set(number, found);
    return found;
  };
  return (side, row) => {
    const [layer, u, v] = PLACE_LABELS.map((name) => side.get(name)?.[row]);
    return layer === undefined || u === undefined || v === undefined
      ? undefined
      : partialOf(layer).get(key(u, v));
  };
}

/** Refuses (InputError) charge where the geometry has no cell: the rows are of another detector. */
export function refuseMissing(calq: ArrayLike<number>, present: Uint8Array, row: number): void {
  const cell = present.findIndex((has, i) => has === 0 && calq[i] > 0);
  if (cell < 0) return;
  throw new InputError(
    `row ${row}: CALQ_${cell}: expected no charge where the simulated detector's partial module has no cell, got ${calq[cell]}`,
    { tag: "geometry", remedy: "absent=unknown for rows of another geometry" },
  );
}
