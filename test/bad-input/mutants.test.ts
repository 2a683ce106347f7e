/** R1 at the size of a pull request: 2,000 damaged files a reader end in data or a refusal, none in a crash or a hang. */
import { describe, expect, it } from "vitest";
import { readMutants } from "../readers/mutants.js";
import { soundFiles } from "../readers/soundfiles.js";

const SEED = 20241125;

describe("mutants", () => {
  it.each(soundFiles)(
    "of %s",
    async (name, reader, bytes) => {
      const count = name.startsWith("hdf5") ? 1000 : 2000; // two files of that format
      const outcomes = await readMutants(reader, bytes, count, SEED);
      expect(outcomes.wrong).toEqual([]);
      expect(outcomes.read + outcomes.refused).toBe(count);
      expect(outcomes.refused).toBeGreaterThan(count / 20);
      expect(outcomes.slowestMs).toBeLessThan(5000);
    },
    240_000,
  );

  it("a reader that lets an error through is found out", async () => {
    const [, csv, bytes] = soundFiles[0];
    const careless = {
      ...csv,
      open: () => Promise.reject(new TypeError("not ours")),
    };
    expect((await readMutants(careless, bytes, 3, SEED)).wrong).toHaveLength(3);
  });
});
