/**
 * Realism figures: a set against another seed of itself must look the same, a spoilt copy must not, and the halves of real files
 * (WAFERMARK_DATA) must look the same and give the figures known of those files.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { realismSchema, type RealismRecord } from "../../harness/core/realism.js";
import { rowsOfHalf } from "../../harness/core/rowhalf.js";
import { CELLS, type ModuleTable } from "../../harness/core/table.js";
import { makeVariant } from "../../harness/engine/datasets.js";
import { pickRows } from "../../harness/engine/pickrows.js";
import { readers } from "../../harness/engine/plugins.generated.js";
import { judgeRealism } from "../../harness/engine/realism.js";
import { realismText } from "../../harness/commands/realismtext.js";
import { readModules } from "../../harness/io/moduletable.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";
import { refusal } from "../io/temporary.js";

const folder = process.env["WAFERMARK_DATA"] ?? "";
const ID = "hgcal-ttbar-0pu";

let kernels: Pool;
beforeAll(async () => {
  kernels = await openPool({ threads: 2 });
});
afterAll(() => kernels.close());

const judge = (synthetic: ModuleTable, real: ModuleTable, kind: "twin" | "file"): Promise<RealismRecord> =>
  judgeRealism({ synthetic, real, kind, selection: "all" }, { kernels });

describe("judgeRealism", () => {
  it("finds two seeds of one generator alike, and says so in its schema and as text", async () => {
    const record = await judge(await makeVariant(ID, 1500, 1), await makeVariant(ID, 1500, 2), "twin");
    expect(realismSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    for (const { ks } of record.distributions) expect(ks).toBeLessThan(0.06);
    expect(Math.abs(record.classifier.auc - 0.5)).toBeLessThan(0.05);
    expect(record.slices).toHaveLength(20);
    const text = realismText(record);
    expect(text).toContain("against itself with another seed: 1500 rows");
    expect(text).toMatch(/classifier {2}AUC 0\.\d{3} \+- 0\.01\d/);
  });

  it("names what was spoilt: charges on a coarser grid", async () => {
    const real = await makeVariant(ID, 1500, 1);
    const spoilt = await makeVariant(ID, 1500, 2);
    const coarse = spoilt.calq.map((charge) => 8 * Math.ceil(charge / 8));
    const { classifier, distributions } = await judge({ ...spoilt, calq: coarse }, real, "twin");
    expect(classifier.auc).toBeGreaterThan(0.9);
    expect(classifier.goal?.reached).toBe(false);
    expect(classifier.giveaways[0].feature).toMatch(/smallest above 0|trailing zero bits/);
    const occupancy = distributions.find(({ id }) => id === "cells-above-0");
    expect(occupancy?.ks).toBeLessThan(0.06);
  });

  it("sees cells that no longer lie beside each other", async () => {
    const real = await makeVariant("hgcal-ttbar-200pu", 1000, 1);
    const shuffled = real.calq.map((_, i) => real.calq[i - (i % CELLS) + (((i % CELLS) * 29) % CELLS)]);
    const { neighbours } = await judge({ ...real, calq: shuffled }, real, "twin");
    expect(neighbours.real).toBeLessThan(2.6);
    expect(neighbours.synthetic).toBeGreaterThan(5);
    expect(neighbours.goal?.reached).toBe(false);
  });

  it("refuses a handful of rows", async () => {
    const few = await makeVariant(ID, 20, 1);
    const problem = await refusal(() => judge(few, few, "twin"));
    expect(problem.message).toMatch(/too few to judge: expected at least 100, got 20/);
  });
});

const calq = join(folder, "econ", "calq");
const hasData = folder !== "" && existsSync(calq);
const why = hasData ? "" : " (skipped: set WAFERMARK_DATA; the twins above always run)";

describe.skipIf(!hasData)(`halves of a real file${why}`, () => {
  it("look alike, and their figures are those known of the file", async () => {
    const whole = await readModules(join(calq, "CALQ_output.csv.gz"), readers);
    const half = (which: "odd" | "even"): ModuleTable => ({
      ...whole,
      ...pickRows(whole, rowsOfHalf(whole.calq, whole.rows, which)),
    });
    const record = await judge(half("odd"), half("even"), "file");
    for (const { ks } of record.distributions) expect(ks).toBeLessThan(0.06);
    expect(Math.abs(record.classifier.auc - 0.5)).toBeLessThan(0.05);
    for (const distance of [record.neighbours.synthetic, record.neighbours.real]) {
      expect(distance).toBeGreaterThan(2.1);
      expect(distance).toBeLessThan(2.25);
    }
    // Medians of the whole file's slices (test/engine/reproduction.test.ts), which a half meets within its own goal.
    const stc4 = record.slices.filter(({ codec }) => codec.startsWith("stc4-9"));
    for (const [i, expected] of [0.127, 0.353, 0.561, 0.787, 1.013].entries())
      expect(Math.abs((stc4[i].real ?? NaN) - expected)).toBeLessThan(0.05);
  });
});
