/** Sections that go dataset by dataset: rate-distortion with the table of codecs, EMD profiles and histograms, wafer displays. */
import type { DatasetResult, QualityResult, Results } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { histogramPanels, histogramTable } from "../figures/histogram.js";
import { profileFigure, profilePanels } from "../figures/profile.js";
import { rateDistortionFigure } from "../figures/ratedistortion.js";
import { sliceMapFigure } from "../figures/slicemap.js";
import { decodedFigure, exampleOf, inputFigure } from "../figures/wafer.js";
import { fixed, tidy } from "../numbers.js";
import {
  byLinks,
  entriesOf,
  inPanels,
  linksText,
  profileOf,
  type Against,
  type Entry,
  type LinkGroup,
} from "../select.js";
import { figureMarkup, gridMarkup, numbersMarkup, type Figure, type SharedShapes } from "../svg/figure.js";
import { codecTable } from "./codectable.js";
import { missing } from "./table.js";

const ABSCISSAE: readonly Against[] = ["occupancy", "log10-sum", "eta"];
/** Much the same as against the charge sum: saved as files, but not on the page. */
const SAVED_ABSCISSAE: readonly Against[] = [...ABSCISSAE, "log10-maximum"];
const ROLES: readonly QualityResult["examples"][number]["role"][] = ["quiet", "typical", "busy"];
/** The link count that stands open on the page; the others are folded. */
const HEADLINE_LINKS = 2;

export function isDrawn(figure: Figure | undefined): figure is Figure {
  return figure !== undefined;
}

/** Title of a dataset inside a section, with the synthetic mark. */
function datasetHeading(dataset: DatasetResult): Html {
  const mark = dataset.kind === "synthetic" ? markup` <em class="syn">synthetic data</em>` : undefined;
  return markup`<h3>${dataset.title}${mark}</h3>
`;
}

function panelGrid(figures: readonly Figure[], shapes: SharedShapes): Fragment {
  return gridMarkup(shapes.of(figures));
}

function perDataset(
  results: Results,
  body: (dataset: DatasetResult, entries: readonly Entry[]) => Fragment,
): Html {
  if (results.datasets.length === 0) return markup`<p>${missing("the results hold no dataset")}</p>`;
  return join(
    results.datasets.map((dataset) => {
      const entries = entriesOf(results, dataset);
      const shown =
        entries.length === 0
          ? markup`<p>${missing("no quality record of this dataset")}</p>`
          : body(dataset, entries);
      return join([datasetHeading(dataset), shown]);
    }),
  );
}

/** Folds all link counts but one. */
function perLinks(groups: readonly LinkGroup[], body: (group: LinkGroup) => Fragment): Fragment {
  const open = groups.find(({ links }) => links === HEADLINE_LINKS) ?? groups.at(0);
  return groups.map((group) => {
    const shown = body(group);
    if (shown === undefined) return undefined;
    if (group === open) return markup`<h4>${linksText(group.links)}</h4>${shown}`;
    return markup`<details><summary>${linksText(group.links)}: ${group.entries.length} codecs</summary>${shown}</details>
`;
  });
}

export function rateDistortionSection(results: Results, shapes: SharedShapes): Html {
  return perDataset(results, (dataset, entries) => {
    const figures = rateFigures(results, dataset);
    return join([
      figures.length === 0
        ? markup`<p>${missing("no codec has a mean EMD")}</p>`
        : shapes.of(figures).map(figureMarkup),
      codecTable(entries),
    ]);
  });
}

export function rateFigures(results: Results, dataset: DatasetResult): Figure[] {
  return [
    rateDistortionFigure(results, dataset, "links"),
    rateDistortionFigure(results, dataset, "whole"),
  ].filter(isDrawn);
}

/** Overview figures of a link group, one for each of `abscissae` that the results have. */
export function overviewFigures(
  results: Results,
  dataset: DatasetResult,
  group: LinkGroup,
  abscissae = SAVED_ABSCISSAE,
): Figure[] {
  return abscissae.map((against) => profileFigure(results, dataset, group, against)).filter(isDrawn);
}

