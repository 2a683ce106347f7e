/** `wafermark export` as a command: which files it says it wrote, and what it refuses before it writes any. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingsOfText } from "../../harness/commands/econtregisters.js";
import { temporaryFolder } from "../io/temporary.js";
import { wafermark } from "./spawn.js";

const { folder } = temporaryFolder();
const MODEL = "emd-stride-ele-200pu-3";

describe("wafermark export", () => {
  it("writes a zoo model's registers and Keras files, and says which", async () => {
    const args = ["export", MODEL, "--registers", "init.yaml", "--links", "3", "--keras", "keras", "--json"];
    const found = await wafermark(args, folder);
    expect([found.code, found.stderr]).toEqual([0, ""]);
    const { files } = JSON.parse(found.stdout) as { files: string[] };
    expect(files).toEqual([
      "init.yaml",
      ...["encoder.hdf5", "encoder.json", "decoder.hdf5", "decoder.json"].map((file) => join("keras", file)),
    ]);
    expect(files.every((file) => existsSync(join(folder, file)))).toBe(true);
    const text = readFileSync(join(folder, "init.yaml"), "utf8");
    expect(text).toContain(`# autoencoder ${MODEL}, 3 links`);
    expect(settingsOfText(text, "init.yaml").links).toBe(3);
  });

  it.each([
    [[MODEL], 2, "expected --registers or --keras, got neither"],
    [[MODEL, "--registers", "no.yaml"], 2, "expected --registers and --links together"],
    [[MODEL, "--keras", "no", "--links", "3"], 2, "expected --registers and --links together"],
    [[MODEL, "--registers", "no.yaml", "--links", "6"], 2, "--links"],
    [["emd-strid-ele-200pu-3", "--keras", "no"], 3, `did you mean ${MODEL}`],
    [["x", "--keras", "no"], 3, "x: cannot be read"],
  ] as const)("refuses %j", async (args, code, text) => {
    const found = await wafermark(["export", ...args], folder);
    expect(found.code).toBe(code);
    expect(found.stderr).toContain(text);
    expect([existsSync(join(folder, "no.yaml")), existsSync(join(folder, "no"))]).toEqual([false, false]);
  });
});
