/**
 * A figure: drawing, title, dataset label, units and the numbers behind it; shown on a page or saved as an SVG file.
 *
 * The drawing carries its own title and label, so that it can be shown away from the page.
 */
import { createHash } from "node:crypto";
import { join, markup, styleSheet, type Fragment, type Html } from "../escape.js";
import { short } from "../numbers.js";
import { figureCss, themeCss } from "./theme.js";

export interface FigureTable {
  /** What the numbers are, where the columns do not say it all. */
  readonly says?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that `<use>`, a marker or a class refers to. */
export interface Definition {
  /** Ours and the same for the same shape: never a foreign name. */
  readonly id: string;
  readonly shape: Html;
}

export interface Figure {
  /** File name without folder: date_topic_network_variable.svg. */
  readonly file: string;
  /** One sentence: what is drawn, in which units; the same for all panels of a kind. */
  readonly caption: string;
  /** What tells a small panel from its neighbours. Panels keep their size on a phone; large figures scroll. */
  readonly panel?: string;
  readonly width: number;
  readonly height: number;
  readonly body: Html;
  /** Shapes that figures share by reference: the page holds each once, a saved file its own copies. */
  readonly definitions?: readonly Definition[];
  readonly table?: FigureTable;
}

export interface Heading {
  readonly title: string;
  /** Dataset as readers know it, and what else the figure holds fixed. */
  readonly label: string;
  readonly synthetic: boolean;
  /** Smaller title for panels. */
  readonly small?: boolean;
}

/** To base 36. A page has thousands of shapes: two of the same hash are not to be expected, and are refused. */
const HASH_DIGITS = 8;

/** Mean width of a character of the figure fonts, in units of the font size. */
const CHARACTER = 0.53;

/** How many characters of a font of `size` fit into `width`. */
export function fitting(width: number, size: number): number {
  return Math.max(4, Math.floor(width / (CHARACTER * size)));
}

/** Rough width of `text` in a font of `size`. */
export function textWidth(text: string, size: number): number {
  return Array.from(text).length * CHARACTER * size;
}

/** Coordinate with at most one decimal: a tenth of a unit is finer than a screen shows. */
export function at(value: number): string {
  if (!Number.isFinite(value))
    throw new RangeError(`figure coordinate: expected a finite number, got ${value}`);
  return String(Math.round(value * 10) / 10);
}

/** Title, dataset and the synthetic mark above the frame; `left`..`right` is the room. */
export function headingMarkup(heading: Heading, left: number, right: number): Html {
  return join([titleText(heading, left, right), labelText(heading, left, right)]);
}

/** The same for a panel: what its neighbours have too is shared. */
export function panelHeading(heading: Heading, left: number, right: number): Part {
  const small = { ...heading, small: true };
  const label = shared(labelText(small, left, right));
  return {
    markup: join([titleText(small, left, right), label.markup]),
    definitions: label.definitions,
  };
}

function markOf({ synthetic }: Heading): string {
  return synthetic ? "synthetic data" : "";
}

function titleText(heading: Heading, left: number, right: number): Html {
  const isSmall = heading.small === true;
  const [name, size] = isSmall ? ["lesser", 13.5] : ["title", 15.5];
  const room = right - left - (isSmall ? 0 : markRoom(heading));
  return markup`<text class="${name}" x="${at(left)}" y="20">${short(heading.title, fitting(room, size))}</text>`;
}

/** The mark stands beside the title; in panels, whose titles take all the room, beside the label. */
function labelText(heading: Heading, left: number, right: number): Html {
  const isSmall = heading.small === true;
  const label = short(heading.label, fitting(right - left - (isSmall ? markRoom(heading) : 0), 11));
  return markup`<text class="sub" x="${at(left)}" y="38">${label}</text><text class="syn e" x="${at(right)}" y="${isSmall ? 38 : 20}">${markOf(heading)}</text>`;
}

function markRoom(heading: Heading): number {
  const mark = markOf(heading);
  return mark === "" ? 0 : textWidth(mark, 12) + 6;
}

/** The svg element for a page; its colours come from the page's style, and the caption of panels stands under their grid. */
export function inlineSvg(figure: Figure): Html {
  const { width, height, panel, caption } = figure;
  // The style of the page gives panels their width.
  const size = panel === undefined ? markup` width="${width}" height="${height}"` : markup``;
  return svgElement(figure, size, panel ?? caption, undefined);
}

function svgElement({ width, height, body }: Figure, more: Html, title: string, style: Fragment): Html {
  return markup`<svg class="fig" role="img" viewBox="0 0 ${width} ${height}"${more}><title>${title}</title>${style}${body}</svg>`;
}

/** A whole SVG file with its own style, light and dark. */
export function standaloneSvg(figure: Figure): string {
  const style = markup`${styleSheet(themeCss("svg") + figureCss())}${definitionsMarkup(figure)}<rect class="bare" width="100%" height="100%"/>`;
  const { width, height, panel, caption } = figure;
  const file = markup` width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"`;
  const title = panel === undefined ? caption : `${panel}: ${caption}`;
  return `${svgElement(figure, file, title, style).toString()}\n`;
}

function definitionsMarkup({ definitions = [] }: Figure): Fragment {
  const shapes = new Map(definitions.map(({ id, shape }) => [id, shape]));
  return shapes.size === 0 ? undefined : markup`<defs>${[...shapes.values()]}</defs>`;
}

/** Markup that refers to shapes, with the shapes. */
export interface Part {
  readonly markup: Html;
  readonly definitions: readonly Definition[];
}

/** A shape by reference, as often as it is wanted. */
export interface SharedPart extends Part {
  /** Moved down by `y`. */
  at(y: number): Html;
}

/** `shape` by reference, with the `definitions` that it refers to itself: wherever the same is drawn, it is there once. */
export function shared(shape: Html, definitions: readonly Definition[] = []): SharedPart {
  const hash = createHash("sha256").update(shape.toString()).digest().readBigUInt64LE();
  const id = markup`u${hash.toString(36).slice(0, HASH_DIGITS)}`;
  // `fig` stands inside so that its rules reach the copies.
  const definition = { id: id.toString(), shape: markup`<g id="${id}" class="fig">${shape}</g>` };
  return {
    markup: markup`<use href="#${id}"/>`,
    definitions: [...definitions, definition],
    at: (y) => markup`<use href="#${id}" y="${at(y)}"/>`,
  };
}

export function sideBySide(...parts: readonly Part[]): Part {
  return {
    markup: join(parts.map((part) => part.markup)),
    definitions: parts.flatMap((part) => part.definitions),
  };
}

/** The same by one reference. */
export function together(...parts: readonly Part[]): SharedPart {
  const { markup: shapes, definitions } = sideBySide(...parts);
  return shared(shapes, definitions);
}

/** What the figures of a page share, each shape once. */
export class SharedShapes {
  readonly #shapes = new Map<string, Html>();

