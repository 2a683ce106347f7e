/** results.json, version 2: what is written comes back, with the digits that are kept; damage and references to nothing are refused. */
import { describe, expect, it } from "vitest";
import { isHarnessError } from "../../harness/core/errors.js";
import { keptDigits, rounded } from "../../harness/core/keptdigits.js";
import { FILE_VERSION, resultsFileSchema, resultsText } from "../../harness/core/resultsfile.js";
import type { Results } from "../../harness/core/results.js";
import { loadResults } from "../../reports/load.js";
import { fakeResults } from "../reports/fakeresults.js";

const RESULTS = fakeResults();
const TEXT = resultsText(RESULTS);

type File = ReturnType<typeof parsed>;

function parsed(text: string) {
  return resultsFileSchema.parse(JSON.parse(text));
}

/** The message with which the file is refused after `change`. */
function refusal(change: (file: File) => void): string {
  const file = parsed(TEXT);
  change(file);
  try {
    loadResults(JSON.stringify(file), "results.json");
  } catch (error) {
    if (!isHarnessError(error)) throw error;
    expect(error.exitCode).toBe(3);
    return error.message;
  }
  throw new Error("was not refused");
}

function firstProfile(file: File) {
  return file.quality[0].metrics[0].profiles[0];
}

/** Largest relative difference of the numbers of two records of one form. */
function farthest(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a === b ? 0 : Math.abs(a - b) / Math.abs(a);
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) {
    expect(b).toBe(a);
    return 0;
  }
  const others = new Map(Object.entries(b));
  expect([...others.keys()].sort()).toEqual(Object.keys(a).sort());
  return Math.max(0, ...Object.entries(a).map(([key, value]) => farthest(value, others.get(key))));
}

describe("results.json", () => {
  it("comes back as it was written, and is written as it came back", () => {
    const back = loadResults(TEXT, "results.json");
    expect(back).toEqual(keptDigits(RESULTS));
    expect(resultsText(back)).toBe(TEXT);
  });

  it("keeps what differs from record to record", () => {
    const [first, second, ...others] = RESULTS.quality;
    const [metric, ...metrics] = second.metrics;
    const [profile, ...profiles] = metric.profiles;
    const shifted = { ...profile, bins: profile.bins.slice(1) };
    const [example, ...examples] = second.examples;
    const moved = { ...example, original: example.original.map((charge) => charge + 1) };
    const changed: Results = {
      ...RESULTS,
      quality: [
        first,
        {
          ...second,
          metrics: [{ ...metric, profiles: [shifted, ...profiles] }, ...metrics],
          examples: [moved, ...examples],
        },
        ...others,
      ],
    };
    expect(loadResults(resultsText(changed), "results.json")).toEqual(keptDigits(changed));
  });

  it("writes edges and examples once, and takes less than half of the whole records", () => {
    const file = parsed(TEXT);
    const profiles = file.quality.flatMap(({ metrics }) => metrics.flatMap((metric) => metric.profiles));
    expect(profiles.filter(({ low }) => low !== undefined)).toHaveLength(
      new Set(profiles.map(({ against }) => against)).size,
    );
    const originals = file.quality.flatMap(({ examples }) =>
      examples.filter(({ original }) => original !== undefined),
    );
    expect(originals).toHaveLength(3 * RESULTS.datasets.length);
    expect(TEXT.length).toBeLessThan(JSON.stringify(RESULTS).length / 2);
  });

  it("refuses a file of a newer version, naming both", () => {
    const newer = TEXT.replace(`"schemaVersion":${FILE_VERSION}`, `"schemaVersion":${FILE_VERSION + 1}`);
    expect(() => loadResults(newer, "results.json")).toThrow(/schema version 2 or older, got 3/);
  });

  it("refuses columns of different lengths, and references to nothing", () => {
    expect(refusal((file) => firstProfile(file).median.pop())).toMatch(/columns of one length, got/);
    expect(refusal((file) => firstProfile(file).n.push(1))).toMatch(/columns of one length, got/);
    expect(refusal((file) => delete firstProfile(file).low)).toMatch(
      /bin edges in the first of its kind, got none/,
    );
    expect(refusal((file) => delete file.quality[0].examples[0].original)).toMatch(
      /charges in the first of its kind, got none/,
    );
    expect(refusal((file) => (file.quality[0].examples[0].row += 1))).toMatch(
      /in the first of its kind, got none/,
    );
  });
});

describe("kept digits", () => {
  it("are as many as asked for; whole numbers and null stay", () => {
    expect(rounded(0.123456789, 4)).toBe(0.1235);
    expect(rounded(-1.23456e-9, 3)).toBe(-1.23e-9);
    expect([rounded(123456789, 3), rounded(0, 3), rounded(null, 3)]).toEqual([123456789, 0, null]);
  });

  it("change no number by more than its last digit, and none a second time", () => {
    const kept = keptDigits(RESULTS);
    expect(keptDigits(kept)).toEqual(kept);
    const others = (results: Results) => ({
      ...results,
      quality: results.quality.map((row) => ({ ...row, examples: [] })),
    });
    const far = farthest(others(RESULTS), others(kept));
    expect(far).toBeGreaterThan(1e-6);
    expect(far).toBeLessThan(5.1e-4);
    const summaries = (results: Results) =>
      results.quality.flatMap(({ metrics }) => metrics.map(({ summary }) => summary?.mean ?? null));
    expect(farthest(summaries(RESULTS), summaries(kept))).toBeLessThan(5.1e-6);
    const samples = (results: Results) => results.speed.map((row) => row.samples);
    expect(farthest(samples(RESULTS), samples(kept))).toBeLessThan(5.1e-5);
  });

  it("keep restored charges to a thousandth of a count", () => {
    const charges = (results: Results) =>
      results.quality.flatMap(({ examples }) => examples.flatMap(({ restored }) => restored));
    const before = charges(RESULTS);
    charges(keptDigits(RESULTS)).forEach((charge, i) => {
      expect(Math.abs(charge - before[i])).toBeLessThanOrEqual(0.000501);
    });
    const [row] = RESULTS.quality;
    const little = { ...row.examples[0], restored: [0.000123, 0, -0.00049999, 1.23456, 7] };
    const kept = keptDigits({ ...RESULTS, quality: [{ ...row, examples: [little] }] });
    expect(kept.quality[0].examples[0].restored).toEqual([0.0001, 0, -0.0005, 1.235, 7]);
    expect(keptDigits(kept)).toEqual(kept);
  });
});
