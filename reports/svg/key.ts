/** Keys: what a series looks like beside its name, one by one along a curve's end or as a list beside the frame. */
import { markup } from "../escape.js";
import type { Box } from "./axis.js";
import { at, shared, sideBySide, textWidth, type Part, type SharedPart } from "./figure.js";
import { line, marker, styleClass, type SeriesStyle } from "./marks.js";

export interface KeyEntry {
  readonly name: string;
  readonly style: SeriesStyle;
}

const SAMPLE = 22;
const TEXT = 28;
const SIZE = 13;

/** How wide the longest of `names` makes a key. */
export function keyWidth(names: readonly string[]): number {
  return TEXT + Math.max(0, ...names.map((name) => textWidth(name, SIZE)));
}

/** Line, marker and name round the height 0, to be moved down; the same wherever the series is shown. */
export function keyEntry({ style, name }: KeyEntry, left: number): SharedPart {
  const sample = line([
    { x: left, y: 0 },
    { x: left + SAMPLE, y: 0 },
  ]);
  return shared(
    markup`<g class="${styleClass(style)}">${sample}${marker(style, { x: left + SAMPLE / 2, y: 0 }, 3.6)}<text class="name" x="${at(left + TEXT)}" y="4.5">${name}</text></g>`,
  );
}

export interface KeyGroup {
  readonly title: string;
  readonly entries: readonly KeyEntry[];
}

/** From one line of a list to the next, where there is room. */
const PITCH = 17;

/** A list beside `box`, group by group, closer where there are many. */
export function keyList(groups: readonly KeyGroup[], { top, bottom }: Box, left: number): Part {
  const count = groups.reduce((total, { entries }) => total + 1 + entries.length, 0);
  const pitch = Math.min(PITCH, (bottom - top) / count);
  let line = 0;
  const next = (): number => top + (line++ + 0.5) * pitch;
  return sideBySide(
    ...groups.flatMap(({ title, entries }) => [
      {
        markup: markup`<text class="sub" x="${at(left)}" y="${at(next() + 4.5)}">${title}</text>`,
        definitions: [],
      },
      ...entries.map((entry) => {
        const key = keyEntry(entry, left);
        return { markup: key.at(next()), definitions: key.definitions };
      }),
    ]),
  );
}
