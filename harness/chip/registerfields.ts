/**
 * Reading fields of a parsed register file: sub-trees and whole numbers in a range, refused by their path.
 *
 * Numbers wider than 53 bits must come as BigInt (a YAML reader that makes floats of them has already lost bits).
 */
import { InputError } from "../core/errors.js";

export type Branch = Readonly<Record<string, unknown>>;

/** A register that was refused; `path` leads to it in the file, so that a reader of the text can name the line. */
export class RegisterError extends InputError {
  constructor(
    readonly path: readonly string[],
    expected: string,
    got: string,
    remedy?: string,
  ) {
    super(`registers: ${path.join(".") || "file"}: expected ${expected}, got ${got}`, {
      tag: "register",
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

export function refused(path: string | readonly string[], expected: string, got: unknown): RegisterError {
  const shown = typeof got === "object" && got !== null ? "a mapping" : String(got).slice(0, 40);
  const parts = typeof path === "string" ? path.split(".").filter((part) => part !== "") : path;
  return new RegisterError(parts, expected, got === undefined ? "nothing" : shown);
}

/** The sub-tree at `path`, or undefined where it is absent; refuses a leaf in its place. */
export function branch(registers: unknown, path: readonly string[]): Branch | undefined {
  let node: unknown = registers;
  for (const [depth, key] of ["", ...path].entries()) {
    if (depth > 0) node = Object.hasOwn(node as Branch, key) ? (node as Branch)[key] : undefined;
    if (node === undefined) return undefined;
    if (typeof node !== "object" || node === null || Array.isArray(node))
      throw refused(path.slice(0, depth), "a mapping", Array.isArray(node) ? "a list" : node);
  }
  return node as Branch;
}

/** A whole number of at most 53 bits. */
export function whole(name: string, value: unknown, low: number, high: number): number {
  const number =
    typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < low || number > high)
    throw refused(name, `a whole number in ${low}..${high}`, value);
  return number;
}

/** A whole number of any width, below 2^bits; a number beyond 2^53 that is no BigInt is refused. */
export function wide(name: string, value: unknown, bits: number): bigint {
  const number = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof number !== "bigint" || number < 0n || number >> BigInt(bits) !== 0n)
    throw refused(name, `a whole number of at most ${bits} bits`, value);
  return number;
}

export function optional(
  node: Branch | undefined,
  path: string,
  key: string,
  low: number,
  high: number,
): number | undefined {
  if (node === undefined || !Object.hasOwn(node, key)) return undefined;
  return whole(`${path}.${key}`, node[key], low, high);
}