  /** Takes note of what `figures` refer to, and answers with them. */
  of(figures: readonly Figure[]): readonly Figure[] {
    for (const { id, shape } of figures.flatMap(({ definitions = [] }) => definitions)) {
      const known = this.#shapes.get(id) ?? shape;
      if (known.toString() !== shape.toString()) throw new RangeError(`two shapes have the id ${id}`);
      this.#shapes.set(id, shape);
    }
    return figures;
  }

  /** Stands before all figures: what is in a folded part may not be there for others. */
  get markup(): Fragment {
    if (this.#shapes.size === 0) return undefined;
    return markup`<svg class="fig shared" aria-hidden="true" width="0" height="0"><defs>${[...this.#shapes.values()]}</defs></svg>
`;
  }
}

/** Figure with caption, file name and the numbers behind it; a panel's caption and file name stand under its grid. */
export function figureMarkup(figure: Figure): Html {
  const numbers = numbersMarkup(figure.table);
  if (figure.panel !== undefined)
    return numbers === undefined
      ? markup`${inlineSvg(figure)}\n`
      : markup`<figure>${inlineSvg(figure)}${numbers}</figure>\n`;
  return markup`<figure class="large"><div class="draw">${inlineSvg(figure)}</div>
<figcaption>${figure.caption} <span class="file">${figure.file}</span></figcaption>${numbers}</figure>
`;
}

/** The one value, or * for several. */
function common(values: readonly string[]): string {
  return values.every((value) => value === values[0]) ? values[0] : "*";
}

/** Panels side by side; under them, once for each kind, what is drawn and how their files are called, with * for what differs. */
export function gridMarkup(panels: readonly Figure[]): Fragment {
  if (panels.length === 0) return undefined;
  const captions = [...new Set(panels.map(({ caption }) => caption))].map((caption) => {
    const names = panels.filter((panel) => panel.caption === caption).map(({ file }) => file.split("_"));
    const file = names[0].map((_, i) => common(names.map((parts) => parts[i]))).join("_");
    return markup`<p class="note">${caption} <span class="file">${file.replace(/\*$/, "*.svg")}</span></p>\n`;
  });
  return markup`<div class="grid">${panels.map(figureMarkup)}</div>
${captions}`;
}

/** Numbers to copy, folded. */
export function numbersMarkup(table: FigureTable | undefined): Fragment {
  if (table === undefined) return undefined;
  const { says = "numbers" } = table;
  const lines = [table.columns, ...table.rows].map((row) =>
    join(row.map((cell, i) => markup`${i === 0 ? "" : TAB}${cell}`)),
  );
  return markup`<details class="numbers"><summary>${says}</summary><pre>${lines.map((line, i) => markup`${i === 0 ? markup`` : NEWLINE}${line}`)}</pre></details>`;
}

const TAB = markup`	`;
const NEWLINE = markup`
`;
