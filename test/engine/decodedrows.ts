/** Modules and decoded pictures of them, for tests of losses on distances. */
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";

/** Pixels of an 8x8 picture. */
export const SIZE = 64;

/** Targets with many empty cells; decoded pictures that are nowhere zero, as a sigmoid leaves them. */
export function rowsOf(rows: number, seed: number): { targets: Float64Array; output: Float32Array } {
  const random = rng(seed);
  const targets = Float64Array.from({ length: rows * CELLS }, () =>
    random.uniform() < 0.4 ? Math.floor(100 * random.exponential()) + 1 : 0,
  );
  const output = Float32Array.from({ length: rows * SIZE }, () => 0.02 + random.uniform());
  return { targets, output };
}
