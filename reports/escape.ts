/**
 * The only maker of markup from foreign text: every value put into a template is escaped unless it is already Html.
 *
 * Attributes are always quoted in templates. Names never stand in href, style, id or a comment: only in text and in
 * `title`/`aria-label`. Control, bidirectional and other invisible characters are shown as escapes.
 */
import { printable } from "../harness/core/errors.js";

const LONGEST = 4000;

/** Markup that is safe to put on a page; made only by `markup`, `join` and `styleSheet`. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }

  /** Used by this file's functions alone. */
  static ofTrusted(markup: string, key: typeof KEY): Html {
    if (key !== KEY) throw new TypeError("markup is made by the markup template only");
    return new Html(markup);
  }
}

const KEY = Symbol("maker of markup");

export type Fragment = Html | string | number | undefined | readonly Fragment[];

const ENTITY: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** `text` as it may stand between tags or inside a quoted attribute. */
export function escapeText(text: string): string {
  return printable(text, LONGEST).replace(/[&<>"'`]/g, (character) => ENTITY[character]);
}

function markupOf(value: Fragment): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "number") {
    if (!Number.isFinite(value))
      throw new RangeError(`number on a page: expected a finite one, got ${value}`);
    return String(value);
  }
  if (typeof value === "string") return escapeText(value);
  return value.map(markupOf).join("");
}

/** Template for markup (not called `html`, which formatters rewrite inside): markup`<td>${name}</td>`. */
export function markup(parts: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  let written = parts[0];
  for (let i = 0; i < values.length; i++) written += markupOf(values[i]) + parts[i + 1];
  return Html.ofTrusted(written, KEY);
}

/** Fragments side by side. */
export function join(fragments: readonly Fragment[]): Html {
  return Html.ofTrusted(fragments.map(markupOf).join(""), KEY);
}

export const EMPTY: Html = join([]);

/** A style element holding rules of our own; refuses text that could end it. */
export function styleSheet(css: string): Html {
  if (/[<&]/.test(css)) throw new TypeError("style sheet: expected rules without < and &");
  return Html.ofTrusted(`<style>${css}</style>`, KEY);
}
