/** The evaluation's rules: what counts as worse than best choice, what stands apart, and a line of CSV for every slice. */
import { describe, expect, it } from "vitest";
import type { QualityResult, Results } from "../../harness/core/results.js";
import { YARDSTICK } from "../../harness/core/encodercost.js";
import { evaluationCsv } from "../../reports/evaluationcsv.js";
import { evaluationRows, slicesHeld, toleratedMean, type EvaluationRow } from "../../reports/evaluation.js";
import { isFloor, metricOf, seriesName } from "../../reports/select.js";
import { fakeResults } from "./fakeresults.js";

const RESULTS: Results = { ...fakeResults(), datasets: fakeResults().datasets.slice(0, 1) };

type Bins = NonNullable<QualityResult["metrics"][number]["profiles"][number]>["bins"];

/** `results` with the EMD slices of one codec changed. */
function withSlices(label: string, change: (bins: Bins) => Bins): Results {
  const quality = RESULTS.quality.map((row) =>
    row.codec !== label
      ? row
      : {
          ...row,
          metrics: row.metrics.map((metric) => ({
            ...metric,
            profiles: metric.profiles.map((profile) =>
              metric.metric === "emd" && profile.against === "occupancy-slice"
                ? { ...profile, bins: change(profile.bins) }
                : profile,
            ),
          })),
        },
  );
  return { ...RESULTS, quality };
}

function rowOf(results: Results, label: string): EvaluationRow {
  const found = evaluationRows(results).find(({ codec }) => codec === label);
  if (found === undefined) throw new RangeError(label);
  return found;
}

const [{ codec: LABEL }] = evaluationRows(RESULTS).filter(
  ({ codec, links }) => links === 3 && !codec.startsWith("best-choice"),
);
const RIVAL = rowOf(RESULTS, "best-choice:links=3");

/** Slices of LABEL that are those of best choice with another mean and another number of modules. */
function against(mean: (rival: number) => number, n: (rival: number) => number): EvaluationRow {
  const changed = withSlices(LABEL, (bins) =>
    bins.map((bin, i) => ({ ...bin, mean: mean(RIVAL.slices[i].mean ?? 0), n: n(RIVAL.slices[i].n) })),
  );
  return rowOf(changed, LABEL);
}

describe("worse than best choice at the same links", () => {
  it("tolerates 5 %, or 0.02 where that is more", () => {
    expect(toleratedMean(1)).toBe(1.05);
    expect(toleratedMean(0.1)).toBeCloseTo(0.12, 12);
  });

  it("is judged slice by slice, on the means", () => {
    const equal = against(
      (rival) => toleratedMean(rival) - 1e-9,
      (n) => n,
    );
    expect(equal.slices.map(({ verdict }) => verdict)).toEqual(Array(5).fill("not worse"));
    expect(slicesHeld(equal)).toBe("5 of 5");
    const above = against(
      (rival) => toleratedMean(rival) + 1e-9,
      (n) => n,
    );
    expect(above.slices.map(({ verdict }) => verdict)).toEqual(Array(5).fill("worse"));
    expect(slicesHeld(above)).toBe("0 of 5");
  });

  it("does not let a codec off for modules that it empties", () => {
    const emptying = against(
      () => 0,
      (n) => Math.floor(0.9 * n),
    );
    expect(emptying.slices.every(({ verdict }) => verdict === "worse: empties modules")).toBe(true);
  });

  it("says so where best choice was not run", () => {
    const codecs = RESULTS.codecs.filter((codec) => seriesName(codec) !== "best-choice");
    const row = rowOf({ ...RESULTS, codecs }, LABEL);
    expect(row.slices.every(({ verdict, rival }) => verdict === "no comparison" && rival === null)).toBe(
      true,
    );
    expect(slicesHeld(row)).toBeUndefined();
  });
});

describe("rows", () => {
  it("are all codecs of two to five links that are no floor, best first in each budget", () => {
    const rows = evaluationRows(RESULTS);
    const wanted = RESULTS.codecs.filter(
      (codec) => !isFloor(codec) && [2, 3, 4, 5].includes(codec.links ?? 0),
    );
    expect(rows.map(({ codec }) => codec).sort()).toEqual(wanted.map(({ label }) => label).sort());
    for (const links of [2, 3, 4, 5]) {
      const means = rows
        .filter((row) => row.links === links && row.fits && !row.unlimited)
        .map(({ meanEmd }) => meanEmd ?? Infinity);
      expect(means).toEqual([...means].sort((a, b) => a - b));
    }
    const emd = RESULTS.quality.find(({ codec }) => codec === LABEL);
    expect(rowOf(RESULTS, LABEL).meanEmd).toBe(emd && metricOf(emd, "emd")?.summary?.mean);
  });

  it("that no chip could hold stand last in their budget, and are marked", () => {
    const codecs = RESULTS.codecs.map((codec) =>
      codec.label === LABEL
        ? { ...codec, cost: { ...YARDSTICK, weightBits: YARDSTICK.weightBits + 1 } }
        : codec,
    );
    const rows = evaluationRows({ ...RESULTS, codecs }).filter(({ links }) => links === 3);
    const apart = rows.map(({ fits, unlimited }) => !fits || unlimited);
    expect(apart).toEqual([...apart].sort((a, b) => Number(a) - Number(b)));
    const own = rows.find(({ codec }) => codec === LABEL);
    expect(own?.unlimited).toBe(true);
    expect(own?.marks).toContain("∞");
  });

  it("know the pileup from a simulated set's id", () => {
    const named = (id: string): number | null => {
      const quality = RESULTS.quality.map((row) => ({ ...row, dataset: id }));
      return evaluationRows({ ...RESULTS, quality, datasets: [{ id }] })[0].pileup;
    };
    expect([named("hgcal-ttbar-200pu"), named("hgcal-photon-0pu"), named("calq_output")]).toEqual([
      200,
      0,
      null,
    ]);
  });
});

it("CSV has a line for all modules and one for each slice, a field for each column", () => {
  const rows = evaluationRows(RESULTS);
  const lines = evaluationCsv(rows).trimEnd().split("\n");
  expect(lines).toHaveLength(2 + 6 * rows.length);
  const head = lines[1].split(",");
  const fields = (line: string): string[] => line.replace(/"[^"]*"/g, "quoted").split(",");
  for (const line of lines.slice(2)) expect(fields(line)).toHaveLength(head.length);
  expect(fields(lines[2])[head.indexOf("mean_emd")]).toBe(String(rows[0].meanEmd));
  const slices = lines.slice(2, 8).map((line) => fields(line)[head.indexOf("slice")]);
  expect(slices.slice(0, 5)).toEqual(["all", "0 to 1", "2 to 4", "5 to 9", "10 to 14"]);
});
