/** Rows of a bench as an aligned text table for a terminal; a row without times says why. */
import type { Results, SpeedResult } from "../core/results.js";
import { alignedLines } from "../core/textcolumns.js";

const HEADS = [
  "kernel",
  "input",
  "subject",
  "baseline",
  "us/item",
  "baseline us",
  "ratio",
  "95 % interval",
  "kernel only",
  "% of peak",
  "note",
];
/** Columns of words; the others are numbers and stand on the right. */
const WORDS = new Set([0, 1, 2, 3, 10]);
const NONE = "-";

/** Microseconds with four significant digits. */
function microseconds(seconds: number | null): string {
  return seconds === null ? NONE : significant(1e6 * seconds);
}

function percentOf(share: number | null): string {
  return share === null ? NONE : (100 * share).toFixed(0);
}

function significant(value: number): string {
  if (value === 0 || value >= 1e4) return value.toFixed(0);
  let digits = 3;
  for (let scale = 10; scale <= value && digits > 0; scale *= 10) digits--;
  for (let scale = 1; scale > value && digits < 6; scale /= 10) digits++;
  return value.toFixed(digits);
}

/** "batch 3/281": the largest number of runs per sample of subject and baseline, when any sample needed more than one. */
function batchNote(row: SpeedResult): string[] {
  const batches = row.method?.batch ?? [];
  const subject = Math.max(1, ...batches.map((batch) => batch.subject));
  const baseline = Math.max(1, ...batches.map((batch) => batch.baseline));
  return subject > 1 || baseline > 1 ? [`batch ${subject}/${baseline}`] : [];
}

function note(row: SpeedResult): string {
  if (row.notAvailable !== null) return `not available: ${row.notAvailable}`;
  const versions = Object.entries(row.versions)
    .filter(([, version]) => version.length <= 16)
    .map(([name, version]) => `${name} ${version}`);
  const samples = row.samples.reduce((sum, { subject }) => sum + subject.length, 0);
  return [`n=${samples}/${row.processes}`, ...batchNote(row), ...versions, ...row.warnings].join(", ");
}

function cells(row: SpeedResult): string[] {
  const interval =
    row.ratioLow === null || row.ratioHigh === null
      ? NONE
      : `${significant(row.ratioLow)}..${significant(row.ratioHigh)}`;
  return [
    row.kernel,
    row.input,
    row.subject,
    row.baseline,
    microseconds(row.subjectSeconds),
    microseconds(row.baselineSeconds),
    row.ratio === null ? NONE : significant(row.ratio),
    interval,
    microseconds(row.kernelOnlySeconds),
    percentOf(row.peakShare ?? null),
    note(row),
  ];
}

/** The table with its head, one line per row. Items are the rows' own (pairs, problems). n is samples per processes. */
export function benchTable(rows: readonly SpeedResult[]): string {
  return alignedLines([HEADS, ...rows.map(cells)], (column) => WORDS.has(column)).join("\n");
}

/** One line on how far the machine's noise reaches. */
export function noiseLine(noise: Results["noise"]): string {
  if (noise === null) return "noise: no A/A twin in this run";
  const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;
  return `noise: ${noise.kernel} against itself deviates by ${percent(noise.median)} (median) and ${percent(noise.worst)} (worst of ${noise.processes} processes)`;
}
