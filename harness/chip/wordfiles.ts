/**
 * Files of link words: twelve input words per crossing (RX) and thirteen output words (TX), as comma-separated text.
 *
 * A header line names the columns in any order (RX_DATA_i or ePortRxDataGroup_i, TX_DATA_i); without one the columns stand in
 * order. Every column must be there once and no other; nothing is skipped. Text comes in and goes out, no file is opened.
 */
import { InputError, printable } from "../core/errors.js";
import { CROSSINGS_PER_ORBIT } from "./bxheader.js";
import {
  detectInputFormat,
  HEADER_ORBIT_START,
  INPUT_LINKS,
  parseInputWord,
  type InputFormat,
} from "./inputwords.js";
import { OUTPUT_LINKS } from "./linkwords.js";

const INPUT_COLUMNS = ["RX_DATA_", "ePortRxDataGroup_"] as const;
const OUTPUT_COLUMN = "TX_DATA_";

export interface InputWords {
  readonly format: InputFormat;
  readonly crossings: number;
  /** 28-bit payloads [crossings, 12]. */
  readonly payloads: Uint32Array;
  /** Number of each crossing in its orbit, 0..3563. */
  readonly numbers: Uint16Array;
  /** Line of each crossing in the file, counted from 1. */
  readonly lines: Uint32Array;
}

export interface OutputWords {
  readonly crossings: number;
  /** [crossings, 13] */
  readonly words: Uint32Array;
  readonly lines: Uint32Array;
}

interface Rows {
  /** Column names as messages call them, in file order. */
  readonly names: readonly string[];
  /** Place of each file column in a row of ours. */
  readonly places: readonly number[];
  readonly rows: readonly (readonly string[])[];
  readonly lines: Uint32Array;
}

function columnsOf(
  fields: readonly string[],
  prefixes: readonly string[],
  count: number,
  where: string,
): { names: readonly string[]; places: readonly number[] } {
  const prefix = prefixes.find((start) => fields.some((field) => field.startsWith(start))) ?? prefixes[0];
  const known = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const places = fields.map((field) => known.indexOf(field));
  const unknown = places.indexOf(-1);
  const range = `${known[0]} .. ${known[count - 1]}`;
  if (unknown >= 0)
    throw refusal(
      `${where}: column ${unknown + 1}`,
      `one of ${range}`,
      JSON.stringify(printable(fields[unknown], 40)),
    );
  const missing = known.filter((_, i) => !places.includes(i));
  if (missing.length > 0)
    throw refusal(
      `${where}: missing column ${missing[0]}`,
      `each of ${range}`,
      `${new Set(places).size} of them`,
    );
  const twice = places.findIndex((place, i) => places.indexOf(place) !== i);
  if (twice >= 0) throw refusal(`${where}: column ${twice + 1}`, `${fields[twice]} once`, "it twice");
  return { names: fields, places };
}

function refusal(where: string, expected: string, got: string): InputError {
  return new InputError(`${where}: expected ${expected}, got ${got}`, { tag: "words" });
}

function splitRows(text: string, name: string, prefixes: readonly string[], count: number): Rows {
  const all = text.replace(/^\ufeff/, "").split("\n");
  while (all.length > 0 && all[all.length - 1].trim() === "") all.pop();
  if (all.length === 0) throw refusal(name, "lines of link words", "an empty file");
  const fieldsOf = (line: string): string[] => line.split(",").map((field) => field.trim());
  const first = fieldsOf(all[0]);
  const named = first.some((field) => /[_g-z]/i.test(field) && !/^0x/i.test(field));
  const { names, places } = named
    ? columnsOf(first, prefixes, count, `${name}: line 1`)
    : {
        names: Array.from({ length: count }, (_, i) => `${prefixes[0]}${i}`),
        places: Array.from({ length: count }, (_, i) => i),
      };
  const rows = all.slice(named ? 1 : 0).map(fieldsOf);
  if (rows.length === 0) throw refusal(name, "at least one crossing", "a header alone");
  const lines = Uint32Array.from({ length: rows.length }, (_, row) => row + (named ? 2 : 1));
  rows.forEach((fields, row) => {
    if (fields.length !== count)
      throw refusal(
        `${name}: line ${lines[row]}`,
        `${count} words`,
        fields.length === 1 && fields[0] === "" ? "an empty line" : String(fields.length),
      );
  });
  return { names, places, rows, lines };
}

