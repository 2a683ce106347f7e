/** The wasm kernels against what POT answered on 12,800 recorded problems (test/oracles/pot/record.py). */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kernel as emd } from "../../harness/kernels/emd.js";
import { kernel as transport } from "../../harness/kernels/transport.js";
import { groundDistance } from "../../harness/physics/triggercells.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import {
  balanced,
  eventProblem,
  generalProblem,
  inputsDigest,
  littleEndian,
  manifest,
  modulePairs,
  recordedValues,
  type Problem,
} from "./pot/problems.js";

const CELLS = 48;
const RELATIVE = 1e-12;

const hosts: readonly (readonly [string, Host])[] = ["release", "scalar"].map((build) => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return [build, createHost(new WebAssembly.Module(bytes))] as const;
});

/** The worst of many comparisons: error over what is allowed, and the plain relative difference for the log. */
class Worst {
  ratio = 0;
  relative = 0;
  at = -1;
  count = 0;

  add(problem: number, value: number, expected: number): void {
    this.count++;
    const error = Math.abs(value - expected);
    const ratio = error / (RELATIVE * expected);
    if (error > 0) this.relative = Math.max(this.relative, error / expected);
    if (error === 0 || ratio <= this.ratio) return;
    this.ratio = Number.isNaN(ratio) ? Infinity : ratio;
    this.at = problem;
  }

  report(what: string): void {
    console.log(
      `${what}: ${this.count} problems, worst relative difference ${this.relative.toExponential(1)}, ` +
        `worst error / allowed ${this.ratio.toExponential(1)} (problem ${this.at})`,
    );
    expect(this.ratio).toBeLessThanOrEqual(1);
  }
}

function sumOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Cost per unit of mass, as recorded. */
function transported(host: Host, problem: Problem): number {
  const { supply, demand, cost } = problem;
  const dims = { n: supply.length, m: demand.length, wants: 0 };
  return host.call(transport, { supply, demand, cost }, dims).total[0] / sumOf(supply);
}

describe("recorded problems", () => {
  it("are at least 10,000 and the ones that were recorded", () => {
    const { modules, general, events } = manifest;
    expect(modules.problems + general.problems + events.problems).toBe(manifest.total);
    expect(manifest.total).toBeGreaterThanOrEqual(10_000);
    expect(modules.sets.reduce((sum, set) => sum + set.pairs, 0)).toBe(modules.problems);
    const metric = createHash("sha256").update(littleEndian(groundDistance())).digest("hex");
    expect(metric).toBe(modules.metricSha256);
    expect(inputsDigest(general.problems, generalProblem)).toBe(general.inputsSha256);
    expect(inputsDigest(events.problems, eventProblem)).toBe(events.inputsSha256);
  });
});

describe("kernel emd against POT", () => {
  const expected = recordedValues(manifest.modules.expected);
  const { original, restored } = modulePairs();
  const metric = groundDistance();
  const dims = { rows: expected.length, cells: CELLS, isMetric: 1 };

  for (const [build, host] of hosts) {
    it(`agrees on every module pair and on its mirror image: ${build}`, () => {
      const there = host.call(emd, { original, restored, metric }, dims);
      const back = host.call(emd, { original: restored, restored: original, metric }, dims);
      const worst = new Worst();
      for (let row = 0; row < expected.length; row++) {
        expect(there.status[row]).toBe(0);
        expect(back.status[row]).toBe(0);
        worst.add(row, there.emd[row], expected[row]);
        worst.add(row, back.emd[row], expected[row]);
      }
      worst.report(`emd ${build}, modules both ways`);
    });
  }
});

describe("kernel transport against POT", () => {
  const metric = groundDistance();
  const { original, restored } = modulePairs();
  const side = (values: Float64Array, row: number): Float64Array =>
    values.subarray(row * CELLS, (row + 1) * CELLS);
  const moduleProblem = (row: number): Problem => {
    const [supply, demand] = balanced(side(original, row), side(restored, row));
    return { supply, demand, cost: metric };
  };
  const sections = [
    { name: "modules", problemAt: moduleProblem, expected: recordedValues(manifest.modules.expected) },
    { name: "general", problemAt: generalProblem, expected: recordedValues(manifest.general.expected) },
    { name: "events", problemAt: eventProblem, expected: recordedValues(manifest.events.expected) },
  ];

  for (const { name, problemAt, expected } of sections) {
    for (const [build, host] of hosts) {
      it(`agrees on every problem: ${name}, ${build}`, () => {
        const worst = new Worst();
        for (let k = 0; k < expected.length; k++) {
          const problem = problemAt(k);
          worst.add(k, transported(host, problem), expected[k]);
        }
        worst.report(`transport ${build}, ${name}`);
      });
    }
  }
});
