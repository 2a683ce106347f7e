// Pastes figures from the committed sample results into README.md, between its `figures:` marks, so that nobody types a number.
// `node scripts/readme.mjs` writes; with `--check` it fails when the README is out of step. Needs a build (`npm run build`).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

const { isUnlimited, UNLIMITED_SAYS } = await import("../dist/harness/core/encodercost.js");
const { loadResults } = await import("../dist/reports/load.js");
const { verdicts } = await import("../dist/reports/verdict.js");

const sample = join(root, "reports", "sample", "results.json");
const readme = join(root, "README.md");
const results = loadResults(readFileSync(sample, "utf8"), "reports/sample/results.json");

/** With a sign where no chip could hold the encoder. */
const named = (codec) => `\`${codec.label}\`${isUnlimited(codec.cost) ? " ∞" : ""}`;
const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

function verdictFigures() {
  const rows = verdicts(results).flatMap(({ dataset, budgets }) =>
    budgets.map(({ bits, ranking }) => [
      dataset.id,
      `${bits} bit`,
      ...(ranking.length === 0
        ? ["none fits", "", ""]
        : [
            named(ranking[0].codec),
            ranking[0].meanEmd.toFixed(3),
            ranking[1] ? `${named(ranking[1].codec)} ${ranking[1].meanEmd.toFixed(3)}` : "",
          ]),
    ]),
  );
  return (
    "Smallest mean EMD [cell] at each link budget, embedded **synthetic** modules " +
    `(seed ${results.run.seed}, commit ${results.tool.commit?.slice(0, 7) ?? "unknown"}):\n\n` +
    table(["dataset", "budget", "best codec", "EMD", "second"], rows) +
    (rows.flat().some((cell) => cell.includes("∞")) ? `\n\n∞ ${UNLIMITED_SAYS}.` : "")
  );
}

function speedFigures() {
  const { cpu, cores, node } = results.machine;
  // Peers, and two threads against one; floors and the scalar build are on the report page.
  const isPeer = ({ baseline, threads }) =>
    /^(pot|tfjs)-/.test(baseline) || (threads > 1 && baseline.startsWith("wasm"));
  const interval = ({ ratioLow, ratioHigh }) =>
    ratioLow === null ? "one process" : `${ratioLow.toPrecision(3)} to ${ratioHigh.toPrecision(3)}`;
  const rows = results.speed
    .filter((r) => r.ratio !== null && r.validated && isPeer(r))
    .map((r) => [
      r.kernel,
      r.input,
      r.subject,
      r.baseline,
      `${(r.subjectSeconds * 1e6).toPrecision(3)} us per ${r.itemName}`,
      `${r.ratio.toPrecision(3)}x`,
      interval(r),
    ]);
  const noise = results.noise === null ? "not measured" : `${(100 * results.noise.median).toFixed(1)} %`;
  return (
    `One interleaved run on ${cpu}, ${cores} cores, Node ${node}; a kernel against itself is off by ${noise}:\n\n` +
    table(["kernel", "input", "subject", "against", "subject's time", "faster by", "95 % interval"], rows)
  );
}

function pasted(text, name, body) {
  const open = `<!-- figures:${name} -->`;
  const close = `<!-- /figures:${name} -->`;
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < 0) throw new Error(`README.md has no marks for ${name}`);
  return `${text.slice(0, from + open.length)}\n${body}\n${text.slice(to)}`;
}

const present = readFileSync(readme, "utf8");
const wanted = pasted(pasted(present, "verdict", verdictFigures()), "speed", speedFigures());
if (process.argv.includes("--check")) {
  if (wanted !== present) {
    process.stderr.write(
      "README.md is out of step with reports/sample/results.json: run `node scripts/readme.mjs`\n",
    );
    process.exit(1);
  }
} else writeFileSync(readme, wanted);
