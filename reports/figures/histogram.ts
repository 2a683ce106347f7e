/** Histogram of the EMD of one codec on one dataset: step line, logarithmic counts, stat box with mean, RMS, under- and overflow. */
import type { DatasetResult, Results } from "../../harness/core/results.js";
import { join, markup, type Html } from "../escape.js";
import { significant } from "../numbers.js";
import { seriesName, seriesStyles, type Entry } from "../select.js";
import { frame } from "../svg/axis.js";
import { at, headingMarkup, type Figure } from "../svg/figure.js";
import { steps, styleClass } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 340;
const HEIGHT = 270;
const BOX = { left: 58, top: 50, right: 328, bottom: 222 };
/** Lower end of the logarithmic count axis: half a module. */
const LOWEST = 0.5;

function statBox(lines: readonly (readonly [string, string])[]): Html {
  const width = 118;
  const left = BOX.right - width - 8;
  const top = BOX.top + 12;
  const rows = lines.map(([name, value], i) => {
    const y = at(top + 14 + 13 * i);
    return markup`<text class="small" x="${at(left + 6)}" y="${y}">${name}</text><text class="small e" x="${at(left + width - 6)}" y="${y}">${value}</text>`;
  });
  return markup`<rect class="box" x="${at(left)}" y="${at(top)}" width="${width}" height="${at(13 * lines.length + 7)}"/>${rows}`;
}

/** Undefined when the codec has no EMD histogram on the dataset. */
export function histogramFigure(results: Results, dataset: DatasetResult, entry: Entry): Figure | undefined {
  const histogram = entry.emd?.histogram ?? null;
  const summary = entry.emd?.summary ?? null;
  if (
    histogram === null ||
    summary === null ||
    histogram.counts.length === 0 ||
    histogram.high <= histogram.low
  ) {
    return undefined;
  }
  const { low, high, counts } = histogram;
  const most = Math.max(1, ...counts);
  // Room for the stat box above the tallest bin.
  const plot = frame(
    BOX,
    { title: "EMD [cell]", domain: [low, high], ticks: 5 },
    { title: "modules", domain: [LOWEST, most ** 1.55 * 4], log: true },
  );
  const edges = Array.from({ length: counts.length + 1 }, (_, i) =>
    plot.x(low + ((high - low) * i) / counts.length),
  );
  const heights = counts.map((count) => (count === 0 ? BOX.bottom : plot.y(count)));
  const path = steps(edges, heights, BOX.bottom);
  const style = seriesStyles(results.codecs).get(seriesName(entry.codec)) ?? {
    colour: 0,
    marker: 0,
    dash: 0,
  };
  const width = (high - low) / counts.length;
  const body = join([
    headingMarkup(
      {
        title: entry.codec.label,
        label: dataset.title,
        synthetic: dataset.kind === "synthetic",
        small: true,
      },
      BOX.left,
      BOX.right,
    ),
    markup`<g class="${styleClass({ ...style, dash: 0 })}"><path class="area" d="${path}"/></g>`,
    plot.markup,
    statBox([
      ["modules", String(summary.n)],
      ["mean", significant(summary.mean)],
      ["RMS", significant(summary.rms)],
      ["underflow", String(histogram.underflow)],
      ["overflow", String(histogram.overflow)],
    ]),
  ]);
  return {
    file: figureFile(results, "histogram", entry.codec.label, `emd-${dataset.id}`),
    caption: `${entry.codec.label}: modules per ${significant(width, 3)} cell of EMD, logarithmic; RMS is the standard deviation.`,
    width: WIDTH,
    height: HEIGHT,
    body,
    small: true,
    table: {
      columns: ["from [cell]", "to [cell]", "modules (bins without any left out)"],
      rows: counts.flatMap((count, i) =>
        count === 0
          ? []
          : [[significant(low + i * width), significant(low + (i + 1) * width), String(count)]],
      ),
    },
  };
}
