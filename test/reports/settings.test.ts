/** Autoencoders in other settings of sum and zeros: in a table of their own, nowhere else. */
import { describe, expect, it } from "vitest";
import type { CodecResult, QualityResult, Results } from "../../harness/core/results.js";
import { SETTINGS } from "../../harness/core/settings.js";
import { figureFiles } from "../../reports/figures/all.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { renderPage } from "../../reports/page.js";
import { splitSettings } from "../../reports/settings.js";
import { manyVariants, VARIANTS } from "./manyvariants.js";

const PLAIN = manyVariants();
const BASE = `${VARIANTS[0]}:links=2`;

/** The results with one autoencoder in every setting; each halves the mean sum ratio once more. */
function withSettings(): Results {
  const codec = PLAIN.codecs.find(({ label }) => label === BASE) as CodecResult;
  const row = PLAIN.quality.find((one) => one.codec === BASE) as QualityResult;
  const added = SETTINGS.map(({ text }, i) => {
    const label = `${BASE},${text}`;
    const metrics = row.metrics.map((metric) =>
      metric.metric !== "sum-ratio" || metric.summary === null
        ? metric
        : { ...metric, summary: { ...metric.summary, mean: 1 / 2 ** (i + 1) } },
    );
    return { codec: { ...codec, label }, row: { ...row, codec: label, emptyOut: 3 + i, metrics } };
  });
  return {
    ...PLAIN,
    codecs: [...PLAIN.codecs, ...added.map((one) => one.codec)],
    quality: [...PLAIN.quality, ...added.map((one) => one.row)],
  };
}

const sectionOf = (page: string, id: string): string =>
  page.slice(page.indexOf(`<section id="${id}"`), page.indexOf("</section>", page.indexOf(`id="${id}"`)));

describe("settings of sum and zeros", () => {
  const results = withSettings();
  const page = renderPage(results);

  it("stand beside the codec that they are settings of", () => {
    const section = sectionOf(page, "settings");
    expect(section).toContain(`${BASE} in each setting of sum and zeros`);
    for (const [i, { text, says }] of SETTINGS.entries()) {
      expect(section).toContain(`<td>${text}</td>`);
      expect(section).toContain(says.replace("'", "&#39;"));
      expect(section).toContain((1 / 2 ** (i + 1)).toFixed(4));
      expect(section).toContain(`${3 + i} (`);
    }
    const markdown = renderMarkdown(results);
    for (const { text } of SETTINGS) expect(markdown).toContain(`| ${text.replace(/&/g, "&#38;")}: `);
  });

  it("are in no other table, figure or verdict", () => {
    expect(splitSettings(results).compared).toEqual(PLAIN);
    const plain = renderPage(PLAIN);
    for (const id of ["verdict", "rate-distortion", "evaluation", "profiles", "wafers"])
      expect(sectionOf(page, id)).toBe(sectionOf(plain, id));
    expect([...figureFiles(results)]).toEqual([...figureFiles(PLAIN)]);
  });

  it("are missed in words where there are none, and compared like others without their codec", () => {
    expect(sectionOf(renderPage(PLAIN), "settings")).toContain("no autoencoder in several settings");
    expect(renderMarkdown(PLAIN)).not.toContain("Sums and zeros");
    const alone = { ...results, codecs: results.codecs.filter(({ label }) => label !== BASE) };
    expect(splitSettings(alone)).toEqual({ compared: alone, groups: [] });
  });
});
