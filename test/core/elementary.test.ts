import { describe, expect, it } from "vitest";
import { cosTurns, exp, log, log10, pow, sin, sinTurns } from "../../harness/core/elementary.js";
import { rng } from "../../harness/core/rng.js";

const EPSILON = 2 ** -52;

/** Largest difference from `reference` in units of the reference's last place, over `n` points drawn by `point`. */
function worstUlp(
  f: (x: number) => number,
  reference: (x: number) => number,
  point: (u: number) => number,
): number {
  const source = rng(11, 0);
  let worst = 0;
  for (let i = 0; i < 50_000; i++) {
    const x = point(source.uniform());
    const expected = reference(x);
    worst = Math.max(worst, Math.abs(f(x) - expected) / (Math.abs(expected) * EPSILON));
  }
  return worst;
}

describe("elementary", () => {
  it("exp(x) is within 2 ulp", () => {
    expect(worstUlp(exp, Math.exp, (u) => 1400 * u - 700)).toBeLessThan(2);
  });

  it("log(x) is within 2 ulp, also for subnormals", () => {
    expect(worstUlp(log, Math.log, (u) => 10 ** (600 * u - 300))).toBeLessThan(2);
    expect(log(5e-324)).toBeCloseTo(Math.log(5e-324), 10);
  });

  it("pow and log10 keep 12 digits", () => {
    expect(
      worstUlp(
        (x) => pow(x, 0.37),
        (x) => x ** 0.37,
        (u) => 1e6 * u + 1e-3,
      ) * EPSILON,
    ).toBeLessThan(1e-12);
    expect(log10(1000)).toBeCloseTo(3, 14);
  });

  it("sine and cosine of turns are exact at quarter turns and within 1e-15 elsewhere", () => {
    expect([0, 0.25, 0.5, 0.75].map(sinTurns)).toEqual([0, 1, -0, -1]);
    expect([0, 0.5].map(cosTurns)).toEqual([1, -1]);
    const source = rng(12, 0);
    for (let i = 0; i < 20_000; i++) {
      const turn = source.uniform();
      expect(Math.abs(sinTurns(turn) - Math.sin(2 * Math.PI * turn))).toBeLessThan(1e-15);
    }
    expect(Math.abs(sin(12.34) - Math.sin(12.34))).toBeLessThan(1e-14);
  });

  it("follows the limits at the edges", () => {
    expect(exp(710)).toBe(Infinity);
    expect(exp(-746)).toBe(0);
    expect(exp(-745)).toBeGreaterThan(0);
    expect(log(0)).toBe(-Infinity);
    expect(log(-1)).toBeNaN();
    expect(exp(NaN)).toBeNaN();
    expect(pow(0, 2)).toBe(0);
  });
});
