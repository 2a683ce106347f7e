/** Tables of jets in and out of files, columns by name; what is wrong with a file is said; a file takes a set's place. */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { exportDataset } from "../../harness/engine/datasetexport.js";
import { readManifest } from "../../harness/engine/datasets.js";
import { eventCensus } from "../../harness/engine/eventfile.js";
import { networkFigure, histogramKs } from "../../harness/engine/jetrealism.js";
import { jetsOf, makeJets, readJets } from "../../harness/engine/jettable.js";
import { writeImport } from "../../harness/io/imports.js";
import { plan } from "../../harness/models/network.js";
import { ATLAS_27D, CMS_24D, FOUR_VECTORS } from "../../harness/physics/jetcolumns.js";
import { customNormalised, customScaling } from "../../harness/physics/jetnormalisation.js";
import { refusal, temporaryFolder } from "../io/temporary.js";

const temporary = temporaryFolder();

describe("files of jets", () => {
  it.each([
    ["jets-atlas-27d", "csv"],
    ["jets-cms-24d", "h5"],
    ["jets-cms-19d", "npy"],
    ["jets-4d", "csv"],
  ])("%s as %s read back as the jets that were made", async (id, ending) => {
    const path = temporary.path(`${id}.${ending}`);
    await exportDataset(await readManifest(id), { rows: 200 }, path, { threads: 1 });
    const back = await readJets(path, id);
    expect([...back.values]).toEqual([...(await makeJets(id, { rows: 200 })).values]);
    expect([back.dropped, back.ignoredColumns]).toEqual([0, []]);
  });

  it("may have their columns in another order, and others between", async () => {
    const path = temporary.write("order.csv", "eta,jvt,m,phi,pt\n0.5,9,5000,1,20000\n-1,9,6000,2,30000\n");
    const { values, ignoredColumns } = await readJets(path, "jets-4d");
    expect([...values]).toEqual([5000, 20000, 1, 0.5, 6000, 30000, 2, -1]);
    expect(ignoredColumns).toEqual(["jvt"]);
  });

  it.each([
    ["missing.csv", "m,pt,phi,Eta\n1,2,3,4\n", /column eta: expected it once, got it not at all/],
    ["twice.csv", "m,pt,phi,eta,pt\n1,2,3,4,5\n", /column pt: expected it once, got it 2 times/],
    ["narrow.csv", "1,2,3\n4,5,6\n", /expected 4 \(m, pt, ...\), got 3/],
  ])("with wrong columns are refused: %s", async (name, text, message) => {
    expect((await refusal(() => readJets(temporary.write(name, text), "jets-4d"))).message).toMatch(message);
  });

  it("with a value that is no number are refused with its place, or lose the row and count it", async () => {
    const path = temporary.write("nan.csv", "m,pt,phi,eta\n1,2,3,4\n5,nan,7,8\n9,10,11,12\n");
    const refused = await refusal(() => readJets(path, "jets-4d"));
    expect(refused.message).toMatch(/line 3: column pt: expected a finite number, got NaN/);
    const { values, dropped } = await readJets(path, "jets-4d", { nonfinite: "drop" });
    expect([[...values], dropped]).toEqual([[1, 2, 3, 4, 9, 10, 11, 12], 1]);
  });

  it("imported take the generator's place, as long as they are the same file", async () => {
    const path = temporary.write("import.csv", "m,pt,phi,eta\n1,2,3,4\n");
    const { sha256 } = await readJets(path, "jets-4d");
    const cache = temporary.path("cache");
    const record = {
      importVersion: 1,
      id: "jets-4d",
      path,
      sha256: sha256 ?? "",
      rows: 1,
      unit: "columns",
      reading: {},
      licence: null,
    } as const;
    await writeImport(record, cache);
    expect([...(await jetsOf("jets-4d", { rows: 5 }, cache)).values]).toEqual([1, 2, 3, 4]);
    expect((await jetsOf("jets-4d", { rows: 5 }, undefined)).rows).toBe(5);
    writeFileSync(path, "m,pt,phi,eta\n1,2,3,5\n");
    expect((await refusal(() => jetsOf("jets-4d", { rows: 5 }, cache))).message).toMatch(/SHA-256|hash/i);
  });
});

