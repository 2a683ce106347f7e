/** Section 8: how each number was made, the data's census, machine, versions, warnings, and how to repeat the run. */
import type { DatasetResult, Results } from "../../harness/core/results.js";
import { join, markup, type Fragment, type Html } from "../escape.js";
import { bytes, fixed, grouped, seconds, significant } from "../numbers.js";
import { missing, tableMarkup, type Column } from "./table.js";

const METHOD: readonly (readonly [string, string])[] = [
  ["EMD", "exact optimal transport between input and decoded module, both normalised to one; ground distance: Euclidean, in sensor-cell pitches. A module that is empty before or after has none and is counted apart."],
  ["Rate", "bits that the encoder wrote, header and module sum included; the decoder reads those bits, its parameters and declared side information, nothing else."],
  ["Budget", "32 bits per link and crossing; a codec fits when the largest payload of the dataset fits."],
  ["Occupancy", "trigger cells of the input above 1 MIP_T (35 CALQ counts)."],
  ["Profile", "median and 16-84 % quantiles (linear interpolation) of the modules in a bin."],
  ["±", "standard error of the mean; RMS is the sample standard deviation."],
  ["Digits", "as many as results.json keeps: six significant ones of means, four of what is told of a bin, five of times."],
  ["Speed", "subject and baseline interleaved in fresh processes, median of ratios; shown only for outputs validated in the same run."],
]; // prettier-ignore

function listMarkup(pairs: readonly (readonly [string, Fragment])[]): Html {
  return markup`<dl>${pairs.map(
    ([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>
`,
  )}</dl>
`;
}

function recordText(record: Readonly<Record<string, number | string>>): string {
  const told = Object.entries(record).map(([name, value]) => `${name} ${value}`);
  return told.length === 0 ? "none" : told.join(", ");
}

const CENSUS_COLUMNS: readonly Column[] = [
  { title: "dataset", text: true },
  { title: "kind", text: true },
  ...["rows", "used", "empty", "distinct", "non-integer rows"].map((title) => ({ title })),
  ...["smallest", "largest", "smallest > 0", "mean sum"].map((title) => ({
    title: markup`${title}<br><small>[CALQ]</small>`,
  })),
  { title: "mean cells > 0" },
  { title: markup`mean cells<br>&gt; 1 MIP_T` },
  { title: markup`rows with 0-1, 2-4, 5-9,<br>10-14, 15+ cells &gt; 1 MIP_T` },
  { title: "dropped or changed", text: true },
  { title: "labels", text: true },
  { title: "ignored columns", text: true },
];

function censusCells({ census, ...dataset }: DatasetResult): Fragment[] {
  return [
    markup`${dataset.title}<br><small>${dataset.id}</small>`,
    dataset.kind === "synthetic" ? markup`<em class="syn">synthetic</em>` : "file",
    grouped(dataset.rows),
    markup`${grouped(dataset.used)}${dataset.distinctOnly ? markup` <small>distinct only</small>` : ""}`,
    grouped(census.empty),
    grouped(census.distinct),
    grouped(census.nonIntegerRows),
    significant(census.minimum),
    significant(census.maximum),
    census.smallestPositive === 0 ? missing("no charge") : significant(census.smallestPositive),
    significant(census.meanSum),
    fixed(census.meanNonZero, 2),
    fixed(census.meanOccupancy, 2),
    census.occupancySlices.map(grouped).join(" / "),
    recordText(census.dropped),
    census.labels.length === 0 ? "none" : census.labels.join(", "),
    census.ignoredColumns.length === 0 ? "none" : census.ignoredColumns.join(", "),
  ];
}

const SOURCE_COLUMNS: readonly Column[] = ["dataset", "made from", "SHA-256", "licence", "unit as read"].map(
  (title) => ({ title, text: true }),
);

function sourceCells(dataset: DatasetResult): Fragment[] {
  return [
    dataset.title,
    dataset.name,
    markup`<code class="hash">${dataset.sha256}</code>`,
    dataset.licence ?? missing("not stated"),
    dataset.unit,
  ];
}

function codecSources(results: Results): Html {
  const columns = ["codec", "family", "source", "parameters", "side information"].map((title) => ({
    title,
    text: true,
  }));
  const rows = results.codecs.map((codec) => ({
    cells: [
      markup`${codec.title}<br><small>${codec.label}</small>`,
      codec.family,
      codec.source,
      Object.entries(codec.parameters)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join(", ") || "none",
      codec.side.length === 0 ? "none" : codec.side.join(", "),
    ],
  }));
  return markup`<details><summary>codecs: sources and parameters</summary>${tableMarkup("Codecs", columns, rows)}</details>
`;
}

function machinePairs({ machine, run, tool }: Results): (readonly [string, Fragment])[] {
  return [
    ["Tool", `${tool.name} ${tool.version}, commit ${tool.commit ?? "n/a (not a repository)"}`],
    [
      "Machine",
      `${machine.cpu}, ${machine.cores} cores, ${bytes(machine.memoryBytes)} memory, ${machine.platform}`,
    ],
    [
      "Engine",
      `Node ${machine.node}, V8 ${machine.v8}; ${machine.features.join(", ") || "no special features"}`,
    ],
    ["Load at start", fixed(machine.load, 2)],
    [
      "Run",
      `${run.id}, suite ${run.suite}, ${run.startedAt}, ${seconds(run.seconds)}, ${run.threads} threads`,
    ],
    ["Seed", String(run.seed)],
    ["Kernels (hash of the binary)", recordText(tool.wasm)],
  ];
}

function warningsMarkup(results: Results): Html {
  if (results.warnings.length === 0)
    return markup`<p>No warnings.</p>
`;
  const columns = ["about", "warning", "remedy"].map((title) => ({ title, text: true }));
  const rows = results.warnings.map(({ about, id, message, remedy }) => ({
    cells: [about, markup`${message} <small>(${id})</small>`, remedy],
  }));
  return tableMarkup("Warnings of this run", columns, rows);
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, "'\\''")}'`;
}

function repeatMarkup({ run, tool }: Results): Html {
  const command = ["wafermark", ...run.arguments].map(quoted).join(" ");
  const seed = run.arguments.includes("--seed") ? "" : ` --seed ${run.seed}`;
  return markup`<p>With wafermark ${tool.version} and the data named above:</p>
<pre class="command">${command}${seed}</pre>
<p class="note">The same seed gives the same quality numbers on every machine; times differ.</p>
`;
}

export function methodSection(results: Results): Html {
  return join([
    markup`<h3>How each number was made</h3>
`,
    listMarkup(METHOD),
    markup`<h3>Data</h3>
`,
    tableMarkup(
      "Census of what was read",
      CENSUS_COLUMNS,
      results.datasets.map((dataset) => ({ cells: censusCells(dataset) })),
    ),
    tableMarkup(
      "Where the data comes from",
      SOURCE_COLUMNS,
      results.datasets.map((dataset) => ({ cells: sourceCells(dataset) })),
    ),
    codecSources(results),
    markup`<h3>Warnings</h3>
`,
    warningsMarkup(results),
    markup`<h3>Machine and versions</h3>
`,
    listMarkup(machinePairs(results)),
    markup`<h3>How to repeat it</h3>
`,
    repeatMarkup(results),
  ]);
}