export function panelFigures(results: Results, dataset: DatasetResult, group: LinkGroup): Figure[] {
  return [
    ...profilePanels(results, dataset, group, "occupancy"),
    ...histogramPanels(results, dataset, group),
  ];
}

/** Said where panels are left out. */
function choiceNote(all: LinkGroup, shown: LinkGroup): Fragment {
  if (shown.entries.length === all.entries.length) return undefined;
  return markup`<p class="note">Panels: floors and the best of each family, ${shown.entries.length} of ${all.entries.length} codecs; the option --figures saves those of all.</p>
`;
}

export function profileSection(results: Results, shapes: SharedShapes): Html {
  return perDataset(results, (dataset, entries) => {
    const map = sliceMapFigure(results, dataset, entries);
    const hasEta = entries.some((entry) => profileOf(entry.row, "emd", "eta") !== undefined);
    return join([
      map === undefined ? markup`<p>${missing("no profile in slices of occupancy")}</p>` : figureMarkup(map),
      perLinks(byLinks(entries), (group) => {
        const overview = overviewFigures(results, dataset, group, ABSCISSAE);
        const shown = inPanels(group);
        const panels = panelFigures(results, dataset, shown);
        if (overview.length + panels.length === 0) return undefined;
        return join([
          ...shapes.of(overview).map(figureMarkup),
          choiceNote(group, shown),
          panelGrid(panels, shapes),
          numbersMarkup(histogramTable(group)),
        ]);
      }),
      hasEta
        ? undefined
        : markup`<p class="note">Against eta: ${missing(dataset.census.labels.includes("eta") ? "no profile in the results" : "the dataset has no eta label")}.</p>`,
    ]);
  });
}

/** Input maps of a dataset: one per role. */
export function inputFigures(results: Results, dataset: DatasetResult, entries: readonly Entry[]): Figure[] {
  return ROLES.flatMap((role) => {
    for (const entry of entries) {
      const example = exampleOf(entry, role);
      if (example !== undefined) return [inputFigure(results, dataset, example)];
    }
    return [];
  });
}

export function decodedFigures(
  results: Results,
  dataset: DatasetResult,
  entries: readonly Entry[],
): Figure[] {
  return entries.map((entry) => decodedFigure(results, dataset, entry)).filter(isDrawn);
}

/** Restored charges to a hundredth of a count, no zeros behind. */
function hundredths(charge: number): string {
  return tidy(Number(fixed(charge, 2)));
}

/** Charges of the example modules, one line per trigger cell: input and every codec, those that restore the same in one column. */
function chargesOf(entries: readonly Entry[], role: (typeof ROLES)[number]): Fragment {
  const columns = new Map<string, string[]>();
  for (const entry of entries) {
    const example = exampleOf(entry, role);
    if (example === undefined) continue;
    if (columns.size === 0) columns.set(example.original.map(tidy).join(" "), ["input"]);
    const key = example.restored.map(hundredths).join(" ");
    columns.set(key, [...(columns.get(key) ?? []), entry.codec.label]);
  }
  if (columns.size === 0) return undefined;
  const charges = [...columns.keys()].map((key) => key.split(" "));
  return numbersMarkup({
    says: `numbers: ${role} module, charges in CALQ counts`,
    columns: ["cell", ...[...columns.values()].map((names) => names.join(" = "))],
    rows: charges[0].map((_, cell) => [String(cell), ...charges.map((column) => column[cell])]),
  });
}

export function waferSection(results: Results, shapes: SharedShapes): Html {
  return perDataset(results, (dataset, entries) => {
    const inputs = inputFigures(results, dataset, entries);
    if (inputs.length === 0)
      return markup`<p>${missing("the results hold no example modules of 48 cells")}</p>`;
    const groups = byLinks(entries);
    const shown = groups.flatMap((group) => inPanels(group).entries);
    return join([
      panelGrid(inputs, shapes),
      ROLES.map((role) => chargesOf(shown, role)),
      perLinks(groups, (group) => {
        const chosen = inPanels(group);
        return join([
          choiceNote(group, chosen),
          panelGrid(decodedFigures(results, dataset, chosen.entries), shapes),
        ]);
      }),
    ]);
  });
}
