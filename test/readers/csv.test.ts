import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readModules, openModules } from "../../harness/io/moduletable.js";
import { parseDecimal } from "../../harness/readers/decimal.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { charges, csvText, HEADER, readers, sameBits } from "./tables.js";

const temporary = temporaryFolder();
const read = (name: string, content: string | Uint8Array) =>
  readModules(temporary.write(name, content), readers);

describe("parseDecimal", () => {
  const parse = (text: string) => parseDecimal(Buffer.from(text), 0, text.length);

  it.each([
    "0", "7", "-0", "+12", "1.5", ".5", "5.", "1e5", "1E-5", "123456789012345678", "0.1", "1.7976931348623157e308",
    "5e-324", "9007199254740993", "0.30000000000000004", "1e400", "1e-400", "00012", "1e0000000000000000000000001",
  ])("reads %s as the language does", (text) => {
    expect(Object.is(parse(text), Number(text))).toBe(true);
  }); // prettier-ignore

  it.each(["nan", "NaN", "-nan", "inf", "-Infinity", "+INF"])("reads %s as not finite", (text) => {
    expect(Number.isFinite(parse(text))).toBe(false);
  });

  it.each([
    "",
    "1e5abc",
    "0x10",
    "1,5",
    "1_000",
    "--1",
    "1e",
    "e5",
    ".",
    "+",
    "1 2",
    "1.2.3",
    "nano",
    "\u0663",
  ])("refuses %s", (text) => {
    const bytes = Buffer.from(text);
    expect(parseDecimal(bytes, 0, bytes.length)).toBeUndefined();
  });

  it("rounds 20,000 random decimals as the language does", () => {
    const values = charges(420, 5);
    for (let i = 0; i + 2 < values.length; i++) {
      const text = `${values[i]}.${values[i + 1]}${values[i + 2]}e${(i % 50) - 25}`;
      expect(parse(text)).toBe(Number(text));
    }
  });
});

describe("readModules of CSV", () => {
  const values = charges(10_000);

  it("gives all rows of several slabs, on shared memory", async () => {
    const table = await read("many.csv", csvText(values));
    expect(table.rows).toBe(10_000);
    expect(table.calq.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(sameBits(table.calq, values)).toBe(true);
    expect(table.provenance).toMatchObject({ kind: "file", format: "csv", unit: "calq" });
    expect(table.id).toBe("many");
  });

  it("takes charges by name in any order", async () => {
    const order = HEADER.map((_, i) => (i * 5) % 48);
    const rows = charges(3);
    const lines = [0, 1, 2].map((row) => order.map((cell) => rows[row * 48 + cell]).join(","));
    const table = await read(
      "order.csv",
      [order.map((cell) => `CALQ_${cell}`).join(","), ...lines].join("\n"),
    );
    expect(Float64Array.from(table.calq)).toEqual(rows);
  });

  it("keeps known labels, their other names and words, and names what it ignores", async () => {
    const header = ["entry", ...HEADER, "tc_eta", "colour", "ModType", "HD_LD"];
    const row = (k: number) => [
      k,
      ...charges(1, k),
      1.5 + k,
      'red, "dark"'.replaceAll('"', '""'),
      k === 1 ? "FM" : "aO",
      "HD",
    ];
    const lines = [1, 2].map((k) =>
      row(k)
        .map((field) => (typeof field === "string" ? `"${field}"` : field))
        .join(","),
    );
    const table = await read("labels.csv", [header.join(","), ...lines].join("\r\n"));
    expect([...table.labels.keys()]).toEqual(["entry", "eta", "ModType", "HD_LD"]);
    expect(Array.from(table.labels.get("eta") ?? [])).toEqual([2.5, 3.5]);
    expect(Array.from(table.labels.get("ModType") ?? [])).toEqual([1, 4]);
    expect(Array.from(table.labels.get("HD_LD") ?? [])).toEqual([1, 1]);
    expect(table.census.ignoredColumns).toEqual(["colour"]);
  });

  it("finds eta and phi in the columns of headerless training files", async () => {
    const row = [...charges(1), 0, 0, 0, 0, 0, 0, 0, 1.75, -2.5];
    const table = await read("headerless.csv", `${row.join(",")}\n`);
    expect(Array.from(table.labels.get("eta") ?? [])).toEqual([1.75]);
    expect(Array.from(table.labels.get("phi") ?? [])).toEqual([-2.5]);
  });

  it("reads verification files: MIP_T, eta in the 49th column", async () => {
    const path = temporary.write("verify.csv", `${[...charges(1), 2.25].join(",")}\n`);
    const table = await readModules(path, readers, { unit: "mipt" });
    expect(Float64Array.from(table.calq)).toEqual(charges(1).map((value) => value * 35));
    expect(Array.from(table.labels.get("eta") ?? [])).toEqual([2.25]);
    expect((await refusal(() => readModules(path, readers))).message).toContain("got 49 columns");
  });

  it("gives the same whatever the size of the chunks, packed or not", async () => {
    const plain = await read("plain.csv", csvText(values));
    const packed = await read("packed.csv.gz", gzipSync(csvText(values)));
    expect(sameBits(packed.calq, plain.calq)).toBe(true);
    expect(packed.provenance.format).toBe("csv.gz");
  });

  it("obeys --header and --no-header", async () => {
    const noHeader = temporary.write("numbers.csv", csvText(charges(2), null));
    expect((await readModules(noHeader, readers)).rows).toBe(2);
    expect((await refusal(() => readModules(noHeader, readers, { header: true }))).message).toContain(
      "CALQ_0 is missing",
    );
    const header = temporary.write("header.csv", csvText(charges(2)));
    expect((await refusal(() => readModules(header, readers, { header: false }))).message).toContain(
      "line 1 column 1",
    );
  });

  it("reads no rows as an empty table", async () => {
    const table = await read("none.csv", `${HEADER.join(",")}\n`);
    expect(table.rows).toBe(0);
    expect(table.census).toMatchObject({ rows: 0, distinct: 0, minimum: 0, meanSum: 0 });
  });

  it("streams in memory that does not grow with the file", async () => {
    const path = temporary.write("stream.csv", csvText(values));
    let rows = 0;
    let largest = 0;
    for await (const slab of (await openModules(path, readers)).slabs()) {
      expect(sameBits(slab.calq, values.subarray(rows * 48, (rows + slab.rows) * 48))).toBe(true);
      rows += slab.rows;
      largest = Math.max(largest, slab.rows);
    }
    expect(rows).toBe(10_000);
    expect(largest).toBeLessThanOrEqual(4096);
  });
});
