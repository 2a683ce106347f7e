/**
 * Arrays whose values their owner has promised not to change any more: weights, tables, compiled programs.
 *
 * Whoever runs kernels may keep such an array where it was put (linear memory, a peer's tensors) and know it again by identity.
 * The promise is not enforced here; validation mode writes everything at every call.
 */
import type { NumericArray } from "./kernel.js";

const promised = new WeakSet<NumericArray>();

/** Promises that `values` stays as it is, and returns it. New values need a new array. */
export function constant<T extends NumericArray>(values: T): T {
  promised.add(values);
  return values;
}

export function isConstant(values: NumericArray): boolean {
  return promised.has(values);
}
