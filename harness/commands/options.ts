/** Parsers for option values: each returns the value or throws a UsageError that names the option. */
import { printable, UsageError } from "../core/errors.js";

type Parser<T> = (text: string, previous: unknown) => T;

/** A whole number in [minimum, maximum]. */
export function integer(name: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !(value >= minimum && value <= maximum)) {
      throw new UsageError(
        `${name}: not a valid number: expected a whole number in ${minimum}..${maximum}, got ${printable(text)}`,
      );
    }
    return value;
  };
}

/** A finite decimal number in [minimum, maximum]. */
export function decimal(name: string, minimum: number, maximum: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !(value >= minimum && value <= maximum)) {
      throw new UsageError(
        `${name}: not a valid number: expected a number in ${minimum}..${maximum}, got ${printable(text)}`,
      );
    }
    return value;
  };
}

/** One of a few words. */
export function choice<const T extends string>(name: string, allowed: readonly T[]): Parser<T> {
  return (text) => {
    const found = allowed.find((word) => word === text);
    if (found === undefined) {
      throw new UsageError(
        `${name}: unknown value: expected one of ${allowed.join(", ")}, got ${printable(text)}`,
      );
    }
    return found;
  };
}

/** An option that may be given many times: values in order. */
export function repeated(): Parser<readonly string[]> {
  return (text, previous) => [...(Array.isArray(previous) ? (previous as string[]) : []), text];
}

/** Comma-separated names, also when given many times. */
export function list(): Parser<readonly string[]> {
  return (text, previous) => [
    ...(Array.isArray(previous) ? (previous as string[]) : []),
    ...text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  ];
}