/** Fields of a row in our order, for recognising the format. */
function formatOf(rows: Rows): InputFormat {
  const [first] = rows.rows;
  return first.some((field) => !/^\d+$/.test(field)) ? "hex" : detectInputFormat(first);
}

/**
 * Input words of a file called `name`. In the hexadecimal form header 9 says that an orbit opens (crossing 0); before the
 * first one, and without headers, crossings are counted from `first`. Refuses (InputError) with line and field.
 */
export function readInputWords(
  text: string,
  name: string,
  options: { readonly format?: InputFormat; readonly first?: number } = {},
): InputWords {
  const rows = splitRows(text, name, INPUT_COLUMNS, INPUT_LINKS);
  const format = options.format ?? formatOf(rows);
  const crossings = rows.rows.length;
  const payloads = new Uint32Array(crossings * INPUT_LINKS);
  const numbers = new Uint16Array(crossings);
  let next = options.first ?? (format === "hex" ? 1 : 0);
  rows.rows.forEach((fields, row) => {
    const line = `${name}: line ${rows.lines[row]}`;
    let opening = 0;
    fields.forEach((field, column) => {
      const { header, payload } = parseInputWord(field, format, `${line}, ${rows.names[column]}`);
      payloads[row * INPUT_LINKS + rows.places[column]] = payload;
      if (header === HEADER_ORBIT_START) opening++;
    });
    if (opening !== 0 && opening !== INPUT_LINKS)
      throw refusal(
        `${line}: headers`,
        `${HEADER_ORBIT_START} in all ${INPUT_LINKS} words or in none`,
        `it in ${opening}`,
      );
    if (opening === INPUT_LINKS) next = 0;
    if (next >= CROSSINGS_PER_ORBIT) {
      if (format === "hex")
        throw refusal(
          `${line}: headers`,
          `${HEADER_ORBIT_START} after ${CROSSINGS_PER_ORBIT} crossings`,
          "a",
        );
      next = 0;
    }
    numbers[row] = next;
    next++;
  });
  return { format, crossings, payloads, numbers, lines: rows.lines };
}

/** Output words of a file called `name`: thirteen of eight hexadecimal digits in each line. */
export function readOutputWords(text: string, name: string): OutputWords {
  const rows = splitRows(text, name, [OUTPUT_COLUMN], OUTPUT_LINKS);
  const words = new Uint32Array(rows.rows.length * OUTPUT_LINKS);
  rows.rows.forEach((fields, row) => {
    fields.forEach((field, column) => {
      if (!/^[0-9a-f]{8}$/i.test(field))
        throw refusal(
          `${name}: line ${rows.lines[row]}, ${rows.names[column]}: output word`,
          "eight hexadecimal digits",
          JSON.stringify(printable(field, 40)),
        );
      words[row * OUTPUT_LINKS + rows.places[column]] = Number.parseInt(field, 16);
    });
  });
  return { crossings: rows.rows.length, words, lines: rows.lines };
}

export function hexadecimal(word: number): string {
  return word.toString(16).padStart(8, "0");
}

/** Text of output words [crossings, 13], with a header line. */
export function writeOutputWords(words: Uint32Array): string {
  const lines = [Array.from({ length: OUTPUT_LINKS }, (_, i) => `${OUTPUT_COLUMN}${i}`).join(",")];
  for (let at = 0; at < words.length; at += OUTPUT_LINKS)
    lines.push(Array.from(words.subarray(at, at + OUTPUT_LINKS), hexadecimal).join(","));
  return `${lines.join("\n")}\n`;
}
