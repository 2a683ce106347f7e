/** Catalogue rows 17, 18, 19 and 4 for CSV: what is accepted, and what is refused with line and column. */
import { describe, expect, it } from "vitest";
import { readModules } from "../../harness/io/moduletable.js";
import { refusal, temporaryFolder } from "../io/temporary.js";
import { charges, csvText, HEADER, readers } from "../readers/tables.js";

const temporary = temporaryFolder();
const values = charges(3);
const text = csvText(values);
const lines = text.trimEnd().split("\n");

async function refused(content: string | Uint8Array) {
  const path = temporary.write("bad.csv", content);
  const error = await refusal(() => readModules(path, readers));
  expect(error.exitCode).toBe(3);
  return error.message.replace(`${temporary.folder}/`, "");
}

/** The table with one field of line 3 (row 2) replaced. */
function withField(column: number, field: string): string {
  const fields = lines[2].split(",");
  fields[column] = field;
  return [lines[0], lines[1], fields.join(","), lines[3]].join("\n");
}

describe("row 17: accepted forms", () => {
  it.each([
    ["a byte-order mark", `\ufeff${text}`],
    ["CRLF", text.replaceAll("\n", "\r\n")],
    ["no newline at the end", text.trimEnd()],
    ["CRLF and none at the end", text.trimEnd().replaceAll("\n", "\r\n")],
    ["blank lines at the end", `${text}\n\r\n\n`],
    ["blanks around fields", text.replaceAll(",", " ,\t")],
    ["quoted names and numbers", text.replaceAll(/[^,\n]+/g, '"$&"')],
    ["a byte-order mark and no header", `\ufeff${lines.slice(1).join("\n")}`],
  ])("reads %s", async (_, content) => {
    const table = await readModules(temporary.write("good.csv", content), readers);
    expect(Float64Array.from(table.calq)).toEqual(values);
  });
});

describe("row 18: refused with row and column", () => {
  it.each(["1e5abc", "0x10", "", "1 5", "1;5", "ten", "1_0", "١", "\u0000", "12\u0000", "1.2.3", "#N/A"])(
    "field %j",
    async (field) => {
      expect(await refused(withField(4, field))).toMatch(
        /^bad\.csv line 3 column 5 \(CALQ_4\): not a number: /,
      );
    },
  );

  it("a comma as decimal point, short and long rows", async () => {
    expect(await refused(withField(4, "1,5"))).toBe(
      "bad.csv line 3: wrong number of columns: expected 48, got 49",
    );
    expect(await refused([lines[0], lines[1], lines[2].slice(lines[2].indexOf(",") + 1)].join("\n"))).toBe(
      "bad.csv line 3: wrong number of columns: expected 48, got 47",
    );
    expect(await refused(`${lines[0]}\n${lines[1]},\n`)).toContain(
      "line 2: wrong number of columns: expected 48, got 49",
    );
  });

  it("a quote that is never closed, in a row and in the header", async () => {
    expect(await refused(withField(4, '"12'))).toContain("line 3 column 5 (CALQ_4): a quote is not closed");
    expect(await refused(text.replace("CALQ_7", '"CALQ_7'))).toContain(
      "line 1 column 8: a quote is not closed",
    );
  });

  it("a line of 10 MB, with and without an end", async () => {
    const long = "1,".repeat(5_000_000);
    expect(await refused(`${lines[0]}\n${lines[1]}\n${long}`)).toContain("line 3: a line is too long");
    expect(await refused(`${long}\n`)).toContain("line 1: a line is too long");
  });

  it("a blank line between rows", async () => {
    expect(await refused([lines[0], lines[1], "", lines[2]].join("\n"))).toContain(
      "line 3: a blank line between rows",
    );
  });

  it("control characters are shown, not printed", async () => {
    expect(await refused(withField(4, "\u001b[31m\u202e"))).toContain("got \\u001b[31m\\u202e");
  });

  it("UTF-16 text", async () => {
    const content = Buffer.from(`\ufeff${text}`, "utf16le");
    expect(await refused(content)).toContain(
      "does not look like CSV: expected its first bytes, got UTF-16 text",
    );
  });
});

describe("row 19: columns by name, never by position", () => {
  const renamed = (from: string, to: string) => text.replace(new RegExp(`${from}(,|\n)`), `${to}$1`);

  it.each([
    ["a name twice", renamed("CALQ_7", "CALQ_8"), "line 1: a column is there twice: expected each name once, got CALQ_8 again"],
    ["a name missing", renamed("CALQ_7", "other"), "line 1: column CALQ_7 is missing: expected CALQ_0..CALQ_47 once each, got 47 of them"],
    ["lower case", renamed("CALQ_7", "calq_7"), "line 1: unknown charge column: expected CALQ_0..CALQ_47, got calq_7"],
    ["CALQ_48", renamed("CALQ_7", "CALQ_48"), "line 1: unknown charge column: expected CALQ_0..CALQ_47, got CALQ_48"],
    ["CALQ_07", renamed("CALQ_7", "CALQ_07"), "line 1: unknown charge column: expected CALQ_0..CALQ_47, got CALQ_07"],
    ["a label twice", lines.map((line, i) => (i === 0 ? `${line},eta,tc_eta` : `${line},2,2`)).join("\n"), "line 1: a column is there twice: expected each name once, got eta again"],
  ])("%s", async (_, content, message) => {
    expect(await refused(content)).toBe(`bad.csv ${message}`);
  }); // prettier-ignore

  it("47 and 49 columns without a header", async () => {
    const row = (count: number) => `${new Array<number>(count).fill(1).join(",")}\n`;
    expect(await refused(row(47))).toContain("got 47 columns");
    expect(await refused(row(49))).toContain("got 49 columns");
  });

  it("a permuted header gives the same modules as the straight one", async () => {
    const back = lines.map((line) => line.split(",").reverse().join(",")).join("\n");
    const table = await readModules(temporary.write("back.csv", back), readers);
    expect(HEADER[47]).toBe("CALQ_47");
    expect(Float64Array.from(table.calq)).toEqual(values);
  });

  it("an unknown word in a label column", async () => {
    const labelled = lines.map((line, i) => (i === 0 ? `${line},ModType` : `${line},XX`)).join("\n");
    expect(await refused(labelled)).toContain(
      "line 2 column 49 (ModType): not a number: expected a number or one of FI, FM, FO",
    );
  });
});

describe("row 4: CSV cut short", () => {
  it("is refused with the line, unless it ends with a whole number in a whole row", async () => {
    const whole = lines.slice(0, 3).join("\n");
    for (let cut = whole.lastIndexOf("\n") + 2; cut < whole.length - lines[2].split(",")[47].length; cut++)
      expect(await refused(whole.slice(0, cut))).toMatch(/^bad\.csv line 3/);
  });
});
