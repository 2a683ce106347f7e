// How many wrong kernels `wafermark validate` would notice: mutants of the release binary on the validation inputs (reliability
// goal K5), kernel by kernel, with the source line of every one that passed. Seeded; bounded in time for each kernel.
// By hand, after `npm run build`: npm run mutants [-- --kernels emd,clue --count 200 --cases 2 --seconds 60 --out FILE]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutantReport } from "../dist/harness/engine/mutants.js";
import { kernels } from "../dist/harness/engine/plugins.generated.js";
import { readCode } from "../dist/harness/wasm/code.js";
import { kernelSources } from "./kernelsources.mjs";
import { sourceLines } from "./sourcelines.mjs";
import { numberOption, scriptOptions } from "./scriptoptions.mjs";
import { root, run } from "./steps.mjs";

const values = scriptOptions({
  kernels: { type: "string", default: [...kernels.keys()].join(",") },
  count: { type: "string", default: "200" },
  cases: { type: "string", default: "2" },
  seconds: { type: "string", default: "120" },
  seed: { type: "string", default: "20241125" },
  out: { type: "string" },
});
const [count, cases, seconds, seed] = ["count", "cases", "seconds", "seed"].map((name) =>
  numberOption(values, name),
);
const chosen = values.kernels.split(",").map((id) => {
  const kernel = kernels.get(id);
  if (kernel !== undefined) return kernel;
  process.stderr.write(`--kernels: expected some of ${[...kernels.keys()].join(", ")}, got ${id}\n`);
  process.exit(2);
});

/** The release build again with its source map; names must not have changed its code. */
function namedBuild() {
  const folder = join(root, "build", "mutants");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "named.wasm");
  const asc = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const settings = ["--config", "asconfig.json", "--target", "release", "--debug", "--sourceMap"];
  run(process.execPath, [asc, ...kernelSources(), ...settings, "--outFile", file], "wasm with source lines");
  const released = readCode(readFileSync(join(root, "build", "release.wasm")));
  const named = readCode(readFileSync(file));
  const codeOf = ({ bytes, section }) => Buffer.from(bytes.subarray(section.start, section.end));
  if (!codeOf(released).equals(codeOf(named))) {
    process.stderr.write("build/release.wasm: expected the code of the present sources: npm run build\n");
    process.exit(2);
  }
  const shift = named.section.start - released.section.start;
  const lineOf = sourceLines(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  return { code: released, lineOf: (offset) => lineOf(offset + shift) };
}

const percent = (part, all) => (all === 0 ? "-" : `${((100 * part) / all).toFixed(1)} %`);
const table = [
  "| kernel | sites | mutants | noticed | no end | within tolerance | same bits | never run | rate | rate of changed |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];
const survivors = [];
const { code, lineOf } = namedBuild();
const stop = new AbortController();
// The kernels that are finished are reported whatever ends the run: after each one in the file, at an interrupt on stdout too.
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
const reportText = () => {
  const open = chosen.length - (table.length - 2);
  const note = open === 0 ? [] : [`stopped with ${open} of ${chosen.length} kernels not done`, ""];
  return [...table, "", ...note, ...survivors, ""].join("\n");
};
const keep = () => {
  if (values.out !== undefined) writeFileSync(values.out, reportText());
};

for (const kernel of chosen) {
  const begun = performance.now();
  let report;
  try {
    report = await mutantReport({ kernel, code, count, cases, seed, seconds, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    break;
  }
  const { sites, judged } = report;
  const of = (fate) => judged.filter((one) => one.fate === fate).length;
  const caught = of("killed") + of("timeout");
  const cells = [kernel.id, sites, judged.length, of("killed"), of("timeout"), of("within-tolerance")];
  cells.push(of("unchanged"), of("never-run"), percent(caught, judged.length));
  cells.push(percent(caught, caught + of("within-tolerance")));
  table.push(`| ${cells.join(" | ")} |`);
  for (const { mutant, fate } of judged) {
    if (fate === "killed" || fate === "timeout") continue;
    survivors.push(`${kernel.id}\t${fate}\t${lineOf(mutant.start)}\t${mutant.kind}\t${mutant.says}`);
  }
  process.stderr.write(`${table.at(-1)} ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
  keep();
}
keep();
process.stdout.write(reportText());
if (stop.signal.aborted) process.exitCode = 130;
