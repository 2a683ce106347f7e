/** Losses of pictures: values by hand, gradients by finite differences. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { pictureLoss, PICTURE_LOSSES, telescopeGroups } from "../../harness/models/losses.js";
import { plan } from "../../harness/models/network.js";
import { pixelsOf } from "../../harness/models/picture.js";
import { telescopePixels } from "../../harness/models/telescopetable.js";
import { trainableModel } from "../../harness/models/trainnetwork.js";
import { groundDistance } from "../../harness/physics/triggercells.js";

const PIXELS = pixelsOf("8x8");
const SIZE = 64;

function pictures(rows: number, seed: number): [Float32Array, Float32Array] {
  const random = rng(seed);
  const draw = (): Float32Array => Float32Array.from({ length: rows * SIZE }, () => random.uniform());
  return [draw(), draw()];
}

describe.each(PICTURE_LOSSES)("%s", (loss) => {
  const of = pictureLoss(loss, PIXELS);

  it("has the gradient of finite differences, with weights", () => {
    const rows = 3;
    const [target, output] = pictures(rows, 5);
    const weights = Float32Array.of(0.5, 2, 1);
    const { gradient } = of(target, output, rows, weights);
    const random = rng(6);
    for (let k = 0; k < 60; k++) {
      const at = random.integer(rows * SIZE);
      const step = 2 ** -10;
      const [up, down] = [output.slice(), output.slice()];
      up[at] += step;
      down[at] -= step;
      const slope =
        (of(target, up, rows, weights).loss - of(target, down, rows, weights).loss) / (up[at] - down[at]);
      expect(Math.abs(slope - gradient[at])).toBeLessThan(2e-5);
    }
  });

  it("is zero, without slope, where both sides are equal", () => {
    const [target] = pictures(2, 7);
    const { loss: value, gradient } = of(target, target, 2);
    expect(value).toBe(0);
    expect(gradient.every((slope) => slope === 0)).toBe(true);
  });
});

describe("telescope", () => {
  it("counts one wrong cell alone, in its groups of four, and in its block", () => {
    const of = pictureLoss("telescope", PIXELS);
    const output = new Float32Array(SIZE);
    output[PIXELS[0]] = 1;
    // Cell 0 is in the first tile (0.375) and in one group across borders (0.375); sums: 4/48 + 2 (0.375 + 0.375)/36 + 1/3.
    const expected = 4 / 48 + (2 * 0.75) / 36 + 1 / 3;
    expect(of(new Float32Array(SIZE), output, 1).loss).toBeCloseTo(expected, 12);
  });

  it("takes groups of neighbours: 27 inside blocks, 9 across their borders, each once", () => {
    const metric = groundDistance();
    const fours = telescopeGroups().filter(({ cells }) => cells.length === 4);
    const distances = fours.map(({ cells }) =>
      cells
        .flatMap((a, i) => cells.slice(i + 1).map((b) => metric[a * CELLS + b]))
        .sort((x, y) => x - y)
        .map((distance) => distance.toFixed(3))
        .join(" "),
    );
    const inside = "2.000 2.000 2.000 2.000 2.000 3.464";
    const across = "1.803 1.803 2.000 2.000 2.291 3.041";
    expect(distances).toEqual([...Array<string>(27).fill(inside), ...Array<string>(9).fill(across)]);
    expect(new Set(fours.map(({ cells }) => [...cells].sort((x, y) => x - y).join())).size).toBe(36);
  });

  it("weighs a group by how few others its cells are in, as the original's numbers do", () => {
    const fours = telescopeGroups().filter(({ cells }) => cells.length === 4);
    const timesOf = (cell: number): number => fours.filter(({ cells }) => cells.includes(cell)).length;
    for (const { cells, factor } of fours) {
      const rule = cells.reduce((sum, cell) => sum + 0.25 / timesOf(cell), 0);
      // What exceeds a quarter was left unscaled where a cell is in three groups: a twelfth, a sixth.
      const isOriginal = cells.some((cell) => timesOf(cell) === 3);
      expect((36 * factor) / 2).toBeCloseTo(isOriginal ? 0.25 + 4 * (rule - 0.25) : rule, 12);
    }
    expect(fours.reduce((sum, { factor }) => sum + 18 * factor, 0)).toBeCloseTo(12.5625, 12);
  });

  it("is worked out by the kernels for pictures as every model takes them unless told otherwise", () => {
    for (const id of [
      "autoencoder-8x8-stride",
      "autoencoder-8x8-wide",
      "autoencoder-8x8-pool",
      "autoencoder-4x4x3",
    ]) {
      const { decoder, orders } = trainableModel(id);
      expect(telescopePixels(plan(decoder))).toEqual(pixelsOf(orders[0]));
    }
    expect(telescopePixels({ outputSize: 20 })).toBeUndefined();
  });

  it("does not see the dark corner", () => {
    const of = pictureLoss("telescope", PIXELS);
    const output = new Float32Array(SIZE);
    output[63] = 1;
    expect(of(new Float32Array(SIZE), output, 1)).toEqual({ loss: 0, gradient: new Float64Array(SIZE) });
  });
});
