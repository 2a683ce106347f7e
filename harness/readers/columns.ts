/**
 * Which column of a file is which: charges by name or by position, known labels, the rest ignored and named.
 *
 * One set of rules for every format. Order comes from the header, never from position; no guess is made about a column
 * that is missing or there twice.
 */
import { InputError, printable } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { ReadOptions } from "../core/reader.js";
import { CELLS, LABELS, type Label } from "../core/table.js";

export interface ColumnPlan {
  /** Values per row. */
  readonly columns: number;
  readonly names: readonly string[];
  /** Per column of the file: the value it is (0 .. columns - 1), `columns + k` for label k, or IGNORED. */
  readonly target: Int32Array;
  readonly labels: readonly Label[];
  readonly ignored: readonly string[];
}

export const IGNORED = -1;

/** Other names under which published files carry a known label. */
const ALIASES: Readonly<Record<string, Label>> = {
  EventSimEnergyTotal: "EventSimEnergy",
  tc_eta: "eta",
  tc_phi: "phi",
};
/** Columns of the published headerless training files (0-based) that are labels; such files have at least 57 columns. */
const HEADERLESS_LABELS: readonly (readonly [column: number, label: Label])[] = [
  [55, "eta"],
  [56, "phi"],
];
const HEADERLESS_LABELLED = 57;

const CALQ = /^CALQ_\d+$/i;
const isLabel = (name: string): name is Label => (LABELS as readonly string[]).includes(name);

/** The label that a column of this name holds, if it is a known one. */
export function labelOf(name: string): Label | undefined {
  return isLabel(name) ? name : Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
}

/** Columns of a file with a header. `where` names the file and line in refusals. */
export function planFromNames(names: readonly string[], options: ReadOptions, where: string): ColumnPlan {
  if (options.layout === "matrix") return planMatrix(names, options.columns, where);
  const targets = names.map((name) => cellOf(name, where));
  refuseRepeated(names, targets, where);
  refuseMissing(names, targets, where);
  const labels: Label[] = [];
  const ignored: string[] = [];
  const target = Int32Array.from(targets, (cell, column) => {
    if (cell !== undefined) return cell;
    const label = labelOf(names[column]);
    if (label === undefined) {
      ignored.push(names[column] === "" ? `(column ${column + 1})` : names[column]);
      return IGNORED;
    }
    if (labels.includes(label)) throw repeated(label, where);
    labels.push(label);
    return CELLS + labels.length - 1;
  });
  return { columns: CELLS, names, target, labels, ignored };
}

/** Columns of a file without a header. */
export function planFromCount(count: number, options: ReadOptions, where: string): ColumnPlan {
  const names = Array.from({ length: count }, (_, i) => `column ${i + 1}`);
  if (options.layout === "matrix") return planMatrix(names, options.columns, where);
  const withEta = options.layout === "modules-eta" && count === CELLS + 1;
  if (count < CELLS || (count === CELLS + 1 && !withEta)) {
    throw new InputError(
      `${where}: wrong number of columns: expected 48 charges (or a header with CALQ_0..CALQ_47), got ${count} columns`,
      { tag: "columns", remedy: "name the columns CALQ_0..CALQ_47 in a header line" },
    );
  }
  const known: readonly (readonly [number, Label])[] = withEta
    ? [[CELLS, "eta"]]
    : count >= HEADERLESS_LABELLED
      ? HEADERLESS_LABELS
      : [];
  const target = new Int32Array(count).fill(IGNORED);
  for (let cell = 0; cell < CELLS; cell++) target[cell] = cell;
  known.forEach(([column], k) => (target[column] = CELLS + k));
  return {
    columns: CELLS,
    names: names.map((name, i) => (i < CELLS ? `CALQ_${i}` : name)),
    target,
    labels: known.map(([, label]) => label),
    ignored: names.filter((_, i) => target[i] === IGNORED),
  };
}

function planMatrix(names: readonly string[], columns: number, where: string): ColumnPlan {
  if (columns !== 0 && names.length !== columns) {
    throw new InputError(`${where}: wrong number of columns: expected ${columns}, got ${names.length}`, {
      tag: "columns",
    });
  }
  return {
    columns: names.length,
    names,
    target: Int32Array.from(names, (_, i) => i),
    labels: [],
    ignored: [],
  };
}

function cellOf(name: string, where: string): number | undefined {
  if (!CALQ.test(name)) return undefined;
  const cell = Number(name.slice(5));
  if (name !== `CALQ_${cell}` || cell >= CELLS) {
    throw new InputError(
      `${where}: unknown charge column: expected CALQ_0..CALQ_47, got ${printable(name)}`,
      { tag: "columns" },
    );
  }
  return cell;
}

function refuseRepeated(
  names: readonly string[],
  targets: readonly (number | undefined)[],
  where: string,
): void {
  const seen = new Set<number>();
  targets.forEach((cell, column) => {
    if (cell === undefined) return;
    if (seen.has(cell)) throw repeated(names[column], where);
    seen.add(cell);
  });
}

function repeated(name: string, where: string): InputError {
  return new InputError(`${where}: a column is there twice: expected each name once, got ${name} again`, {
    tag: "columns",
  });
}

function refuseMissing(
  names: readonly string[],
  targets: readonly (number | undefined)[],
  where: string,
): void {
  const missing = Array.from({ length: CELLS }, (_, cell) => cell).filter((cell) => !targets.includes(cell));
  if (missing.length === 0) return;
  const found = CELLS - missing.length;
  const near = nearestNames(
    `CALQ_${missing[0]}`,
    names.filter((name) => labelOf(name) === undefined),
    1,
  ).filter((name) => !CALQ.test(name) && name !== "");
  throw new InputError(
    `${where}: column CALQ_${missing[0]} is missing: expected CALQ_0..CALQ_47 once each, got ${found} of them`,
    {
      tag: "columns",
      remedy:
        near.length > 0
          ? `rename ${printable(near[0])} if it is that column`
          : found === 0
            ? "give a header with CALQ_0..CALQ_47, or --no-header when the first row is data"
            : "give all 48 charges",
    },
  );
}
