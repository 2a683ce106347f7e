/** The parameterised showers: what a physicist would check first, on all layers of the calorimeter. */
import { describe, expect, it } from "vitest";
import { log } from "../../harness/core/elementary.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { depositHadron, depositShower } from "../../harness/simulation/deposits.js";
import { LAYERS, TRIGGER_LAYERS, triggerMevPerMip } from "../../harness/simulation/detector.js";
import { EventGrid } from "../../harness/simulation/eventgrid.js";
import { logGamma } from "../../harness/simulation/gammafunction.js";
import { CELL_X_CM, CELL_Y_CM } from "../../harness/simulation/modulecells.js";
import { drawProfile, layerFraction, radialScaleCm } from "../../harness/simulation/shower.js";
import { showerFigures } from "../../harness/simulation/showerfigures.js";
import { sinhOf, type Track } from "../../harness/simulation/tracks.js";

const ETA = 2;
const COSH = Math.cosh(ETA);
const CE_E = LAYERS.slice(0, 28);
const CE_E_TRIGGER = TRIGGER_LAYERS.filter(({ electromagnetic }) => electromagnetic);

const trackOf = (gev: number, eta: number, turn: number, charge = 0): Track => ({
  pt: gev / Math.cosh(eta),
  sinhEta: sinhOf(eta),
  turn,
  charge,
});

/** Energy of each layer of `grid`, GeV, by a weight per layer. */
function layerEnergies(grid: EventGrid, mevPerMip: (index: number) => number): number[] {
  return grid.layers.map((_, i) => {
    let mips = 0;
    for (let module = grid.firstModule[i]; module < grid.firstModule[i + 1]; module++) {
      if (grid.touched[module] === 0) continue;
      for (let k = module * CELLS; k < (module + 1) * CELLS; k++) mips += grid.signal[k];
    }
    return (mips * mevPerMip(i)) / 1000;
  });
}

/** Mean over energy of electrons' sums over the layers. */
function response(gev: number, showers: number, trigger: boolean): number {
  const grid = new EventGrid(trigger ? CE_E_TRIGGER : CE_E);
  const random = rng(17, gev);
  const weight = (i: number): number =>
    trigger ? triggerMevPerMip(grid.layers[i].layer) : grid.layers[i].layer.mevPerMip;
  let sum = 0;
  for (let i = 0; i < showers; i++) {
    grid.clear();
    // Electrons, started at the front face; turns spread over the wafers.
    depositShower(grid, trackOf(gev, ETA, random.uniform()), "electron", random);
    const ratio = layerEnergies(grid, weight).reduce((all, layer) => all + layer, 0) / gev;
    sum += ratio / showers;
  }
  return sum;
}

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

