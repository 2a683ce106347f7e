/** The mutants' machinery on the built binary: every instruction is read, every mutant is a module, a wrong kernel is noticed. */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { originalOutputs, runMutant, type MutantCase } from "../../harness/engine/mutantrun.js";
import { mutantReport } from "../../harness/engine/mutants.js";
import { mutantsOf, probeOf, type Mutant } from "../../harness/engine/mutate.js";
import { prepareHere } from "../../harness/engine/agreeprepare.js";
import { kernel as eigen } from "../../harness/kernels/eigen.js";
import { kernel as merge } from "../../harness/kernels/merge-moments.js";
import { kernel as principal } from "../../harness/kernels/pca-f32.js";
import {
  instructionsOf,
  readCode,
  reachable,
  signedLeb,
  withBytes,
  type Code,
} from "../../harness/wasm/code.js";

let code: Code;
beforeAll(async () => {
  code = readCode(await readFile(new URL("../../build/release.wasm", import.meta.url)));
});

const mutated = ({ start, end, bytes }: Mutant): Uint8Array => withBytes(code, start, end, bytes);

describe("instructions", () => {
  test("of every function end where its code entry ends, with an end", () => {
    expect(code.bodies.length).toBeGreaterThan(50);
    for (const body of code.bodies) {
      const last = instructionsOf(code, body).slice(-1)[0];
      expect(last.end).toBe(body.end);
      expect(last.op).toBe(0x0b);
    }
  });

  test("put together again are the same binary", () => {
    const body = code.bodies[7];
    expect(Buffer.compare(withBytes(code, body.start, body.start, []), code.bytes)).toBe(0);
  });

  test("signed numbers have their shortest code", () => {
    expect(signedLeb(63n)).toEqual([0x3f]);
    expect(signedLeb(64n)).toEqual([0xc0, 0x00]);
    expect(signedLeb(-64n)).toEqual([0x40]);
    expect(signedLeb(-65n)).toEqual([0xbf, 0x7f]);
  });

  test("that an export runs include those of what it calls, and no other kernel's", () => {
    const own = reachable(code, eigen.symbol).map(({ index }) => index);
    expect(own[0]).toBe(code.exports.get(eigen.symbol));
    expect(own.length).toBeGreaterThan(1);
    expect(own).not.toContain(code.exports.get(merge.symbol));
  });
});

describe("mutants", () => {
  test("and their probes are valid modules, of every kind", () => {
    const all = mutantsOf(code, principal.symbol);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(
      new Set(["operator", "boundary", "comparison", "constant", "offset", "branch", "lane"]),
    );
    for (const mutant of all.filter((_, i) => i % 9 === 0)) {
      expect(WebAssembly.validate(mutated(mutant)), mutant.says).toBe(true);
      expect(WebAssembly.validate(mutated(probeOf(code, mutant))), mutant.says).toBe(true);
    }
  });

  test("the original passes unchanged; one wrong operator is noticed", () => {
    const cases: MutantCase[] = [{ dims: eigen.shapes[0], ...prepareHere(eigen, 0, 1) }];
    const originals = originalOutputs(code.bytes, eigen, cases);
    expect(runMutant(code.bytes, eigen, cases, originals)).toEqual({ fate: "unchanged" });
    const wrong = mutantsOf(code, eigen.symbol).filter(({ says }) => says === "f64.sub -> f64.add");
    const fates = wrong.map((mutant) => runMutant(mutated(mutant), eigen, cases, originals).fate);
    expect(fates).toContain("killed");
  });

  test("are drawn and judged the same for the same seed", async () => {
    const options = { kernel: eigen, code, count: 30, cases: 1, seed: 5, seconds: 60 };
    const [first, second] = [await mutantReport(options), await mutantReport(options)];
    const fates = first.judged.map(({ fate }) => fate);
    expect(second.judged.map(({ fate }) => fate)).toEqual(fates);
    expect(first.judged).toHaveLength(30);
    expect(fates.filter((fate) => fate === "killed").length).toBeGreaterThan(15);
  }, 120_000);
});
