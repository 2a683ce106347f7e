/** Real against synthetic modules: one distribution as two histograms, and the ROC curve of a classifier told to separate them. */
import type { ClassifierRecord, DistributionRecord, RealismEntry } from "../../harness/core/realism.js";
import type { Results } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { fixed, significant } from "../numbers.js";
import { frame, type Frame } from "../svg/axis.js";
import { at, headingMarkup, type Figure } from "../svg/figure.js";
import { pathOf, steps, type Point } from "../svg/marks.js";
import { figureFile } from "./name.js";

const WIDTH = 340;
const HEIGHT = 270;
const BOX = { left: 58, top: 50, right: 328, bottom: 222 };
/** Colours of the two sides: series 0 and 1 of the theme. */
const SYNTHETIC = markup`s0 h0`;
const REAL = markup`s1 h1`;

interface Key {
  readonly look: Html;
  readonly name: string;
}

/** What the lines are, top right, with the figure's number below. */
function legend(keys: readonly Key[], last: string): Html {
  const left = BOX.right - 104;
  const rows = keys.map(({ look, name }, i) => {
    const y = BOX.top + 17 + 14 * i;
    return markup`<g class="${look}"><path class="line" d="M${at(left)} ${at(y - 4)}h18"/></g><text class="small" x="${at(left + 23)}" y="${at(y)}">${name}</text>`;
  });
  return markup`${rows}<text class="small e" x="${at(BOX.right - 8)}" y="${at(BOX.top + 20 + 14 * keys.length)}">${last}</text>`;
}

/** Bins from the first to the last that holds anything, one empty one on each side. */
function used(synthetic: readonly number[], real: readonly number[]): readonly [number, number] {
  const filled = synthetic.map((share, i) => share > 0 || (real.at(i) ?? 0) > 0);
  return [Math.max(0, filled.indexOf(true) - 1), Math.min(filled.length, filled.lastIndexOf(true) + 2)];
}

function outline(shares: readonly number[], edges: readonly number[], plot: Frame): string {
  const heights = shares.map((share) => plot.y(share));
  return steps(edges, heights, BOX.bottom);
}

function heading(entry: RealismEntry, title: string): Html {
  const label = entry.source === "run" ? entry.dataset : `${entry.dataset}, recorded ${entry.date}`;
  return headingMarkup({ title, label, synthetic: false, small: true }, BOX.left, BOX.right);
}

/** One distribution; the real outline is there only when the results have it. */
export function distributionFigure(
  results: Results,
  entry: RealismEntry,
  one: DistributionRecord,
): Figure | undefined {
  const { low, high, synthetic, real } = one.histogram;
  if (!synthetic.some((share) => share > 0)) return undefined;
  const [from, to] = used(synthetic, real ?? []);
  const step = (high - low) / synthetic.length;
  const ours = synthetic.slice(from, to);
  const theirs = real?.slice(from, to);
  const most = Math.max(...ours, ...(theirs ?? []));
  const domain = [low + from * step, low + to * step] as const;
  const plot = frame(
    BOX,
    { title: one.unit, domain, ticks: 5 },
    { title: "share", domain: [0, 1.5 * most], ticks: 4 },
  );
  const edges = Array.from({ length: ours.length + 1 }, (_, i) => plot.x(domain[0] + i * step));
  const keys = [
    { look: SYNTHETIC, name: "synthetic" },
    ...(theirs === undefined ? [] : [{ look: REAL, name: "real" }]),
  ];
  const body = join([
    heading(entry, one.title),
    markup`<g class="${SYNTHETIC}"><path class="area" d="${outline(ours, edges, plot)}"/></g>`,
    theirs === undefined
      ? undefined
      : markup`<g class="${REAL}"><path class="line" d="${outline(theirs, edges, plot)}"/></g>`,
    plot.shared.markup,
    legend(keys, `KS ${fixed(one.ks, 3)}`),
  ]);
  return {
    file: figureFile(results, "realism", one.id, entry.dataset),
    caption: `Share of ${one.id === "spectrum" ? "charges" : "modules"} per bin; KS is the Kolmogorov-Smirnov distance to real rows.`,
    panel: `${entry.dataset}: ${one.title}`,
    width: WIDTH,
    height: HEIGHT,
    body,
    definitions: plot.shared.definitions,
    table: {
      columns: ["from", "to", "synthetic", ...(theirs === undefined ? [] : ["real"])],
      rows: ours.map((share, i) => [
        significant(domain[0] + i * step, 4),
        significant(domain[0] + (i + 1) * step, 4),
        significant(share, 4),
        ...(theirs === undefined ? [] : [significant(theirs[i], 4)]),
      ]),
    },
  };
}

/** Corners of a square plot in the panel. */
const SQUARE = { left: 84, top: 50, right: 256, bottom: 222 };

export function rocFigure(
  results: Results,
  entry: RealismEntry,
  classifier: ClassifierRecord,
): Figure | undefined {
  if (classifier.roc.length < 2) return undefined;
  const plot = frame(
    SQUARE,
    { title: "real rows taken for synthetic", domain: [0, 1], ticks: 5 },
    { title: "synthetic rows found", domain: [0, 1], ticks: 5 },
  );
  const points: Point[] = classifier.roc.map(({ falsePositive, truePositive }) => ({
    x: plot.x(falsePositive),
    y: plot.y(truePositive),
  }));
  const chance: Fragment = markup`<path class="guide" d="M${at(plot.x(0))} ${at(plot.y(0))}L${at(plot.x(1))} ${at(plot.y(1))}"/>`;
  const body = join([
    heading(entry, "can a classifier tell them apart?"),
    chance,
    markup`<g class="${SYNTHETIC}"><path class="line" d="${pathOf(points)}"/></g>`,
    plot.shared.markup,
    markup`<text class="small e" x="${at(SQUARE.right - 8)}" y="${at(SQUARE.bottom - 24)}">AUC ${fixed(classifier.auc, 3)} ± ${fixed(classifier.aucError, 3)}</text><text class="small e" x="${at(SQUARE.right - 8)}" y="${at(SQUARE.bottom - 10)}">0.5: it cannot</text>`,
  ]);
  return {
    file: figureFile(results, "realism", "roc", entry.dataset),
    caption: `ROC curve of ${classifier.method}, ${classifier.folds} folds.`,
    panel: `${entry.dataset}: ROC curve`,
    width: WIDTH,
    height: HEIGHT,
    body,
    definitions: plot.shared.definitions,
    table: {
      columns: ["false positive", "true positive"],
      rows: classifier.roc.map((point) => [
        significant(point.falsePositive, 4),
        significant(point.truePositive, 4),
      ]),
    },
  };
}
