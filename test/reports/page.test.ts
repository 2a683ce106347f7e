/** The page and its brief forms: order of sections, verdict rules, marks, missing numbers, partial and failed runs. */
import { describe, expect, it } from "vitest";
import type { QualityResult, Results } from "../../harness/core/results.js";
import { qualityCsv } from "../../reports/csv.js";
import { evaluationRows, slicesHeld } from "../../reports/evaluation.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { kernelSection } from "../../reports/sections/kernels.js";
import { renderPage } from "../../reports/page.js";
import { isFloor, marksOf } from "../../reports/select.js";
import { SharedShapes } from "../../reports/svg/figure.js";
import { verdicts } from "../../reports/verdict.js";
import { fakeResults } from "./fakeresults.js";
import { scanMarkup } from "./markupscan.js";

const BASE = fakeResults();
const FULL: Results = { ...BASE, datasets: BASE.datasets.slice(0, 2) };

function withQuality(change: (row: QualityResult) => QualityResult): Results {
  return { ...FULL, quality: FULL.quality.map(change) };
}

function budgetOf(results: Results, bits: number) {
  const found = verdicts(results)[1].budgets.find((budget) => budget.bits === bits);
  if (found === undefined) throw new Error("no such budget");
  return found;
}

/** Not `toContain`: a failure would print the whole page. */
function holds(text: string, part: string): boolean {
  return text.includes(part);
}

