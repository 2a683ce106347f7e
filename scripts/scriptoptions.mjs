// Options of scripts that are run by hand: what is not one, or no number where one belongs, is said in one line and ends with exit 2.
import { parseArgs } from "node:util";

function refuse(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}

/** Values of `options` (as parseArgs takes them). */
export function scriptOptions(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    return refuse(`${error.message.split(". ")[0]}: expected some of ${known.join(", ")}`);
  }
}

/** The number that option `name` holds. */
export function numberOption(values, name, { least = 1, isWhole = true } = {}) {
  const value = Number(values[name]);
  if (value >= least && Number.isFinite(value) && (!isWhole || Number.isInteger(value))) return value;
  return refuse(
    `--${name}: expected a ${isWhole ? "whole " : ""}number of at least ${least}, got ${values[name]}`,
  );
}
