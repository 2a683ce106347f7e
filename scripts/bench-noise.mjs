// Demonstrates what the gate of harness/engine/measuregate.ts is worth on this machine, with real measurements of the EMD
// kernel: comparisons of identical code (how many are flagged?) and of a planted slowdown (how many are caught?).
// Long (about half an hour), by hand, after `npm run build`: npm run bench:noise [-- --aa 200 --planted 100 --slowdown 5
// --processes 5 --once], where --once leaves out the second measurement of what was flagged
import { planBench, EFFORTS } from "../dist/harness/engine/benchplan.js";
import { measureInProcess } from "../dist/harness/engine/benchprocess.js";
import { processRatios } from "../dist/harness/engine/benchrow.js";
import { judge, REMEASURE_PROCESSES } from "../dist/harness/engine/measuregate.js";
import { medianOf } from "../dist/harness/engine/measureratio.js";
import { numberOption, scriptOptions } from "./scriptoptions.mjs";

const values = scriptOptions({
  aa: { type: "string", default: "200" },
  planted: { type: "string", default: "100" },
  processes: { type: "string", default: "5" },
  slowdown: { type: "string", default: "5" },
  once: { type: "boolean", default: false },
  seed: { type: "string", default: "20241125" },
});
const [processes, seed] = ["processes", "seed"].map((name) => numberOption(values, name));
const [equal, slowed] = ["aa", "planted"].map((name) => numberOption(values, name, { least: 0 }));
const slowdown = numberOption(values, "slowdown") / 100;

// The gate's effort: more samples than a table needs, so that other programs on the machine weigh less.
const effort = { ...EFFORTS.standard, rounds: 200, seconds: 0.6, withPeers: false, withThreads: false };
const [plan] = planBench({ effort, seed, runtimes: [], kernels: ["emd"], inputs: ["mid"] });
const job = { ...plan, baselines: ["twin"], kernelOnly: false, reference: false };

/** Process medians of baseline / subject for a subject that takes `planted` longer. */
async function ratios(planted, count) {
  const replies = [];
  for (let i = 0; i < count; i++) {
    // A planted subject waits on the clock after each call; what it returns stays the validated output.
    replies.push(await measureInProcess({ ...job, planted }, { limitSeconds: 120 }));
  }
  const wrong = replies.find(({ problem }) => problem !== null);
  if (wrong !== undefined) throw new Error(wrong.problem);
  return processRatios({ job, replies, failures: [] }, "twin");
}

async function compare(title, planted, count) {
  let flagged = 0;
  let confirmed = 0;
  const medians = [];
  for (let i = 0; i < count; i++) {
    const first = await ratios(planted, processes);
    medians.push(medianOf(first));
    const verdict = judge(first);
    if (verdict !== "no change") {
      flagged++;
      if (!values.once && judge(await ratios(planted, REMEASURE_PROCESSES)) === verdict) confirmed++;
    }
    process.stderr.write(
      `${title} ${i + 1}/${count}: ${medians.at(-1).toFixed(4)} ${verdict}, so far ${flagged} flagged, ${confirmed} confirmed\n`,
    );
  }
  if (count === 0) return;
  const deviations = medians.map((ratio) => Math.abs(ratio - 1 / (1 + planted)));
  process.stdout.write(
    `${title}: ${flagged} of ${count} flagged at the first measurement, ${values.once ? "not measured again" : `${confirmed} confirmed by the second`}; ` +
      `median ratio ${medianOf(medians).toFixed(4)}, worst deviation ${(100 * Math.max(...deviations)).toFixed(2)} %\n`,
  );
}

await compare("A/A", 0, equal);
await compare(`planted ${values.slowdown} %`, slowdown, slowed);