describe("page", () => {
  it("opens with the verdict and goes on in this order", () => {
    const page = renderPage(FULL);
    expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toMatchInlineSnapshot(`
      [
        "1. Verdict",
        "2. Rate and distortion",
        "3. Autoencoders and rivals: variant x pileup x budget",
        "4. Sums and zeros of autoencoders",
        "5. EMD against occupancy and charge",
        "6. Wafer displays",
        "7. Realism",
        "8. Kernels",
        "9. Method and machine",
      ]
    `);
    expect(scanMarkup(page.trim()).elements.filter(({ name }) => name === "section")).toHaveLength(9);
  });

  it("holds every shape once, before what refers to it", () => {
    const { elements } = scanMarkup(renderPage(FULL).trim());
    const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const uses = elements.filter(({ name }) => name === "use");
    expect(uses.length).toBeGreaterThan(1000);
    const known = new Set(ids.map((id) => `#${id}`));
    expect(uses.every(({ attributes }) => known.has(attributes.get("href") ?? ""))).toBe(true);
    const lastShape = elements.findLastIndex(({ attributes }) =>
      /^u[0-9a-z]{8}$/.test(attributes.get("id") ?? ""),
    );
    expect(lastShape).toBeLessThan(elements.findIndex(({ name }) => name === "section"));
  });

  it("says that data is synthetic at the head, and not for files", () => {
    expect(holds(renderPage(FULL), "<b>Synthetic data.</b>")).toBe(true);
    const measured = fakeResults("file");
    expect(
      /[Ss]ynthetic/.exec(renderPage({ ...measured, datasets: measured.datasets.slice(0, 1) }))?.[0],
    ).toBeUndefined();
  });

  it("says where a run was stopped", () => {
    const partial = { ...FULL, run: { ...FULL.run, finishedRows: 12, plannedRows: 1234 } };
    expect(holds(renderPage(partial), "stopped after 12 of 1\u202f234 rows")).toBe(true);
    expect(holds(renderMarkdown(partial), "stopped after 12 of 1\u202f234 rows")).toBe(true);
    expect(holds(renderPage(FULL), "stopped after")).toBe(false);
  });

  it("tells a failed validation and a noisy machine at the head", () => {
    const failed = {
      ...FULL,
      agreement: FULL.agreement.map((row, i) => (i === 0 ? { ...row, verdict: "fail" as const } : row)),
    };
    expect(holds(renderPage(failed), "<b>Validation failed.</b> 1 rows")).toBe(true);
    expect(holds(renderPage(failed), "✗ FAIL")).toBe(true);
    const noisy = { ...FULL, noise: { kernel: "emd", median: 0.001, worst: -0.03, processes: 5 } };
    expect(holds(renderPage(noisy), "<b>Noisy machine.</b>")).toBe(true);
    expect(holds(renderPage(FULL), "Noisy machine")).toBe(false);
  });

  it("shows n/a with a reason where a number is missing, never NaN, null or undefined", () => {
    const bare = withQuality((row) => ({
      ...row,
      emptyOut: row.modules - row.emptyIn,
      metrics: row.metrics.map((metric) => ({ ...metric, summary: null, profiles: [], histogram: null })),
      examples: [],
    }));
    const page = renderPage({ ...bare, agreement: [], speed: [], noise: null, warnings: [] });
    expect(
      holds(page, '<span class="na">n/a</span> <small>38 empty, 3962 emptied of 4000 modules</small>'),
    ).toBe(true);
    expect(holds(page, "no codec fits with every module")).toBe(true);
    expect(holds(page, "nothing was validated in this run")).toBe(true);
    expect(holds(page, "nothing was timed in this run")).toBe(true);
    expect(/NaN|undefined|null|Infinity/.exec(scanMarkup(page.trim()).text)?.[0]).toBeUndefined();
  });

  it("is made from results without any dataset", () => {
    const empty: Results = {
      ...FULL,
      datasets: [],
      codecs: [],
      quality: [],
      agreement: [],
      speed: [],
      noise: null,
    };
    expect(holds(renderPage(empty), "the results hold no dataset")).toBe(true);
    expect(holds(renderMarkdown(empty), "No dataset in the results.")).toBe(true);
  });

  it("prints no speed whose outputs were not validated", () => {
    const speed = FULL.speed.map((row) => ({
      ...row,
      ratio: 777,
      subjectSeconds: 888,
      validated: false,
      notAvailable: null,
    }));
    const page = kernelSection({ ...FULL, speed }, new SharedShapes()).toString();
    expect(holds(page, "outputs were not validated in this run")).toBe(true);
    expect(/777|888/.exec(page)?.[0]).toBeUndefined();
  });

  it("shows the times of first calls, apart from what is compared", () => {
    const [row] = FULL.speed;
    const first = {
      ...row,
      subject: "wasm, first call",
      baseline: "none",
      itemName: "first call",
      subjectSeconds: 0.01234,
      baselineSeconds: null,
      ratio: null,
    };
    const page = kernelSection({ ...FULL, speed: [row, first] }, new SharedShapes()).toString();
    expect(holds(page, "<td>12.3 ms</td>")).toBe(true);
    expect(page.split("first call in a process")[0].includes("wasm, first call")).toBe(false);
    const unproven = kernelSection(
      { ...FULL, speed: [{ ...first, validated: false }] },
      new SharedShapes(),
    ).toString();
    expect(holds(unproven, "12.3 ms")).toBe(false);
  });

  it("marks a kernel that beats a copy of its own bytes", () => {
    const speed = FULL.speed.map((row) => (row.baseline === "memcpy" ? { ...row, ratio: 1.5 } : row));
    expect(holds(renderPage({ ...FULL, speed }), "suspicious")).toBe(true);
    expect(holds(renderPage(FULL), "suspicious")).toBe(false);
  });

  it("shows every codec on every dataset", () => {
    const { text } = scanMarkup(renderPage(FULL).trim());
    for (const { label } of FULL.codecs) expect(holds(text, label)).toBe(true);
  });
});

