/**
 * Decimal numbers from bytes, strictly: digits, one point, an exponent; or nan, inf, infinity. Nothing is coerced.
 *
 * Results are correctly rounded: short numbers by one exact division or multiplication, longer ones by the engine.
 */

const POWERS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`)); // exact in binary64
const MOST_EXACT = 2 ** 53;

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

const NON_FINITE: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
};

/** The number that bytes [start, stop) spell, or undefined when they spell none. */
export function parseDecimal(bytes: Uint8Array, start: number, stop: number): number | undefined {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (at < stop && (negative || bytes[at] === PLUS)) at++;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  for (; at < stop && bytes[at] >= ZERO && bytes[at] <= NINE; at++, digits++)
    mantissa = mantissa * 10 + (bytes[at] - ZERO);
  if (at < stop && bytes[at] === POINT) {
    for (at++; at < stop && bytes[at] >= ZERO && bytes[at] <= NINE; at++, digits++, exponent--)
      mantissa = mantissa * 10 + (bytes[at] - ZERO);
  }
  if (digits === 0) return parseNonFinite(bytes, start, stop);
  if (at < stop && (bytes[at] | 0x20) === 0x65) {
    const parsed = parseExponent(bytes, at + 1, stop);
    if (parsed === undefined) return undefined;
    exponent += parsed;
    at = stop;
  }
  if (at !== stop) return undefined;
  if (mantissa <= MOST_EXACT && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    return negative ? -value : value;
  }
  return Number(ascii(bytes, start, stop));
}

/** An exponent's value, cut at a size that is far beyond any number, or undefined when it is not one. */
function parseExponent(bytes: Uint8Array, start: number, stop: number): number | undefined {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (at < stop && (negative || bytes[at] === PLUS)) at++;
  if (at === stop) return undefined;
  let value = 0;
  for (; at < stop; at++) {
    if (bytes[at] < ZERO || bytes[at] > NINE) return undefined;
    value = Math.min(100_000, value * 10 + (bytes[at] - ZERO));
  }
  return negative ? -value : value;
}

function parseNonFinite(bytes: Uint8Array, start: number, stop: number): number | undefined {
  if (stop - start > 9) return undefined;
  const text = ascii(bytes, start, stop).toLowerCase();
  const word = text.replace(/^[+-]/, "");
  if (!Object.hasOwn(NON_FINITE, word)) return undefined;
  return text.startsWith("-") ? -NON_FINITE[word] : NON_FINITE[word];
}

function ascii(bytes: Uint8Array, start: number, stop: number): string {
  let text = "";
  for (let i = start; i < stop; i++) text += String.fromCharCode(bytes[i]);
  return text;
}
