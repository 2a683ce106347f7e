/** Layers, wafers and trigger cells of the endcap; tracks to them; the front end's noise and codes. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { FULL_MODULE_TYPES, MODULE_TYPES } from "../../harness/core/moduletypes.js";
import { CELLS } from "../../harness/core/table.js";
import { depositShower } from "../../harness/simulation/deposits.js";
import {
  COUNTS_PER_MIP,
  LAYERS,
  THIN,
  TRIGGER_LAYERS,
  triggerMevPerMip,
} from "../../harness/simulation/detector.js";
import { EventGrid } from "../../harness/simulation/eventgrid.js";
import { FrontEnd } from "../../harness/simulation/frontend.js";
import { CELL_X_CM, CELL_Y_CM, cellAt } from "../../harness/simulation/modulecells.js";
import { cellsToPass, drawAbove, normalTail } from "../../harness/simulation/noise.js";
import { crossing, sinhOf } from "../../harness/simulation/tracks.js";
import { WaferLayer } from "../../harness/simulation/wafers.js";

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

  it("weighs a layer of the trigger as its own and the one before: 21.875814 MeV at layer 9, 83.906398 at 29", () => {
    expect(triggerMevPerMip(LAYERS[8]) * 0.77).toBeCloseTo(21.875814, 6);
    expect(triggerMevPerMip(LAYERS[0]) * 0.77).toBeCloseTo(8.894541, 6);
    expect(triggerMevPerMip(LAYERS[28]) * 0.84).toBeCloseTo(83.906398, 6);
    expect(triggerMevPerMip(LAYERS[29]) * 0.84).toBeCloseTo(51.444192, 6);
  });
});

describe("WaferLayer", () => {
  const layer = new WaferLayer(LAYERS[8]);

  it("has about the modules of the public table at layer 9: 258 full, 48 partial", () => {
    const full = layer.wafers.filter(({ partial }) => !partial).length;
    expect(Math.abs(full - 258)).toBeLessThan(20);
    expect(Math.abs(layer.wafers.length - full - 48)).toBeLessThan(20);
  });

  it("finds each wafer at its cells, whose nearest centre is that cell", () => {
    layer.wafers.forEach(({ xCm, yCm }, index) => {
      for (let cell = 0; cell < CELLS; cell++) {
        expect(layer.at(xCm + CELL_X_CM[cell], yCm + CELL_Y_CM[cell])).toBe(index);
        expect(cellAt(CELL_X_CM[cell], CELL_Y_CM[cell])).toBe(cell);
      }
    });
  });

  it("is the nearest wafer's hexagon at random points", () => {
    const random = rng(2);
    for (let i = 0; i < 3000; i++) {
      const [x, y] = [300 * (random.uniform() - 0.5), 300 * (random.uniform() - 0.5)];
      const distance = ({ xCm, yCm }: { xCm: number; yCm: number }): number =>
        (xCm - x) ** 2 + (yCm - y) ** 2;
      const found = layer.at(x, y);
      const least = Math.min(...layer.wafers.map(distance));
      // Where the lattice has no module, the nearest one is farther than a hexagon reaches.
      if (found >= 0) expect(distance(layer.wafers[found])).toBeCloseTo(least, 9);
      else expect(least).toBeGreaterThan(8.3 ** 2);
    }
  });

  it("marks partial modules by their type and by the cells they lack", () => {
    for (const { partial, present, type, silicon } of layer.wafers) {
      const count = present.reduce((sum, one) => sum + one, 0);
      expect(partial).toBe(count < CELLS);
      expect(type < FULL_MODULE_TYPES).toBe(!partial);
      const ring = silicon === THIN ? "I" : silicon.micrometres === 200 ? "M" : "O";
      expect(MODULE_TYPES[type]).toMatch(new RegExp(`${ring}$`));
    }
  });

  it("loses energy in partial modules: a shower on the edge keeps less than one in the middle", () => {
    const grid = new EventGrid([LAYERS[8]]);
    const seen = (partial: boolean): number => {
      const random = rng(4);
      let sum = 0;
      const wafers = layer.wafers.filter((one) => one.partial === partial && one.silicon.micrometres === 300);
      for (const { xCm, yCm, rCm } of wafers) {
        grid.clear();
        const turn = Math.atan2(yCm, xCm) / (2 * Math.PI);
        const sinhEta = LAYERS[8].zCm / rCm;
        depositShower(grid, { pt: 20, sinhEta, turn, charge: 0 }, "electron", random);
        sum +=
          grid.signal.reduce((all, one) => all + one, 0) / wafers.length / Math.sqrt(1 + sinhEta * sinhEta);
      }
      return sum;
    };
    expect(seen(true)).toBeLessThan(0.9 * seen(false));
  });
});

describe("crossing(track, z)", () => {
  it("is straight for neutral particles and turns charged ones by their sense", () => {
    const at = (charge: number, pt: number): { rCm: number; turn: number } => {
      const out = { rCm: 0, turn: 0 };
      crossing({ pt, sinhEta: sinhOf(2), turn: 0.25, charge }, 330, out);
      return out;
    };
    expect(at(0, 1)).toEqual({ rCm: 330 / sinhOf(2), turn: 0.25 });
    expect(at(1, 1).turn).toBeLessThan(0.25);
    expect(at(-1, 1).turn - 0.25).toBeCloseTo(0.25 - at(1, 1).turn, 12);
    // 0.3 B L / 2 pT radians for a stiff track: 3.8 T, 0.91 m, 20 GeV.
    expect((0.25 - at(1, 20).turn) * 2 * Math.PI).toBeCloseTo((0.2998 * 3.8 * 0.9099) / 40, 4);
    expect(at(1, 0.3).rCm).toBeLessThan(at(0, 0.3).rCm);
  });
});

describe("noise", () => {
  it("knows the normal's tail", () => {
    expect(normalTail(0)).toBeCloseTo(0.5, 9);
    expect(normalTail(3)).toBeCloseTo(1.3498980316e-3, 10);
    expect(normalTail(20)).toBe(0);
  });

  it("draws above a threshold with the tail's mean, and gaps with a geometric's", () => {
    const random = rng(8);
    const draws = 20_000;
    let [above, gap] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const z = drawAbove(3, random);
      expect(z).toBeGreaterThanOrEqual(3);
      above += z / draws;
      gap += cellsToPass(Math.log(0.98), random) / draws;
    }
    // Mean of a normal above 3: density(3) / tail(3).
    expect(above).toBeCloseTo(4.4318484e-3 / 1.3498980316e-3, 2);
    expect(Math.abs(gap / 49 - 1)).toBeLessThan(0.03);
    expect(cellsToPass(0, random)).toBe(Infinity);
  });
});

describe("FrontEnd", () => {
  const grid = new EventGrid([LAYERS[8]]);
  const frontEnd = new FrontEnd(grid, { thresholdMips: 0.5 });
  const full = grid.layers[0].wafers.findIndex(({ partial }) => !partial);

  it("reads one MIP of any thickness as about 35 counts over cosh(eta)", () => {
    expect(COUNTS_PER_MIP).toBeCloseTo(35.1, 1);
    const random = rng(1);
    grid.layers[0].wafers.forEach(({ xCm, yCm, present, factors, silicon }, index) => {
      if (present[7] === 0 || silicon === THIN) return;
      grid.clear();
      grid.from("signal");
      grid.add(0, xCm + CELL_X_CM[7], yCm + CELL_Y_CM[7], 10);
      frontEnd.read(random);
      const expected = (10 * COUNTS_PER_MIP * factors[7]) / 2048;
      expect(Math.abs(frontEnd.calq[index * CELLS + 7] / expected - 1)).toBeLessThan(0.15);
    });
  });

  it("suppresses charges below the threshold", () => {
    const { xCm, yCm } = grid.layers[0].wafers[full];
    grid.clear();
    grid.add(0, xCm, yCm, 0.01);
    frontEnd.read(rng(3));
    expect(frontEnd.fired[full]).toBe(
      frontEnd.calq.subarray(full * CELLS, (full + 1) * CELLS).some((q) => q > 0) ? 1 : 0,
    );
    expect(frontEnd.calq[full * CELLS + cellAt(0, 0)]).toBe(0);
  });

  it("forgets the event before", () => {
    grid.clear();
    const quiet = new FrontEnd(grid, { thresholdMips: 20 });
    quiet.read(rng(5));
    expect(quiet.fired.some((one) => one > 0)).toBe(false);
    const { xCm, yCm } = grid.layers[0].wafers[full];
    grid.add(0, xCm, yCm, 100);
    quiet.read(rng(6));
    expect(quiet.fired[full]).toBe(1);
    grid.clear();
    quiet.read(rng(7));
    expect(quiet.fired.some((one) => one > 0)).toBe(false);
    expect(quiet.calq.some((charge) => charge > 0)).toBe(false);
  });
});
