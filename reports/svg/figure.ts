/**
 * A figure: drawing, title, dataset label, units and the numbers behind it; shown on a page or saved as an SVG file.
 *
 * The drawing carries its own title and label, so that it can be shown away from the page.
 */
import { join, markup, styleSheet, type Fragment, type Html } from "../escape.js";
import { short } from "../numbers.js";
import { figureCss, themeCss } from "./theme.js";

export interface FigureTable {
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
  /** One sentence: what is drawn, in which units. */
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly body: Html;
  /** Shapes that figures share by reference: the page holds each once, a saved file its own copies. */
  readonly definitions?: readonly Definition[];
  readonly table?: FigureTable;
  /** Small panels keep their size on a phone; large figures scroll. */
  readonly small?: boolean;
}

export interface Heading {
  readonly title: string;
  /** Dataset as readers know it, and what else the figure holds fixed. */
  readonly label: string;
  readonly synthetic: boolean;
  /** Smaller title for panels. */
  readonly small?: boolean;
}

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
  const mark = heading.synthetic ? "synthetic data" : "";
  const room = right - left - textWidth(mark, 12) - (mark === "" ? 0 : 10);
  const [name, size] = heading.small === true ? ["title lesser", 13.5] : ["title", 15.5];
  const title = short(heading.title, fitting(room, size));
  const label = short(heading.label, fitting(right - left, 11.5));
  return markup`<text class="${name}" x="${at(left)}" y="20">${title}</text><text class="sub" x="${at(left)}" y="38">${label}</text><text class="syn e" x="${at(right)}" y="20">${mark}</text>`;
}

/** The svg element for a page; its colours come from the page's style. */
export function inlineSvg(figure: Figure): Html {
  return svgElement(figure, "", markup``);
}

function svgElement(figure: Figure, namespace: string, style: Fragment): Html {
  const xmlns = namespace === "" ? markup`` : markup` xmlns="${namespace}"`;
  return markup`<svg${xmlns} class="fig" role="img" viewBox="0 0 ${figure.width} ${figure.height}" width="${figure.width}" height="${figure.height}"><title>${figure.caption}</title>${style}${figure.body}</svg>`;
}

/** A whole SVG file with its own style, light and dark. */
export function standaloneSvg(figure: Figure): string {
  const style = markup`${styleSheet(themeCss("svg") + figureCss())}${definitionsMarkup(figure)}<rect class="bare" width="100%" height="100%"/>`;
  return `${svgElement(figure, "http://www.w3.org/2000/svg", style).toString()}\n`;
}

function definitionsMarkup({ definitions = [] }: Figure): Fragment {
  return definitions.length === 0 ? undefined : markup`<defs>${definitions.map(({ shape }) => shape)}</defs>`;
}

/** What the figures of a section share, each shape once. */
export class SharedShapes {
  readonly #shapes = new Map<string, Html>();

  /** Takes note of what `figures` refer to, and answers with them. */
  of(figures: readonly Figure[]): readonly Figure[] {
    for (const { id, shape } of figures.flatMap(({ definitions = [] }) => definitions))
      this.#shapes.set(id, shape);
    return figures;
  }

  /** Stands in the section itself: what is in a folded part may not be there for others. */
  get markup(): Fragment {
    if (this.#shapes.size === 0) return undefined;
    return markup`<svg class="fig shared" aria-hidden="true" width="0" height="0"><defs>${[...this.#shapes.values()]}</defs></svg>
`;
  }
}

/** Figure with caption (panels: as its title only), file name and the numbers behind it. */
export function figureMarkup(figure: Figure): Html {
  const [kind, caption] =
    figure.small === true ? ["panel", undefined] : ["large", markup`${figure.caption} `];
  return markup`<figure class="${kind}"><div class="draw">${inlineSvg(figure)}</div>
<figcaption>${caption}<span class="file">${figure.file}</span></figcaption>${numbersMarkup(figure.table)}</figure>
`;
}

/** Numbers to copy, folded. */
export function numbersMarkup(table: FigureTable | undefined, title = "numbers"): Fragment {
  if (table === undefined) return undefined;
  const lines = [table.columns, ...table.rows].map((row) =>
    join(row.map((cell, i) => markup`${i === 0 ? "" : TAB}${cell}`)),
  );
  return markup`<details class="numbers"><summary>${title}</summary><pre>${lines.map((line, i) => markup`${i === 0 ? markup`` : NEWLINE}${line}`)}</pre></details>`;
}

const TAB = markup`	`;
const NEWLINE = markup`
`;
