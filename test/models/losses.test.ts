/** Losses of pictures: values by hand, gradients by finite differences. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { pictureLoss, PICTURE_LOSSES } from "../../harness/models/losses.js";
import { pixelsOf } from "../../harness/models/picture.js";

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

  it("does not see the dark corner", () => {
    const of = pictureLoss("telescope", PIXELS);
    const output = new Float32Array(SIZE);
    output[63] = 1;
    expect(of(new Float32Array(SIZE), output, 1)).toEqual({ loss: 0, gradient: new Float64Array(SIZE) });
  });
});
