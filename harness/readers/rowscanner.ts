/**
 * The hot loop of the CSV reader: whole lines of bytes to rows of numbers, with row and column in every refusal.
 *
 * Plain counts followed by a comma take the short way; everything else goes through decimal.ts.
 */
import { InputError, printable } from "../core/errors.js";
import type { RawSlab } from "../core/reader.js";
import { IGNORED, type ColumnPlan } from "./columns.js";
import { parseDecimal } from "./decimal.js";
import { labelCode, labelWords } from "./labeltext.js";

export const SLAB_ROWS = 4096;

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const BLANK = 32;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
/** Counts of up to this many digits are exact while they are summed up in binary64. */
const EXACT_DIGITS = 15;

export class RowScanner {
  /** Lines of the file that were used up. */
  line = 0;
  rows = 0;
  #firstLine = 0;
  #blankLine = 0;
  #cells: Float64Array;
  readonly #stride: number;
  readonly #target: Int32Array;
  readonly #width: number;

  constructor(
    private readonly name: string,
    private readonly plan: ColumnPlan,
  ) {
    this.#stride = plan.columns + plan.labels.length;
    this.#target = plan.target;
    this.#width = plan.target.length;
    this.#cells = new Float64Array(SLAB_ROWS * this.#stride);
  }

  get full(): boolean {
    return this.rows === SLAB_ROWS;
  }

  /** Reads rows from `bytes` (which end with a newline) until they or the slab are used up; answers where it stopped. */
  scan(bytes: Uint8Array, from: number): number {
    const target = this.#target;
    const last = this.#width - 1;
    const stride = this.#stride;
    const cells = this.#cells;
    const end = bytes.length;
    let at = from;
    while (at < end && this.rows < SLAB_ROWS) {
      if (this.#blank(bytes, at)) {
        at = bytes.indexOf(NEWLINE, at) + 1;
        continue;
      }
      const base = this.rows * stride;
      for (let column = 0; ; column++) {
        const start = at;
        let value = 0;
        let byte = bytes[at];
        while (byte >= ZERO && byte <= NINE) {
          value = value * 10 + (byte - ZERO);
          byte = bytes[++at];
        }
        const digits = at - start;
        if ((byte !== COMMA && byte !== NEWLINE) || digits === 0 || digits > EXACT_DIGITS) {
          at = this.#fieldEnd(bytes, start, column);
          byte = bytes[at];
          if (column <= last && target[column] !== IGNORED) value = this.#field(bytes, start, at, column);
        }
        at++;
        if (column <= last && target[column] !== IGNORED) cells[base + target[column]] = value;
        if (byte === NEWLINE) {
          if (column !== last) throw this.#ragged(column + 1);
          break;
        }
        if (column >= last) throw this.#ragged(column + 2 + countCommas(bytes, at));
      }
      if (this.rows === 0) this.#firstLine = this.line + 1;
      this.rows++;
      this.line++;
    }
    return at;
  }

  /** The rows read so far as a slab of their own memory; starts the next slab. */
  take(): RawSlab {
    const rows = this.rows;
    const { plan } = this;
    const { columns } = plan;
    const stride = this.#stride;
    const cells = this.#cells;
    const firstLine = this.#firstLine;
    const values =
      plan.labels.length === 0 ? cells.subarray(0, rows * columns) : new Float64Array(rows * columns);
    if (plan.labels.length > 0) {
      for (let row = 0; row < rows; row++)
        values.set(cells.subarray(row * stride, row * stride + columns), row * columns);
    }
    const labels = new Map(
      plan.labels.map((label, k) => [
        label,
        Float64Array.from({ length: rows }, (_, row) => cells[row * stride + columns + k]),
      ]),
    );
    this.rows = 0;
    this.#cells = new Float64Array(SLAB_ROWS * stride);
    return { rows, values, labels, locate: (row) => `line ${firstLine + row}` };
  }

  /** True for a line without content; such lines may only be the last ones. */
  #blank(bytes: Uint8Array, at: number): boolean {
    let i = at;
    while (bytes[i] === BLANK || bytes[i] === TAB || bytes[i] === RETURN) i++;
    if (bytes[i] !== NEWLINE) {
      if (this.#blankLine === 0) return false;
      throw new InputError(
        `${this.name} line ${this.#blankLine}: a blank line between rows: expected ${this.#width} columns, got none`,
        { tag: "csv" },
      );
    }
    this.line++;
    if (this.#blankLine === 0) this.#blankLine = this.line;
    return true;
  }

  /** Index of the comma or newline that ends the field starting at `start`. */
  #fieldEnd(bytes: Uint8Array, start: number, column: number): number {
    let at = start;
    while (bytes[at] === BLANK || bytes[at] === TAB) at++;
    if (bytes[at] === QUOTE) {
      at = bytes.indexOf(QUOTE, at + 1);
      while (at >= 0 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2);
      const newline = bytes.indexOf(NEWLINE, start);
      if (at < 0 || at > newline) {
        throw new InputError(
          `${this.#place(column)}: a quote is not closed: expected a closing quote on the same line, got none`,
          { tag: "csv" },
        );
      }
    }
    while (bytes[at] !== COMMA && bytes[at] !== NEWLINE) at++;
    return at;
  }

  /** The number in bytes [start, stop): blanks and a pair of quotes around it taken away. */
  #field(bytes: Uint8Array, start: number, stop: number, column: number): number {
    let low = start;
    let high = stop;
    if (bytes[stop] === NEWLINE && high > low && bytes[high - 1] === RETURN) high--;
    while (low < high && (bytes[low] === BLANK || bytes[low] === TAB)) low++;
    while (high > low && (bytes[high - 1] === BLANK || bytes[high - 1] === TAB)) high--;
    if (high - low >= 2 && bytes[low] === QUOTE && bytes[high - 1] === QUOTE) {
      low++;
      high--;
    }
    const value = parseDecimal(bytes, low, high);
    if (value !== undefined) return value;
    const text = new TextDecoder().decode(bytes.subarray(low, high));
    const label = this.plan.labels[this.#target[column] - this.plan.columns];
    const code = this.#target[column] >= this.plan.columns ? labelCode(label, text) : undefined;
    if (code !== undefined) return code;
    const wanted = this.#target[column] >= this.plan.columns ? labelWords(label) : "a decimal number";
    throw new InputError(
      `${this.#place(column)}: not a number: expected ${wanted}, got ${text === "" ? "an empty field" : printable(text, 40)}`,
      { tag: "csv" },
    );
  }

  #place(column: number): string {
    const name = column < this.#width ? this.plan.names[column] : `column ${column + 1}`;
    const shown = name.startsWith("column ") ? name : `column ${column + 1} (${printable(name, 40)})`;
    return `${this.name} line ${this.line + 1} ${shown}`;
  }

  #ragged(found: number): InputError {
    return new InputError(
      `${this.name} line ${this.line + 1}: wrong number of columns: expected ${this.#width}, got ${found}`,
      { tag: "csv", remedy: "every row needs the same columns; a file cut short ends in such a row" },
    );
  }
}

function countCommas(bytes: Uint8Array, from: number): number {
  let count = 0;
  for (let at = from; bytes[at] !== NEWLINE; at++) if (bytes[at] === COMMA) count++;
  return count;
}
