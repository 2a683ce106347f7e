/** The learning curve of one training: training and validation loss against the epoch, on a logarithmic axis where it can be. */
import { join, markup } from "../escape.js";
import { significant } from "../numbers.js";
import { frame, niceDomain, type Box } from "../svg/axis.js";
import { headingMarkup, type Figure } from "../svg/figure.js";
import { line, seriesStyle, styleClass, type Point } from "../svg/marks.js";
import { safePart } from "./name.js";

export interface CurvePoint {
  readonly epoch: number;
  readonly loss: number | null;
  readonly validationLoss: number;
}

export interface CurveFacts {
  readonly name: string;
  /** The loss with its unit, for the axis. */
  readonly loss: string;
  readonly dataset: string;
  readonly synthetic: boolean;
  /** YYYY-MM-DD of the training. */
  readonly date: string;
  readonly bestEpoch: number;
}

const WIDTH = 640;
const HEIGHT = 400;
const BOX: Box = { left: 78, top: 52, right: 616, bottom: 344 };
const LEGEND_STEP = 18;

/** The figure; at least two epochs with a loss above zero make a logarithmic axis. */
export function learningCurve(curve: readonly CurvePoint[], facts: CurveFacts): Figure {
  const series = [
    { name: "training", of: (one: CurvePoint) => one.loss },
    { name: "validation", of: (one: CurvePoint) => one.validationLoss },
  ];
  const values = curve.flatMap((one) => series.map(({ of }) => of(one))).filter((value) => value !== null);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const log = least > 0 && most > 4 * least;
  const domain = log ? ([least / 1.2, most * 1.2] as const) : niceDomain(Math.min(0, least), most);
  const last = Math.max(1, curve[curve.length - 1].epoch);
  const plot = frame(BOX, { title: "epoch", domain: [0, last] }, { title: facts.loss, domain, log });
  const drawn = series.map(({ name, of }, i) => {
    const points = curve.flatMap((one): Point[] => {
      const value = of(one);
      return value === null ? [] : [{ x: plot.x(one.epoch), y: plot.y(value) }];
    });
    const y = BOX.top + 18 + i * LEGEND_STEP;
    const sample = line([
      { x: BOX.right - 140, y },
      { x: BOX.right - 112, y },
    ]);
    return markup`<g class="${styleClass(seriesStyle(i))}">${points.length > 1 ? line(points) : undefined}${sample}<text class="name" x="${BOX.right - 104}" y="${y + 4.5}">${name}</text></g>`;
  });
  const heading = headingMarkup(
    {
      title: `Learning curve of ${facts.name}`,
      label: `${facts.dataset}; best epoch ${facts.bestEpoch}`,
      synthetic: facts.synthetic,
    },
    BOX.left,
    WIDTH - 14,
  );
  return {
    file: `${facts.date}_learning-curve_${safePart(facts.name)}_loss.svg`,
    caption: `${facts.loss} of ${facts.name} after each epoch, training and validation rows.`,
    width: WIDTH,
    height: HEIGHT,
    body: join([heading, plot.markup, ...drawn]),
    table: {
      columns: ["epoch", "training", "validation"],
      rows: curve.map((one) => [String(one.epoch), significant(one.loss), significant(one.validationLoss)]),
    },
  };
}
