/**
 * The chip's input: twelve words per crossing, each with four 7-bit trigger-cell codes, and how they are written in files.
 *
 * "hex": eight hexadecimal digits, a 4-bit header (9 at crossing 0, else 10) and 28 bits. "decimal": the 28 bits alone.
 * The four codes stand most significant first, or least significant first (see registers.ts). Text comes in, no file is opened.
 */
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";

export const INPUT_LINKS = 12;
const CODES_PER_WORD = 4;
const CODE_BITS = 7;
const PAYLOAD = 2 ** (CODES_PER_WORD * CODE_BITS);
export const HEADER_ORBIT_START = 9;
const HEADER = 10;

export type InputFormat = "hex" | "decimal";
export type CodeOrder = "most-significant-first" | "least-significant-first";

export interface InputWord {
  /** Absent in the decimal form. */
  readonly header?: number;
  /** 28 bits. */
  readonly payload: number;
}

/** The form of a file whose first row has these fields: decimal unless a field has eight digits of hexadecimal with a header. */
export function detectInputFormat(fields: readonly string[]): InputFormat {
  return fields.every((field) => /^[9a]/i.test(field.trim()) && /^[0-9a-f]{8}$/i.test(field.trim()))
    ? "hex"
    : "decimal";
}

/** One field of an input file; `where` names it in a refusal. */
export function parseInputWord(text: string, format: InputFormat, where: string): InputWord {
  const field = text.trim();
  if (format === "hex") {
    if (!/^[0-9a-f]{8}$/i.test(field)) throw refused(where, "eight hexadecimal digits", field);
    const word = Number.parseInt(field, 16);
    const header = Math.floor(word / PAYLOAD);
    if (header !== HEADER && header !== HEADER_ORBIT_START)
      throw refused(where, "header 9 or a", header.toString(16));
    return { header, payload: word % PAYLOAD };
  }
  if (!/^\d{1,9}$/.test(field) || Number(field) >= PAYLOAD)
    throw refused(where, "a decimal number below 2^28", field);
  return { payload: Number(field) };
}

function refused(where: string, expected: string, got: string): InputError {
  return new InputError(
    `${where}: input word: expected ${expected}, got ${JSON.stringify(got.slice(0, 40))}`,
    {
      tag: "input-word",
    },
  );
}

/** True when the words open an orbit (every header says crossing 0). */
export function opensOrbit(words: readonly InputWord[]): boolean {
  return words.every((word) => word.header === HEADER_ORBIT_START);
}

/** Codes [48] in input-channel order from words [12]. */
export function inputCodes(words: readonly InputWord[], order: CodeOrder): Uint8Array {
  if (words.length !== INPUT_LINKS)
    throw new InputError(`crossing: input words: expected ${INPUT_LINKS}, got ${words.length}`, {
      tag: "shape",
    });
  const codes = new Uint8Array(CELLS);
  words.forEach(({ payload }, link) => {
    for (let i = 0; i < CODES_PER_WORD; i++) {
      const fromLow = order === "least-significant-first" ? i : CODES_PER_WORD - 1 - i;
      codes[link * CODES_PER_WORD + i] = (payload >>> (CODE_BITS * fromLow)) & (2 ** CODE_BITS - 1);
    }
  });
  return codes;
}

/** Codes [48] behind the multiplexer: channel i takes input channel mux[i]. */
export function multiplex(codes: Uint8Array, mux: readonly number[]): Uint8Array {
  return Uint8Array.from(mux, (from) => codes[from]);
}
