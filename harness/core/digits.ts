/** Numbers as text that reads back to the same bits: with 17 digits where those are asked for, else the shortest form. */

/** 17 significant digits, zeros at the end of the fraction left out; "nan" where there is no value. */
export function seventeenDigits(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa, exponent] = value.toPrecision(17).split("e") as [string, string?];
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** The shortest decimal that reads back to the same number; "-0" keeps its sign. */
export function shortestDigits(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}
