/** R1 at night size: 20,000 mutants a reader. The seed is printed; WAFERMARK_FUZZ_SEED repeats a run. */
import { describe, expect, it } from "vitest";
import { readMutants } from "../readers/mutants.js";
import { soundFiles } from "../readers/soundfiles.js";

const seed = Number(process.env["WAFERMARK_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const COUNT = 20_000;

describe(`mutants of seed ${seed}`, () => {
  it.each(soundFiles)("of %s", async (_, reader, bytes) => {
    const outcomes = await readMutants(reader, bytes, COUNT, seed);
    expect(outcomes.wrong).toEqual([]);
    expect(outcomes.slowestMs).toBeLessThan(5000);
  });
});
