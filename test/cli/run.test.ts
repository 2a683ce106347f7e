/** `wafermark run` as a process: what it leaves behind, repeated, interrupted, disturbed. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Results } from "../../harness/core/results.js";
import { readRows } from "../../harness/core/rows.js";
import { loadResults } from "../../reports/load.js";
import { start, wafermark } from "./spawn.js";

const QUICK = [
  "run",
  "smoke",
  "--no-bench",
  "--datasets",
  "hgcal-ttbar-200pu",
  "--codecs",
  "best-choice:links=2,uniform",
];
const LONG = ["run", "standard", "--no-bench", "--datasets", "hgcal-electron-200pu"];
const ALL_CODECS = ["run", "smoke", "--no-bench", "--datasets", "hgcal-ttbar-200pu"];
const TIMEOUT = 240_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wafermark-run-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function resultsOf(out: string): Results {
  return loadResults(readFileSync(join(folder, out, "results.json"), "utf8"), out);
}

/** Quality records with all their digits, in one order. */
function wholeQuality(out: string): string[] {
  const { results } = readRows(readFileSync(join(folder, out, "rows.ndjson"), "utf8"), out);
  return results.quality.map((row) => JSON.stringify(row)).sort();
}

describe("wafermark run", () => {
  it(
    "leaves rows, results and pages, ends with a table, and gives the same quality for any number of threads",
    async () => {
      const first = await wafermark([...QUICK, "--out", "a", "--threads", "1"], folder);
      expect([first.code, first.stderr.includes("error")]).toEqual([0, false]);
      expect(first.stdout).toContain("best-choice:links=2");
      expect(readdirSync(join(folder, "a")).sort()).toEqual([
        "quality.csv",
        "report.html",
        "report.md",
        "results.json",
        "rows.ndjson",
      ]);
      const results = resultsOf("a");
      expect(results.run.finishedRows).toBe(results.run.plannedRows);
      expect(results.quality.map(({ codec }) => codec)).toEqual(["best-choice:links=2", "uniform"]);
      expect(
        results.agreement.some(
          ({ kernel, backend, verdict }) => kernel === "emd" && backend === "wasm" && verdict === "pass",
        ),
      ).toBe(true);
      const second = await wafermark([...QUICK, "--out", "b", "--threads", "2", "--json", "--quiet"], folder);
      expect([second.code, second.stderr]).toEqual([0, ""]);
      const again = loadResults(second.stdout, "stdout");
      expect(JSON.stringify(again.quality)).toBe(JSON.stringify(results.quality));
      expect(wholeQuality("b")).toEqual(wholeQuality("a"));
      expect(again.datasets).toEqual(results.datasets);
      expect((await wafermark(["report", "a", "--out", "pages"], folder)).code).toBe(0);
      for (const page of ["report.html", "report.md", "quality.csv"]) {
        const [before, after] = ["a", "pages"].map((out) => readFileSync(join(folder, out, page), "utf8"));
        expect(after === before, page).toBe(true);
      }
    },
    TIMEOUT,
  );

  it(
    "makes its own folder under ./wafermark-out and names it in `latest`",
    async () => {
      const inside = mkdtempSync(join(folder, "default-"));
      const file = join(inside, "mine.csv");
      writeFileSync(
        file,
        `${new Array(48)
          .fill(0)
          .map((_, i) => `CALQ_${i}`)
          .join(",")}\n${new Array(48).fill(3).join(",")}\n`,
      );
      const { code } = await wafermark(
        ["run", "smoke", "--no-bench", "--data", "mine.csv", "--codecs", "best-choice:links=5"],
        inside,
      );
      expect(code).toBe(0);
      expect(readdirSync(inside).sort()).toEqual(["mine.csv", "wafermark-out"]);
      const latest = readFileSync(join(inside, "wafermark-out", "latest"), "utf8").trim();
      expect(latest).toMatch(/^\d{8}T\d{6}Z-smoke-[0-9a-f]{6}$/);
      expect(existsSync(join(inside, "wafermark-out", latest, "report.html"))).toBe(true);
    },
    TIMEOUT,
  );

  it(
    "stops within a second of SIGINT with exit 130, keeps what is finished and frees the folder",
    async () => {
      const begun = performance.now();
      await wafermark(["--version"], folder);
      const startup = (performance.now() - begun) / 1000;
      const running = start([...ALL_CODECS, "--out", "stopped"], folder);
      await running.shown("quality:");
      const sent = performance.now();
      running.child.kill("SIGINT");
      const { code, stderr } = await running.finished;
      const seconds = (performance.now() - sent) / 1000;
      expect(code).toBe(130);
      expect(stderr).toMatch(/stopped after \d+ of \d+ rows/);
      // One second; on a machine so busy that the program alone starts slowly, as many starts.
      expect(seconds).toBeLessThan(Math.max(1, 4 * startup));
      const { results } = readRows(
        readFileSync(join(folder, "stopped", "rows.ndjson"), "utf8"),
        "rows.ndjson",
      );
      expect(results.run.finishedRows).toBeGreaterThan(0);
      expect(results.run.finishedRows).toBeLessThan(results.run.plannedRows);
      const next = await wafermark([...QUICK, "--out", "stopped"], folder);
      expect(next.code).toBe(0);
    },
    TIMEOUT,
  );

  it(
    "refuses a folder that another run holds, with exit 7 and the owner's pid",
    async () => {
      const holder = start([...LONG, "--out", "held"], folder);
      await holder.shown("validate:");
      const { code, stderr } = await wafermark([...QUICK, "--out", "held"], folder);
      expect(code).toBe(7);
      expect(stderr).toContain(String(holder.child.pid));
      holder.child.kill("SIGTERM");
      expect((await holder.finished).code).toBe(143);
    },
    TIMEOUT,
  );

  it(
    "takes over the folder of a killed run and says so",
    async () => {
      const killed = start([...LONG, "--out", "killed"], folder);
      await killed.shown("validate:");
      killed.child.kill("SIGKILL");
      await killed.finished;
      const { code, stderr } = await wafermark([...QUICK, "--out", "killed"], folder);
      expect(code).toBe(0);
      expect(stderr).toContain(`lock of process ${String(killed.child.pid)}`);
    },
    TIMEOUT,
  );

  it(
    "leaves quietly with exit 0 when its reader goes away",
    async () => {
      const running = start(["datasets", "describe", "hgcal-ttbar-0pu"], folder);
      running.child.stdout?.destroy();
      const { code, stderr } = await running.finished;
      expect(code).toBe(0);
      expect(stderr).not.toContain("EPIPE");
    },
    TIMEOUT,
  );
});
