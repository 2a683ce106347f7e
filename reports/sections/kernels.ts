/** Section 7: what was validated and how well kernels agree, how fast they are against peers and floors, and the A/A noise. */
import type { AgreementResult, Results, SpeedResult } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { speedFigure } from "../figures/speed.js";
import { MISSING, percent, seconds, significant } from "../numbers.js";
import { figureMarkup, numbersMarkup, type FigureTable } from "../svg/figure.js";
import { missing, tableMarkup, type Column, type TableRow } from "./table.js";

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

/** What could not run, told once per backend and reason with the kernels that it is about. */
function notRunMarkup(rows: readonly AgreementResult[]): Fragment {
  const groups = new Map<string, { row: AgreementResult; kernels: string[] }>();
  for (const row of rows) {
    const key = JSON.stringify([row.backend, row.reason]);
    const group = groups.get(key) ?? { row, kernels: [] };
    group.kernels.push(row.kernel);
    groups.set(key, group);
  }
  if (groups.size === 0) return undefined;
  const columns = [text("backend"), text("why"), text("kernels")];
  const cells = [...groups.values()].map(({ row, kernels }) => ({
    cells: [
      row.backend,
      missing(row.reason ?? "not available"),
      kernels.map((kernel, i) => markup`${i === 0 ? undefined : COMMA}${kernel}`),
    ],
  }));
  return tableMarkup("Not validated, with the reason", columns, cells);
}

/** Every row as lines to copy; a kernel is named where it changes. */
function numbersOf(rows: readonly AgreementResult[]): FigureTable {
  return {
    columns: ["kernel", "backend", "shape", "cases", "verdict", "worst / allowed", "worst error", "measure", "where", "seed", "outputs' hash"], // prettier-ignore
    rows: rows.map((row, i) => {
      const sameKernel = i > 0 && rows[i - 1].kernel === row.kernel;
      return [
        sameKernel ? "" : row.kernel,
        row.backend,
        row.shape,
        String(row.cases),
        row.verdict,
        row.ratio === null ? MISSING : significant(row.ratio, 3),
        row.worst === null ? MISSING : significant(row.worst, 3),
        row.measure ?? MISSING,
        row.where ?? MISSING,
        String(row.seed),
        row.outputHash?.slice(0, 12) ?? MISSING,
      ];
    }),
  };
}

function agreementMarkup(rows: readonly AgreementResult[]): Fragment {
  if (rows.length === 0) return markup`<p>${missing("nothing was validated in this run")}</p>`;
  const run = rows.filter(({ verdict }) => verdict !== "not available");
  const worst = worstAgreements(run);
  return [
    tableMarkup(
      "Agreement with the float64 reference: worst shape of each kernel and backend",
      AGREEMENT_COLUMNS,
      worst.map(agreementRow),
    ),
    run.length > worst.length
      ? numbersMarkup(numbersOf(run), `numbers: all ${run.length} rows, every shape`)
      : undefined,
    notRunMarkup(rows.filter(({ verdict }) => verdict === "not available")),
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
  const why = row.notAvailable ?? (row.validated ? "not measured" : "outputs were not validated in this run");
  const shown = row.validated && row.ratio !== null;
  const value = (number: number | null, write: (value: number) => string): Fragment =>
    shown && number !== null ? write(number) : markup`<span class="na">n/a</span>`;
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
        : markup`<span class="na">n/a</span>`,
      value(row.subjectSeconds, seconds),
      value(row.baselineSeconds, seconds),
      value(row.kernelOnlySeconds, seconds),
      value(row.peakShare ?? null, (share) => percent(share, 0)),
      String(row.processes),
      remarks(row),
    ],
  };
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

export function kernelSection(results: Results): Html {
  const figure = speedFigure(results);
  const speed =
    results.speed.length === 0
      ? markup`<p>${missing("nothing was timed in this run")}</p>`
      : tableMarkup("Speed: ratio to each peer and floor", SPEED_COLUMNS, results.speed.map(speedRow));
  return join([
    markup`<h3>Agreement</h3>
`,
    agreementMarkup(results.agreement),
    markup`<h3>Speed</h3>
<p class="note">${noiseText(results)}. Ratios are medians over processes of interleaved runs; times hold on this machine only. A floor is what no kernel can pass: a copy of the same bytes.</p>
`,
    figure === undefined ? undefined : figureMarkup(figure),
    speed,
  ]);
}
