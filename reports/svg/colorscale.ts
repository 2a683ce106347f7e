/**
 * Charge and difference to colour steps: square-root scales, so that small charges stay visible beside large ones.
 *
 * Steps are class names (`k0`..`k9`, `d0`..`d10`); the theme gives them colours for light and dark.
 */
import { scaleLinear } from "d3-scale";
import { markup, type Html } from "../escape.js";
import { significant } from "../numbers.js";
import { at } from "./figure.js";
import { Pen } from "./pen.js";
import { CHARGE_LEVELS, DIFFERENCE_LEVELS, differenceClass } from "./theme.js";

/** Class of a cell without charge. */
export const BARE = "bare";

/** Step 0..9 of a charge above zero on a scale that ends at `most`. */
export function chargeStep(value: number, most: number): number {
  if (most <= 0) return 0;
  return Math.min(CHARGE_LEVELS - 1, Math.floor(Math.sqrt(Math.min(1, value / most)) * CHARGE_LEVELS));
}

/** Step -5..5 of a difference on a scale that ends at +-`most`; only 0 has step 0. */
export function differenceStep(value: number, most: number): number {
  if (value === 0 || most <= 0) return 0;
  const size = Math.ceil(Math.sqrt(Math.min(1, Math.abs(value) / most)) * DIFFERENCE_LEVELS);
  return Math.sign(value) * Math.max(1, size);
}

/** Class of a cell of a charge map; a cell without charge is bare. */
export function chargeClass(value: number, most: number): string {
  return value > 0 ? `k${chargeStep(value, most)}` : BARE;
}

/** Class of a cell of a difference map. */
export function differenceCellClass(value: number, most: number): string {
  return differenceClass(differenceStep(value, most));
}

/** Round values along a square-root scale, ascending, few enough to be read. */
function roundValues(most: number): number[] {
  const linear = scaleLinear([0, most], [0, 1]).ticks(4);
  const small = linear.length > 1 ? linear[1] / 5 : most / 10;
  const values = [0, small, ...linear.filter((value) => value > 0)];
  return values.filter((value) => value <= most);
}

export interface BarPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

const BAR_HEIGHT = 9;

function boxes(place: BarPlace, names: readonly string[]): Html[] {
  const width = place.width / names.length;
  const top = at(place.top);
  return names.map((name, i) => {
    return markup`<path class="${name}" d="M${at(place.left + i * width)} ${top}h${at(width + 0.4)}v${BAR_HEIGHT}h${at(-width - 0.4)}z"/>`;
  });
}

function outline(place: BarPlace): Html {
  return markup`<rect class="frame" x="${at(place.left)}" y="${at(place.top)}" width="${at(place.width)}" height="${BAR_HEIGHT}"/>`;
}

interface BarLabel {
  readonly x: number;
  readonly text: string;
}

function labelsMarkup(labels: readonly BarLabel[], place: BarPlace): Html {
  const y = place.top + BAR_HEIGHT;
  const pen = new Pen();
  for (const { x } of labels) pen.move(x, y).line(x, y - 4);
  const texts = labels.map(({ x, text }) => markup`<tspan x="${at(x)}">${text}</tspan>`);
  return markup`<path class="tick" d="${pen.toString()}"/><text class="small m" y="${at(y + 12)}">${texts}</text>`;
}

function tidy(value: number): string {
  return significant(value, 3)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "")
    .replace("-", "−");
}

/** Colours of a charge map's bar. */
export function chargeBar(place: BarPlace): Html {
  return markup`${boxes(
    place,
    Array.from({ length: CHARGE_LEVELS }, (_, i) => `k${i}`),
  )}${outline(place)}`;
}

/** Colours of a difference map's bar. */
export function differenceBar(place: BarPlace): Html {
  return markup`${boxes(place, DIFFERENCE_NAMES)}${outline(place)}`;
}

const DIFFERENCE_NAMES = Array.from({ length: 2 * DIFFERENCE_LEVELS + 1 }, (_, i) => {
  return differenceClass(i - DIFFERENCE_LEVELS);
});

/** Labels under the bar of a charge map that ends at `most`. */
export function chargeLabels(place: BarPlace, most: number): Html {
  const values = most > 0 ? thinned(roundValues(most), (value) => Math.sqrt(value / most)) : [0];
  const labels = values.map((value) => ({
    x: place.left + (most > 0 ? Math.sqrt(value / most) : 0) * place.width,
    text: tidy(value),
  }));
  return labelsMarkup(labels, place);
}

/** Labels under the bar of a difference map that ends at +-`most`. */
export function differenceLabels(place: BarPlace, most: number): Html {
  const side = most > 0 ? roundValues(most).slice(-1) : [];
  const middle = place.left + place.width / 2;
  const half = place.width / DIFFERENCE_NAMES.length / 2;
  const labels = side.flatMap((value) => {
    const shift = Math.sqrt(value / most) * (place.width / 2 - half) + half;
    return [
      { x: middle - shift, text: tidy(-value) },
      { x: middle + shift, text: tidy(value) },
    ];
  });
  return labelsMarkup([...labels, { x: middle, text: "0" }], place);
}

/** Values at least a fifth of the bar apart, the largest kept first. */
function thinned(values: readonly number[], share: (value: number) => number): number[] {
  const kept: number[] = [];
  for (const value of [...values].reverse()) {
    if (kept.every((other) => Math.abs(share(other) - share(value)) > 0.2)) kept.push(value);
  }
  return kept.reverse();
}
