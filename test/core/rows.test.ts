/** rows.ndjson: results are the same whichever way they came, a torn last line is left out and told, other damage is refused. */
import { describe, expect, it } from "vitest";
import { isHarnessError } from "../../harness/core/errors.js";
import { assemble, readRows, rowLine, type Row, type RowsHeader } from "../../harness/core/rows.js";
import { fakeResults } from "../reports/fakeresults.js";

const RESULTS = fakeResults();
const HEAD: RowsHeader = {
  schemaVersion: 1,
  tool: RESULTS.tool,
  machine: RESULTS.machine,
  run: { ...RESULTS.run, finishedRows: 0 },
};
const ROWS: Row[] = [
  { kind: "header", value: HEAD },
  ...RESULTS.datasets.map((value) => ({ kind: "dataset" as const, value })),
  ...RESULTS.codecs.map((value) => ({ kind: "codec" as const, value })),
  ...RESULTS.agreement.map((value) => ({ kind: "agreement" as const, value })),
  ...RESULTS.quality.slice(0, 20).map((value) => ({ kind: "quality" as const, value })),
  ...RESULTS.speed.map((value) => ({ kind: "speed" as const, value })),
  { kind: "noise", value: RESULTS.noise },
  ...RESULTS.warnings.map((value) => ({ kind: "warning" as const, value })),
];
const TEXT = ROWS.map(rowLine).join("");

function refusal(text: string): string {
  try {
    readRows(text, "rows.ndjson");
  } catch (error) {
    if (isHarnessError(error)) return error.message;
    throw error;
  }
  throw new Error("was not refused");
}

describe("rows", () => {
  it("become results, their finished rows counted", () => {
    const { results, torn } = readRows(TEXT, "rows.ndjson");
    expect(torn).toBe(false);
    expect(results.run.finishedRows).toBe(RESULTS.agreement.length + 20 + RESULTS.speed.length);
    expect({ ...results, run: RESULTS.run, quality: RESULTS.quality, files: RESULTS.files }).toEqual(RESULTS);
    expect(assemble(HEAD, ROWS)).toEqual(results);
  });

  it("leave out a last line cut anywhere, and say so", () => {
    const lines = TEXT.split("\n");
    const last = lines[lines.length - 2];
    const before = TEXT.slice(0, TEXT.length - last.length - 1);
    for (const length of [1, 10, last.length - 1]) {
      const { results, torn } = readRows(before + last.slice(0, length), "rows.ndjson");
      expect(torn).toBe(true);
      expect(results.warnings).toHaveLength(RESULTS.warnings.length - 1);
    }
    expect(readRows(before + last, "rows.ndjson").torn).toBe(false);
  });

  it("are refused when damaged before the last line, without a header, or newer", () => {
    expect(refusal(TEXT.replace('"kind":"codec"', '"kind":"codex"'))).toMatch(/line 6: not a record/);
    expect(refusal(`{"kind":"quality"\n${TEXT}`)).toMatch(/line 1/);
    expect(refusal(ROWS.slice(1).map(rowLine).join(""))).toMatch(/no header/);
    expect(refusal("")).toMatch(/no header/);
    expect(refusal(TEXT.replace('"schemaVersion":1', '"schemaVersion":9'))).toMatch(/or older, got 9/);
  });
});
