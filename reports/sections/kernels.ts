/** Section 7: what was validated and how well kernels agree, how fast they are against peers and floors, and the A/A noise. */
import type { AgreementResult, Results, SpeedResult } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { speedFigure } from "../figures/speed.js";
import { MISSING, percent, seconds, significant } from "../numbers.js";
import { figureMarkup, numbersMarkup, type FigureTable, type SharedShapes } from "../svg/figure.js";
import { groupedRows, missing, tableMarkup, type Column, type TableRow } from "./table.js";

/** A/A deviation above this makes every timing of the run doubtful. */
export const NOISY = 0.02;

const text = (title: string): Column => ({ title, text: true });
const number = (title: string, unit = ""): Column => ({ title: markup`${title}<br><small>${unit}</small>` });

function verdictMarkup(row: AgreementResult): Fragment {
  if (row.verdict === "pass") return markup`<span class="pass">✓ pass</span>`;
  if (row.verdict === "fail")
    return markup`<span class="fail">✗ FAIL</span> <small>${row.reason ?? ""}</small>`;
  return missing(row.reason ?? "not available");
}

const AGREEMENT_COLUMNS = [
  text("kernel"),
  text("backend"),
  text("shape"),
  number("cases"),
  text("verdict"),
  number("worst / allowed"),
  number("worst error"),
  text("measure"),
  text("where"),
  number("seed"),
  text("outputs' hash"),
];

function agreementRow(row: AgreementResult): TableRow {
  const why = row.verdict === "not available" ? "not run" : "no comparison";
  return {
    strong: row.verdict === "fail",
    cells: [
      row.kernel,
      row.backend,
      row.shape,
      String(row.cases),
      verdictMarkup(row),
      row.ratio === null ? missing(why) : significant(row.ratio, 3),
      row.worst === null ? missing(why) : significant(row.worst, 3),
      row.measure ?? missing(why),
      row.where ?? missing(why),
      String(row.seed),
      row.outputHash === null ? missing(why) : markup`<code>${row.outputHash.slice(0, 12)}</code>`,
    ],
  };
}

/** The worst row of each kernel on each backend: a failure first, then the largest ratio. */
export function worstAgreements(rows: readonly AgreementResult[]): AgreementResult[] {
  const worst = new Map<string, AgreementResult>();
  for (const row of rows) {
    const key = JSON.stringify([row.kernel, row.backend]);
    const before = worst.get(key);
    if (before === undefined || badness(row) > badness(before)) worst.set(key, row);
  }
  return [...worst.values()];
}

function badness(row: AgreementResult): number {
  if (row.verdict === "fail") return Infinity;
  return row.ratio ?? -1;
}

const COMMA = markup`, `;

interface NotRun {
  /** Backend, or subject and baseline. */
  readonly who: string;
  readonly why: string;
  /** Kernel, with the input where there are several. */
  readonly what: string;
}

/** What could not run, told once for each backend and reason with the kernels that it is about. */
function notRunMarkup(caption: string, head: string, rows: readonly NotRun[]): Fragment {
  const groups = new Map<string, [NotRun, ...NotRun[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.who, row.why]);
    groups.set(key, [...(groups.get(key) ?? []), row] as [NotRun, ...NotRun[]]);
  }
  if (groups.size === 0) return undefined;
  const lines = [...groups.values()].map(([first, ...others]) => ({
    cells: [first.who, missing(first.why), [first.what, others.map(({ what }) => markup`${COMMA}${what}`)]],
  }));
  return tableMarkup(caption, [text(head), text("why"), text("kernels")], lines);
}

/** Every row as lines to copy; of the words those that are not the line before's. */
function numbersOf(rows: readonly AgreementResult[]): FigureTable {
  return {
    says: `numbers: all ${rows.length} rows, every shape`,
    columns: ["kernel (empty fields: as before)", "backend", "measure", "verdict", "seed", "shape", "cases", "worst / allowed", "worst error", "where"], // prettier-ignore
    rows: rows.map((row, i) => {
      const words = wordsOf(row);
      const before = i === 0 ? [] : wordsOf(rows[i - 1]);
      return [
        ...words.map((word, k) => (word === before[k] ? "" : word)),
        row.shape,
        String(row.cases),
        row.ratio === null ? MISSING : significant(row.ratio, 3),
        row.worst === null ? MISSING : significant(row.worst, 3),
        row.where ?? MISSING,
      ];
    }),
  };
}

function wordsOf({ kernel, backend, measure, verdict, seed }: AgreementResult): string[] {
  return [kernel, backend, measure ?? MISSING, verdict, String(seed)];
}

function agreementMarkup(rows: readonly AgreementResult[]): Fragment {
  if (rows.length === 0) return markup`<p>${missing("nothing was validated in this run")}</p>`;
  const run = rows.filter(({ verdict }) => verdict !== "not available");
  const worst = worstAgreements(run);
  return [
    tableMarkup(
      "Agreement with the float64 reference: worst shape of each kernel and backend",
      AGREEMENT_COLUMNS,
      groupedRows(worst.map(agreementRow)),
    ),
    run.length > worst.length ? numbersMarkup(numbersOf(run)) : undefined,
    notRunMarkup(
      "Not validated, with the reason",
      "backend",
      rows
        .filter(({ verdict }) => verdict === "not available")
        .map(({ backend, reason, kernel }) => ({
          who: backend,
          why: reason ?? "not available",
          what: kernel,
        })),
    ),
  ];
}