describe("verdict", () => {
  it("lets only those win whose largest payload fits, smallest mean EMD first", () => {
    for (const bits of [64, 96, 128, 160]) {
      const { ranking } = budgetOf(FULL, bits);
      expect(ranking.length).toBeGreaterThan(3);
      expect(ranking.every(({ row }) => row.rate.payloadMaximum <= bits)).toBe(true);
      const means = ranking.map(({ meanEmd }) => meanEmd);
      expect(means).toEqual([...means].sort((a, b) => a - b));
    }
  });

  it("keeps floors out even where they are best", () => {
    const best = withQuality((row) =>
      row.codec === "identity" ? { ...row, rate: { ...row.rate, payloadMaximum: 10 } } : row,
    );
    expect(budgetOf(best, 64).ranking.map(({ codec }) => codec.id)).not.toContain("identity");
    expect(budgetOf(best, 64).ranking.map(({ codec }) => codec.id)).not.toContain("uniform");
  });

  it("knows a floor by its id and by its family", () => {
    const [codec] = FULL.codecs;
    expect([codec, { ...codec, id: "uniform" }, { ...codec, family: "floor" }].map(isFloor)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("names the best codec without a mark beside a marked winner", () => {
    const { ranking, unmarked } = budgetOf(FULL, 64);
    expect(marksOf(ranking[0]).map(({ sign }) => sign)).toEqual(["Σ"]);
    expect(unmarked && marksOf(unmarked)).toEqual([]);
    expect(unmarked?.meanEmd).toBeGreaterThan(ranking[0].meanEmd);
  });

  it("marks codecs over budget, off in scale, and those that empty modules", () => {
    const entry = budgetOf(FULL, 64).ranking[0];
    const row = { ...entry.row, emptyOut: 100, rate: { ...entry.row.rate, fitsBudget: false } };
    expect(marksOf({ ...entry, row }).map(({ sign }) => sign)).toEqual(["†", "Σ", "∅"]);
  });

  it("names the slices in which another codec wins", () => {
    const winner = budgetOf(FULL, 160).ranking[0].codec.label;
    const lost = withQuality((row) =>
      row.codec !== winner
        ? row
        : {
            ...row,
            metrics: row.metrics.map((metric) => ({
              ...metric,
              profiles: metric.profiles.map((profile) => ({
                ...profile,
                bins: profile.bins.map((bin, i) => (i === 2 ? { ...bin, mean: 99 } : { ...bin, mean: 0 })),
              })),
            })),
          },
    );
    const { slices } = budgetOf(lost, 160);
    expect(slices.map(({ changes }) => changes)).toEqual([false, false, true, false, false]);
    expect(slices[2].winner?.codec.label).not.toBe(winner);
  });

  it("orders the cost front from cheap to good", () => {
    const front = budgetOf(FULL, 128).costFront;
    expect(front.length).toBeGreaterThan(1);
    for (let i = 1; i < front.length; i++) {
      expect(front[i].meanEmd).toBeLessThan(front[i - 1].meanEmd);
      expect(front[i].codec.cost.comparisons).toBeGreaterThan(front[i - 1].codec.cost.comparisons);
    }
  });
});

describe("brief forms", () => {
  it("Markdown holds a verdict line per dataset and budget", () => {
    const markdown = renderMarkdown(FULL);
    expect(markdown.match(/^\| Electrons.* \| (64|96|128|160) bit \|/gm)).toHaveLength(8);
    expect(holds(markdown, "(synthetic)")).toBe(true);
  });

  it("Markdown and page hold every codec of two to five links at its budget, with its cost", () => {
    const row = evaluationRows(FULL)[0];
    const cost = String(row.cost.weightBits);
    const line = renderMarkdown(FULL)
      .split("\n")
      .find((text) => text.startsWith(`| ${row.budgetBits} bit | ${row.codec} |`));
    expect(line).toMatch(new RegExp(`\\| ${cost} \\|$`));
    expect(line).toContain(`| ${slicesHeld(row)} |`);
    expect(holds(renderPage(FULL), `${slicesHeld(row)}; <span class="fail">worse</span> at `)).toBe(true);
  });

  it("CSV holds full precision and a field per column", () => {
    const lines = qualityCsv(FULL).trimEnd().split("\n");
    const head = lines[1].split(",");
    expect(lines).toHaveLength(2 + FULL.quality.reduce((total, row) => total + row.metrics.length, 0));
    for (const line of lines.slice(2)) expect(line.split(",")).toHaveLength(head.length);
    const mean = FULL.quality[0].metrics[0].summary?.mean;
    expect(lines[2].split(",")[head.indexOf("mean")]).toBe(String(mean));
  });
});
