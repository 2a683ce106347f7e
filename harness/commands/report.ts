/** `wafermark report`: pages from results only; nothing is measured again, and rows of a killed run are enough. */
import { dirname, join } from "node:path";
import { EXIT, UsageError } from "../core/errors.js";
import type { Results } from "../core/results.js";
import { defineCommand, type Context } from "./context.js";

interface ReportOptions {
  readonly out?: string;
  readonly from?: string;
  readonly figures?: boolean;
}

interface Source {
  readonly results: Results;
  readonly path: string;
  /** True when the results were made from rows. */
  readonly assembled: boolean;
}

export const command = defineCommand<ReportOptions>({
  name: "report",
  summary: "make the pages of a run from its results",
  arguments: [{ name: "[results]", says: "results.json of a run, or the run's folder" }],
  options: [
    { flags: "-o, --out <dir>", says: "folder for the pages (default: the folder of the results)" },
    { flags: "--from <rows>", says: "rows.ndjson of a run that was stopped, instead of results" },
    { flags: "--figures", says: "save every figure as SVG into figures/ too" },
  ],
  examples: [
    ["wafermark report wafermark-out/20241125T013000Z-standard-a1b2c3", "the pages again, with this version"],
    ["wafermark report results.json --figures --out talk", "every figure as date_topic_network_variable.svg"],
    ["wafermark report --from rows.ndjson --out rescued", "what a killed run had finished"],
  ],
  async run(context, [given], options) {
    const path = typeof given === "string" ? given : undefined;
    if ((path === undefined) === (options.from === undefined)) {
      throw new UsageError(
        "report: what to read: expected either results or --from <rows>, got both or neither",
        {
          remedy: "wafermark report --help",
        },
      );
    }
    const source = await readSource(context, path, options.from);
    const paths = await writePages(context, source, options);
    if (context.json) await context.stdout(`${JSON.stringify({ files: paths }, null, 2)}\n`);
    else await context.stdout(`${paths.join("\n")}\n`);
    return EXIT.done;
  },
});

async function readSource(
  context: Context,
  path: string | undefined,
  from: string | undefined,
): Promise<Source> {
  const { fileInFolder } = await import("../io/folders.js");
  const { readCutText, readText } = await import("../io/textfile.js");
  const { checkReferences, loadResults } = await import("../../reports/load.js");
  if (from === undefined) {
    const file = await fileInFolder(path ?? "", "results.json");
    return { results: loadResults(await readText(file), file), path: file, assembled: false };
  }
  const { keptDigits } = await import("../core/keptdigits.js");
  const { readRows } = await import("../core/rows.js");
  const { results, torn } = readRows(await readCutText(from), from);
  if (torn) context.warn(`warning: ${from}: the last row was cut off and is left out\n`);
  return { results: keptDigits(checkReferences(results, from)), path: from, assembled: true };
}

/** Writes the pages while holding the folder, and answers with their paths. */
async function writePages(context: Context, source: Source, options: ReportOptions): Promise<string[]> {
  const { acquireLock } = await import("../io/lock.js");
  const { writeFileAtomic } = await import("../io/atomic.js");
  const { renderMarkdown } = await import("../../reports/markdown.js");
  const { renderPage } = await import("../../reports/page.js");
  const { resultsText } = await import("../core/resultsfile.js");
  const { qualityCsv } = await import("../../reports/csv.js");
  const { results } = source;
  const folder = options.out ?? dirname(source.path);
  const lock = await acquireLock(folder);
  try {
    const files: [string, string][] = [
      ["report.html", renderPage(results)],
      ["report.md", renderMarkdown(results)],
      ["quality.csv", qualityCsv(results)],
    ];
    if (source.assembled) files.unshift(["results.json", resultsText(results)]);
    for (const [name, text] of files) await writeFileAtomic(join(folder, name), text);
    const paths = files.map(([name]) => join(folder, name));
    if (options.figures === true)
      paths.push(...(await writeFigures(context, results, join(folder, "figures"))));
    return paths;
  } finally {
    await lock.release();
  }
}

async function writeFigures(context: Context, results: Results, folder: string): Promise<string[]> {
  const { makeFolder } = await import("../io/folders.js");
  const { writeFileAtomic } = await import("../io/atomic.js");
  const { figureFiles } = await import("../../reports/figures/all.js");
  await makeFolder(folder);
  let count = 0;
  for (const { name, text } of figureFiles(results)) {
    context.signal.throwIfAborted();
    await writeFileAtomic(join(folder, name), text);
    count++;
  }
  context.stderr(`${count} figures saved\n`);
  return [folder];
}
