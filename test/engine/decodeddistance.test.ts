/** The mean distance that trainings are validated by: the exact EMD of each row that has one, in batches that cover a set in order. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { batchesOf, DistanceMean } from "../../harness/engine/decodeddistance.js";
import type { Batch, BatchSource } from "../../harness/models/trainset.js";
import { groundDistance } from "../../harness/physics/triggercells.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";

/** Cells stand in reverse in the picture. */
const PIXELS = Array.from({ length: CELLS }, (_, cell) => CELLS - 1 - cell);

/** All charge of a row in one cell; undefined: none. */
function charges<T extends Float32Array | Float64Array>(to: T, places: readonly (number | undefined)[]): T {
  places.forEach((place, row) => {
    if (place !== undefined) to[row * CELLS + place] = 5;
  });
  return to;
}

function batchOf(cells: readonly (number | undefined)[]): Batch {
  const rows = cells.length;
  const none = new Float32Array(0);
  return { rows, input: none, target: none, cells: charges(new Float64Array(rows * CELLS), cells) };
}

describe("the mean distance", () => {
  it("is that of the rows that have one, over all batches", async () => {
    const distances = new DistanceMean(kernels, PIXELS);
    expect(distances.mean).toBeNull();
    const empty = batchOf([undefined, 3]);
    await distances.add(empty, charges(new Float32Array(2 * CELLS), [PIXELS[4], undefined]));
    expect(distances.mean).toBeNull();
    const moves = [
      [0, 17],
      [5, 5],
      [40, 2],
    ] as const;
    for (const [from, to] of moves)
      await distances.add(batchOf([from]), charges(new Float32Array(CELLS), [PIXELS[to]]));
    const metric = groundDistance();
    const expected = moves.reduce((sum, [from, to]) => sum + metric[from * CELLS + to], 0) / moves.length;
    expect(expected).toBeGreaterThan(1);
    expect(distances.mean).toBeCloseTo(expected, 12);
  });

  it.each([0, 1, 2048, 2049, 5000])("takes each of %i rows once and in order", (rows) => {
    const asked: number[] = [];
    const source: BatchSource = {
      rows,
      batch: (numbers) => {
        asked.push(...numbers);
        return batchOf(Array.from(numbers, () => rng(1).integer(CELLS)));
      },
    };
    const sizes = Array.from(batchesOf(source), (batch) => batch.rows);
    expect(asked).toEqual(Array.from({ length: rows }, (_, row) => row));
    expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(2048);
  });
});
