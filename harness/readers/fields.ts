/** The fields of one CSV line as text: commas, blanks around fields, quotes with doubled quotes inside. For header lines. */
import { InputError } from "../core/errors.js";

/** Fields of a line (without its end). Refuses (InputError) a quote that is not closed or has text behind it. */
export function splitFields(line: Uint8Array, where: string): string[] {
  const text = new TextDecoder().decode(line);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = fieldEnd(text, at, fields.length, where);
    fields.push(unquoted(text.slice(at, end).trim()));
    if (end >= text.length) return fields;
    at = end + 1;
  }
}

/** Index of the comma behind the field that starts at `at`, or the end of the line. */
function fieldEnd(text: string, at: number, column: number, where: string): number {
  let i = at;
  while (text[i] === " " || text[i] === "\t") i++;
  if (text[i] !== '"') {
    const comma = text.indexOf(",", i);
    return comma < 0 ? text.length : comma;
  }
  for (i++; i < text.length; i++) {
    if (text[i] !== '"') continue;
    if (text[i + 1] === '"') {
      i++;
      continue;
    }
    const comma = text.indexOf(",", i);
    const end = comma < 0 ? text.length : comma;
    if (text.slice(i + 1, end).trim() === "") return end;
    break;
  }
  throw new InputError(
    `${where} column ${column + 1}: a quote is not closed: expected a closing quote before the next comma, got none`,
    { tag: "csv" },
  );
}

function unquoted(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}
