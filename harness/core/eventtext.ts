/**
 * Events as lines of text, the format of the Dark Machines challenge (arXiv:2105.14027, section 2):
 *
 *   eventID;process;weight;MET;METphi;obj,E,pt,eta,phi;obj,E,pt,eta,phi;...
 *
 * MeV and radians; objects j, b, e-, e+, m-, m+ and g (photon). A line may end in ";". Numbers are written as C++ streams write them,
 * six significant digits, so that such files come back byte for byte; a number with more digits keeps its value.
 */
import { shortestDigits } from "./digits.js";
import { InputError, printable } from "./errors.js";

export const OBJECT_CODES = ["j", "b", "e-", "e+", "m-", "m+", "g"] as const;
export type ObjectCode = (typeof OBJECT_CODES)[number];

export interface EventObject {
  readonly code: ObjectCode;
  readonly energy: number;
  readonly pt: number;
  readonly eta: number;
  readonly phi: number;
}

export interface CollisionEvent {
  /** Whole number as it stands in the file. */
  readonly id: string;
  readonly process: string;
  readonly weight: number;
  readonly met: number;
  readonly metPhi: number;
  readonly objects: readonly EventObject[];
  /** A separator behind the last block, as some files have. */
  readonly trailing: boolean;
}

const DIGITS = 6;

/** A number as "%g" prints it. */
function general(x: number): string {
  const [mantissa, exponent] = x.toExponential(DIGITS - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < DIGITS) return trimmed(x.toFixed(DIGITS - 1 - power));
  const digits = Math.abs(power).toString().padStart(2, "0");
  return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${digits}`;
}

const trimmed = (text: string): string =>
  text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;

function numberText(x: number): string {
  const short = Object.is(x, -0) ? "-0" : general(x);
  return Number(short) === x ? short : shortestDigits(x);
}

/** The number that six significant digits leave of `x`. */
export const sixDigits = (x: number): number => Number(general(x));

/** The event's line without its end. */
export function eventLine({ id, process, weight, met, metPhi, objects, trailing }: CollisionEvent): string {
  const blocks = objects.map(({ code, energy, pt, eta, phi }) =>
    [code, ...[energy, pt, eta, phi].map(numberText)].join(","),
  );
  const line = [id, process, ...[weight, met, metPhi].map(numberText), ...blocks].join(";");
  return trailing ? `${line};` : line;
}

/** What can be wrong with a line; `--skip-bad` counts by these names. */
export const LINE_PROBLEMS = [
  "empty line",
  "truncated event",
  "truncated object",
  "unknown object code",
  "not a name",
  "not a number",
  "not finite",
  "out of range",
  "other line ending",
  "no line ending",
  "too long",
] as const;
export type LineProblem = (typeof LINE_PROBLEMS)[number];

/** A line that is no event: what is wrong, where in it (from 1), and what it should be. */
export class BadLine extends Error {
  constructor(
    readonly problem: LineProblem,
    readonly column: number,
    readonly details: string,
  ) {
    super(problem);
  }

  /** The refusal of line `line` of file `where`. */
  refusal(where: string, line: number): InputError {
    return new InputError(`${where} line ${line}, column ${this.column}: ${this.problem}: ${this.details}`, {
      tag: "event",
      remedy: "--skip-bad leaves such lines out and counts them",
    });
  }
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
const HEAD = ["event id", "process", "weight", "MET", "METphi"] as const;
const PARTS = ["code", "E", "pt", "eta", "phi"] as const;

function numberAt(text: string, column: number, name: string): number {
  if (NON_FINITE.test(text))
    throw new BadLine("not finite", column, `${name}: expected a finite number, got ${text}`);
  if (!NUMBER.test(text))
    throw new BadLine("not a number", column, `${name}: expected a number, got "${printable(text, 40)}"`);
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new BadLine("not finite", column, `${name}: expected a finite number, got ${printable(text, 40)}`);
}

function positiveAt(text: string, column: number, name: string): number {
  const value = numberAt(text, column, name);
  if (value >= 0) return value;
  throw new BadLine("out of range", column, `${name}: expected at least 0, got ${text}`);
}

const isCode = (text: string): text is ObjectCode => (OBJECT_CODES as readonly string[]).includes(text);

/** One block behind the head; `column` is where it begins. */
function objectAt(block: string, column: number): EventObject {
  const fields = block.split(",");
  const columns: number[] = [];
  for (let i = 0, at = column; i < fields.length; at += fields[i].length + 1, i++) columns.push(at);
  const [code] = fields;
  if (!isCode(code)) {
    throw new BadLine(
      "unknown object code",
      column,
      `expected one of ${OBJECT_CODES.join(" ")}, got "${printable(code, 40)}"`,
    );
  }
  if (fields.length !== PARTS.length) {
    throw new BadLine(
      "truncated object",
      column,
      `expected ${PARTS.length} fields (${PARTS.join(",")}), got ${fields.length}`,
    );
  }
  return {
    code,
    energy: positiveAt(fields[1], columns[1], PARTS[1]),
    pt: positiveAt(fields[2], columns[2], PARTS[2]),
    eta: numberAt(fields[3], columns[3], PARTS[3]),
    phi: numberAt(fields[4], columns[4], PARTS[4]),
  };
}

/** The event of a line without its end; throws BadLine. */
export function parseEventLine(line: string): CollisionEvent {
  if (line.trim() === "") throw new BadLine("empty line", 1, "expected an event, got nothing");
  const blocks = line.split(";");
  const trailing = blocks.length > HEAD.length && blocks[blocks.length - 1] === "";
  if (trailing) blocks.pop();
  if (blocks.length < HEAD.length) {
    throw new BadLine(
      "truncated event",
      line.length + 1,
      `expected ${HEAD.length} fields (${HEAD.join(";")}) before the objects, got ${blocks.length}`,
    );
  }
  const columns: number[] = [];
  for (let i = 0, at = 1; i < blocks.length; at += blocks[i].length + 1, i++) columns.push(at);
  const [id, process] = blocks;
  if (!/^\d+$/.test(id))
    throw new BadLine("not a number", 1, `${HEAD[0]}: expected a whole number, got "${printable(id, 40)}"`);
  if (!/^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/.test(process)) {
    throw new BadLine(
      "not a name",
      columns[1],
      `${HEAD[1]}: expected printable ASCII, got "${printable(process, 40)}"`,
    );
  }
  return {
    id,
    process,
    weight: numberAt(blocks[2], columns[2], HEAD[2]),
    met: positiveAt(blocks[3], columns[3], HEAD[3]),
    metPhi: numberAt(blocks[4], columns[4], HEAD[4]),
    objects: blocks.slice(HEAD.length).map((block, i) => objectAt(block, columns[HEAD.length + i])),
    trailing,
  };
}
