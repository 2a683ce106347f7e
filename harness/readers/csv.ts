/**
 * Comma-separated tables, scanned as bytes and streamed in slabs; memory does not grow with the file.
 *
 * Strict: every row has the same number of columns, every value is a decimal number (decimal.ts). A byte-order mark, CRLF,
 * blanks around values and a missing last newline are accepted. Quotes are for header names and ignored text only in the
 * sense that a quoted number is still a number; a quoted field ends on its own line.
 */
import { InputError } from "../core/errors.js";
import {
  defineReader,
  type RawSlab,
  type RawTable,
  type ReadOptions,
  type ReadSource,
} from "../core/reader.js";
import { planFromCount, planFromNames, type ColumnPlan } from "./columns.js";
import { parseDecimal } from "./decimal.js";
import { RowScanner } from "./rowscanner.js";
import { splitFields } from "./fields.js";

const LONGEST_LINE = 1 << 20;
const NEWLINE = 10;

export const reader = defineReader({
  id: "csv",
  title: "CSV",
  extensions: ["csv", "txt"],
  matches: looksLikeText,
  open,
});

/** Text, as far as the first bytes tell: no control characters but tabs and line ends, no UTF-16 mark. */
function looksLikeText(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return false;
  const first = head.subarray(0, 8);
  return first.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32);
}

async function open(source: ReadSource, options: ReadOptions): Promise<RawTable> {
  const first = await firstLine(source);
  const where = `${source.name} line 1`;
  const fields = splitFields(first, where);
  const bytes = new TextEncoder();
  const numeric = fields.every((field) => {
    const encoded = bytes.encode(field);
    return parseDecimal(encoded, 0, encoded.length) !== undefined;
  });
  const header = options.header ?? !numeric;
  const plan = header ? planFromNames(fields, options, where) : planFromCount(fields.length, options, where);
  return {
    columns: plan.columns,
    columnNames: plan.names,
    labels: plan.labels,
    ignoredColumns: plan.ignored,
    slabs: () => slabs(source, plan, header),
  };
}

/** Bytes of the first line without its end and without a byte-order mark. */
async function firstLine(source: ReadSource): Promise<Uint8Array> {
  for await (const lines of wholeLines(source)) {
    const end = lines.indexOf(NEWLINE);
    return lines.subarray(0, end > 0 && lines[end - 1] === 13 ? end - 1 : end);
  }
  throw new InputError(`${source.name}: is empty: expected rows of data, got 0 bytes`, { tag: "empty" });
}

async function* slabs(source: ReadSource, plan: ColumnPlan, header: boolean): AsyncGenerator<RawSlab> {
  const scanner = new RowScanner(source.name, plan);
  let skip = header;
  for await (const lines of wholeLines(source)) {
    let at = 0;
    if (skip) {
      at = lines.indexOf(NEWLINE) + 1;
      scanner.line++;
      skip = false;
    }
    while (at < lines.length) {
      at = scanner.scan(lines, at);
      if (scanner.full) yield scanner.take();
    }
  }
  if (scanner.rows > 0) yield scanner.take();
}

/**
 * Blocks of bytes that each end with a newline; a missing last newline is added, a byte-order mark taken away. Refuses a
 * line of a megabyte: no table of numbers has one.
 */
async function* wholeLines(source: ReadSource): AsyncGenerator<Uint8Array> {
  let carry: Uint8Array = new Uint8Array(0);
  let line = 1;
  let begun = false;
  for await (const chunk of source.chunks()) {
    let bytes = carry.length === 0 ? chunk : joined(carry, chunk);
    if (!begun) {
      if (bytes.length < 3) {
        carry = bytes.slice();
        continue;
      }
      begun = true;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const lines = bytes.subarray(0, end);
      yield lines;
      line += countLines(lines);
    }
    carry = bytes.subarray(end);
    if (carry.length > LONGEST_LINE) {
      throw new InputError(
        `${source.name} line ${line}: a line is too long: expected at most ${LONGEST_LINE} bytes, got more`,
        { tag: "csv" },
      );
    }
  }
  if (carry.length > 0) yield joined(carry, Uint8Array.of(NEWLINE));
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
