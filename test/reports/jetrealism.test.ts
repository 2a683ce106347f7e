/** Jets on the realism page: every figure with its goal, nothing where no record is, and records of other rows left out. */
import { describe, expect, it } from "vitest";
import type { JetRealismEntry } from "../../harness/core/jetrealism.js";
import { resultsSchema, type Results } from "../../harness/core/results.js";
import { assemble } from "../../harness/core/rows.js";
import { readManifest } from "../../harness/engine/datasetmanifests.js";
import { recordedJetRealism, recordedJets } from "../../harness/engine/jetrealismrecords.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { renderPage } from "../../reports/page.js";
import { fakeResults } from "./fakeresults.js";

/** Made up; the numbers are no measurements. */
const entry: JetRealismEntry = {
  dataset: "jets-atlas-27d",
  date: "2026-01-02",
  command: "wafermark datasets check jets-atlas-27d",
  record: {
    id: "jets-atlas-27d",
    ours: "generator",
    sha256: "b".repeat(64),
    rows: 12345,
    against: { kind: "twin", name: "generator", rows: 12345 },
    marginals: [],
    published: [
      { column: "pt", unit: "GeV", ks: 0.016, goal: { limit: 0.05, reached: true } },
      { column: "Width<", unit: "1", ks: 0.077, goal: { limit: 0.05, reached: false } },
    ],
    rank: { rank: 20, columns: 27, expected: 19 },
    networks: [
      { model: "m", latents: 14, median: 1.5e-4, worst: [], goal: { limit: 1.3e-3, reached: true } },
    ],
  },
};
const withJets = (jetRealism: JetRealismEntry[]): Results => ({ ...fakeResults(), jetRealism });
const sectionOf = (page: string): string => /<section id="realism">.*?<\/section>/s.exec(page)?.[0] ?? "";

describe("jets on the realism page", () => {
  it("shows rank, worst column and networks with their goals", () => {
    const section = sectionOf(renderPage(resultsSchema.parse(withJets([entry]))));
    for (const text of ["20 of 27", "= 19", "0.077", "Width&lt;, of 2", "0.000150", "recorded 2026-01-02"])
      expect(section).toContain(text);
    // The rank and one column in the summary, the same column in its own table.
    expect(section.match(/not reached/g)).toHaveLength(3);
    expect(section.match(/no network/g)).toHaveLength(2);
  });

  it("leaves jets out where none has a record", () => {
    expect(sectionOf(renderPage(withJets([])))).not.toContain("<h3>Jets");
    expect(renderMarkdown(withJets([]))).not.toContain("worst published column");
  });

  it("has a row in the Markdown", () => {
    expect(renderMarkdown(withJets([entry]))).toMatch(/jets-atlas-27d .*20 of 27.*14: 0\.000150/);
  });

  it("is kept from a run's rows", () => {
    const { schemaVersion, tool, machine, run } = fakeResults();
    const head = { schemaVersion, tool, machine, run };
    expect(assemble(head, [{ kind: "jet realism", value: entry }]).jetRealism).toEqual([entry]);
  });

  it("is recorded for the rows that the generators make now", async () => {
    const entries = await recordedJetRealism();
    expect(entries.map(({ dataset }) => dataset)).toEqual([
      "jets-4d",
      "jets-atlas-27d",
      "jets-cms-19d",
      "jets-cms-24d",
    ]);
    for (const { dataset, record } of entries)
      expect(Object.values((await readManifest(dataset)).sha256)).toContain(record.sha256);
    expect(await recordedJets("jets-4d", ["0".repeat(64)])).toBeUndefined();
  });
});