describe("depositShower", () => {
  const energies = [10, 20, 50, 100, 200];

  it("is linear within 2 % from 10 to 200 GeV, in all layers and as the trigger sums its own", () => {
    for (const trigger of [false, true]) {
      const means = energies.map((gev) => response(gev, Math.max(20, 2000 / gev), trigger));
      const middle = (Math.max(...means) + Math.min(...means)) / 2;
      for (const mean of means) {
        expect(Math.abs(mean / middle - 1)).toBeLessThan(0.02);
        expect(Math.abs(mean - 1)).toBeLessThan(0.05);
      }
    }
  });

  it("has its figures inside their bounds: linearity, stochastic term 0.20 to 0.26, containment, maximum", () => {
    const figures = showerFigures();
    expect(figures.map(({ id }) => id)).toEqual([
      "linearity",
      "stochastic-term",
      "containment-90",
      "maximum-growth",
    ]);
    for (const { value, low, high } of figures) {
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
    }
  });

  it("holds 90 % of a layer's energy within about a Moliere radius at the shower maximum", () => {
    const radius90 = radialScaleCm(13) * log(10);
    expect(radius90).toBeGreaterThan(1.5);
    expect(radius90).toBeLessThan(3);
    // As deposited: 50 GeV, layer 11, energy in cells within 2.3 + 1.2 cm (half a trigger cell) of the axis.
    const grid = new EventGrid([LAYERS[10]]);
    const random = rng(5);
    let [inside, all] = [0, 0];
    for (let i = 0; i < 100; i++) {
      grid.clear();
      const track = trackOf(50, ETA, random.uniform());
      depositShower(grid, track, "electron", random);
      const r = LAYERS[10].zCm / track.sinhEta;
      const [x, y] = [r * Math.cos(2 * Math.PI * track.turn), r * Math.sin(2 * Math.PI * track.turn)];
      const { share, sum } = within(grid, x, y, 3.5);
      inside += share;
      all += sum;
    }
    expect(inside / all).toBeGreaterThan(0.9);
  });

  it("has its maximum deeper by about one X0 for each e in energy", () => {
    const peaks = [5, 50, 500].map(peakDepth);
    expect(peaks[0]).toBeLessThan(peaks[1]);
    expect(peaks[1]).toBeLessThan(peaks[2]);
    // A factor of ten is 2.3 X0 in T along the shower.
    const step = (peaks[2] - peaks[0]) / 2;
    expect(Math.abs(step - 2.3)).toBeLessThan(0.7);
  });

  it("starts deeper for photons than for electrons", () => {
    const grid = new EventGrid(LAYERS.slice(0, 6));
    const early = (["electron", "photon"] as const).map((kind) => {
      const random = rng(9);
      let sum = 0;
      for (let i = 0; i < 200; i++) {
        grid.clear();
        depositShower(grid, trackOf(40, ETA, random.uniform()), kind, random);
        sum += layerEnergies(grid, () => 1).reduce((all, one) => all + one, 0);
      }
      return sum;
    });
    expect(early[1]).toBeLessThan(0.8 * early[0]);
  });
});

/** Energy in cells whose centre is within `radius` cm of (x, y), and in all. */
function within(grid: EventGrid, x: number, y: number, radius: number): { share: number; sum: number } {
  let [share, sum] = [0, 0];
  grid.layers[0].wafers.forEach((wafer, index) => {
    for (let cell = 0; cell < CELLS; cell++) {
      const mips = grid.signal[index * CELLS + cell];
      const [cx, cy] = [wafer.xCm + CELL_X_CM[cell], wafer.yCm + CELL_Y_CM[cell]];
      sum += mips;
      if ((cx - x) ** 2 + (cy - y) ** 2 < radius * radius) share += mips;
    }
  });
  return { share, sum };
}

/** Depth (X0 along the shower) of the mean profile's largest layer, by a parabola through its neighbours. */
function peakDepth(gev: number): number {
  const random = rng(7);
  const sums = CE_E.map(() => 0);
  for (let i = 0; i < 400; i++) {
    const profile = drawProfile(gev, 0, random);
    CE_E.forEach((layer, k) => {
      sums[k] += layerFraction(profile, layer, 1);
    });
  }
  const at = sums.indexOf(Math.max(...sums));
  const [a, b, c] = [sums[at - 1], sums[at], sums[at + 1]];
  return (
    CE_E[at].depthX0 - CE_E[at].thicknessX0 / 2 + (CE_E[0].thicknessX0 * (a - c)) / (2 * (a - 2 * b + c))
  );
}

describe("depositHadron", () => {
  it("leaves a MIP in nearly every layer of CE-E before it interacts, and energy in CE-H", () => {
    const grid = new EventGrid(TRIGGER_LAYERS);
    const random = rng(21);
    let [first, hadronic] = [0, 0];
    const particles = 300;
    for (let i = 0; i < particles; i++) {
      grid.clear();
      depositHadron(grid, trackOf(30, ETA, random.uniform(), 1), random);
      const mips = layerEnergies(grid, () => 1000);
      if (mips[0] > 0.5) first++;
      hadronic += mips.slice(14).reduce((all, one) => all + one, 0);
    }
    expect(first / particles).toBeGreaterThan(0.85);
    expect(hadronic / particles).toBeGreaterThan(20 * COSH * 0.1);
  });
});
