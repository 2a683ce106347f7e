/**
 * How numbers are written in reports: one place for digits, units and what stands where a number is missing.
 *
 * A missing number is "n/a", never 0 or NaN. Values arrive finite (the results schema sees to it) or as null.
 */

export const MISSING = "n/a";

/** -0 is shown as 0. */
function plain(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** `digits` significant digits without exponent between 1e-4 and 1e7, with exponent outside. */
export function significant(value: number | null, digits = 4): string {
  if (value === null) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${mantissa.replace(/\.?0+$/, "")}e${exponent.replace("+", "")}`;
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return plain(value.toFixed(Math.min(decimals, 12)));
}

/** Six significant digits at most, no zeros behind: whole numbers and bin edges as they are. */
export function tidy(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A fixed number of decimals. */
export function fixed(value: number | null, decimals: number): string {
  if (value === null) return MISSING;
  return Math.abs(value) >= 1e9 ? significant(value) : plain(value.toFixed(decimals));
}

/** "1.4590 ± 0.0123": as many decimals as the error has with two digits, between 1 and 6. */
export function withError(value: number | null, error: number | null): string {
  if (value === null) return MISSING;
  if (error === null || error === 0) return fixed(value, 4);
  const decimals = Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(error))));
  return `${fixed(value, decimals)} ± ${fixed(error, decimals)}`;
}

/** A count with its thousands set apart for reading. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Part of a whole in percent. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return MISSING;
  const share = (100 * part) / whole;
  return `${share !== 0 && share < 0.1 ? "< 0.1" : fixed(share, 1)} %`;
}

/** Bits: whole ones without decimals. */
export function bits(value: number | null): string {
  if (value === null) return MISSING;
  return Number.isInteger(value) ? String(value) : fixed(value, 1);
}

const TIMES: readonly (readonly [number, string])[] = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];

/** Seconds with a fitting prefix: "12.3 µs". */
export function seconds(value: number | null): string {
  if (value === null) return MISSING;
  const [scale, unit] = TIMES.find(([size]) => value >= size) ?? [1e-9, "ns"];
  return `${significant(value / scale, 3)} ${unit}`;
}

/** Bytes in powers of 1000. */
export function bytes(value: number): string {
  const names = ["B", "kB", "MB", "GB", "TB"];
  const step = value < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
  return `${significant(value / 1000 ** step, 3)} ${names[step]}`;
}

/** Text cut to `longest` characters, the cut shown. */
export function short(text: string, longest: number): string {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
