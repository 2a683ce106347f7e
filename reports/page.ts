/**
 * The report as one self-contained HTML page: no script, nothing fetched, readable offline, on paper and on a phone.
 *
 * It opens with the answer, then the evidence. Everything comes from the results; nothing is measured here.
 */
import type { Results } from "../harness/core/results.js";
import { join, markup, styleSheet, type Fragment, type Html } from "./escape.js";
import { grouped, seconds } from "./numbers.js";
import { pageCss } from "./pagestyle.js";
import { profileSection, rateDistortionSection, waferSection } from "./sections/evidence.js";
import { evaluationSection } from "./sections/evaluation.js";
import { isNoisy, kernelSection, noiseText } from "./sections/kernels.js";
import { methodSection } from "./sections/method.js";
import { realismSection } from "./sections/realism.js";
import { settingsSection } from "./sections/settings.js";
import { splitSettings } from "./settings.js";
import { failedAgreements, partialText, syntheticText } from "./status.js";
import { verdictSection } from "./sections/verdict.js";
import { SharedShapes } from "./svg/figure.js";
import { figureCss, themeCss } from "./svg/theme.js";

interface Section {
  /** Ours: never a foreign name. */
  readonly anchor: Html;
  readonly title: string;
  readonly body: (results: Results, shapes: SharedShapes) => Html;
  /** With the codecs in other settings of sum and zeros, which every other section leaves out. */
  readonly withSettings?: true;
}

export const SECTIONS: readonly Section[] = [
  { anchor: markup`verdict`, title: "Verdict", body: verdictSection },
  { anchor: markup`rate-distortion`, title: "Rate and distortion", body: rateDistortionSection },
  {
    anchor: markup`evaluation`,
    title: "Autoencoders and rivals: variant x pileup x budget",
    body: evaluationSection,
  },
  {
    anchor: markup`settings`,
    title: "Sums and zeros of autoencoders",
    body: settingsSection,
    withSettings: true,
  },
  { anchor: markup`profiles`, title: "EMD against occupancy and charge", body: profileSection },
  { anchor: markup`wafers`, title: "Wafer displays", body: waferSection },
  { anchor: markup`realism`, title: "Realism", body: realismSection },
  { anchor: markup`kernels`, title: "Kernels", body: kernelSection },
  { anchor: markup`method`, title: "Method and machine", body: methodSection },
];

function banner(title: string, text: string | undefined): Fragment {
  return text === undefined
    ? undefined
    : markup`<p class="banner"><b>${title}.</b> ${text}</p>
`;
}

function banners(results: Results): Html {
  const failed = failedAgreements(results);
  return join([
    banner("Synthetic data", syntheticText(results)),
    banner("Partial results", partialText(results)),
    banner(
      "Validation failed",
      failed === 0 ? undefined : `${failed} rows of the agreement table are outside their tolerance`,
    ),
    banner("Noisy machine", isNoisy(results) ? noiseText(results) : undefined),
  ]);
}

function headMarkup(results: Results): Html {
  const { run, tool, datasets } = results;
  const modules = datasets.reduce((total, dataset) => total + dataset.used, 0);
  return markup`<header><h1>Wafermark: trigger-cell compressors by rate, EMD and shape</h1>
<p class="meta">${datasets.length} datasets, ${grouped(modules)} modules, ${results.codecs.length} codec variants · suite ${run.suite} · ${run.startedAt} · ${seconds(run.seconds)} · wafermark ${tool.version} · seed ${run.seed}<br>${noiseText(results)}</p>
${banners(results)}</header>
`;
}

function sectionMarkup(section: Section, results: Results, shapes: SharedShapes, index: number): Html {
  const { anchor, title, body } = section;
  return markup`<section id="${anchor}"><h2>${index + 1}. ${title}</h2>
${body(results, shapes)}</section>
`;
}

/** The page's whole text. */
export function renderPage(results: Results): string {
  const links = SECTIONS.map(({ anchor, title }) => markup`<a href="#${anchor}">${title}</a>`);
  const shapes = new SharedShapes();
  const { compared } = splitSettings(results);
  const sections = SECTIONS.map((section, i) =>
    sectionMarkup(section, section.withSettings === true ? results : compared, shapes, i),
  );
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${markup`default-src 'none'; style-src 'unsafe-inline'`}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Wafermark report</title>
${styleSheet(themeCss(":root") + pageCss() + figureCss())}</head><body>
${headMarkup(results)}<nav aria-label="Sections"><div>${links}</div></nav>
<main>
${shapes.markup}${sections}</main>
<footer>Folded parts are not printed. Figures are saved as SVG under the names beside them with <code>wafermark report RESULTS --figures</code>.</footer>
</body></html>
`;
  return page.toString();
}