describe("files of events", () => {
  it("are counted, packed or not, with bad lines by reason", async () => {
    const path = temporary.path("events.csv");
    await exportDataset(await readManifest("pheno-ttbar"), { rows: 50 }, path, { threads: 1 });
    const whole = await eventCensus(path);
    expect([whole.events, whole.skipped, whole.processes]).toEqual([50, {}, { ttbar: 50 }]);
    const text = `0;ttbar;1;1;1;x,1,1,1,1\n1;ttbar;1;2000;1;j,70000,60000,0.5,1\n`;
    const packed = temporary.path("bad.csv.gz");
    writeFileSync(packed, gzipSync(text));
    expect((await refusal(() => eventCensus(packed))).message).toMatch(
      /line 1, column 15: unknown object code/,
    );
    expect(await eventCensus(packed, { skipBad: true })).toMatchObject({
      events: 1,
      skipped: { "unknown object code": 1 },
      met: 2,
      ht: 60,
    });
  });
});

describe("normalisations", () => {
  it("have inverses, and the published constants", async () => {
    const { values } = await makeJets("jets-atlas-27d", { rows: 300 });
    const scaled = customNormalised(values, ATLAS_27D);
    const back = scaled.map((y, i) => customScaling(ATLAS_27D[i % 27])?.inverse(y) ?? NaN);
    const worst = back.reduce((most, x, i) => Math.max(most, Math.abs(x - values[i]) / (1 + Math.abs(x))), 0);
    expect(worst).toBeLessThan(1e-10);
    const of = (name: string, x: number): number => {
      const column = ATLAS_27D.find((one) => one.name === name);
      return (column === undefined ? undefined : customScaling(column))?.forward(x) ?? NaN;
    };
    expect(of("pt", 200)).toBeCloseTo((Math.log10(200) - 1.3) / 1.2, 14);
    expect(of("NegativeE", -9)).toBeCloseTo(1 / 1.6, 14);
    expect(of("CentroidR", 2000)).toBeCloseTo(Math.log10(2) / 0.8, 14);
    expect(of("ActiveArea4vec_m", 0.18)).toBeCloseTo(0.85, 14);
    expect(customScaling(FOUR_VECTORS[0])?.forward(9000)).toBeCloseTo(1 / 1.8, 14);
    expect(CMS_24D.map(customScaling).every((scaling) => scaling === undefined)).toBe(true);
  });
});

describe("figures", () => {
  it("of histograms compare at inner edges alone", () => {
    const histogram = { column: "x", edges: [0, 1, 2, 3], counts: [2, 2, 4] };
    expect(histogramKs(Float64Array.of(-5, 0.5, 1.5, 1.6, 2, 2.5, 2.5, 99), histogram)).toBe(0);
    expect(histogramKs(Float64Array.of(2.5, 2.5), histogram)).toBe(0.5);
  });

  it("of a network that forgets one column are that column's mean square", async () => {
    const table = await makeJets("jets-atlas-27d", { rows: 101 });
    const forgotten = ATLAS_27D.findIndex(({ name }) => name === "CentroidR");
    // Latent k is column k, or k + 1 behind the forgotten one.
    const kept = ATLAS_27D.map((_, column) => column).filter((column) => column !== forgotten);
    const part = (inputs: number, units: number, isOne: (input: number, unit: number) => boolean) => {
      const planned = plan({
        id: "forgets",
        input: [inputs],
        layers: [{ kind: "dense", units, activation: "linear" }],
        leak: 0,
      });
      const parameters = new Float64Array(planned.parameters);
      for (let input = 0; input < inputs; input++)
        for (let unit = 0; unit < units; unit++)
          parameters[input * units + unit] = isOne(input, unit) ? 1 : 0;
      return { plan: planned, parameters };
    };
    const encoder = part(27, 26, (input, unit) => kept[unit] === input);
    const decoder = part(26, 27, (input, unit) => kept[input] === unit);
    const figure = networkFigure(table, {
      id: "forgets",
      architecture: "own",
      sha256: "",
      source: "",
      parts: { encoder, decoder },
    });
    const scaled = customNormalised(table.values, ATLAS_27D);
    const squares = Float64Array.from({ length: 101 }, (_, row) => scaled[27 * row + forgotten] ** 2 / 27);
    expect(figure.latents).toBe(26);
    expect(figure.median).toBeCloseTo(squares.sort()[50], 12);
    expect(figure.worst[0]).toEqual({ column: "CentroidR", share: 1 });
  });
});
