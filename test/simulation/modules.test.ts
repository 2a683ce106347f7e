/** The embedded datasets: committed hashes, independence of events and threads, labels, and occupancies like the studied files'. */
import { describe, expect, it } from "vitest";
import { FULL_MODULE_TYPES, MODULE_TYPES } from "../../harness/core/moduletypes.js";
import { CELLS, type Label, type Slab } from "../../harness/core/table.js";
import {
  chargesHash,
  DATASET_SIZES,
  datasetIds,
  makeDataset,
  makeVariant,
  readManifest,
  sourceOf,
} from "../../harness/engine/datasets.js";
import { streamAmount } from "../../harness/engine/datasetstream.js";
import { LAYERS } from "../../harness/simulation/detector.js";
import { makeEventRows, type RowParameters } from "../../harness/simulation/eventrows.js";
import { EventMaker } from "../../harness/simulation/makeevent.js";
import { pileupDrivenLinks } from "../../harness/simulation/pileuplinks.js";

const HGCAL = datasetIds.filter((id) => id.startsWith("hgcal-"));

async function generatorOf(id: string): Promise<{ parameters: RowParameters; seed: number }> {
  const { generator } = await readManifest(id);
  if (generator === undefined) throw new Error("no generator");
  return { parameters: generator.parameters as unknown as RowParameters, seed: generator.seed };
}

async function rowsOf(id: string, from: number, to: number, seedStep = 0): Promise<Slab> {
  const { parameters, seed } = await generatorOf(id);
  return makeEventRows(new EventMaker(parameters), parameters, seed + seedStep, from, to);
}

describe("embedded modules", () => {
  it("are electrons, photons, jets and top pairs, each without and with 200 pileup", () => {
    const samples = ["electron", "jet", "photon", "ttbar"];
    const wanted = samples.flatMap((sample) => [`hgcal-${sample}-0pu`, `hgcal-${sample}-200pu`]);
    expect([...HGCAL].sort()).toEqual(wanted.sort());
  });
});

