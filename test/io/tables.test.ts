/** Census, distinct rows, regrouping, written tables, digits, limits and the machine record. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { censusOf } from "../../harness/core/census.js";
import { seventeenDigits, shortestDigits } from "../../harness/core/digits.js";
import { DistinctRows } from "../../harness/core/distinct.js";
import { rng } from "../../harness/core/rng.js";
import type { Slab } from "../../harness/core/table.js";
import { defaultLimits } from "../../harness/io/limits.js";
import { machineRecord } from "../../harness/io/machine.js";
import { readModules } from "../../harness/io/moduletable.js";
import { regroupSlabs, regroupValues } from "../../harness/io/regroup.js";
import { createTable } from "../../harness/io/tablewriter.js";
import { charges, HEADER, readers, sameBits } from "../readers/tables.js";
import { refusal, temporaryFolder } from "./temporary.js";

const temporary = temporaryFolder();

describe("DistinctRows", () => {
  it("agrees with a set of texts on rows of few values", () => {
    const random = rng(3);
    const rows = 5000;
    const values = Float64Array.from({ length: rows * 4 }, () => random.integer(6));
    const seen = new DistinctRows(4);
    const texts = new Set<string>();
    for (let row = 0; row < rows; row++) {
      const text = values.subarray(4 * row, 4 * row + 4).join();
      expect(seen.add(values, 4 * row, row, values)).toBe(!texts.has(text));
      texts.add(text);
    }
    expect(seen.count).toBe(texts.size);
  });

  it("takes -0 and 0 for equal and 1 and -1 for different", () => {
    const values = Float64Array.of(0, 1, -0, 1, 0, -1);
    const seen = new DistinctRows(2);
    expect([0, 1, 2].map((row) => seen.add(values, 2 * row, row, values))).toEqual([true, false, true]);
  });
});

describe("censusOf", () => {
  it("counts what two rows hold", () => {
    const calq = new Float64Array(3 * 48);
    calq.set([36, 35, 2.5], 48);
    calq.fill(40, 96, 96 + 15);
    const context = { distinct: 3, dropped: {}, labels: [], ignoredColumns: [] };
    const slab: Slab = { rows: 3, calq, labels: new Map() };
    expect(censusOf(slab, context)).toEqual({
      rows: 3,
      empty: 1,
      nonIntegerRows: 1,
      minimum: 0,
      maximum: 40,
      smallestPositive: 2.5,
      meanSum: (73.5 + 600) / 3,
      meanNonZero: 18 / 3,
      meanOccupancy: 16 / 3,
      occupancySlices: [2, 0, 0, 0, 1],
      ...context,
    });
  });
});

async function* slabsOf(
  values: Float64Array,
  sizes: readonly number[],
): AsyncGenerator<Slab & { values: Float64Array }> {
  await Promise.resolve();
  let from = 0;
  for (const rows of sizes) {
    const calq = values.slice(from * 48, (from + rows) * 48);
    const eta = Float64Array.from({ length: rows }, (_, i) => from + i);
    yield { rows, calq, values: calq, labels: new Map([["eta", eta]]) };
    from += rows;
  }
}

describe("regrouping", () => {
  const values = charges(23);

  it.each([1, 4, 7, 23, 100])("gives blocks of %i rows in order", async (size) => {
    const sizes = [3, 0, 10, 1, 9];
    const rows: number[] = [];
    const all: number[] = [];
    const etas: number[] = [];
    for await (const block of regroupSlabs(slabsOf(values, sizes), ["eta"], size)) {
      rows.push(block.rows);
      all.push(...block.calq);
      etas.push(...(block.labels.get("eta") ?? []));
    }
    expect(rows.slice(0, -1).every((count) => count === size)).toBe(true);
    expect(sameBits(Float64Array.from(all), values)).toBe(true);
    expect(etas).toEqual(Array.from({ length: 23 }, (_, i) => i));
    const flat: number[] = [];
    for await (const block of regroupValues(slabsOf(values, sizes), 48, size)) {
      expect(block.buffer).toBeInstanceOf(SharedArrayBuffer);
      flat.push(...block);
    }
    expect(flat).toEqual(all);
  });
});

describe("createTable", () => {
  it.each(["table.csv", "table.npy"])("%s reads back to the same bits", async (name) => {
    const values = charges(7);
    values.set([0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 1e21, 123456789012345680000, 2 ** 53]);
    const table = await createTable(temporary.path(name), HEADER);
    await table.write(values.subarray(0, 3 * 48));
    await table.write(values.subarray(3 * 48));
    await table.commit();
    const read = await readModules(temporary.path(name), readers);
    expect(sameBits(read.calq, values)).toBe(true);
  });

  it("writes one column as a vector and marks what is missing", async () => {
    const csv = await createTable(temporary.path("emd.csv"), ["emd"], seventeenDigits);
    await csv.write(Float64Array.of(0.1, NaN, 2, 1e-7));
    await csv.commit();
    expect(readFileSync(temporary.path("emd.csv"), "utf8")).toBe(
      "emd\n0.10000000000000001\nnan\n2\n9.9999999999999995e-8\n",
    );
    const npy = await createTable(temporary.path("emd.npy"), ["emd"]);
    await npy.write(Float64Array.of(1, 2));
    await npy.commit();
    expect(readFileSync(temporary.path("emd.npy"), "latin1")).toContain("'shape': (2,)");
  });

  it("refuses other endings before anything is written", async () => {
    expect((await refusal(() => createTable(temporary.path("a.h5"), ["x"]))).exitCode).toBe(2);
  });
});

describe("digits", () => {
  it("read back to the same number, with at most 17 of them", () => {
    const random = rng(8);
    for (let i = 0; i < 5000; i++) {
      const value = (random.uniform() - 0.5) * 10 ** (random.integer(60) - 30);
      for (const text of [seventeenDigits(value), shortestDigits(value)]) expect(Number(text)).toBe(value);
      expect(
        seventeenDigits(value)
          .replace(/e.*/, "")
          .replaceAll(/^-?0\.0*|\D/g, "").length,
      ).toBeLessThanOrEqual(17);
    }
    expect([seventeenDigits(NaN), seventeenDigits(-Infinity), shortestDigits(-0)]).toEqual([
      "nan",
      "-inf",
      "-0",
    ]);
    expect([seventeenDigits(100), seventeenDigits(0)]).toEqual(["100", "0"]);
  });
});

describe("limits and machine", () => {
  it("take the budget from the environment, and refuse one that is no number", async () => {
    expect(defaultLimits({ WAFERMARK_MAX_BYTES: "12345" }).maxBytes).toBe(12345);
    expect(defaultLimits({}).maxBytes).toBeGreaterThanOrEqual(256 * 2 ** 20);
    for (const bad of ["-1", "1e9", "0", "many"])
      expect((await refusal(() => defaultLimits({ WAFERMARK_MAX_BYTES: bad }))).exitCode).toBe(2);
  });

  it("a table beyond the budget is refused", async () => {
    const path = temporary.path("table.csv");
    const limits = { maxBytes: 1000, maxRows: 1000 };
    expect((await refusal(() => readModules(path, readers, { limits }))).exitCode).toBe(6);
  });

  it("names the machine and what its engine accepts", async () => {
    const record = await machineRecord();
    expect(record.features).toContain("simd");
    expect(record.features).toContain("threads");
    expect(record.cores).toBeGreaterThan(0);
    expect(record.node).toBe(process.versions.node);
  });
});
