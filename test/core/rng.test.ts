import { describe, expect, it } from "vitest";
import { philox, rng } from "../../harness/core/rng.js";

/** Known answers of Philox4x32-10, published with the generator (Random123's kat_vectors). */
const KNOWN = [
  { counter: [0, 0, 0, 0], key: [0, 0], out: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    out: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    out: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe("philox", () => {
  it.each(KNOWN)("gives the published answer for counter $counter", ({ counter, key, out }) => {
    const block = new Uint32Array(4);
    philox(Uint32Array.from(counter), key[0], key[1], block);
    expect([...block]).toEqual(out);
  });
});

describe("rng", () => {
  it("gives the same numbers for the same seed and stream, and others for another stream", () => {
    const draw = (seed: number, stream: number): number[] => {
      const source = rng(seed, stream);
      return Array.from({ length: 8 }, () => source.uniform());
    };
    expect(draw(7, 3)).toEqual(draw(7, 3));
    expect(draw(7, 3)).not.toEqual(draw(7, 4));
    expect(draw(7, 3)).not.toEqual(draw(8, 3));
  });

  it("has the moments of its distributions", () => {
    const source = rng(1, 0);
    const n = 200_000;
    const moments = (draw: () => number): [number, number] => {
      let first = 0;
      let second = 0;
      for (let i = 0; i < n; i++) {
        const x = draw();
        first += x;
        second += x * x;
      }
      return [first / n, second / n - (first / n) ** 2];
    };
    const near = (pair: [number, number], mean: number, variance: number): void => {
      expect(Math.abs(pair[0] - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
      expect(Math.abs(pair[1] / variance - 1)).toBeLessThan(0.03);
    };
    near(
      moments(() => source.uniform()),
      0.5,
      1 / 12,
    );
    near(
      moments(() => source.normal()),
      0,
      1,
    );
    near(
      moments(() => source.exponential()),
      1,
      1,
    );
    near(
      moments(() => source.poisson(4.5)),
      4.5,
      4.5,
    );
    near(
      moments(() => source.integer(10)),
      4.5,
      8.25,
    );
  });

  it("goes on from any place that it told, in the same sequence", () => {
    const told = rng(2 ** 40 + 5, 2 ** 33 + 1);
    const position = new Float64Array(3);
    for (let step = 0; step < 40; step++) {
      told.tell(position);
      const other = rng(2 ** 40 + 5, 2 ** 33 + 1);
      other.seek(position);
      const draws = (random: typeof told): number[] => [random.normal(), random.uniform(), random.bits()];
      expect(draws(other)).toEqual(draws(told));
    }
    expect([...told.sequence]).toEqual([5, 256, 1, 2]);
    // Past 2^32 blocks, where the counter's second word counts.
    const far = rng(3);
    far.seek(Float64Array.of(2 ** 34 - 2, 0, 0));
    far.uniform();
    far.tell(position);
    expect(position[0]).toBe(2 ** 34);
    const first = far.bits();
    far.seek(position);
    expect(far.bits()).toBe(first);
    expect(first).not.toBe(rng(3).bits());
  });

  it("refuses seeds and ranges that are not whole numbers", () => {
    expect(() => rng(-1)).toThrow(RangeError);
    expect(() => rng(1.5)).toThrow(RangeError);
    expect(() => rng(1).integer(0)).toThrow(RangeError);
    expect(() => rng(1).poisson(NaN)).toThrow(RangeError);
  });
});
