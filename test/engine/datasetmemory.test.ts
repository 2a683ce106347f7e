/**
 * Writing a set of modules holds a few chunks at a time: a process of its own, looked at after 20,000 and after 60,000 rows; and the
 * peaks of two processes, with threads, that write 20,000 and 220,000.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CELLS, LABELS } from "../../harness/core/table.js";
import { temporaryFolder } from "../io/temporary.js";

const temporary = temporaryFolder();
const engine = fileURLToPath(new URL("../../dist/harness/engine/", import.meta.url));

/** Says live and resident bytes, garbage collected, when so many rows are written. */
const SCRIPT = `
  const { exportDataset } = await import("file://${engine}datasetexport.js");
  const { readManifest } = await import("file://${engine}datasets.js");
  let rows = 0;
  const marks = [20_000, 60_000];
  const looks = [];
  const advance = (steps) => {
    rows += steps;
    if (rows < marks[looks.length]) return;
    gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    looks.push({ live: heapUsed + external, rss });
  };
  const progress = { begin: () => ({ advance, end: () => {} }) };
  const manifest = await readManifest("hgcal-electron-0pu");
  await exportDataset(manifest, { rows: marks[1] }, process.argv[1], { threads: 1, progress });
  console.log(JSON.stringify(looks));
`;

/** Says the most bytes that were resident while so many rows were written on two threads. */
const PEAK_SCRIPT = `
  const { exportDataset } = await import("file://${engine}datasetexport.js");
  const { readManifest } = await import("file://${engine}datasets.js");
  const [path, rows] = process.argv.slice(1);
  await exportDataset(await readManifest("hgcal-electron-0pu"), { rows: Number(rows) }, path, { threads: 2 });
  console.log(1024 * process.resourceUsage().maxRSS);
`;

function peakBytes(name: string, rows: number): number {
  const args = ["--input-type=module", "-e", PEAK_SCRIPT, temporary.path(`${rows}-${name}`), String(rows)];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

describe("memory while modules are written", () => {
  // 40,000 rows are 20 MB, as much as all that is live: were rows kept, the factor would be near 2. Pages that were freed stay
  // resident for a while, so resident size is held less strictly.
  it.each(["m.csv", "m.h5"])("does not grow with their number: %s", (name) => {
    const args = ["--expose-gc", "--input-type=module", "-e", SCRIPT, temporary.path(name)];
    const looks = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as {
      readonly live: number;
      readonly rss: number;
    }[];
    const [early, late] = looks;
    expect(looks).toHaveLength(2);
    expect(late.live / early.live).toBeLessThan(1.2);
    expect(late.rss / early.rss).toBeLessThan(1.3);
  });

  // Kept rows would be 48 charges and all labels as f64, once: half of that is allowed for what the engine lets grow by itself.
  it.each(["m.csv", "m.h5"])(
    "does not grow with their number on two threads: %s",
    (name) => {
      const [few, many] = [20_000, 220_000];
      const kept = 8 * (CELLS + LABELS.length) * (many - few);
      expect(peakBytes(name, many) - peakBytes(name, few)).toBeLessThan(0.5 * kept);
    },
    120_000,
  );
});
