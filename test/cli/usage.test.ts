/** What the command line says about itself and about mistakes. Exit codes: contracts; form of an error: three lines. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../harness/core/errors.js";
import { allDatasetIds } from "../../harness/engine/datasets.js";
import { describeProblem } from "../../harness/commands/problem.js";
import { screenProgress } from "../../harness/commands/progress.js";
import { commands } from "../../harness/commands/table.js";
import { wafermark } from "./spawn.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wafermark-cli-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("wafermark", () => {
  it("prints its version, and help with examples for every command", async () => {
    expect((await wafermark(["--version"], folder)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await wafermark(["--help"], folder);
    expect(help.code).toBe(0);
    for (const { name } of commands) expect(help.stdout).toContain(name);
    const inner = await wafermark(["run", "--help"], folder);
    expect(inner.code).toBe(0);
    expect(inner.stdout).toContain("Examples:");
  });

  it.each([
    [["rum"], "run"],
    [["run", "--sed", "1"], "--seed"],
    [["run", "smok"], "smoke"],
    [["run", "--codecs", "best-choise"], "best-choice"],
    [["run", "--datasets", "hgcal-electron-pu"], "hgcal-electron-0pu"],
    [["datasets", "describe", "hgcal-tbar-0pu"], "hgcal-ttbar-0pu"],
  ])("%j: exit 2, and offers %s", async (args, meant) => {
    const { code, stderr, stdout } = await wafermark(args, folder);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error\[usage\] /);
    expect(stderr.toLowerCase()).toContain(`did you mean ${meant}`);
    expect(stderr.trimEnd().split("\n")).toHaveLength(3);
  });

  it.each([
    [["run", "--threads", "0"], "--threads"],
    [["run", "--seed", "1e3"], "--seed"],
    [["run", "--unit", "gev"], "--unit"],
    [["run", "one", "two"], "argument"],
    [["run", "--codecs", ","], "nothing selected"],
    [["run", "--datasets", ""], "nothing selected"],
    [["run", "smoke", "--suite", "ci"], "given twice"],
  ])("%j: exit 2 and names what is wrong (%s)", async (args, named) => {
    const { code, stderr } = await wafermark(args, folder);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
  });

  it("refuses a file that is not there with exit 3, and writes nothing anywhere", async () => {
    const { code, stderr } = await wafermark(["run", "--data", "nowhere.csv"], folder);
    expect(code).toBe(3);
    expect(stderr).toContain("nowhere.csv");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("tells an error as one JSON line on request", async () => {
    const { code, stderr } = await wafermark(["run", "--codecs", "nope", "--json-errors"], folder);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: "usage", exitCode: 2 });
  });

  it("prints the machine, as text and as JSON", async () => {
    const { stdout } = await wafermark(["info", "--json"], folder);
    expect(JSON.parse(stdout)).toMatchObject({ node: process.versions.node });
  });

  it("lists the datasets", async () => {
    const { code, stdout } = await wafermark(["datasets", "ls"], folder);
    expect(code).toBe(0);
    const listed = stdout.trimEnd().split("\n");
    expect(listed.map((line) => line.split(" ")[0])).toEqual([...allDatasetIds]);
    expect(stdout).toContain("synthetic");
  });
});

describe("describeProblem(error)", () => {
  it("shows control characters as escapes and keeps to three lines", () => {
    const { text, exitCode } = describeProblem(
      new InputError("a\u001b[31m\nb: odd", { remedy: "look\u202e" }),
      false,
    );
    expect(exitCode).toBe(3);
    expect(text).toBe("error[input] a\\u001b[31m\\u000ab: odd\n  try: look\\u202e\n  nothing was written\n");
  });

  it("shows the stack of a bug and asks to report it (exit 1)", () => {
    const { text, exitCode } = describeProblem(new TypeError("x is not a function"), false);
    expect(exitCode).toBe(1);
    expect(text).toContain("x is not a function\n    at ");
    expect(text).toContain("please report");
  });
});

describe("screenProgress(screen)", () => {
  const record = (
    terminal: boolean,
  ): {
    lines: string[];
    clock: { ms: number };
    task: ReturnType<ReturnType<typeof screenProgress>["begin"]>;
  } => {
    const lines: string[] = [];
    const clock = { ms: 0 };
    const screen = {
      write: (text: string) => void lines.push(text),
      terminal,
      columns: 60,
      now: () => clock.ms,
    };
    return { lines, clock, task: screenProgress(screen).begin("work", 10) };
  };

  it("rewrites one line with the time left on a terminal, never wider than it", () => {
    const { lines, clock, task } = record(true);
    clock.ms = 5000;
    task.advance(5, "a long note that does not fit into the line of a narrow terminal");
    expect(lines.at(-1)).toContain("5/10, about 5 s left");
    expect(lines.at(-1).length).toBeLessThan(60 + "\r\u001b[2K".length);
    task.end();
    expect(lines.at(-1)).toContain("work: 5/10 in 5 s\n");
  });

  it("writes few plain lines elsewhere", () => {
    const { lines, clock, task } = record(false);
    for (let i = 0; i < 10; i++) {
      clock.ms += 4000;
      task.advance();
    }
    task.end();
    expect(lines).toHaveLength(5);
    expect(lines.join("")).not.toContain("\u001b");
  });
});
