/** The exact EMD as a loss: its gradient against finite differences, and rows that have no distance. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { exactEmdLoss } from "../../harness/engine/emdloss.js";
import { pixelsOf } from "../../harness/models/picture.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";
import { rowsOf, SIZE } from "./decodedrows.js";

const PIXELS = pixelsOf("8x8");

describe("the exact EMD as a loss", () => {
  it("has the gradient of finite differences", async () => {
    const rows = 4;
    const { targets, output } = rowsOf(rows, 3);
    const weights = Float32Array.of(1, 0.25, 3, 1);
    const { gradient } = await exactEmdLoss(kernels, targets, output, PIXELS, weights);
    const lossAt = async (at: number, value: number): Promise<number> => {
      const moved = output.slice();
      moved[at] = value;
      return (await exactEmdLoss(kernels, targets, moved, PIXELS, weights)).loss;
    };
    const random = rng(4);
    for (let k = 0; k < 150; k++) {
      const at = SIZE * random.integer(rows) + PIXELS[random.integer(CELLS)];
      const [up, down] = [Math.fround(output[at] + 2 ** -18), Math.fround(output[at] - 2 ** -18)];
      const slope = ((await lossAt(at, up)) - (await lossAt(at, down))) / (up - down);
      expect(Math.abs(slope - gradient[at])).toBeLessThan(1e-6);
    }
  });

  it("does not see scale, and no pixel that is no cell", async () => {
    const { targets, output } = rowsOf(2, 5);
    const { gradient } = await exactEmdLoss(kernels, targets, output, PIXELS);
    for (let row = 0; row < 2; row++) {
      let along = 0;
      for (let cell = 0; cell < CELLS; cell++)
        along += gradient[row * SIZE + PIXELS[cell]] * output[row * SIZE + PIXELS[cell]];
      expect(Math.abs(along)).toBeLessThan(1e-7);
    }
    const dark = Array.from({ length: SIZE }, (_, i) => i).filter((pixel) => !PIXELS.includes(pixel));
    expect(dark).toHaveLength(16);
    for (const pixel of dark) expect(gradient[pixel]).toBe(0);
  });

  it("leaves rows without a target out, and counts an empty picture as the largest distance", async () => {
    const { targets, output } = rowsOf(3, 6);
    const alone = await exactEmdLoss(kernels, targets.slice(0, CELLS), output.slice(0, SIZE), PIXELS);
    targets.fill(0, CELLS, 2 * CELLS);
    output.fill(0, 2 * SIZE, 3 * SIZE);
    const { loss, gradient } = await exactEmdLoss(kernels, targets, output, PIXELS);
    expect(loss).toBeCloseTo((alone.loss + 13.7568) / 3, 4);
    expect(gradient.subarray(SIZE).every((slope) => slope === 0)).toBe(true);
  });
});
