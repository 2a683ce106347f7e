// The whole command on small tables: what it prints, halves of a file, and what it refuses.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "../../harness/commands/evaluate.js";
import { isHarnessError } from "../../harness/core/errors.js";
import { rowsOfHalf } from "../../harness/core/rowhalf.js";
import { CELLS } from "../../harness/core/table.js";
import { makeVariant } from "../../harness/engine/datasets.js";
import { FITTED_TRAINING } from "../../harness/engine/zoocodecs.js";
import { openPool } from "../../harness/wasm/pool.js";
import type { EvaluationRow } from "../../reports/evaluation.js";
import { recordedContext } from "./recordedcontext.js";

let folder: string;
let file: string;
const ROWS = 60;
const AUTOENCODER = `ae-${FITTED_TRAINING}`;
const table = await makeVariant("hgcal-ttbar-200pu", ROWS, 31);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "evaluate-"));
  file = join(folder, "modules.csv");
  const lines = Array.from({ length: ROWS }, (_, row) =>
    table.calq.subarray(row * CELLS, (row + 1) * CELLS).join(","),
  );
  await writeFile(file, `${lines.join("\n")}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(options: Record<string, unknown>, json = false): Promise<string> {
  const { context, stdout } = recordedContext({ json, openKernels: () => openPool({ threads: 1 }) });
  if (command.run === undefined) throw new Error("a command without a body");
  expect(await command.run(context, [], { size: "smoke", ...options })).toBe(0);
  return stdout.join("");
}

interface Printed {
  readonly datasets: readonly { readonly id: string; readonly rows: number }[];
  readonly rows: readonly EvaluationRow[];
}

describe("wafermark evaluate", () => {
  it("judges a file on all its rows and on the even-hash half", async () => {
    const printed = JSON.parse(
      await run({ data: [file], codecs: ["best-choice:links=2", "quanta:links=2"] }, true),
    ) as Printed;
    const even = rowsOfHalf(table.calq, ROWS, "even").length;
    expect(printed.datasets.map(({ rows }) => rows)).toEqual([ROWS, even]);
    expect(printed.datasets[1].id).toBe(`${printed.datasets[0].id}-even`);
    expect(printed.rows).toHaveLength(4);
    for (const { codec, slices, modules } of printed.rows) {
      expect(slices.reduce((sum, { n }) => sum + n, 0)).toBe(modules);
      if (codec.startsWith("quanta"))
        expect(slices.every(({ verdict, n }) => verdict === (n > 0 ? "not worse" : "no comparison"))).toBe(
          true,
        );
    }
  });

  it("shows every autoencoder and rival with its cost, and the unlimited ones marked", async () => {
    const out = join(folder, "zoo.csv");
    const text = await run({ data: [file], rows: ["all"], out });
    for (const id of [AUTOENCODER, "ae-residual-", "ae-coded-", "hybrid-", "vq:", "pca-32:", "best-choice:"])
      for (const links of [2, 3, 4, 5]) expect(text).toMatch(new RegExp(`^${id}.*links=${links}\\b`, "m"));
    for (const [, marks] of text.matchAll(/^hybrid-\S+ .*\d (\S*)$/gm)) expect(marks).toContain("∞");
    const csv = await readFile(out, "utf8");
    expect(csv.match(/,all,/g)).toHaveLength(
      (text.match(/^[a-z0-9-]+:links=\d\S* +\d+\.\d +\d+ /gm) ?? []).length,
    );
  });

  it("shows what sum and zero handling do to an autoencoder", async () => {
    const { rows } = JSON.parse(await run({ data: [file], rows: ["all"], switches: true }, true)) as Printed;
    const [plain] = rows.filter(({ codec }) => codec === `${AUTOENCODER}:links=5`);
    const row = (setting: string): EvaluationRow | undefined =>
      rows.find(
        ({ codec, links }) => links === 5 && codec.startsWith(`${AUTOENCODER}:`) && codec.endsWith(setting),
      );
    const lost = row("suppress=0.1");
    const kept = row("suppress=0.1,suppressed=kept");
    const exact = row("sum=exact");
    expect(lost?.sumRatioMean).toBeLessThan(plain.sumRatioMean ?? 0);
    expect(kept?.emptied).toBe(0);
    expect(kept?.sumRatioMean).toBeCloseTo(plain.sumRatioMean ?? 0, 9);
    expect(exact?.sumRatioMean).toBeCloseTo(1, 9);
    expect(exact).toMatchObject({ fits: false, payloadMaximum: plain.payloadMaximum + 28 - 9 });
  });

  it("prints its table even where --out cannot be written", async () => {
    const { context, stdout } = recordedContext({ openKernels: () => openPool({ threads: 1 }) });
    const options = { data: [file], codecs: ["quanta:links=2"], out: join(file, "table.csv") };
    await expect(command.run?.(context, [], { size: "smoke", ...options })).rejects.toMatchObject({
      exitCode: 6,
    });
    expect(stdout.join("")).toContain("quanta:links=2");
  });

  it.each([
    [{ datasets: ["hgcal-ttbar-200p"] }, /dataset/],
    [{ codecs: ["quantas"] }, /quanta/],
    [{ codecs: ["identity"] }, /nothing to evaluate/],
    [{ rows: ["uneven"] }, /--rows.*uneven/],
    [{ out: "table.txt" }, /--out.*\.csv or \.json/],
    [{ codecs: ["quanta"], switches: true }, /--switches/],
    [{ arch: "autoencoder-4x4x3" }, /--arch/],
  ])("refuses %j", async (options, message) => {
    await expect(run({ data: [file], ...options })).rejects.toSatisfy(
      (error: unknown) => isHarnessError(error) && message.test(error.message),
    );
  });
});