const SPEED_COLUMNS = [
  text("kernel"),
  text("input"),
  text("subject"),
  text("baseline"),
  number("threads"),
  number("ratio", "above 1: subject faster"),
  number("interval"),
  number("subject", "per item"),
  number("baseline", "per item"),
  number("kernel only", "per item"),
  number("of peak", "multiply-adds"),
  number("processes"),
  text("versions and remarks"),
];

/** A kernel cannot beat a copy of its own bytes. */
function isSuspicious(row: SpeedResult): boolean {
  return row.baseline.includes("memcpy") && row.ratio !== null && row.ratio > 1;
}

function remarks(row: SpeedResult): string {
  const versions = Object.entries(row.versions).map(([name, version]) => `${name} ${version}`);
  const suspicious = isSuspicious(row) ? ["faster than a copy of its own bytes: suspicious"] : [];
  return [...versions, ...row.warnings, ...suspicious].join("; ");
}

function speedRow(row: SpeedResult): TableRow {
  const why = row.validated ? "not measured" : "outputs were not validated in this run";
  const shown = row.validated && row.ratio !== null;
  const value = (number: number | null, write: (value: number) => string): Fragment =>
    shown && number !== null ? write(number) : MISSING;
  return {
    cells: [
      row.kernel,
      row.input,
      row.subject,
      row.baseline,
      String(row.threads),
      shown ? markup`<b>${significant(row.ratio, 3)}</b>` : missing(why),
      shown && row.ratioLow !== null && row.ratioHigh !== null
        ? `${significant(row.ratioLow, 3)} to ${significant(row.ratioHigh, 3)}`
        : MISSING,
      value(row.subjectSeconds, seconds),
      value(row.baselineSeconds, seconds),
      value(row.kernelOnlySeconds, seconds),
      value(row.peakShare ?? null, (share) => percent(share, 0)),
      String(row.processes),
      remarks(row),
    ],
  };
}

/** Times of first calls have nothing to be compared with. */
function isFirstCall({ itemName, baselineSeconds }: SpeedResult): boolean {
  return itemName === "first call" && baselineSeconds === null;
}

function firstCallsMarkup(rows: readonly SpeedResult[]): Fragment {
  if (rows.length === 0) return undefined;
  const lines = rows.map(({ kernel, input, subject, subjectSeconds, validated, processes }) => ({
    cells: [
      kernel,
      input,
      subject,
      validated && subjectSeconds !== null ? seconds(subjectSeconds) : missing("outputs were not validated"),
      String(processes),
    ],
  }));
  const columns = [text("kernel"), text("input"), text("subject"), number("time"), number("processes")];
  const table = tableMarkup("First calls", columns, lines);
  return markup`<details><summary>first call in a process: reading, compiling and instantiating, which no other row counts</summary>${table}</details>
`;
}

/** One sentence about the A/A twin. */
export function noiseText(results: Results): string {
  const { noise } = results;
  if (noise === null) return "A/A noise: n/a (no A/A twin was timed in this run)";
  const told = `A/A noise (${noise.kernel} against itself, ${noise.processes} processes): median ${percent(noise.median, 1)}, worst ${percent(noise.worst, 1)}`;
  return isNoisy(results) ? `${told}: noisy machine, timings are doubtful` : told;
}

export function isNoisy({ noise }: Results): boolean {
  return noise !== null && Math.max(Math.abs(noise.median), Math.abs(noise.worst)) > NOISY;
}

export function kernelSection(results: Results, shapes: SharedShapes): Html {
  const figure = speedFigure(results);
  const [measured, absent] = [true, false].map((wanted) =>
    results.speed.filter(({ notAvailable }) => (notAvailable === null) === wanted),
  );
  const timed = measured.filter((row) => !isFirstCall(row));
  const speed =
    results.speed.length === 0
      ? markup`<p>${missing("nothing was timed in this run")}</p>`
      : tableMarkup("Speed: ratio to each peer and floor", SPEED_COLUMNS, groupedRows(timed.map(speedRow)));
  const notTimed = absent.map(({ subject, baseline, notAvailable, kernel, input }) => ({
    who: `${subject} against ${baseline}`,
    why: notAvailable ?? "not available",
    what: `${kernel} (${input})`,
  }));
  return join([
    markup`<h3>Agreement</h3>
`,
    agreementMarkup(results.agreement),
    markup`<h3>Speed</h3>
<p class="note">${noiseText(results)}. Ratios are medians over processes of interleaved runs; times hold on this machine only. A floor is what no kernel can pass: a copy of the same bytes.</p>
`,
    figure === undefined ? undefined : shapes.of([figure]).map(figureMarkup),
    speed,
    firstCallsMarkup(measured.filter(isFirstCall)),
    notRunMarkup("Not timed, with the reason", "subject and baseline", notTimed),
  ]);
}
