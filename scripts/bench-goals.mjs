// The speed goals of the kernels, measured: each named peer in the same interleaved run, in fresh processes, as `wafermark bench
// --suite full` measures it, but only the rows that a goal is about. Prints a Markdown table, after every pass when --out is given.
// By hand, on a machine that does nothing else, after `npm run build`: npm run bench:goals [-- --processes 5 --kernels emd --out FILE]
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { EFFORTS, planBench, plannedPeers } from "../dist/harness/engine/benchplan.js";
import { measureInProcess } from "../dist/harness/engine/benchprocess.js";
import { jobProblem, processRatios, speedRows } from "../dist/harness/engine/benchrow.js";
import { findRuntimes } from "../dist/harness/engine/peers/catalogue.js";
import { numberOption, scriptOptions } from "./scriptoptions.mjs";

const values = scriptOptions({
  processes: { type: "string", default: "5" },
  seconds: { type: "string", default: "0.4" },
  kernels: { type: "string" },
  seed: { type: "string", default: "20241125" },
  out: { type: "string" },
});
const [processes, seed] = ["processes", "seed"].map((name) => numberOption(values, name));
const seconds = numberOption(values, "seconds", { least: 0.01, isWhole: false });

const THREADS = "wasm:threads=2";
const THREAD = "wasm:threads=1";
/** kernel, input, subject, baseline, times that are wanted. */
const GOALS = [
  ["encoder", "rows=4096", "wasm", "tfjs-wasm", 2.2],
  ["encoder", "rows=256", "wasm", "tfjs-wasm", 2.9],
  ["encoder", "rows=16", "wasm", "tfjs-wasm", 12],
  ["encoder", "rows=1", "wasm", "tfjs-wasm", 120],
  ["decoder", "rows=16", "wasm", "tfjs-wasm", 18],
  ["decoder", "rows=256", "wasm", "tfjs-wasm", 18],
  ["decoder", "rows=4096", "wasm", "tfjs-wasm", 18],
  ["autoencoder", "rows=256", "wasm", "tfjs-wasm", 16],
  ["autoencoder", "rows=4096", "wasm", "tfjs-wasm", 16],
  ["autoencoder", "rows=4096", "wasm", "onnxruntime-web", 4.5],
  ["jets-200", "rows=256", "wasm", "tfjs-wasm", 2.8],
  ["jets-400", "rows=256", "wasm", "tfjs-wasm", 2.3],
  ["training-step", "batch=256", "wasm", "tfjs-wasm-training", 20],
  ["training-step", "batch=256", "wasm", "tfjs-cpu-training", 700],
  ["pca-f32", "columns=24", "wasm", "numpy-pca-f32", 1.4],
  ["pca-f32", "columns=24", "wasm", "sklearn-pca-f32", 10],
  ["pca-f32", "columns=24", "wasm", "tfjs-wasm-pca", 19],
  ["pca-f32", "small", "wasm", "ml-pca", 300],
  ["pca-f32", "columns=24", THREADS, "numpy-pca-f32", 2.5],
  ["pca-f32", "columns=64", "wasm", "numpy-pca-f32", 0.7],
  ["pca-f32", "columns=64", THREADS, "numpy-pca-f32", 1.3],
  ["pca-f64", "columns=24", "wasm", "numpy-pca-f64", 1.45],
  ["pca-f64", "columns=64", "wasm", "numpy-pca-f64", 0.9],
  ["pca-f64", "columns=64", THREADS, "numpy-pca-f64", 1.7],
  ["eigen", "n=24", "wasm", "numpy-eigh", 2.2],
  ["eigen", "n=64", "wasm", "numpy-eigh", 0.85],
  ["nearest-seed", "n=10000 m=300 layers=1", "wasm", "scipy-ckdtree", 8],
  ["clue", "n=10000 layers=1", "wasm", "sklearn-dbscan-same-points", 13.5],
  ["dbscan", "n=10000 least=8", "wasm", "sklearn-dbscan", 20],
  ["dbscan", "n=10000 least=8", "wasm", "density-clustering", 280],
  ["k-means", "event", "wasm", "sklearn-kmeans", 5],
  ["k-means", "event", "wasm", "ml-kmeans", 20],
  ["seeding", "n=10000 size=192 limit=512 wants=0", "wasm", "numpy-seeding", 1],
  ["emd", "mid", "wasm", "pot-emd2", 55],
  ["emd", "mix", "wasm", "pot-emd2", 43],
  ["emd", "mix", "wasm", "pot-core", 16],
  ["emd", "dense", "wasm", "pot-emd2", 27],
  ["transport", "n=64", "wasm", "pot-emd2", 4.8],
  ["transport", "n=128", "wasm", "pot-emd2", 5],
  ["transport", "n=256", "wasm", "pot-emd2", 3.8],
  ["transport", "n=512", "wasm", "pot-emd2", 4],
  ["emd", "mid", THREADS, THREAD, 1.9],
  ["decoder", "rows=4096", THREADS, THREAD, 1.9],
  ["autoencoder", "rows=4096", THREADS, THREAD, 1.9],
  ["encoder", "rows=65536", THREADS, THREAD, 1.9],
]
  .map(([kernel, input, subject, baseline, wanted]) => ({ kernel, input, subject, baseline, wanted }))
  .filter(({ kernel }) => values.kernels === undefined || values.kernels.split(",").includes(kernel));

