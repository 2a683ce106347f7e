/**
 * Axes as the field draws them: ticks inside on all four sides, minor ticks, titles at the far ends, 10ⁿ on log axes.
 *
 * An axis is a d3 scale with its range in figure coordinates; this file turns scales into ticks and a frame.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { join, markup, type Html } from "../escape.js";
import { at, shared, sideBySide, type Part } from "./figure.js";
import { Pen } from "./pen.js";

export interface Axis {
  readonly title: string;
  readonly domain: readonly [number, number];
  readonly log?: boolean;
  /** Values that get a label, instead of the automatic ones. */
  readonly labels?: readonly number[];
  /** Wanted number of labelled ticks. */
  readonly ticks?: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A value in its axis' unit to a figure coordinate. */
export type Place = (value: number) => number;

export interface Frame {
  readonly box: Box;
  readonly x: Place;
  readonly y: Place;
  readonly markup: Html;
  /** The same by reference, each axis for itself: figures side by side often have one of them in common. */
  readonly shared: Part;
}

interface Tick {
  readonly value: number;
  readonly label: Html | undefined;
}

const MAJOR = 9;
const MINOR = 4.5;

function scaleOf(axis: Axis, from: number, to: number): Place {
  const scale = axis.log === true ? scaleLog(axis.domain, [from, to]) : scaleLinear(axis.domain, [from, to]);
  return (value) => scale(value);
}

function powerLabel(value: number): Html {
  const exponent = Math.round(Math.log10(value));
  if (exponent === 0) return markup`1`;
  if (exponent === 1) return markup`10`;
  return markup`10<tspan dy="-5" font-size="75%">${exponent < 0 ? `−${-exponent}` : String(exponent)}</tspan>`;
}

/** Axis labels: as few digits as tell the ticks apart. */
export function plainLabel(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(Math.min(decimals, 8)).replace("-", "−");
}

function linearTicks(axis: Axis): Tick[] {
  const wanted = axis.ticks ?? 6;
  const scale = scaleLinear(axis.domain, [0, 1]);
  const major = axis.labels ?? scale.ticks(wanted);
  const step = major.length > 1 ? major[1] - major[0] : 1;
  const minor = scale
    .ticks(wanted * 5)
    .filter((value) => !major.some((m) => Math.abs(m - value) < step * 1e-6));
  return [
    ...major.map((value) => ({ value, label: markup`${plainLabel(value, step)}` })),
    ...minor.map((value) => ({ value, label: undefined })),
  ];
}

/** Decades get labels; where there are fewer than two in the range, 2 and 5 get plain labels too. */
function logTicks(axis: Axis): Tick[] {
  const [low, high] = axis.domain;
  const decades = Math.floor(Math.log10(high) + 1e-9) - Math.ceil(Math.log10(low) - 1e-9) + 1;
  const ticks: Tick[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    for (let digit = 1; digit < 10; digit++) {
      const value = digit * 10 ** exponent;
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      ticks.push({ value, label: logLabel(axis, value, digit, decades) });
    }
  }
  return ticks;
}

function logLabel(axis: Axis, value: number, digit: number, decades: number): Html | undefined {
  if (axis.labels !== undefined) {
    return axis.labels.includes(value) ? markup`${plainLabel(value, Math.min(1, value))}` : undefined;
  }
  if (decades < 2)
    return [1, 2, 5].includes(digit) ? markup`${plainLabel(value, Math.min(1, value))}` : undefined;
  return digit === 1 ? powerLabel(value) : undefined;
}

function ticksOf(axis: Axis): Tick[] {
  const ticks = axis.log === true ? logTicks(axis) : linearTicks(axis);
  return ticks.filter(({ value }) => value >= axis.domain[0] && value <= axis.domain[1] * (1 + 1e-12));
}

const LOWERED = markup`MIP<tspan dy="3.5" font-size="72%">T</tspan><tspan dy="-3.5">\u200a</tspan>`;

/** `title` with the index of MIP_T set low. */
export function titleMarkup(title: string): Html {
  return join(title.split("MIP_T").map((part, i) => (i === 0 ? markup`${part}` : markup`${LOWERED}${part}`)));
}

function lengthOf({ label }: Tick): number {
  return label === undefined ? MINOR : MAJOR;
}

function horizontal(axis: Axis, place: Place, box: Box): Html {
  const labels: Html[] = [];
  const ticks = ticksOf(axis);
  const pen = new Pen();
  // Side by side, not in pairs: steps to the next tick are shorter than those across the frame.
  for (const [edge, inwards] of [
    [box.bottom, -1],
    [box.top, 1],
  ] as const) {
    for (const tick of ticks)
      pen.move(place(tick.value), edge).line(place(tick.value), edge + inwards * lengthOf(tick));
  }
  for (const { value, label } of ticks) {
    if (label !== undefined)
      labels.push(markup`<text x="${at(place(value))}" y="${at(box.bottom + 18)}">${label}</text>`);
  }
  return markup`<path class="tick" d="${pen.toString()}"/><g class="m">${labels}</g><text class="ax e" x="${at(box.right)}" y="${at(box.bottom + 38)}">${titleMarkup(axis.title)}</text>`;
}

function vertical(axis: Axis, place: Place, box: Box): Html {
  const labels: Html[] = [];
  const ticks = ticksOf(axis);
  const pen = new Pen();
  for (const [edge, inwards] of [
    [box.left, 1],
    [box.right, -1],
  ] as const) {
    for (const tick of ticks)
      pen.move(edge, place(tick.value)).line(edge + inwards * lengthOf(tick), place(tick.value));
  }
  for (const { value, label } of ticks) {
    const y = place(value);
    if (label !== undefined) {
      labels.push(markup`<text x="${at(box.left - 7)}" y="${at(y + 4.5)}">${label}</text>`);
    }
  }
  const titleX = at(box.left - 46);
  return markup`<path class="tick" d="${pen.toString()}"/><g class="e">${labels}</g><text class="ax e" transform="translate(${titleX} ${at(box.top)}) rotate(-90)">${titleMarkup(axis.title)}</text>`;
}

/** Frame with both axes drawn round `box`. */
export function frame(box: Box, xAxis: Axis, yAxis: Axis): Frame {
  const x = scaleOf(xAxis, box.left, box.right);
  const y = scaleOf(yAxis, box.bottom, box.top);
  const outline = markup`<rect class="frame" x="${at(box.left)}" y="${at(box.top)}" width="${at(box.right - box.left)}" height="${at(box.bottom - box.top)}"/>`;
  const [across, up] = [join([outline, horizontal(xAxis, x, box)]), vertical(yAxis, y, box)];
  return { box, x, y, markup: join([across, up]), shared: sideBySide(shared(across), shared(up)) };
}

/** `domain` widened to round values; a single value gets room on both sides. */
export function niceDomain(low: number, high: number): readonly [number, number] {
  if (low === high) return [low - 0.5, high + 0.5];
  const [from, to] = scaleLinear([low, high], [0, 1]).nice(6).domain();
  return [from, to];
}

/** Ends of an axis within a decade that leave room for few and round ticks. */
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The least round value that is not below `value` > 0: figures of one kind mostly end at the same. */
export function roundTop(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  const digits = ROUND.find((round) => round * decade >= value * (1 - 1e-9)) ?? 10;
  return digits * decade;
}
