/** R4: time grows no faster than size^1.3 for every reader, in processor time; and a quadratic reader is found out. */
import { describe, expect, it } from "vitest";
import type { Reader } from "../../harness/core/reader.js";
import { reader as csv } from "../../harness/readers/csv.js";
import { reader as npy } from "../../harness/readers/npy.js";
import { reader as npz } from "../../harness/readers/npz.js";
import { memorySource } from "../readers/mutants.js";
import { charges, csvText, doubles, npyBytes } from "../readers/tables.js";
import { zipBytes } from "../readers/zip.js";

const SMALL = 4000;
const FACTOR = 8;
const REPEATS = 5;
const LIMITS = { maxBytes: 1 << 30, maxRows: 1 << 24 };

async function processorTime(reader: Reader, bytes: Uint8Array): Promise<number> {
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const begun = process.cpuUsage();
    const table = await reader.open(memorySource(bytes), { columns: 48, layout: "modules", limits: LIMITS });
    let rows = 0;
    for await (const slab of table.slabs()) rows += slab.rows;
    if (rows === 0) throw new Error("no rows");
    const { user, system } = process.cpuUsage(begun);
    best = Math.min(best, user + system);
  }
  return best;
}

async function exponent(reader: Reader, make: (rows: number) => Uint8Array): Promise<number> {
  const small = await processorTime(reader, make(SMALL));
  const large = await processorTime(reader, make(SMALL * FACTOR));
  return Math.log(large / small) / Math.log(FACTOR);
}

const asCsv = (rows: number): Uint8Array => Buffer.from(csvText(charges(rows)));
const asNpy = (rows: number): Uint8Array => npyBytes("<f8", `${rows}, 48`, doubles(charges(rows)));
const asNpz = (rows: number): Uint8Array =>
  zipBytes([{ name: "CALQ.npy", data: asNpy(rows), deflate: true }]);

describe("growth exponent", () => {
  it.each([
    ["csv", csv, asCsv],
    ["npy", npy, asNpy],
    ["npz", npz, asNpz],
  ] as const)("of %s is at most 1.3", async (_, reader, make) => {
    expect(await exponent(reader, make)).toBeLessThanOrEqual(1.3);
  });

  it("of a planted quadratic reader is above it", async () => {
    const quadratic: Reader = {
      ...csv,
      open: async (source, options) => {
        const bytes = await source.bytes();
        let sum = 0;
        for (let i = 0; i < bytes.length; i += 64)
          for (let j = 0; j < bytes.length; j += 2048) sum += bytes[i] ^ bytes[j];
        if (sum < 0) throw new Error("never");
        return csv.open(source, options);
      },
    };
    expect(await exponent(quadratic, asCsv)).toBeGreaterThan(1.3);
  });
});