const full = EFFORTS.full;
const warmup = { leastSeconds: 0.3, mostSeconds: 2 };
const effort = { ...full, seconds, warmup, leastRounds: 4, withReference: false };
effort.networks = { ...full.networks, seconds, warmup };
const kernels = [...new Set(GOALS.map(({ kernel }) => kernel))];
const runtimes = await findRuntimes(plannedPeers(effort, kernels));
const planned = planBench({ effort, seed, runtimes, kernels });
const jobs = planned.flatMap((job) => {
  const isOf = (goal) =>
    goal.kernel === job.kernel && goal.input === job.input && goal.subject === job.subject;
  const goals = GOALS.filter((goal) => isOf(goal) && job.baselines.includes(goal.baseline));
  if (goals.length === 0) return [];
  const baselines = goals.map(({ baseline }) => baseline);
  return [{ goals, done: { job: { ...job, baselines, reference: true }, replies: [], failures: [] } }];
});
const missing = GOALS.filter((goal) => !jobs.some(({ goals }) => goals.includes(goal)));
if (missing.length > 0) throw new Error(`no job measures ${JSON.stringify(missing[0])}`);

const shown = (value) => (value >= 999.5 ? value.toFixed(0) : value.toPrecision(value < 1 ? 2 : 3));

function lineOf({ done }, goal) {
  const { kernel, input, subject, baseline, wanted } = goal;
  const head = [kernel, input, subject, baseline, String(wanted)];
  const row = speedRows(done).find((other) => other.baseline === baseline);
  const why = jobProblem(done) ?? row?.notAvailable ?? undefined;
  if (why !== undefined || !row?.ratio) return [...head, "n/a", why ?? "not measured", ""];
  const ratios = processRatios(done, baseline).map(shown).join(", ");
  const median = row.ratio >= wanted ? shown(row.ratio) : `**${shown(row.ratio)}**`;
  const peak = row.peakShare === null ? "" : `${(100 * row.peakShare).toFixed(0)} %`;
  return [...head, median, ratios, peak];
}

function report(pass, began) {
  const lines = GOALS.map((goal) =>
    lineOf(
      jobs.find(({ goals }) => goals.includes(goal)),
      goal,
    ),
  );
  const heads = ["kernel", "input", "subject", "against", "wanted", "median", "processes", "of peak"];
  const load = (figures) => figures.map((one) => one.toFixed(1)).join(" ");
  return [
    `${cpus()[0].model}, ${cpus().length} processors, Node ${process.versions.node}, seed ${seed}, ${pass} of ${processes} passes;`,
    `load average ${load(began)} before, ${load(loadavg())} after. Bold: below what is wanted.`,
    "",
    `| ${heads.join(" | ")} |`,
    `| ${heads.map(() => "---").join(" | ")} |`,
    ...lines.map((cells) => `| ${cells.join(" | ")} |`),
    "",
  ].join("\n");
}

const began = loadavg();
for (let pass = 1; pass <= processes; pass++) {
  for (const { done } of jobs) {
    try {
      done.replies.push(await measureInProcess(done.job, { limitSeconds: 300 }));
    } catch (error) {
      done.failures.push(error.message);
    }
    process.stderr.write(`pass ${pass}: ${done.job.kernel} ${done.job.input} ${done.job.subject}\n`);
  }
  if (values.out !== undefined) writeFileSync(values.out, report(pass, began));
}
process.stdout.write(report(processes, began));