describe.each(HGCAL)("dataset %s", (id) => {
  it("is synthetic, says where it comes from, and has a hash for every size", async () => {
    const manifest = await readManifest(id);
    expect(manifest.kind).toBe("synthetic");
    expect(manifest.licence).toBe("MIT");
    expect(Object.keys(manifest.sha256).sort()).toEqual([...DATASET_SIZES].sort());
    for (const hash of Object.values(manifest.sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("makes the bytes of its committed hash, with occupancies of the studied files' kind", async () => {
    const { sizes, sha256 } = await readManifest(id);
    const table = await makeDataset(id, "smoke");
    expect(table.rows).toBe(sizes.smoke);
    expect(chargesHash(table.calq)).toBe(new Map(Object.entries(sha256)).get("smoke"));
    const { meanNonZero, meanOccupancy, empty, nonIntegerRows } = table.census;
    // Of the studied files 1.7 and 2.5 cells, 0.3 and 0.6 above 1 MIP_T without pileup; 18.3 and 7.5 in the busy one.
    const [leastNonZero, mostNonZero, mostOccupancy] = id.endsWith("200pu") ? [12, 24, 11] : [1.2, 4, 1.2];
    expect(meanNonZero).toBeGreaterThan(leastNonZero);
    expect(meanNonZero).toBeLessThan(mostNonZero);
    expect(meanOccupancy).toBeLessThan(mostOccupancy);
    expect([empty, nonIntegerRows]).toEqual([0, 0]);
  });

  it.each(["release", "scalar"] as const)(
    "makes the bytes of its committed hash with the %s build",
    async (build) => {
      const manifest = await readManifest(id);
      const rows = manifest.sizes.smoke;
      const calq = new Float64Array(rows * CELLS);
      let filled = 0;
      const source = { ...sourceOf(manifest), build };
      for await (const chunk of streamAmount(source, { rows }, { threads: 1, title: id })) {
        if ("lines" in chunk) throw new Error("lines");
        calq.set(chunk.values, filled);
        filled += chunk.values.length;
      }
      expect(filled).toBe(calq.length);
      expect(chargesHash(calq)).toBe(new Map(Object.entries(manifest.sha256)).get("smoke"));
    },
  );
});

describe.each(["hgcal-electron-0pu", "hgcal-ttbar-200pu"])("events of %s", (id) => {
  it("are the same alone as among others", async () => {
    const both = await rowsOf(id, 4, 6);
    const one = await rowsOf(id, 5, 6);
    const behind = both.rows - one.rows;
    expect(one.rows).toBeGreaterThan(5);
    expect([...one.calq]).toEqual([...both.calq.subarray(behind * CELLS)]);
    for (const [name, column] of one.labels)
      expect([...column]).toEqual([...(both.labels.get(name)?.subarray(behind) ?? [])]);
  });

  it("label rows with layer, place, type and energies that fit together", async () => {
    const { parameters } = await generatorOf(id);
    const { labels, rows, calq } = await rowsOf(id, 0, 3);
    const of = (name: Label, row: number): number => labels.get(name)?.[row] ?? NaN;
    for (let row = 0; row < rows; row++) {
      expect(of("layer", row)).toBeGreaterThanOrEqual(parameters.firstLayer);
      expect(of("layer", row)).toBeLessThanOrEqual(parameters.lastLayer);
      expect(of("subdet", row)).toBe(1);
      expect(of("zside", row)).toBe(1);
      expect(of("eta", row)).toBeGreaterThanOrEqual(parameters.lowestEta);
      expect(of("eta", row)).toBeLessThan(3.2);
      // CMSSW's numbering: half a pitch to the side for each v, a whole one back for each u; rows 1.5 sides apart.
      const pitch = 16.74408;
      const x = (of("waferv", row) / 2 - of("waferu", row)) * pitch;
      const y = (of("waferv", row) * pitch * Math.sqrt(3)) / 2;
      expect(of("phi", row)).toBeCloseTo(Math.atan2(y, x), 9);
      expect(of("eta", row)).toBeCloseTo(Math.asinh(LAYERS[of("layer", row) - 1].zCm / Math.hypot(x, y)), 9);
      // The inner ring alone has finely divided sensors.
      expect(of("HD_LD", row)).toBe(MODULE_TYPES[of("ModType", row)].endsWith("I") ? 1 : 0);
      expect(of("nElinks", row)).toBe(
        new Map([
          [7, 4],
          [9, 5],
          [11, 4],
          [13, 3],
        ]).get(of("layer", row)) ?? 2,
      );
      expect(of("nElinksPU", row)).toBe(
        pileupDrivenLinks(of("layer", row), of("waferu", row), of("waferv", row)),
      );
      expect(of("nElinksPU", row)).toBeGreaterThanOrEqual(0);
      const total = of("EventSimEnergy", row);
      expect(of("SimEnergyTotal", row)).toBeLessThanOrEqual(total + 1e-9);
      if (total > 0) expect(of("SimEnergyFraction", row)).toBeCloseTo(of("SimEnergyTotal", row) / total, 12);
      expect(calq.subarray(row * CELLS, (row + 1) * CELLS).some((charge) => charge > 0)).toBe(true);
    }
  });

  it("share the event's energy among its modules: all of it when all are kept", async () => {
    const { parameters, seed } = await generatorOf(id);
    const all = { ...parameters, lowestEta: 0, keptShare: 1 };
    const { labels } = makeEventRows(new EventMaker(all), all, seed, 0, 1);
    const fractions = labels.get("SimEnergyFraction") ?? new Float64Array(0);
    const sum = fractions.reduce((whole, one) => whole + one, 0);
    // Modules of energy below threshold are no rows.
    expect(sum).toBeGreaterThan(0.9);
    expect(sum).toBeLessThanOrEqual(1 + 1e-9);
  });

  it("are other ones with another seed", async () => {
    expect([...(await rowsOf(id, 0, 1, 1)).calq]).not.toEqual([...(await rowsOf(id, 0, 1)).calq]);
  });
});

describe("partial modules", () => {
  it("occur, are marked, and have no charge in the cells they lack", async () => {
    const { parameters, seed } = await generatorOf("hgcal-ttbar-200pu");
    const maker = new EventMaker(parameters);
    const { labels, rows } = makeEventRows(maker, { ...parameters, keptShare: 1 }, seed, 0, 1);
    const types = labels.get("ModType") ?? new Float64Array(rows);
    const partial = types.filter((type) => type >= FULL_MODULE_TYPES).length;
    expect(partial).toBeGreaterThan(10);
    expect(partial).toBeLessThan(rows / 3);
    maker.grid.layers.forEach(({ wafers }, layer) => {
      wafers.forEach(({ present }, index) => {
        const first = (maker.grid.firstModule[layer] + index) * CELLS;
        for (let cell = 0; cell < CELLS; cell++)
          if (present[cell] === 0) expect(maker.frontEnd.calq[first + cell]).toBe(0);
      });
    });
  });
});

describe("makeDataset(id, size)", () => {
  it("makes the same bytes on two threads as on one", async () => {
    const one = await makeVariant("hgcal-jet-0pu", 1500, undefined);
    const two = await makeVariant("hgcal-jet-0pu", 1500, undefined, { threads: 2 });
    expect(chargesHash(two.calq)).toBe(chargesHash(one.calq));
  });

  it("refuses an unknown id with the nearest names", async () => {
    await expect(makeDataset("hgcal-electron-opu", "smoke")).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining("hgcal-electron-0pu") as string,
    });
  });

  it("keeps the first of identical rows on request and says how many were left out", async () => {
    const table = await makeDataset("hgcal-electron-0pu", "smoke", { distinct: true });
    const { sizes } = await readManifest("hgcal-electron-0pu");
    expect(table.rows).toBe(table.census.distinct);
    expect(table.rows + (table.census.dropped["repeated rows"] ?? 0)).toBe(sizes.smoke);
    expect(table.rows).toBeLessThan(sizes.smoke);
  });

  it("stops between slabs when its signal is aborted", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(makeDataset("hgcal-ttbar-0pu", "standard", { signal: stop.signal })).rejects.toThrow(
      "enough",
    );
  });
});
