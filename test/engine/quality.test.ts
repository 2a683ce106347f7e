/** Judging codecs: what the numbers are made of, and that a codec which breaks its promise is caught. */
import { describe, expect, it } from "vitest";
import type { OpenCodec } from "../../harness/core/codec.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { CELLS, type ModuleTable } from "../../harness/core/table.js";
import { makeDataset } from "../../harness/engine/datasets.js";
import { openCodec, planCodecs } from "../../harness/engine/plan.js";
import { metrics } from "../../harness/engine/plugins.generated.js";
import { evaluateQuality, type QualityOptions } from "../../harness/engine/quality.js";
import { tableOf } from "./tables.js";

const kernels: KernelRunner = {
  call: (kernel, inputs, dims) => Promise.resolve(kernel.reference(inputs, dims)),
};
const all = [...metrics.values()];
const options: QualityOptions = { kernels, metrics: all };
const withoutEmd: QualityOptions = { kernels, metrics: all.filter(({ id }) => id !== "emd") };

/** Writes each charge as 20 bits and reads it back; tests replace parts of it by faults. */
function plainCodec(changes: Partial<OpenCodec> = {}): OpenCodec {
  return {
    label: "plain",
    links: 30,
    cost: { multiplyAccumulates: 0, comparisons: 0, parameters: 0, weightBits: 0 },
    side: [],
    integersOnly: true,
    encode: ({ rows, calq }, writer) => {
      for (const charge of calq) writer.write(charge, 20);
      return new Uint32Array(rows).fill(20 * CELLS);
    },
    decode: (reader, rows) => Float64Array.from({ length: rows * CELLS }, () => reader.read(20)),
    ...changes,
  };
}

const rows = [[3, 0, 40], [0], [7, 7, 7], [0, 0, 90, 36]];
const table = tableOf(rows);

describe("evaluateQuality(table, codec)", () => {
  it("finds a faithful codec perfect and counts empty modules apart", async () => {
    const quality = await evaluateQuality(table, plainCodec(), options);
    expect([quality.modules, quality.emptyIn, quality.emptyOut]).toEqual([4, 1, 0]);
    expect(quality.failed).toEqual({});
    const of = (id: string): (typeof quality.metrics)[number]["summary"] =>
      quality.metrics.find(({ metric }) => metric === id)?.summary ?? null;
    expect(of("emd")).toMatchObject({ n: 3, mean: 0, maximum: 0 });
    expect(of("sum-ratio")).toMatchObject({ n: 3, mean: 1, rms: 0 });
    expect(quality.rate).toEqual({
      payloadMean: 960,
      payloadMedian: 960,
      payload95: 960,
      payloadMaximum: 960,
      linkMean: 960,
      fitsBudget: true,
      overBudgetModules: 0,
    });
  });

  it("counts emptied modules, and averages EMD over the others alone", async () => {
    const losing = plainCodec({
      decode: (reader, n) => {
        const charges = Float64Array.from({ length: n * CELLS }, () => reader.read(20));
        return charges.map((charge) => (charge > 35 ? charge : 0));
      },
    });
    const quality = await evaluateQuality(table, losing, options);
    expect([quality.emptyIn, quality.emptyOut]).toEqual([1, 1]);
    const emd = quality.metrics.find(({ metric }) => metric === "emd");
    const ratio = quality.metrics.find(({ metric }) => metric === "sum-ratio");
    expect(emd?.summary?.n).toBe(2);
    expect(ratio?.summary?.n).toBe(3);
    expect(ratio?.summary?.minimum).toBe(0);
  });

  it("counts rows where a metric has no value, by metric", async () => {
    const flat = plainCodec({
      decode: (reader, n) => {
        for (let i = 0; i < n * CELLS; i++) reader.read(20);
        return new Float64Array(n * CELLS).fill(1);
      },
    });
    const quality = await evaluateQuality(table, flat, withoutEmd);
    expect(quality.failed).toEqual({ "cross-correlation: no value": 3 });
    expect(quality.metrics.find(({ metric }) => metric === "cross-correlation")?.summary).toBeNull();
  });

  it.each([
    [
      "says fewer bits than it writes",
      plainCodec({
        encode: (slab, writer) =>
          plainCodec().encode(slab, writer) instanceof Uint32Array
            ? new Uint32Array(slab.rows).fill(1)
            : new Uint32Array(0),
      }),
    ],
    ["leaves bits unread", plainCodec({ decode: (_reader, n) => new Float64Array(n * CELLS) })],
    [
      "restores a negative charge",
      plainCodec({
        decode: (reader, n) => Float64Array.from({ length: n * CELLS }, () => reader.read(20) - 1),
      }),
    ],
    [
      "restores NaN",
      plainCodec({
        decode: (reader, n) => Float64Array.from({ length: n * CELLS }, () => reader.read(20) * NaN),
      }),
    ],
    [
      "restores too few cells",
      plainCodec({
        decode: (reader, n) => Float64Array.from({ length: n * CELLS }, () => reader.read(20)).subarray(1),
      }),
    ],
  ])("catches a codec that %s (exit 4)", async (_what, codec) => {
    await expect(evaluateQuality(table, codec, withoutEmd)).rejects.toMatchObject({
      exitCode: 4,
      tag: "round-trip",
    });
  });

  it("hands the decoder the declared labels and no others", async () => {
    const seen: string[] = [];
    const curious = plainCodec({
      side: ["layer"],
      decode: (reader, n, side) => {
        seen.push(...side.keys());
        return plainCodec().decode(reader, n, side);
      },
    });
    const labelled = tableOf(rows, { layer: [1, 3, 5, 7], eta: [2, 2, 2, 2] });
    await evaluateQuality(labelled, curious, withoutEmd);
    expect(seen).toEqual(["layer"]);
  });

  it("refuses fractions for a codec of whole counts, with row and cell", async () => {
    const fractions = tableOf([[1], [2, 2.5]]);
    await expect(evaluateQuality(fractions, plainCodec(), withoutEmd)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("row 1: CALQ_1") as string,
    });
  });

  it("marks payloads beyond the links' budget", async () => {
    const { rate } = await evaluateQuality(table, plainCodec({ links: 29 }), withoutEmd);
    expect(rate).toMatchObject({ fitsBudget: false, overBudgetModules: 4 });
  });

  it("stops at the signal", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(
      evaluateQuality(table, plainCodec(), { ...withoutEmd, signal: stop.signal }),
    ).rejects.toThrow("enough");
  });

  it("gives the same record for any slab size, and for one row as for many", async () => {
    const modules: ModuleTable = await makeDataset("hgcal-ttbar-200pu", "smoke");
    const [planned] = planCodecs(["best-choice:links=3"]);
    const { open } = await openCodec(planned, kernels);
    const whole = await evaluateQuality(modules, open, withoutEmd);
    const parts = await evaluateQuality(modules, open, { ...withoutEmd, slabRows: 37 });
    expect(parts).toEqual(whole);
    const one = await evaluateQuality(tableOf([[5, 9]]), open, withoutEmd);
    expect(one.metrics[0].summary).toMatchObject({ n: 1, standardError: null, rms: null });
  });
});
