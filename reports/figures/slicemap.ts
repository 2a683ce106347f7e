/** Two-dimensional map: mean EMD of every codec in every occupancy slice, the number written into each cell. */
import type { DatasetResult, Results } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { fixed, MISSING, short } from "../numbers.js";
import { isFloor, profileOf, shownLabel, type Entry } from "../select.js";
import { titleMarkup } from "../svg/axis.js";
import { chargeBar, chargeLabels, chargeStep } from "../svg/colorscale.js";
import { at, fitting, headingMarkup, textWidth, type Figure } from "../svg/figure.js";
import { Pen } from "../svg/pen.js";
import { figureFile } from "./name.js";

/** Room for the names, by the longest of them. */
const NAMES = { least: 150, most: 300, size: 11 };
const TOP = 58;
const CELL = { width: 86, height: 21 };

interface Line {
  readonly entry: Entry;
  readonly means: readonly (number | null)[];
}

/** "5-9": the whole numbers of cells in [low, high); the last slice ends with the module. */
export function sliceName(low: number, high: number): string {
  return high >= 48 ? `${low} and more` : `${low}-${high - 1}`;
}

/** Where the cells begin. */
function leftOf(lines: readonly Line[]): number {
  const widths = lines.map(({ entry }) => textWidth(shownLabel(entry.codec), NAMES.size));
  return Math.ceil(Math.min(NAMES.most, Math.max(NAMES.least, ...widths)) + 20);
}

/** Cells of one colour are one path. */
function cellsMarkup(lines: readonly Line[], left: number, most: number): Html {
  const pens = new Map<string, Pen>();
  const texts = new Map<string, Html[]>();
  lines.forEach(({ means }, row) => {
    const y = TOP + row * CELL.height;
    means.forEach((value, column) => {
      const x = left + column * CELL.width;
      const step = value === null ? undefined : chargeStep(value, most);
      const fill = step === undefined ? "bare" : `k${step}`;
      const pen = (pens.get(fill) ?? new Pen()).move(x, y).line(x + CELL.width, y);
      pens.set(
        fill,
        pen
          .line(x + CELL.width, y + CELL.height)
          .line(x, y + CELL.height)
          .close(),
      );
      const ink = step === undefined ? "" : `n${step}`;
      const text = markup`<text x="${at(x + CELL.width / 2)}" y="${at(y + 14.5)}">${value === null ? MISSING : fixed(value, 3)}</text>`;
      texts.set(ink, [...(texts.get(ink) ?? []), text]);
    });
  });
  const paths = [...pens].map(([fill, pen]) => markup`<path class="cell ${fill}" d="${pen.toString()}"/>`);
  return markup`${paths}${[...texts].map(([ink, inside]) => markup`<g class="small m ${ink}">${inside}</g>`)}`;
}

/** Undefined when no codec has slices. Floors are left out: they would stretch the scale. */
export function sliceMapFigure(
  results: Results,
  dataset: DatasetResult,
  entries: readonly Entry[],
): Figure | undefined {
  const lines: Line[] = entries.flatMap((entry) => {
    const bins = profileOf(entry.row, "emd", "occupancy-slice")?.bins ?? [];
    return bins.length === 0 || isFloor(entry.codec) ? [] : [{ entry, means: bins.map((bin) => bin.mean) }];
  });
  if (lines.length === 0) return undefined;
  const slices = profileOf(lines[0].entry.row, "emd", "occupancy-slice")?.bins ?? [];
  const most = Math.max(0, ...lines.flatMap((line) => line.means.map((mean) => mean ?? 0)));
  const left = leftOf(lines);
  const width = left + slices.length * CELL.width + 20;
  const bottom = TOP + lines.length * CELL.height;
  const names = lines.map(({ entry }, row) => {
    const y = at(TOP + row * CELL.height + 15);
    return markup`<text x="${left - 8}" y="${y}">${short(shownLabel(entry.codec), fitting(left - 12, NAMES.size))}</text>`;
  });
  const columns = slices.map(({ low, high }, i) => {
    const x = at(left + (i + 0.5) * CELL.width);
    return markup`<text class="small m" x="${x}" y="${at(bottom + 16)}">${sliceName(low, high)}</text>`;
  });
  const bar = { left: 20, top: bottom + 10, width: 130 };
  const body = join([
    headingMarkup(
      {
        title: "Mean EMD in slices of occupancy",
        label: dataset.title,
        synthetic: dataset.kind === "synthetic",
      },
      10,
      width - 20,
    ),
    cellsMarkup(lines, left, most),
    markup`<rect class="frame" x="${left}" y="${TOP}" width="${slices.length * CELL.width}" height="${lines.length * CELL.height}"/>`,
    markup`<g class="small e">${names}</g>`,
    columns,
    markup`<text class="ax e" x="${width - 20}" y="${at(bottom + 36)}">${titleMarkup("trigger cells above 1 MIP_T")}</text>`,
    chargeBar(bar),
    chargeLabels(bar, most),
    markup`<text class="small" x="20" y="${at(bottom + 46)}">mean EMD [cell]</text>`,
  ]);
  return {
    file: figureFile(results, "slices", "all-codecs", `emd-${dataset.id}`),
    caption: `Mean EMD [cell] in slices of occupancy; colour on a square-root scale; ${MISSING}: no module in the slice.`,
    width,
    height: bottom + 56,
    body,
    table: {
      columns: ["codec", ...slices.map(({ low, high }) => `mean EMD, ${sliceName(low, high)} cells [cell]`)],
      rows: lines.map(({ entry, means }) => [
        shownLabel(entry.codec),
        ...means.map((mean) => fixed(mean, 3)),
      ]),
    },
  };
}
