/** Speed ratios with their intervals on a logarithmic axis: right of 1 the subject is faster than what it is compared with. */
import type { Results, SpeedResult } from "../../harness/core/results.js";
import { join, markup } from "../escape.js";
import { short, significant } from "../numbers.js";
import { frame } from "../svg/axis.js";
import { at, headingMarkup, type Figure } from "../svg/figure.js";
import { horizontalBar, marker, styleClass } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 820;
const LEFT = 330;
const ROW = 24;
const TOP = 52;

type Measured = SpeedResult & { readonly ratio: number };

function isMeasured(row: SpeedResult): row is Measured {
  return row.ratio !== null && row.ratio > 0 && row.validated;
}

/** Undefined when nothing was both validated and measured. */
export function speedFigure(results: Results): Figure | undefined {
  const rows = results.speed.filter(isMeasured);
  if (rows.length === 0) return undefined;
  const ends = rows.flatMap((row) => [row.ratio, row.ratioLow ?? row.ratio, row.ratioHigh ?? row.ratio, 1]);
  const bottom = TOP + rows.length * ROW + 8;
  const plot = frame(
    { left: LEFT, top: TOP, right: WIDTH - 20, bottom },
    {
      title: "baseline time / subject time",
      domain: [Math.min(...ends) / 1.6, Math.max(...ends) * 3],
      log: true,
    },
    { title: "", domain: [0, 1], labels: [], ticks: 0 },
  );
  const one = at(plot.x(1));
  const points = rows.map((row, i) => {
    const y = TOP + (i + 0.5) * ROW + 4;
    const x = plot.x(row.ratio);
    const bar = horizontalBar(y, plot.x(row.ratioLow ?? row.ratio), plot.x(row.ratioHigh ?? row.ratio));
    const name = `${row.kernel} ${row.input}: ${row.subject} / ${row.baseline}${row.threads > 1 ? `, ${row.threads} threads` : ""}`;
    return markup`${bar}${marker({ colour: 0, marker: 0, dash: 0 }, { x, y }, 4)}<text class="small halo" x="${at(Math.max(x, plot.x(row.ratioHigh ?? row.ratio)) + 9)}" y="${at(y + 4)}">${significant(row.ratio, 3)}</text><text class="e" x="${LEFT - 10}" y="${at(y + 4.5)}">${short(name, 46)}</text>`;
  });
  const body = join([
    headingMarkup(
      { title: "Kernel speed", label: `${results.machine.cpu}, interleaved, one run`, synthetic: false },
      14,
      WIDTH - 20,
    ),
    plot.markup,
    markup`<path class="guide" d="M${one} ${TOP}V${at(bottom)}"/><g class="${styleClass({ colour: 0, marker: 0, dash: 0 })}">${points}</g>`,
  ]);
  return {
    file: figureFile(results, "speed", "kernels", "ratio"),
    caption:
      "Ratio of times with its interval over processes; right of 1 the subject (first name) is faster. Only what was validated in this run; the numbers stand in the table below.",
    width: WIDTH,
    height: bottom + 50,
    body,
  };
}
