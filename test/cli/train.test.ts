/** `wafermark train` as a user runs it: files, the recorded command, resume, Ctrl-C, and what is refused before anything is written. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileStore } from "../../harness/engine/traincheckpoint.js";
import { temporaryFolder } from "../io/temporary.js";
import { start, wafermark } from "./spawn.js";

const { folder } = temporaryFolder();
const SMALL = [
  "train",
  "--recipe",
  "emd-stride-ele",
  "--links",
  "5",
  "--size",
  "smoke",
  "--chip-epochs",
  "1",
];

/** Modules as CSV, each with these labels. */
function writeModules(name: string, labels: Readonly<Record<string, number>>, count = 5): void {
  const cells = Array.from({ length: 48 }, (_, cell) => `CALQ_${cell}`);
  const values = Object.values(labels);
  const rows = Array.from({ length: count }, (_, row) => [...cells.map(() => 7 + row), ...values].join(","));
  const header = [...cells, ...Object.keys(labels)].join(",");
  writeFileSync(join(folder, name), [header, ...rows, ""].join("\n"));
}

describe("wafermark train", () => {
  it("writes weights, curve and record; stopped and resumed it ends with the same bytes", async () => {
    const args = [...SMALL, "--epochs", "16", "--quiet", "--out"];
    const whole = await wafermark([...args, "whole", "--json-errors"], folder);
    expect([whole.code, whole.stderr]).toEqual([0, ""]);
    const files = whole.stdout.trim().split("\n");
    expect(files.map((file) => existsSync(join(folder, file)))).toEqual([true, true, true, true]);
    const bytes = (name: string): Buffer => readFileSync(join(folder, name, "emd-stride-ele-5.bin"));
    const record = JSON.parse(readFileSync(join(folder, files[0]), "utf8")) as {
      training: { command: string; chip: { validationEmd: number } };
    };
    expect(record.training.command).toBe(`wafermark ${[...SMALL, "--epochs", "16"].join(" ")}`);

    const running = start([...SMALL, "--epochs", "16", "--out", "stopped"], folder);
    await running.shown("epoch 2:");
    running.child.kill("SIGINT");
    const stopped = await running.finished;
    expect([stopped.code, stopped.stderr.includes("--resume --out stopped goes on")]).toEqual([130, true]);
    const resumed = await wafermark([...args, "stopped", "--resume", "--threads", "1"], folder);
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(bytes("stopped").equals(bytes("whole"))).toBe(true);

    const again = await wafermark([...args, "stopped"], folder);
    expect([again.code, again.stderr.includes("stopped: a training is there: expected --resume")]).toEqual([
      2,
      true,
    ]);
    expect(bytes("stopped").equals(bytes("whole"))).toBe(true);

    const other = await wafermark([...args, "stopped", "--resume", "--seed", "5"], folder);
    expect(other.code).toBe(3);
    expect(other.stderr).toContain("checkpoint: of another training");
  }, 120_000);

  it("ends with exit 4 when the loss diverges, says so, and keeps the last good checkpoint", async () => {
    const args = ["--size", "smoke", "--loss", "telescope", "--lr", "100", "--decay", "1", "--quiet"];
    const found = await wafermark(["train", "--recipe", "emd-stride-ele", ...args, "--out", "far"], folder);
    expect(found.code).toBe(4);
    expect(found.stderr).toMatch(/training: epoch \d+: diverged: expected a finite loss, got NaN/);
    const kept = await fileStore(join(folder, "far", "checkpoint.wmt")).load();
    expect(kept?.best.every(Number.isFinite)).toBe(true);
    expect(readdirSync(join(folder, "far"))).toEqual(["checkpoint.wmt"]);
  });

  it("masks the targets that the simulation calls pileup", async () => {
    const args = ["--size", "smoke", "--epochs", "1", "--quiet", "--out", "masked"];
    const found = await wafermark(["train", "--recipe", "tele-stride-ele-mask", ...args], folder);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    const { training } = JSON.parse(
      readFileSync(join(folder, "masked", "tele-stride-ele-mask.json"), "utf8"),
    ) as { training: { variant: string; variantSays: string } };
    expect([training.variant, training.variantSays]).toEqual([
      "mask",
      "modules whose share is below 0.001 have the target zero",
    ]);
  });

  it("refuses the checkpoint of another model and leaves it as it was", async () => {
    const args = ["train", "--recipe", "tele-stride-ele", "--size", "smoke", "--epochs", "1", "--quiet"];
    expect((await wafermark([...args, "--out", "one"], folder)).code).toBe(0);
    const path = join(folder, "one", "checkpoint.wmt");
    const before = readFileSync(path);
    const more = ["--model", "autoencoder-8x8-pool", "--resume", "--out", "one"];
    const found = await wafermark([...args, ...more], folder);
    expect([found.code, found.stderr.includes("checkpoint: of another training")]).toEqual([3, true]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses a table of which the cuts leave nothing, and says what they took", async () => {
    writeModules("pileup.csv", { SimEnergyFraction: 0 });
    const found = await wafermark(["train", "--data", "pileup.csv", "--variant", "remove"], folder);
    expect(found.code).toBe(3);
    expect(found.stderr).toMatch(/error\[empty\].*5/s);
  });

  it("calls weights by what departs from the recipe", async () => {
    const said = ["--model", "autoencoder-8x8-pool", "--loss", "mse", "--variant", "calq", "--pileup", "0"];
    const args = [
      "train",
      "--recipe",
      "tele-stride-ele",
      ...said,
      "--size",
      "smoke",
      "--epochs",
      "1",
      "--quiet",
    ];
    const found = await wafermark([...args, "--out", "named"], folder);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    expect(existsSync(join(folder, "named", "tele-stride-ele-8x8-pool-mse-calq-0pu.json"))).toBe(true);
  });

  it("takes the remedies that a refused file is offered, and records them", async () => {
    writeModules("holes.csv", {}, 30);
    const path = join(folder, "holes.csv");
    writeFileSync(path, readFileSync(path, "utf8").replace("\n7,", "\nnan,"));
    const args = ["train", "--data", "holes.csv", "--loss", "mse", "--epochs", "1", "--quiet"];
    const refused = await wafermark([...args, "--out", "holes"], folder);
    expect([refused.code, refused.stderr.includes("--nonfinite drop")]).toEqual([3, true]);
    const found = await wafermark([...args, "--nonfinite", "drop", "--out", "holes"], folder);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    const { training } = JSON.parse(
      readFileSync(join(folder, "holes", "autoencoder-8x8-stride.json"), "utf8"),
    ) as { training: { data: { rows: number; reading: unknown } } };
    expect(training.data).toMatchObject({ rows: 29, reading: { nonfinite: "drop" } });
  });

  it.each([
    [["train"], 2, "what to train on"],
    [["train", "--recipe", "emd-strid-ele"], 2, "did you mean emd-stride-ele"],
    [["train", "--recipe", "emd-stride-ele", "--links", "6"], 2, "--links"],
    [
      ["train", "--recipe", "emd-stride-ele", "--variant", "clip"],
      2,
      "--variant: expected one of none, calq",
    ],
    [["train", "--recipe", "emd-stride-ele", "--variant", "calq,mask"], 2, "got calq,mask"],
    [["train", "--recipe", "emd-stride-ele", "--versions"], 2, "--versions: expected --links"],
    [["train", "--recipe", "emd-cnn-stride-ele"], 2, "--loss emd-cnn: expected --emd-cnn"],
    [["train", "--recipe", "emd-cnn-stride-ele", "--emd-cnn", "none.json"], 3, "none.json"],
    [["train", "--recipe", "emd-cnn-stride-ele", "--emd-cnn", "plain.csv"], 3, "plain.csv"],
    [["train", "--recipe", "emd-stride-ele", "--resume", "--out", "never"], 3, "no training to resume"],
    [["train", "--recipe", "emd-stride-ele", "--pileup", "140"], 2, "expected 0 or 200, got 140"],
    [["train", "--recipe", "emd-stride-ele", "--chip-epochs", "2"], 2, "--chip-epochs: expected --links"],
    [["train", "--data", "plain.csv", "--size", "smoke"], 2, "--size: expected with an embedded dataset"],
    [["train", "--data", "hgcal-ttbar-200p"], 3, "did you mean hgcal-ttbar-200pu"],
    [["train", "--recipe", "emd-stride-ele", "--links", "9"], 2, "wafermark train --help"],
    [["train", "--recipe", "emd-stride-ele", "--resume"], 2, "--resume: expected --out"],
    [["train", "--data", "plain.csv", "--variant", "mask"], 3, "expected SimEnergyFraction"],
    [["train", "--data", "nowhere.csv"], 3, "nowhere.csv"],
  ] as const)("refuses %j", async (args, code, text) => {
    writeModules("plain.csv", {});
    const found = await wafermark(args, folder);
    expect(found.code).toBe(code);
    expect(found.stderr).toContain(text);
    expect(existsSync(join(folder, "wafermark-out"))).toBe(false);
  });
});
