/** Results files: rows 20 and 21 of the bad-input catalogue, references between records, and the published schema. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isHarnessError } from "../../harness/core/errors.js";
import { loadResults } from "../../reports/load.js";
import { resultsJsonSchemaText } from "../../reports/schema.js";
import { fakeResults } from "./fakeresults.js";

const RESULTS = fakeResults();
const TEXT = JSON.stringify(RESULTS);

function refusal(text: string): string {
  try {
    loadResults(text, "results.json");
  } catch (error) {
    if (isHarnessError(error)) {
      expect(error.exitCode).toBe(3);
      return error.message;
    }
    throw error;
  }
  throw new Error("was not refused");
}

describe("loadResults", () => {
  it("reads files of version 1, which have every record whole", () => {
    expect(loadResults(TEXT, "results.json")).toEqual(RESULTS);
  });

  it("row 20: refuses what JSON.parse or a lax reader would let through", () => {
    expect(refusal(TEXT.replace('"seed":', '"seed":1,"seed":'))).toMatch(/key given twice/);
    expect(refusal(`${TEXT.slice(0, -1)},"__proto__":{}}`)).toMatch(/key not allowed/);
    expect(refusal(`${TEXT.slice(0, -1)},}`)).toMatch(/line 1 column/);
    expect(refusal(`// results\n${TEXT}`)).toMatch(/line 1 column 1/);
    expect(refusal("[".repeat(100_000))).toMatch(/nested too deeply/);
    expect(refusal(TEXT.replace(/"load":[\d.]+/, '"load":NaN'))).toMatch(/not a JSON value/);
    expect(refusal(TEXT.replace(/"memoryBytes":\d+/, '"memoryBytes":9007199254740993'))).toMatch(
      /out of range/,
    );
    expect(refusal(TEXT.replace(/"load":[\d.]+/, '"load":1e400'))).toMatch(/out of range/);
    expect(refusal(`${TEXT} x`)).toMatch(/after the JSON value/);
    expect(refusal(TEXT.slice(0, TEXT.length / 2))).toMatch(/line 1 column/);
    expect(refusal("")).toMatch(/is empty/);
  });

  it("row 21: refuses a newer schema and names both versions", () => {
    expect(refusal(TEXT.replace('"schemaVersion":1', '"schemaVersion":3'))).toMatch(
      /schema version 2 or older, got 3/,
    );
  });

  it("names the first field that is wrong", () => {
    expect(refusal(TEXT.replace('"threads":2', '"threads":-2'))).toMatch(/run\.threads/);
    expect(refusal(TEXT.replace('"threads":2', '"threads":2,"more":1'))).toMatch(/run.*more/);
  });

  it("refuses records given twice and records of things that are not there", () => {
    const first = RESULTS.quality[0];
    expect(refusal(JSON.stringify({ ...RESULTS, quality: [first, first] }))).toMatch(
      /quality record given twice/,
    );
    expect(refusal(JSON.stringify({ ...RESULTS, datasets: [] }))).toMatch(/undeclared dataset/);
    expect(refusal(JSON.stringify({ ...RESULTS, codecs: [] }))).toMatch(/undeclared codec/);
    expect(
      refusal(JSON.stringify({ ...RESULTS, datasets: [...RESULTS.datasets, RESULTS.datasets[0]] })),
    ).toMatch(/dataset given twice/);
  });
});

describe("published schema", () => {
  it("is the one that the code reads by", () => {
    const published = readFileSync(new URL("../../docs/results.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published), "out of step: run node scripts/schema.mjs after a build").toEqual(
      JSON.parse(resultsJsonSchemaText()),
    );
  });
});
