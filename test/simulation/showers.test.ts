/** The parameterised showers: what a physicist would check first. */
import { describe, expect, it } from "vitest";
import { log } from "../../harness/core/elementary.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { depositShower } from "../../harness/simulation/deposits.js";
import { LAYERS, TRIGGER_LAYERS } from "../../harness/simulation/detector.js";
import { logGamma } from "../../harness/simulation/gammafunction.js";
import { CELL_X_CM, CELL_Y_CM, cellAt } from "../../harness/simulation/modulecells.js";
import { drawProfile, layerFraction, radialScaleCm } from "../../harness/simulation/shower.js";

describe("logGamma(x)", () => {
  it("is the logarithm of the factorial", () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(logGamma(n)).toBeCloseTo(log(factorial), 9);
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(log(1.7724538509055159), 9);
  });
});

describe("LAYERS", () => {
  it("ends CE-E near 361.7 cm, 26 X0 and 1.3 interaction lengths deep, and has 50 layers", () => {
    expect(LAYERS).toHaveLength(50);
    expect(LAYERS[27].zCm).toBeCloseTo(361.65, 6);
    expect(LAYERS[27].depthX0).toBeCloseTo(26, 9);
    expect(LAYERS[27].depthLambda).toBeCloseTo(1.3, 9);
    expect(LAYERS[49].depthLambda).toBeCloseTo(9.8, 1);
  });

  it("reads odd layers of CE-E and all of CE-H", () => {
    const numbers = TRIGGER_LAYERS.map(({ number }) => number);
    expect(numbers.slice(0, 3)).toEqual([1, 3, 5]);
    expect(numbers).toHaveLength(14 + 22);
  });
});

describe("cellAt(x, y)", () => {
  it("finds each cell at its centre, and nothing outside the module", () => {
    for (let i = 0; i < CELLS; i++) expect(cellAt(CELL_X_CM[i], CELL_Y_CM[i])).toBe(i);
    expect(cellAt(9.95, 0)).toBeUndefined();
    expect(cellAt(0, -12)).toBeUndefined();
  });

  it("covers the area of a module of 16.64 cm width (239.9 cm2) within five per cent", () => {
    const random = rng(3);
    const side = 20;
    const points = 40_000;
    let inside = 0;
    for (let i = 0; i < points; i++)
      if (cellAt(side * (random.uniform() - 0.5), side * (random.uniform() - 0.5)) !== undefined) inside++;
    const area = (inside / points) * side * side;
    expect(Math.abs(area / 239.9 - 1)).toBeLessThan(0.05);
  });
});

describe("drawProfile(energy, start)", () => {
  const meanFractions = (energy: number): number[] => {
    const random = rng(7);
    const sums = new Array<number>(LAYERS.length).fill(0);
    const showers = 400;
    for (let i = 0; i < showers; i++) {
      const profile = drawProfile(energy, 0, random);
      LAYERS.forEach((layer, k) => {
        sums[k] += layerFraction(profile, layer, 1) / showers;
      });
    }
    return sums;
  };
  const peak = (fractions: readonly number[]): number => fractions.indexOf(Math.max(...fractions));

  it.each([5, 50, 500])("contains a shower of %i GeV in the calorimeter", (energy) => {
    const total = meanFractions(energy).reduce((sum, fraction) => sum + fraction, 0);
    expect(total).toBeGreaterThan(0.97);
    expect(total).toBeLessThan(1.01);
  });

  it("moves the maximum deeper with the logarithm of the energy", () => {
    const peaks = [5, 50, 500].map((energy) => peak(meanFractions(energy)));
    expect(peaks[0]).toBeLessThan(peaks[1]);
    expect(peaks[1]).toBeLessThan(peaks[2]);
    // A factor of ten is 2.3 X0 in T, that is 2.5 layers of 0.93 X0.
    expect(Math.abs(peaks[2] - peaks[0] - 5)).toBeLessThanOrEqual(1);
  });
});

describe("depositShower", () => {
  it("deposits what the profile says, at 20 and at 200 GeV, within three per cent of the layer's energy", () => {
    const layer = LAYERS[10];
    const showers = 600;
    const seen = [20, 200].map((energy) => {
      const random = rng(11);
      let fraction = 0;
      let total = 0;
      for (let i = 0; i < showers; i++) {
        const target = { mips: new Float64Array(CELLS), layer, cosine: 1 };
        depositShower(target, 0, 0, energy, "electron", random);
        total += (target.mips.reduce((sum, mip) => sum + mip, 0) * layer.mevPerMip) / 1000;
      }
      const again = rng(12);
      for (let i = 0; i < showers; i++) fraction += layerFraction(drawProfile(energy, 0, again), layer, 1);
      return total / (fraction * energy);
    });
    for (const ratio of seen) expect(Math.abs(ratio - 1)).toBeLessThan(0.03);
  });

  it("holds 90 % within about a Moliere radius at the depth of the maximum", () => {
    const radius90 = radialScaleCm(14) * log(10);
    expect(radius90).toBeGreaterThan(1.5);
    expect(radius90).toBeLessThan(3);
  });
});
