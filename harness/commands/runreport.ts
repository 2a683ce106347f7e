/** From rows to results and pages: assembled, checked against the schema, written whole into the run's folder. */
import { resultsSchema, type Results } from "../core/results.js";
import { keptDigits } from "../core/keptdigits.js";
import { resultsText } from "../core/resultsfile.js";
import { assemble, type Row, type RowsHeader } from "../core/rows.js";
import type { RunFolder } from "../io/runfolder.js";
import { qualityCsv } from "../../reports/csv.js";
import { renderMarkdown } from "../../reports/markdown.js";
import { renderPage } from "../../reports/page.js";

/** Results of the rows; a complete run has as many planned rows as finished ones. */
export function makeResults(
  head: RowsHeader,
  rows: readonly Row[],
  seconds: number,
  complete: boolean,
): Results {
  const results = assemble({ ...head, run: { ...head.run, seconds } }, rows);
  const { finishedRows, plannedRows } = results.run;
  const planned = complete ? finishedRows : Math.max(plannedRows, finishedRows);
  // Our own output is held to the schema as strictly as anyone's.
  const checked = resultsSchema.parse({ ...results, run: { ...results.run, plannedRows: planned } });
  // Pages show what the file says, so that it gives the same pages again.
  return keptDigits(checked);
}

/** Writes results.json, quality.csv, report.md and report.html; answers with their paths, the page last. */
export async function writeReport(folder: RunFolder, results: Results): Promise<string[]> {
  return [
    await folder.write("results.json", resultsText(results)),
    await folder.write("quality.csv", qualityCsv(results)),
    await folder.write("report.md", renderMarkdown(results)),
    await folder.write("report.html", renderPage(results)),
  ];
}
