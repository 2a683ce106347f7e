/** Every figure of a report, for saving as files; names are made unique. */
import type { Results } from "../../harness/core/results.js";
import { byLinks, entriesOf } from "../select.js";
import {
  decodedFigures,
  inputFigures,
  isDrawn,
  overviewFigures,
  panelFigures,
  rateFigures,
} from "../sections/evidence.js";
import { splitSettings } from "../settings.js";
import { realismFigures } from "../sections/realism.js";
import { standaloneSvg, type Figure } from "../svg/figure.js";
import { sliceMapFigure } from "./slicemap.js";
import { speedFigure } from "./speed.js";

export interface FigureFile {
  readonly name: string;
  readonly text: string;
}

function allFigures(all: Results): Figure[] {
  const { compared: results } = splitSettings(all);
  const perDataset = results.datasets.flatMap((dataset) => {
    const entries = entriesOf(results, dataset);
    const perGroup = byLinks(entries).flatMap((group) => [
      ...overviewFigures(results, dataset, group),
      ...panelFigures(results, dataset, group),
    ]);
    return [
      ...rateFigures(results, dataset),
      ...[sliceMapFigure(results, dataset, entries)].filter(isDrawn),
      ...perGroup,
      ...inputFigures(results, dataset, entries),
      ...decodedFigures(results, dataset, entries),
    ];
  });
  const realism = (results.realism ?? []).flatMap((entry) => realismFigures(results, entry));
  return [...perDataset, ...realism, ...[speedFigure(results)].filter(isDrawn)];
}

/** Files one after another: each text is made when it is asked for. */
export function* figureFiles(results: Results): Generator<FigureFile> {
  const taken = new Map<string, number>();
  for (const figure of allFigures(results)) {
    const count = (taken.get(figure.file) ?? 0) + 1;
    taken.set(figure.file, count);
    const name = count === 1 ? figure.file : figure.file.replace(/\.svg$/, `-${count}.svg`);
    yield { name, text: standaloneSvg(figure) };
  }
}
