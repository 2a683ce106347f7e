// The chip code against published test vectors of the ECON-T: every output word of every setting, bit for bit.
// The vectors have no licence and stay outside the repository; framing.test.ts is the twin that always runs.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inputCodes, opensOrbit, parseInputWord, type InputWord } from "../../harness/chip/inputwords.js";
import { algorithmStage, prepareCrossing } from "../../harness/chip/pipeline.js";
import { chipSettings } from "../../harness/chip/registers.js";

const data = process.env.WAFERMARK_DATA;
const why = data === undefined ? " (skipped: set WAFERMARK_DATA)" : "";
const folder = join(data ?? "", "econ", "econt_vectors");
if (data === undefined) console.log(`golden vectors${why}`);

const lines = (path: string): string[] =>
  gunzipSync(readFileSync(path)).toString("utf8").trim().split(/\r?\n/).slice(1);

const settings =
  data === undefined
    ? []
    : readdirSync(folder).filter((name) => existsSync(join(folder, name, "testOutput.csv.gz")));

describe.skipIf(data === undefined)(`published test vectors${why}`, () => {
  const counts = { settings: 0, crossings: 0, words: 0 };
  let inputs: InputWord[][];
  beforeAll(() => {
    inputs = lines(join(folder, "testInput.csv.gz")).map((line, row) =>
      line.split(",").map((field, i) => parseInputWord(field, "hex", `row ${row}, word ${i}`)),
    );
  });

  it("opens the orbit once", () => {
    expect(inputs.map(opensOrbit).indexOf(true)).toBe(0);
    expect(inputs.filter(opensOrbit)).toHaveLength(1);
  });

  it.each(settings)("%s is reproduced word for word", (name) => {
    const text = gunzipSync(readFileSync(join(folder, name, "init.yaml.gz"))).toString("utf8");
    const chip = chipSettings(parse(text, { intAsBigInt: true }));
    const stage = algorithmStage(chip);
    const expected = lines(join(folder, name, "testOutput.csv.gz"));
    expect(expected).toHaveLength(inputs.length);
    inputs.forEach((words, crossing) => {
      const out = stage(prepareCrossing(chip, inputCodes(words, chip.inputOrder), crossing));
      const shown = Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(",");
      if (shown !== expected[crossing])
        expect.fail(`crossing ${crossing}: expected ${expected[crossing]}, got ${shown}`);
      counts.words += out.length;
      counts.crossings++;
    });
    counts.settings++;
  });

  it("compares every setting that has an output", () => {
    console.log(
      `golden vectors: ${counts.settings} settings, ${counts.crossings} crossings, ${counts.words} words compared`,
    );
    expect(counts.settings).toBe(settings.length);
    expect(counts.settings).toBeGreaterThanOrEqual(35);
  });
});
