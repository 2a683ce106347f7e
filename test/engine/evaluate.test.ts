/** The body of a run: everything validated first, then one quality row per table and codec, as many rows as planned. */
import { describe, expect, it } from "vitest";
import type { Row } from "../../harness/core/rows.js";
import { evaluate, openAll, plannedRows, type EvaluatePlan } from "../../harness/engine/evaluate.js";
import { planCodecs } from "../../harness/engine/plan.js";
import { silentProgress } from "../../harness/engine/progress.js";
import { findSuite } from "../../harness/engine/suites.js";
import { openPool } from "../../harness/wasm/pool.js";
import { tableOf } from "./tables.js";

describe("evaluate(plan)", () => {
  it("gives the planned rows, every validation at the suite's shapes passing, before any quality", async () => {
    const plan: EvaluatePlan = {
      suite: findSuite("ci"),
      tables: [tableOf([[5, 0, 40], [9]])],
      codecs: planCodecs(["best-choice:links=2,uniform"]),
      bench: false,
      seed: 1,
    };
    const runner = await openPool({ threads: 1 });
    try {
      const opened = await openAll(plan, runner);
      const rows: Row[] = [];
      const signal = new AbortController().signal;
      const options = { runner, threads: 2, progress: silentProgress, signal };
      for await (const row of evaluate(plan, opened, options)) rows.push(row);
      const agreements = rows.filter((row) => row.kind === "agreement");
      expect(agreements.filter(({ value }) => value.verdict === "fail")).toEqual([]);
      expect(agreements.some(({ value }) => value.kernel === "emd" && value.backend === "wasm")).toBe(true);
      expect(rows.map(({ kind }) => kind)).toEqual([
        ...agreements.map(() => "agreement"),
        "quality",
        "quality",
      ]);
      expect(rows).toHaveLength(await plannedRows(plan));
    } finally {
      await runner.close();
    }
  }, 180_000);

  it("refuses, before any work, a table that one of the codecs cannot take", async () => {
    const plan: EvaluatePlan = {
      suite: findSuite("smoke"),
      tables: [tableOf([[1.5]])],
      codecs: planCodecs(["best-choice:links=2"]),
      bench: false,
      seed: 1,
    };
    const runner = { call: () => Promise.reject(new Error("no kernel is needed")) };
    await expect(openAll(plan, runner)).rejects.toMatchObject({ exitCode: 3 });
  });
});
