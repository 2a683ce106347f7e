/** The embedded datasets: the committed hashes, independence of rows, and occupancies like those of the studied files. */
import { describe, expect, it } from "vitest";
import { CELLS, type ModuleTable } from "../../harness/core/table.js";
import {
  chargesHash,
  DATASET_SIZES,
  datasetIds,
  makeDataset,
  readManifest,
} from "../../harness/engine/datasets.js";
import { makeModules, type ModuleParameters } from "../../harness/simulation/modules.js";

async function generatorOf(id: string): Promise<{ parameters: ModuleParameters; seed: number }> {
  const { generator } = await readManifest(id);
  if (generator === undefined) throw new Error("no generator");
  return { parameters: generator.parameters as unknown as ModuleParameters, seed: generator.seed };
}

/** Mean non-zero cells, and mean cells above 1 MIP_T: of the studied files, about 1.7-2.5 and below 1; 18.4 and 7.6. */
const OCCUPANCY: Readonly<Record<string, readonly [number, number, number, number]>> = {
  "hgcal-electron-0pu": [1.2, 3, 0.1, 1],
  "hgcal-ttbar-0pu": [1.5, 4, 0.1, 1],
  "hgcal-electron-200pu": [15, 22, 5, 9],
  "hgcal-ttbar-200pu": [15, 22, 5, 9],
};

describe.each(datasetIds)("dataset %s", (id) => {
  it("is synthetic, says where it comes from, and has a hash for every size", async () => {
    const manifest = await readManifest(id);
    expect(manifest.kind).toBe("synthetic");
    expect(manifest.licence).toBe("MIT");
    expect(Object.keys(manifest.sha256).sort()).toEqual([...DATASET_SIZES].sort());
    for (const hash of Object.values(manifest.sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("makes the bytes of its committed hashes (smoke is the beginning of standard)", async () => {
    const { sizes, sha256 } = await readManifest(id);
    // makeDataset throws when the hash differs.
    const table: ModuleTable = await makeDataset(id, "standard");
    expect(table.rows).toBe(sizes.standard);
    expect(chargesHash(table.calq.subarray(0, sizes.smoke * CELLS))).toBe(sha256.smoke);
    const [leastNonZero, mostNonZero, leastOccupancy, mostOccupancy] = OCCUPANCY[id];
    const { meanNonZero, meanOccupancy, empty, nonIntegerRows } = table.census;
    expect(meanNonZero).toBeGreaterThan(leastNonZero);
    expect(meanNonZero).toBeLessThan(mostNonZero);
    expect(meanOccupancy).toBeGreaterThan(leastOccupancy);
    expect(meanOccupancy).toBeLessThan(mostOccupancy);
    expect([empty, nonIntegerRows]).toEqual([0, 0]);
  });

  it("makes row 40 alone as it is among others", async () => {
    const { parameters, seed } = await generatorOf(id);
    const many = makeModules(parameters, seed, 0, 50);
    const one = makeModules(parameters, seed, 40, 41);
    expect([...one.calq]).toEqual([...many.calq.subarray(40 * CELLS, 41 * CELLS)]);
    for (const [name, column] of one.labels) expect(column[0]).toBe(many.labels.get(name)?.[40]);
  });

  it("labels rows with layers of the trigger, the endcap's eta, and the part they lie in", async () => {
    const { parameters, seed } = await generatorOf(id);
    const { labels, rows } = makeModules(parameters, seed, 0, 200);
    const of = (name: "layer" | "eta" | "subdet" | "HD_LD", row: number): number =>
      labels.get(name)?.[row] ?? NaN;
    for (let row = 0; row < rows; row++) {
      const layer = of("layer", row);
      expect(layer).toBeGreaterThanOrEqual(parameters.firstLayer);
      expect(layer).toBeLessThanOrEqual(parameters.lastLayer);
      expect(of("subdet", row)).toBe(layer <= 28 ? 1 : 2);
      expect(of("eta", row)).toBeGreaterThanOrEqual(parameters.lowestEta - 1e-9);
      expect(of("eta", row)).toBeLessThanOrEqual(3 + 1e-9);
      expect([0, 1]).toContain(of("HD_LD", row));
    }
  });

  it("is another data set with another seed", async () => {
    const { parameters, seed } = await generatorOf(id);
    expect([...makeModules(parameters, seed + 1, 0, 5).calq]).not.toEqual([
      ...makeModules(parameters, seed, 0, 5).calq,
    ]);
  });
});

describe("makeDataset(id, size)", () => {
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
