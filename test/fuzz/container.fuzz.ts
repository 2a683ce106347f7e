/** C3 at night size: 20,000 mutants of a container; the seed is printed, WAFERMARK_FUZZ_SEED repeats a run. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { decodeContainer } from "../../harness/core/container.js";
import { isHarnessError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import { mutant } from "../readers/mutants.js";

const seed = Number(process.env["WAFERMARK_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const COUNT = 20_000;
const golden = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../io/golden/${name}`, import.meta.url)));

it.each(["v1.wmk", "v1-identity.wmk"])(`mutants of %s, seed ${seed}: refused or the same file`, (name) => {
  const bytes = golden(name);
  const wrong: number[] = [];
  for (let index = 0; index < COUNT; index++) {
    const bad = mutant(bytes, rng(seed, index));
    if (bytes.equals(bad)) continue;
    try {
      decodeContainer(bad, "mutant");
      wrong.push(index);
    } catch (error) {
      if (!isHarnessError(error) || error.exitCode !== 3) wrong.push(index);
    }
  }
  expect(wrong).toEqual([]);
});
