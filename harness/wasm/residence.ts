/**
 * Constant inputs that stay in linear memory, with the buffers that a kernel prepared from them, for as long as the same arrays
 * come back. Pure bookkeeping: the host reserves the memory, the frame writes and prepares.
 */
import { isConstant } from "../core/constant.js";
import type { Buffers, NumericArray } from "../core/kernel.js";
import { residentInputs, type Callable, type Place } from "./layout.js";

export interface Residence {
  readonly symbol: string;
  /** The arrays that were written, by input. */
  readonly arrays: ReadonlyMap<string, NumericArray>;
  /** Resident inputs and kept buffers. */
  readonly places: ReadonlyMap<string, Place>;
  /** Set once the kept buffers are filled. */
  isPrepared: boolean;
}

/** The arrays of a call that may stay: all resident inputs, when each of them is constant; undefined when nothing can stay. */
export function stayingArrays(
  kernel: Callable,
  inputs: Buffers,
): ReadonlyMap<string, NumericArray> | undefined {
  const names = residentInputs(kernel);
  if (names.length === 0 || !names.every((name) => isConstant(inputs[name]))) return undefined;
  return new Map(names.map((name) => [name, inputs[name]]));
}

/** True when `residence` holds exactly these arrays for this kernel. */
export function holds(
  residence: Residence,
  kernel: Callable,
  arrays: ReadonlyMap<string, NumericArray>,
): boolean {
  if (residence.symbol !== kernel.symbol || residence.arrays.size !== arrays.size) return false;
  for (const [name, values] of arrays) if (residence.arrays.get(name) !== values) return false;
  return Object.entries(kernel.kept ?? {}).every(
    ([name, bytes]) => residence.places.get(name)?.bytes === bytes,
  );
}
