/** The realism page shows every figure with its goal, the real outline only where the results have it, and says where figures come from. */
import { describe, expect, it } from "vitest";
import { resultsSchema, type Results } from "../../harness/core/results.js";
import { assemble } from "../../harness/core/rows.js";
import { withoutRealShares } from "../../harness/engine/realismrecords.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { renderPage } from "../../reports/page.js";
import { figureFiles } from "../../reports/figures/all.js";
import { fakeRealism } from "./fakerealism.js";
import { fakeResults } from "./fakeresults.js";

const withEntries = (real: boolean): Results => ({
  ...fakeResults(),
  realism: [fakeRealism("hgcal-ttbar-0pu", real)],
});

const sectionOf = (page: string): string => /<section id="realism">.*?<\/section>/s.exec(page)?.[0] ?? "";

describe("the realism page", () => {
  it("shows all figures, goals, the ROC curve and the giveaways", () => {
    const section = sectionOf(renderPage(resultsSchema.parse(withEntries(true))));
    for (const text of [
      "KS 0.063",
      "KS 0.250",
      "AUC 0.813 ± 0.063",
      "rms radius",
      "0.375",
      "too few real rows",
      "1.016",
      "in this run",
    ])
      expect(section).toContain(text);
    expect(section.match(/<svg class="fig" role="img"/g)).toHaveLength(6);
    // Distributions 2 of 4, the neighbours, one slice and the classifier missed, the physics figure reached.
    expect(section).toContain("3 of 8");
  });

  it("draws the real outline only where it was measured, and says why it is missing otherwise", () => {
    const outlines = (section: string): number =>
      section.match(/<g class="s1 h1"><path class="line" d="M[^"]*v/g)?.length ?? 0;
    const measured = sectionOf(renderPage(withEntries(true)));
    const recorded = sectionOf(renderPage(withEntries(false)));
    expect([outlines(measured), outlines(recorded)]).toEqual([5, 0]);
    expect(recorded).toContain("Recorded on 2026-11-29");
    expect(recorded).toContain("may not be passed on");
    expect(measured).toContain("\treal");
    expect(recorded).not.toContain("\treal");
  });

  it("says so when nothing was judged, and stands in the Markdown and among the figure files", () => {
    expect(sectionOf(renderPage(fakeResults()))).toContain("no set of this run has been judged");
    expect(renderMarkdown(withEntries(false))).toMatch(
      /### Realism\n(?:(?!###).)*hgcal-ttbar-0pu \|(?:(?!###).)* 0\.813 /s,
    );
    const names = [...figureFiles(withEntries(true))].map(({ name }) => name);
    expect(names.filter((name) => name.includes("_realism_"))).toHaveLength(6);
  });
});

describe("a record to be committed", () => {
  it("holds no shares of real rows", () => {
    const { record } = fakeRealism("x", true);
    expect(withoutRealShares(record)).toEqual(fakeRealism("x", false).record);
  });

  it("goes through the rows of a run", () => {
    const { schemaVersion, tool, machine, run } = fakeResults();
    const value = fakeRealism("x", false);
    expect(assemble({ schemaVersion, tool, machine, run }, [{ kind: "realism", value }]).realism).toEqual([
      value,
    ]);
  });
});
