/** Catalogue row 22: names that would leave their folder or that a file system cannot hold. */
import { mkdirSync, symlinkSync } from "node:fs";
import { sep } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveInside, safeName } from "../../harness/io/paths.js";
import { refusal, temporaryFolder } from "../io/temporary.js";

const temporary = temporaryFolder();

const HOSTILE = [
  "../x", "../../etc/passwd", "/etc/passwd", "~", "~/x", "C:\\x", "c:x", "a\0b", "CON", "con.csv", "LPT1", "x.", "x ", " ",
  "", ".", "..", "...", ".hidden", "x".repeat(300), "\u{1f600}", "\u202egpj.exe", "a/b", "a\\b", "a:b", "a\nb", "-rf",
]; // prettier-ignore

describe("safeName", () => {
  it.each(HOSTILE)("%j becomes a plain name of bounded length with a hash", (name) => {
    const safe = safeName(name);
    expect(safe).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*-[0-9a-f]{12}$/);
    expect(safe.length).toBeLessThanOrEqual(100);
    expect(resolveInside(temporary.folder, safe)).toBe(`${temporary.folder}${sep}${safe}`);
  });

  it("keeps plain names, and different names apart", () => {
    expect(safeName("best-choice_2.links=2,drop=1")).toBe("best-choice_2.links=2,drop=1");
    expect(new Set(HOSTILE.map(safeName)).size).toBe(HOSTILE.length);
    expect(safeName("a/b")).not.toBe(safeName("a:b"));
  });
});

describe("resolveInside", () => {
  it.each([
    "../x",
    "a/../../x",
    "/etc/passwd",
    "~",
    "~/x",
    "C:\\x",
    "c:x",
    "a\0b",
    "",
    "..\\x",
    "\\\\host\\x",
  ])("refuses %j", async (name) => {
    expect((await refusal(() => resolveInside(temporary.folder, name))).exitCode).toBe(2);
  });

  it("refuses a symbolic link that leads out, also for files that are not there yet", async () => {
    mkdirSync(temporary.path("inner"));
    symlinkSync("/", temporary.path("inner/out"));
    symlinkSync(temporary.folder, temporary.path("inner/up"));
    const inner = temporary.path("inner");
    expect((await refusal(() => resolveInside(inner, "out/tmp/new"))).exitCode).toBe(2);
    expect((await refusal(() => resolveInside(inner, "up/new"))).exitCode).toBe(2);
    expect(resolveInside(inner, "deep/er/new")).toBe(temporary.path("inner/deep/er/new"));
  });
});
