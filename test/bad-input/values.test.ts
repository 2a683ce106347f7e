/** Catalogue rows 23 to 25, 27, 28 and 30 for tables: what a charge may be, and what is counted. */
import { describe, expect, it } from "vitest";
import { readModules, openModules } from "../../harness/io/moduletable.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { charges, csvText, doubles, npyBytes, readers } from "../readers/tables.js";

const temporary = temporaryFolder();

function table(change: (values: Float64Array) => void, rows = 6): string {
  const values = charges(rows);
  change(values);
  return temporary.write("values.csv", csvText(values));
}

describe("row 23: not finite", () => {
  it.each([NaN, Infinity, -Infinity])(
    "%d is refused with its place and number, in every format",
    async (value) => {
      const change = (values: Float64Array) => {
        values[2 * 48 + 5] = value;
        values[4 * 48] = value;
      };
      const csv = await refusal(() => readModules(table(change), readers));
      expect(csv).toMatchObject({ exitCode: 3, tag: "non-finite-value" });
      expect(csv.message).toContain("values.csv line 4 column CALQ_5: non-finite value");
      expect(csv.message).toContain("(first of 2)");
      const values = charges(6);
      change(values);
      const path = temporary.write("values.npy", npyBytes("<f8", "6, 48", doubles(values)));
      expect((await refusal(() => readModules(path, readers))).message).toContain(
        "values.npy row 2 column CALQ_5",
      );
      const stream = await openModules(path, readers);
      expect((await refusal(() => stream.slabs().next())).message).toContain("row 2 column CALQ_5");
    },
  );

  it("dropped on request, and counted", async () => {
    const path = table((values) => values.fill(NaN, 48, 49));
    const read = await readModules(path, readers, { nonfinite: "drop" });
    expect(read.rows).toBe(5);
    expect(read.census.dropped).toEqual({ "rows with non-finite values": 1 });
    expect(Array.from(read.calq.subarray(48, 96))).toEqual(Array.from(charges(6).subarray(96, 144)));
  });

  it("charges whose conversion from MIP_T overflows", async () => {
    const path = table((values) => values.fill(1e308, 0, 1));
    expect((await refusal(() => readModules(path, readers, { unit: "mipt" }))).message).toContain(
      "non-finite value",
    );
  });
});

describe("row 24: negative", () => {
  it("refused with its place and number, or set to zero and counted", async () => {
    const path = table((values) => {
      values[48 + 7] = -3;
      values[48 + 8] = -0.5;
    });
    const error = await refusal(() => readModules(path, readers));
    expect(error.message).toContain(
      "line 3 column CALQ_7: negative charge: expected a charge of at least 0, got -3 (first of 2)",
    );
    const read = await readModules(path, readers, { negative: "zero" });
    expect(read.calq[48 + 7]).toBe(0);
    expect(read.census.dropped).toEqual({ "negative charges set to zero": 2 });
  });
});

describe("rows 25, 27 and 28: edges", () => {
  it("empty modules are counted and kept", async () => {
    const read = await readModules(
      table((values) => values.fill(0, 0, 96)),
      readers,
    );
    expect(read.census).toMatchObject({ rows: 6, empty: 2, distinct: 5 });
  });

  it("one row, and no rows at all", async () => {
    expect(
      (
        await readModules(
          table(() => undefined, 1),
          readers,
        )
      ).census,
    ).toMatchObject({ rows: 1, distinct: 1 });
    const none = temporary.write("none.npy", npyBytes("<f8", "0, 48", new Uint8Array(0)));
    expect((await readModules(none, readers)).census).toMatchObject({ rows: 0, distinct: 0, meanSum: 0 });
  });

  it("-0, subnormal and huge charges come through bit for bit", async () => {
    const read = await readModules(
      table((values) => {
        values.set([-0, 5e-324, 1e300]);
      }),
      readers,
    );
    expect(Object.is(read.calq[0], -0) || read.calq[0] === 0).toBe(true);
    expect(read.calq[1]).toBe(5e-324);
    expect(read.calq[2]).toBe(1e300);
    expect(read.census.maximum).toBe(1e300);
  });

  it("rounding and repeated rows are counted; the first of identical rows stays", async () => {
    const path = table((values) => {
      values[0] = 1.5;
      values.copyWithin(3 * 48, 48, 96);
      values.copyWithin(5 * 48, 48, 96);
    });
    const read = await readModules(path, readers, { round: true, distinct: true });
    expect(read.calq[0]).toBe(2);
    expect(read.census.dropped).toEqual({ "charges rounded": 1, "repeated rows": 2 });
    expect(read.census).toMatchObject({ rows: 4, distinct: 4 });
    expect((await readModules(path, readers)).census).toMatchObject({
      rows: 6,
      distinct: 4,
      nonIntegerRows: 1,
    });
    expect((await readModules(path, readers, { maxRows: 2 })).rows).toBe(2);
  });
});

describe("row 30: wrong shapes", () => {
  it("47 cells and a transposed array", async () => {
    const short = temporary.write("w.npy", npyBytes("<f8", "4, 47", new Uint8Array(4 * 47 * 8)));
    expect((await refusal(() => readModules(short, readers))).message).toContain("got 47 columns");
    const wide = temporary.write("w.npy", npyBytes("<f8", "48, 4", new Uint8Array(4 * 48 * 8)));
    expect((await refusal(() => readModules(wide, readers))).message).toContain("got 4 columns");
  });
});
