/** Trigger cells of whole events: numbering, sums that are those of the modules, truth, and the file that is written. */
import { describe, expect, it } from "vitest";
import { CELLS } from "../../harness/core/table.js";
import { cellsOf } from "../../harness/engine/datasetgenerators.js";
import { exportDataset } from "../../harness/engine/datasetexport.js";
import { readManifest } from "../../harness/engine/datasets.js";
import { CELL_COLUMNS, CELL_UNITS, makeEventCells } from "../../harness/simulation/eventcells.js";
import type { EventParameters } from "../../harness/simulation/makeevent.js";
import { EventMaker } from "../../harness/simulation/makeevent.js";
import { CELL_U, CELL_V } from "../../harness/simulation/triggercelluv.js";
import { temporaryFolder } from "../io/temporary.js";
import { readFileSync } from "node:fs";

const PHOTON: EventParameters = {
  sample: "photon",
  lowestPt: 50,
  highestPt: 60,
  underlying: 0,
  pileup: 0,
  firstLayer: 1,
  lastLayer: 50,
  thresholdMips: 0.5,
};

const column = (values: Float64Array, name: (typeof CELL_COLUMNS)[number]): number[] => {
  const at = CELL_COLUMNS.indexOf(name);
  return Array.from(
    { length: values.length / CELL_COLUMNS.length },
    (_, row) => values[row * CELL_COLUMNS.length + at],
  );
};

describe("CELL_U, CELL_V", () => {
  it("number 48 cells once, v in 0..7, as in the public map: cell 0 is (7, 4), 16 is (1, 0), 47 is (0, 0)", () => {
    expect(new Set(Array.from(CELL_U, (u, i) => `${u} ${CELL_V[i]}`)).size).toBe(CELLS);
    expect([0, 15, 16, 31, 32, 47].map((i) => [CELL_U[i], CELL_V[i]])).toEqual([
      [7, 4], [4, 7], [1, 0], [7, 3], [3, 6], [0, 0],
    ]); // prettier-ignore
    expect(Math.max(...CELL_V)).toBe(7);
  });
});

describe("makeEventCells", () => {
  const maker = new EventMaker(PHOTON);
  const { rows, values } = makeEventCells(maker, 3, 0, 60);

  it("gives one value per column and a unit each", () => {
    expect(values).toHaveLength(rows * CELL_COLUMNS.length);
    expect(CELL_UNITS).toHaveLength(CELL_COLUMNS.length);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("reconstructs photons near their energy: transverse sums of CE-E over pT within 5 % of 1 for those inside the endcap", () => {
    const [event, subdet, pt] = (["event", "tc_subdet", "tc_pt"] as const).map((name) =>
      column(values, name),
    );
    const truth = column(values, "genpart_pt");
    const eta = column(values, "genpart_eta");
    const sums = new Map<number, { sum: number; pt: number; eta: number }>();
    event.forEach((number, row) => {
      const entry = sums.get(number) ?? { sum: 0, pt: truth[row], eta: eta[row] };
      if (subdet[row] === 1) entry.sum += pt[row];
      sums.set(number, entry);
    });
    const inside = [...sums.values()].filter((one) => one.eta > 1.7 && one.eta < 2.8);
    const mean = inside.reduce((all, one) => all + one.sum / one.pt, 0) / inside.length;
    expect(inside.length).toBeGreaterThan(20);
    expect(Math.abs(mean - 1)).toBeLessThan(0.05);
  });

  it("tells the signal's energy from the pileup's: of photons alone there is none of the latter, of both some", () => {
    const energy = column(values, "tc_simenergy").reduce((all, one) => all + one, 0);
    const events = new Map(column(values, "event").map((event, row) => [event, row]));
    const total = [...events.values()].reduce((all, row) => all + column(values, "event_simenergy")[row], 0);
    expect(energy / total).toBeGreaterThan(0.9);
    expect(energy).toBeLessThanOrEqual(total * (1 + 1e-9));
    expect(column(values, "tc_puenergy").some((one) => one !== 0)).toBe(false);
    const busy = makeEventCells(new EventMaker({ ...PHOTON, pileup: 5 }), 3, 0, 1).values;
    expect(column(busy, "event_simenergy")[0]).toBe(column(values, "event_simenergy")[0]);
    expect(column(busy, "tc_puenergy").some((one) => one > 0)).toBe(true);
  });

  it("extrapolates the generated particle: photons fly straight and reach the endcap (2), or miss it (0)", () => {
    expect(column(values, "genpart_exeta")).toEqual(
      column(values, "genpart_eta").map((eta) => expect.closeTo(eta, 9) as number),
    );
    expect(new Set(column(values, "genpart_reachedEE"))).toEqual(new Set([2]));
    const far = { ...PHOTON, sample: "ttbar", underlying: 3 } as const;
    const tops = makeEventCells(new EventMaker(far), 3, 0, 6).values;
    const eta = column(tops, "genpart_exeta");
    expect(column(tops, "genpart_reachedEE")).toEqual(eta.map((one) => (one > 1.5 && one < 3 ? 2 : 0)));
    expect(eta.some((one) => one <= 1.5 || one >= 3)).toBe(true);
  });

  it("places cells on their layers, in the endcap, near the particle for most of the energy", () => {
    const phi = column(values, "tc_phi");
    const truth = column(values, "genpart_exphi");
    const energy = column(values, "tc_energy");
    let [near, all] = [0, 0];
    phi.forEach((angle, row) => {
      const apart = Math.abs(((angle - truth[row] + 3 * Math.PI) % (2 * Math.PI)) - Math.PI);
      all += energy[row];
      if (apart < 0.1) near += energy[row];
    });
    expect(near / all).toBeGreaterThan(0.9);
    expect(Math.min(...column(values, "tc_z"))).toBeGreaterThan(322);
    expect(Math.min(...column(values, "tc_eta"))).toBeGreaterThan(1.2);
  });
});

describe("datasets of modules as cells", () => {
  const temporary = temporaryFolder();

  it("are written with the published names", async () => {
    const manifest = cellsOf(await readManifest("hgcal-electron-0pu"));
    if (manifest === undefined) throw new Error("no cells");
    const path = temporary.path("cells.csv");
    const made = await exportDataset(manifest, { units: 2 }, path, { threads: 1 });
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const names = lines[0].split(",");
    expect(names).toEqual([...CELL_COLUMNS]);
    // Those of the studies' ntuples.
    for (const name of [
      "subdet", "zside", "layer", "waferu", "waferv", "cellu", "cellv", "wafertype", "data", "eta", "phi", "x", "y", "z",
      "energy", "pt", "mipPt", "simenergy",
    ]) expect(names).toContain(`tc_${name}`); // prettier-ignore
    for (const name of ["pt", "eta", "phi", "exeta", "exphi", "reachedEE"])
      expect(names).toContain(`genpart_${name}`);
    expect(lines).toHaveLength(made.rows + 1);
  });

  it("are none of jets", async () => {
    expect(cellsOf(await readManifest("jets-4d"))).toBeUndefined();
  });
});
