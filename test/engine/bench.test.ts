import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultsSchema } from "../../harness/core/results.js";
import { benchRows, runJobs, type BenchOptions } from "../../harness/engine/bench.js";
import type { BenchJob, BenchReply } from "../../harness/engine/benchmessage.js";
import { EFFORTS, planBench } from "../../harness/engine/benchplan.js";
import { benchInputs } from "../../harness/engine/benchinputs.js";
import { isThreaded } from "../../harness/engine/benchside.js";
import { kernels } from "../../harness/engine/plugins.generated.js";
import { networkOf } from "../../harness/models/networkkernel.js";
import { measureInProcess } from "../../harness/engine/benchprocess.js";
import { processRatios, speedRows } from "../../harness/engine/benchrow.js";
import { benchTable, noiseLine } from "../../harness/engine/benchtable.js";
import { silentProgress } from "../../harness/engine/progress.js";

const PLAN = { seed: 5, runtimes: [] };
const speedRow = resultsSchema.shape.speed.element;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wafermark-bench-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A measuring process made for a test: reads the job line and does `body` with `job` and `say(reply)`. */
function fakeChild(name: string, body: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { createInterface } from "node:readline";
     const say = (reply) => process.stdout.write(JSON.stringify(reply) + "\\n", () => process.exit(0));
     const measured = (baseline, subject, other) => ({
       baseline, notAvailable: null, subjectSamples: [subject, subject], baselineSamples: [other, other],
       batch: { subject: 1, baseline: 3 }, warmup: { rounds: 10, seconds: 0.2, settled: true },
       saturated: false, versions: {}, threads: 1 });
     const reply = (job, extra) => ({ items: 100, itemName: "pair", bytes: 1000, threads: 1, firstCallSeconds: 0.02,
       kernelOnlySamples: job.kernelOnly ? [0.9e-4] : [], outputHash: "abc", problem: null, clockResolution: 4e-8,
       peakShares: [],
       baselines: job.baselines.map((id) => measured(id, 1e-4, 5e-4)), ...extra });
     createInterface({ input: process.stdin }).once("line", (line) => { const job = JSON.parse(line); ${body} });`,
  );
  return path;
}

const OPTIONS: BenchOptions = { suite: "smoke", seed: 5, kernels: ["emd"], processes: 3 };

function someJob(baselines: string[]): BenchJob {
  return {
    ...planBench({ ...PLAN, effort: { ...EFFORTS.smoke, inputs: "all" }, kernels: ["emd"] })[0],
    baselines,
  };
}

function someReply(job: BenchJob, change: Partial<BenchReply> = {}): BenchReply {
  return {
    items: 100,
    itemName: "pair",
    bytes: 1000,
    threads: 1,
    firstCallSeconds: 0.02,
    kernelOnlySamples: [],
    peakShares: [],
    outputHash: "abc",
    problem: null,
    clockResolution: 4e-8,
    baselines: job.baselines.map((baseline) => ({
      baseline,
      notAvailable: null,
      subjectSamples: [1e-4, 1e-4],
      baselineSamples: [5e-4, 5e-4],
      batch: { subject: 1, baseline: 1 },
      warmup: { rounds: 10, seconds: 0.2, settled: true },
      saturated: false,
      versions: {},
      threads: 1,
    })),
    ...change,
  };
}

describe("bench with measuring processes that play their part", () => {
  test("gives valid rows: seconds per item, ratio, interval, samples of every process", async () => {
    const outcome = await benchRows({ ...OPTIONS, script: fakeChild("good", "say(reply(job))") });
    for (const row of outcome.rows) expect(speedRow.parse(row)).toEqual(row);
    const row = outcome.rows.find(({ baseline }) => baseline === "wasm-scalar");
    expect(row?.subjectSeconds).toBeCloseTo(1e-6, 15);
    expect(row?.baselineSeconds).toBeCloseTo(5e-6, 15);
    expect(row?.ratio).toBeCloseTo(5, 12);
    expect(row?.ratioLow).toBeCloseTo(5, 12);
    expect(row?.kernelOnlySeconds).toBeCloseTo(0.9e-6, 15);
    expect(row?.samples).toHaveLength(3);
    expect(row?.processes).toBe(3);
    expect(row?.method?.batch[0]).toEqual({ subject: 1, baseline: 3 });
    expect(outcome.refused).toEqual([]);
    expect(outcome.noise?.kernel).toBe("emd");
    expect(outcome.noise?.processes).toBe(3);
  });

  test("has the floors, the A/A twin and the first call in every headline table", async () => {
    const { rows } = await benchRows({ ...OPTIONS, script: fakeChild("floors", "say(reply(job))") });
    expect(rows.map(({ subject, baseline }) => `${subject} / ${baseline}`)).toEqual(
      expect.arrayContaining([
        "wasm / wasm (A/A twin)",
        "wasm / memcpy",
        "wasm / empty-call",
        "wasm, first call / none",
      ]),
    );
  });

  test("gives no number to outputs that are not the validated ones", async () => {
    const script = fakeChild("wrong", 'say(reply(job, { problem: "outputs of the timed runs differ" }))');
    const outcome = await benchRows({ ...OPTIONS, script });
    expect(outcome.refused[0]).toContain("outputs of the timed runs differ");
    expect(outcome.noise).toBeNull();
    for (const row of outcome.rows) {
      expect(row.validated).toBe(false);
      expect([row.ratio, row.subjectSeconds, row.baselineSeconds, row.kernelOnlySeconds]).toEqual([
        null,
        null,
        null,
        null,
      ]);
      expect(row.samples).toEqual([]);
    }
    expect(benchTable(outcome.rows)).toContain("not available: outputs of the timed runs differ");
  });

  test("gives no number when processes disagree about the outputs", async () => {
    const script = fakeChild("random", "say(reply(job, { outputHash: String(process.pid) }))");
    const { refused, rows } = await benchRows({ ...OPTIONS, script });
    expect(refused[0]).toContain("differ from process to process");
    expect(rows.every(({ ratio }) => ratio === null)).toBe(true);
  });

  test("a process that fails, talks nonsense or hangs leaves a reason", async () => {
    const job = someJob(["memcpy"]);
    const limitSeconds = 20;
    await expect(
      measureInProcess(job, {
        limitSeconds,
        script: fakeChild("dies", 'console.error("out of luck"); process.exit(9)'),
      }),
    ).rejects.toThrow(/got 9: out of luck/);
    await expect(
      measureInProcess(job, { limitSeconds, script: fakeChild("nonsense", 'say({ items: "many" })') }),
    ).rejects.toThrow(/reply/);
    await expect(
      measureInProcess(job, {
        limitSeconds,
        script: fakeChild("text", 'process.stdout.write("hello"); process.exit(0)'),
      }),
    ).rejects.toThrow(/expected one JSON line/);
    const begun = performance.now();
    await expect(
      measureInProcess(job, { limitSeconds: 0.5, script: fakeChild("hangs", "setInterval(() => {}, 1000)") }),
    ).rejects.toThrow(/longer than 0.5 s/);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test("an abort ends the process and rejects with its reason", async () => {
    const stop = new AbortController();
    const script = fakeChild("endless", "setInterval(() => {}, 1000)");
    const running = benchRows({ ...OPTIONS, script, signal: stop.signal });
    setTimeout(() => {
      stop.abort(new Error("stopped by the user"));
    }, 500);
    const begun = performance.now();
    await expect(running).rejects.toThrow("stopped by the user");
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

const BUILT = fileURLToPath(new URL("../../dist/harness/engine/benchchild.js", import.meta.url));
const HAS_BUILD = existsSync(BUILT);
if (!HAS_BUILD)
  console.info("the built measuring process is not tested: dist/ is missing, npm run build makes it");

describe.skipIf(!HAS_BUILD)("the built measuring process", () => {
  test("validates and times the EMD kernel against its twin and the floors", async () => {
    const job = { ...someJob(["twin", "wasm-scalar", "memcpy", "empty-call", "no-such-backend"]), rows: 32 };
    const reply = await measureInProcess(job, { limitSeconds: 60, script: BUILT });
    expect(reply.problem).toBeNull();
    expect(reply.items).toBe(32);
    expect(reply.outputHash).toMatch(/^[0-9a-f]{64}$/);
    expect(reply.kernelOnlySamples.length).toBeGreaterThan(0);
    const [twin, scalar, memcpy, empty, unknown] = reply.baselines;
    for (const baseline of [twin, scalar, memcpy, empty]) {
      expect(baseline.notAvailable).toBeNull();
      expect(baseline.subjectSamples.length).toBe(baseline.baselineSamples.length);
      expect(Math.min(...baseline.subjectSamples, ...baseline.baselineSamples)).toBeGreaterThan(0);
    }
    expect(unknown.notAvailable).toContain("no-such-backend");
  });

  test("a planted delay of half the subject's time shows as a ratio near 2/3, with the outputs unchanged", async () => {
    const job = { ...someJob(["twin"]), planted: 0.5, rounds: 20, leastRounds: 20 };
    const reply = await measureInProcess(job, { limitSeconds: 60, script: BUILT });
    expect(reply.problem).toBeNull();
    const [ratio] = processRatios({ job, replies: [reply], failures: [] }, "twin");
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(0.85);
  });

  test("refuses a job it does not know", async () => {
    const job = { ...someJob(["memcpy"]), kernel: "nothing" };
    await expect(measureInProcess(job, { limitSeconds: 60, script: BUILT })).rejects.toThrow(
      /no kernel called nothing/,
    );
  });
});

describe("jobs", () => {
  test("run in turns, and only the first process asks the slow reference", async () => {
    const jobs = [someJob(["memcpy"]), { ...someJob(["memcpy"]), input: "mix" }];
    const seen: string[] = [];
    const measure = (job: BenchJob): Promise<BenchReply> => {
      seen.push(`${job.input}${job.reference ? "+" : ""}`);
      return Promise.resolve(someReply(job));
    };
    await runJobs(jobs, 2, measure, silentProgress);
    expect(seen).toEqual(["mid+", "mix+", "mid", "mix"]);
  });

  test("a job that failed once is not tried again, others go on", async () => {
    const jobs = [someJob(["memcpy"]), { ...someJob(["memcpy"]), input: "mix" }];
    let calls = 0;
    const measure = (job: BenchJob): Promise<BenchReply> => {
      calls++;
      return job.input === "mid" ? Promise.reject(new Error("no")) : Promise.resolve(someReply(job));
    };
    const done = await runJobs(jobs, 3, measure, silentProgress);
    expect(calls).toBe(4);
    expect(done[0].failures).toEqual(["no"]);
    expect(done[1].replies).toHaveLength(3);
  });
});

describe("rows", () => {
  test("a baseline that is absent says why and keeps the others", () => {
    const job = someJob(["pot-emd2", "memcpy"]);
    const reply = someReply(job);
    const baselines = reply.baselines.map((entry) =>
      entry.baseline === "pot-emd2"
        ? { ...entry, notAvailable: "python3: no module named ot", subjectSamples: [], baselineSamples: [] }
        : entry,
    );
    const [pot, memcpy] = speedRows({ job, replies: [{ ...reply, baselines }], failures: [] });
    expect(pot.notAvailable).toBe("python3: no module named ot");
    expect(pot.ratio).toBeNull();
    expect(memcpy.ratio).toBeCloseTo(5, 12);
    expect(benchTable([pot])).toContain("not available: python3: no module named ot");
  });

  test("faster than a copy of its own bytes is suspicious; a coarse clock and a drift are told", () => {
    const job = someJob(["memcpy"]);
    const reply = someReply(job);
    const [row] = speedRows({ job, replies: [reply], failures: [] });
    expect(row.warnings.join()).toContain("suspicious");
    const [entry] = reply.baselines;
    const bad = {
      ...entry,
      baselineSamples: [0.5e-4, 0.5e-4],
      saturated: true,
      warmup: { ...entry.warmup, settled: false },
    };
    const [other] = speedRows({ job, replies: [{ ...reply, baselines: [bad] }], failures: [] });
    expect(other.warnings.join()).not.toContain("suspicious");
    expect(other.warnings.join()).toContain("saturated");
    expect(other.warnings.join()).toContain("not settled");
  });

  test("the noise line gives both deviations", () => {
    expect(noiseLine({ kernel: "emd", median: 0.001, worst: 0.0042, processes: 5 })).toBe(
      "noise: emd against itself deviates by 0.10 % (median) and 0.42 % (worst of 5 processes)",
    );
  });
});

describe("plan", () => {
  test("standard: published inputs, POT where planned, two threads on at least 10,000 pairs, one twin", () => {
    const jobs = planBench({ ...PLAN, effort: EFFORTS.standard });
    const emd = jobs.filter(({ kernel }) => kernel === "emd");
    expect([...new Set(emd.map(({ input }) => input))]).toEqual(["mid", "mix", "dense"]);
    const transport = jobs.filter(({ kernel }) => kernel === "transport").map(({ input }) => input);
    expect(transport).toEqual(["n=64", "n=128", "n=256"]);
    for (const input of ["mid", "mix", "dense"]) {
      expect(emd.find((job) => job.input === input)?.baselines).toEqual(
        expect.arrayContaining(["wasm-scalar", "pot-emd2", "pot-core", "numpy-pass", "memcpy", "empty-call"]),
      );
    }
    const threaded = jobs.filter(({ subject }) => subject === "wasm:threads=2");
    expect(threaded.map(({ kernel, rows }) => `${kernel} ${rows}`)).toEqual([
      "autoencoder 256",
      "autoencoder 4096",
      "decoder 256",
      "decoder 4096",
      "emd 65536",
      "pca-f32 256",
      "pca-f32 256",
      "pca-f64 256",
    ]);
    const [onPools, inParts] = [threaded.slice(0, 5), threaded.slice(5)];
    for (const job of onPools) expect(job.baselines).toEqual(["wasm", "wasm:threads=1"]);
    for (const job of inParts) expect(job.baselines[0]).toBe("wasm:slabs");
    expect(threaded[4].rows).toBeGreaterThanOrEqual(10_000);
    expect(jobs.filter(({ baselines }) => baselines.includes("twin"))).toHaveLength(1);
    expect(jobs.every(({ planted }) => planted === 0)).toBe(true);
  });

  test.each(["standard", "full"] as const)(
    "%s: networks against tfjs at 16, 256 and 4096 rows, in JavaScript at few",
    (suite) => {
      const jobs = planBench({ ...PLAN, effort: EFFORTS[suite] });
      for (const kernel of ["encoder", "decoder", "autoencoder", "jets-200", "jets-400"]) {
        for (const rows of [16, 256, 4096]) {
          const job = jobs.find((other) => other.kernel === kernel && other.input === `rows=${rows}`);
          expect(job?.rows).toBe(rows);
          expect(job?.baselines).toContain("tfjs-wasm");
          expect(job?.baselines.includes("tfjs-cpu")).toBe(rows === 16);
        }
      }
    },
  );

  test("a job that asks for fewer processes than the run gets that many", async () => {
    const job = { ...someJob(["memcpy"]), mostProcesses: 2 };
    const script = fakeChild("few", "say(reply(job));");
    const run = (one: BenchJob): Promise<BenchReply> => measureInProcess(one, { script, limitSeconds: 20 });
    const [done] = await runJobs([job], 3, run, silentProgress);
    expect(done.replies).toHaveLength(2);
  });

  test("full: every input of every kernel and the reference", () => {
    const jobs = planBench({ ...PLAN, effort: EFFORTS.full, kernels: ["emd"] });
    expect([...new Set(jobs.map(({ input }) => input))]).toEqual(["mid", "sparse", "mix", "dense"]);
    expect(jobs.some(({ baselines }) => baselines.includes("reference"))).toBe(true);
    expect(EFFORTS.full.processes).toBe(5);
  });

  test("asked-for inputs replace the suite's; unknown names are refused with the nearest", () => {
    const jobs = planBench({ ...PLAN, effort: EFFORTS.ci, kernels: ["emd"], inputs: ["sparse"] });
    expect([...new Set(jobs.map(({ input }) => input))]).toEqual(["sparse"]);
    expect(() => planBench({ ...PLAN, effort: EFFORTS.ci, kernels: ["emdd"] })).toThrow(/no such kernel/);
    expect(() => planBench({ ...PLAN, effort: EFFORTS.ci, kernels: ["emd"], inputs: ["middle"] })).toThrow(
      /no such input/,
    );
  });

  test("kernels that a suite does not name get the effort of networks, named ones the full one", () => {
    const jobs = planBench({ ...PLAN, effort: EFFORTS.ci });
    const processes = new Map(jobs.map((job) => [job.kernel, job.mostProcesses ?? EFFORTS.ci.processes]));
    expect([processes.get("emd"), processes.get("clue"), processes.get("encoder")]).toEqual([2, 1, 1]);
    for (const job of planBench({ ...PLAN, effort: EFFORTS.full }))
      expect(job.mostProcesses ?? 5).toBeGreaterThan(1);
  });

  test("no window of rows holds more than a mebibyte, and each holds one item at least", () => {
    for (const job of planBench({ ...PLAN, effort: EFFORTS.full })) {
      const kernel = kernels.get(job.kernel);
      const input = kernel && benchInputs(kernel).find(({ id }) => id === job.input);
      if (kernel?.batch === undefined || input === undefined || isThreaded(job.subject)) continue;
      if (networkOf(kernel) !== undefined || job.baselines.includes("reference")) continue;
      const bytes = (rows: number): number => kernel.work(input.dims(rows)).bytes;
      expect(job.rows).toBeGreaterThanOrEqual(1);
      expect(job.rows === 1 ? 0 : job.rows * (bytes(2) - bytes(1)), job.kernel).toBeLessThanOrEqual(2 ** 20);
    }
  });

  test("peers that take a second for a call are left to the larger suites", () => {
    const slow = (suite: "ci" | "standard"): readonly string[] =>
      planBench({ ...PLAN, effort: EFFORTS[suite] })
        .flatMap(({ baselines }) => baselines)
        .filter((id) => ["density-clustering", "tfjs-cpu-training"].includes(id));
    expect(slow("ci")).toEqual([]);
    expect(new Set(slow("standard"))).toEqual(new Set(["density-clustering", "tfjs-cpu-training"]));
  });

  test("the unoptimised build is never timed", () => {
    for (const effort of Object.values(EFFORTS)) {
      const ids = planBench({ ...PLAN, effort }).flatMap(({ baselines, subject }) => [...baselines, subject]);
      expect(ids).not.toContain("wasm-debug");
    }
  });
});
