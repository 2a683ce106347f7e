/** What scripts take from the built harness by name is there: nothing else would notice until somebody runs them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..", "..", "scripts");
const TAKEN = [
  /const\s*\{([^}]*)\}\s*=\s*await built\(\s*"([^"]+)\.js"\s*\)/g,
  /import\s*\{([^}]*)\}\s*from\s*"\.\.\/dist\/harness\/([^"]+)\.js"/g,
];

const taken = readdirSync(folder)
  .filter((file) => file.endsWith(".mjs"))
  .flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return TAKEN.flatMap((pattern) => [...text.matchAll(pattern)]).map(([, names, module]) => ({
      file,
      module,
      names: names.split(",").map((name) => name.split(/:| as /)[0].trim()),
    }));
  });

describe("scripts", () => {
  it("are seen to take something", () => {
    expect(new Set(taken.map(({ file }) => file)).size).toBeGreaterThanOrEqual(5);
  });

  it.each(taken)("$file finds $names in $module", async ({ module, names }) => {
    const path = join(folder, "..", "harness", `${module}.ts`);
    const found = (await import(path)) as object;
    expect(Object.keys(found)).toEqual(expect.arrayContaining(names.filter((name) => name !== "")));
  });
});
