/** The general optimal transport kernel against its slow reference, its laws, and every way of refusing a problem. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Buffers, Dims } from "../../harness/core/kernel.js";
import { KernelError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import {
  FAMILIES,
  TRANSPORT_LIMIT,
  WANT_DUALS,
  WANT_FLOW,
  kernel,
  transportProblem,
} from "../../harness/kernels/transport.js";
import { createHost, type Host } from "../../harness/wasm/host.js";

const BUILDS = ["release", "scalar", "debug"] as const;

function open(build: string, validation: boolean): Host {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation });
}

const hosts = new Map(BUILDS.map((build) => [build, open(build, true)]));
const plain = open("release", false);

function solve(build: (typeof BUILDS)[number], inputs: Buffers, dims: Dims): Buffers {
  const host = hosts.get(build);
  if (host === undefined) throw new RangeError(build);
  return host.call(kernel, inputs, dims);
}

function dimsOf(inputs: Buffers, wants = WANT_FLOW | WANT_DUALS): Dims {
  return { n: inputs.supply.length, m: inputs.demand.length, wants };
}

function buffers(supply: number[], demand: number[], cost: number[]): Buffers {
  return {
    supply: Float64Array.from(supply),
    demand: Float64Array.from(demand),
    cost: Float64Array.from(cost),
  };
}

/** Broken laws, in the words of the laws. */
function complaints(inputs: Buffers, outputs: Buffers, dims: Dims): string[] {
  return kernel.laws.flatMap((law) => {
    const broken = law.broken(inputs, outputs, dims);
    return broken === undefined ? [] : [`${law.id}: ${broken}`];
  });
}

function tagOf(inputs: Buffers, dims: Dims): string {
  try {
    plain.call(kernel, inputs, dims);
  } catch (error) {
    if (error instanceof KernelError) return error.tag;
    throw error;
  }
  return "ok";
}

describe("transport: agreement", () => {
  for (const family of FAMILIES) {
    it(`agrees with successive shortest paths and keeps its laws: ${family}`, () => {
      let worst = 0;
      for (let trial = 0; trial < 60; trial++) {
        const random = rng(41, trial);
        const n = 1 + random.integer(trial % 10 === 0 ? 48 : 14);
        const m = 1 + random.integer(trial % 10 === 0 ? 48 : 14);
        const inputs = transportProblem(family, n, m, random);
        const dims = dimsOf(inputs);
        const expected = kernel.reference(inputs, dims);
        expect(complaints(inputs, expected, dims)).toEqual([]);
        for (const build of BUILDS) {
          const outputs = solve(build, inputs, dims);
          worst = Math.max(worst, kernel.agrees(outputs, expected, inputs, dims).ratio);
          expect(complaints(inputs, outputs, dims)).toEqual([]);
        }
      }
      expect(worst).toBeLessThanOrEqual(1);
    });
  }

  it("keeps its laws on every declared shape, and agrees where the reference is quick", () => {
    for (const [k, dims] of kernel.shapes.entries()) {
      const inputs = kernel.generate(dims, rng(42, k));
      const outputs = solve("release", inputs, dims);
      expect(complaints(inputs, outputs, dims)).toEqual([]);
      if (dims.n * dims.m > 20_000) continue;
      const agreement = kernel.agrees(outputs, kernel.reference(inputs, dims), inputs, dims);
      expect(agreement.ratio).toBeLessThanOrEqual(1);
    }
  });

  it("solves the largest problem it accepts", () => {
    const inputs = transportProblem("points", TRANSPORT_LIMIT, TRANSPORT_LIMIT - 1, rng(43));
    const dims = dimsOf(inputs);
    expect(complaints(inputs, plain.call(kernel, inputs, dims), dims)).toEqual([]);
  });

  it("gives the same bits at -O0 and -O3, and from one call to the next", () => {
    for (let trial = 0; trial < 40; trial++) {
      const random = rng(44, trial);
      const inputs = transportProblem(FAMILIES[trial % FAMILIES.length], 1 + random.integer(40), 33, random);
      const dims = dimsOf(inputs);
      const first = solve("release", inputs, dims);
      expect(solve("debug", inputs, dims)).toEqual(first);
      expect(solve("release", inputs, dims)).toEqual(first);
    }
  });

  it("ends on 3,000 problems of equal masses and few costs", () => {
    let most = 0;
    for (let trial = 0; trial < 3000; trial++) {
      const random = rng(45, trial);
      const n = 2 + random.integer(30);
      const ones = new Float64Array(n).fill(1);
      const levels = 1 + random.integer(4);
      const cost = Float64Array.from({ length: n * n }, () => random.integer(levels));
      const outputs = plain.call(kernel, { supply: ones, demand: ones, cost }, { n, m: n, wants: 3 });
      most = Math.max(most, outputs.pivots[0] / (2 * n));
      // An assignment problem: the optimal basis is whole.
      expect(outputs.flow.every((flow: number) => flow === 0 || flow === 1)).toBe(true);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(20);
  });
});

describe("transport: exact answers", () => {
  it("moves one unit to its only place", () => {
    const outputs = solve("release", buffers([1], [1], [0.3]), { n: 1, m: 1, wants: 3 });
    expect(outputs.total[0]).toBe(0.3);
    expect(outputs.flow[0]).toBe(1);
    expect(outputs.u[0] + outputs.v[0]).toBe(0.3);
  });

  it("shares one source among sinks, one of them without demand", () => {
    const inputs = buffers([6], [1, 0, 5], [2, 1, 3]);
    const outputs = solve("release", inputs, dimsOf(inputs));
    expect(outputs.total[0]).toBe(17);
    expect([...outputs.flow]).toEqual([1, 0, 5]);
    expect(complaints(inputs, outputs, dimsOf(inputs))).toEqual([]);
  });

  it("solves a textbook problem by hand: 3 plants, 4 warehouses", () => {
    const inputs = buffers([7, 9, 18], [5, 8, 7, 14], [19, 30, 50, 10, 70, 30, 40, 60, 40, 8, 70, 20]);
    expect(solve("release", inputs, dimsOf(inputs)).total[0]).toBe(743);
  });

  it("costs nothing when nothing is to be moved", () => {
    const inputs = buffers([0, 0], [0, 0, 0], [1, 2, 3, 4, 5, 6]);
    const outputs = solve("release", inputs, dimsOf(inputs));
    expect(outputs.total[0]).toBe(0);
    expect(complaints(inputs, outputs, dimsOf(inputs))).toEqual([]);
  });

  it("costs nothing when all costs are zero", () => {
    const inputs = buffers([1, 2], [2, 1], [0, 0, 0, 0]);
    const outputs = solve("release", inputs, dimsOf(inputs));
    expect(outputs.total[0]).toBe(0);
    expect(complaints(inputs, outputs, dimsOf(inputs))).toEqual([]);
  });

  it("scales with powers of two to the bit, costs and masses", () => {
    const inputs = transportProblem("arbitrary", 13, 17, rng(46));
    const dims = dimsOf(inputs);
    const { total } = solve("release", inputs, dims);
    for (const power of [-900, -300, 40, 600]) {
      const factor = 2 ** power;
      const dearer = { ...inputs, cost: (inputs.cost as Float64Array).map((c) => c * factor) };
      expect(solve("release", dearer, dims).total[0]).toBe(total[0] * factor);
      const heavier = {
        ...inputs,
        supply: (inputs.supply as Float64Array).map((x) => x * factor),
        demand: (inputs.demand as Float64Array).map((x) => x * factor),
      };
      expect(solve("release", heavier, dims).total[0]).toBe(total[0] * factor);
    }
  });

  it("finds the very optimum among costs that differ by 2^-40", () => {
    // Five levels of 30 bits plus multiples of 2^-40: near-ties that f32 cannot tell apart, while every sum is exact in f64, so
    // that the two methods must give the same bits.
    for (let trial = 0; trial < 60; trial++) {
      const random = rng(48, trial);
      const whole = transportProblem("ties", 4 + random.integer(16), 4 + random.integer(16), random);
      const levels = Array.from({ length: 5 }, () => random.integer(2 ** 30) / 2 ** 30);
      const cost = Float64Array.from(whole.cost, (level) => levels[level] + random.integer(16) / 2 ** 40);
      const inputs = { ...whole, cost };
      const dims = dimsOf(inputs);
      for (const build of BUILDS) {
        expect(solve(build, inputs, dims).total).toEqual(kernel.reference(inputs, dims).total);
      }
    }
  });

  it("handles tiny masses beside a huge one", () => {
    const inputs = buffers([1, 1e-13, 1e-17], [1e-17, 1, 1e-13], [5, 1, 7, 2, 9, 1, 0, 3, 4]);
    const dims = dimsOf(inputs);
    const outputs = solve("release", inputs, dims);
    expect(complaints(inputs, outputs, dims)).toEqual([]);
    expect(Math.abs(outputs.total[0] - (1 + 1e-13))).toBeLessThanOrEqual(1e-15);
  });

  it("rescales the demand to the supply when the sums differ a little", () => {
    const inputs = buffers([1, 1], [1 + 4e-7, 1 - 1e-7], [1, 2, 2, 1]);
    const outputs = solve("release", inputs, dimsOf(inputs));
    const sent = [outputs.flow[0] + outputs.flow[1], outputs.flow[2] + outputs.flow[3]];
    expect(Math.abs(sent[0] - 1)).toBeLessThanOrEqual(1e-15);
    expect(Math.abs(sent[1] - 1)).toBeLessThanOrEqual(1e-15);
  });
});

describe("transport: wants", () => {
  it("gives what is wanted and touches nothing else", () => {
    const inputs = transportProblem("points", 6, 5, rng(47));
    const full = plain.call(kernel, inputs, dimsOf(inputs));
    const none = new Float64Array(0);
    for (const wants of [0, WANT_FLOW, WANT_DUALS]) {
      // Buffers that are not wanted have no elements: in validation mode a write to one would hit a guard band.
      const after = solve("release", inputs, dimsOf(inputs, wants));
      expect(after.total).toEqual(full.total);
      expect(after.flow).toEqual((wants & WANT_FLOW) !== 0 ? full.flow : none);
      expect(after.u).toEqual((wants & WANT_DUALS) !== 0 ? full.u : none);
      expect(after.v).toEqual((wants & WANT_DUALS) !== 0 ? full.v : none);
    }
  });
});

describe("transport: refusals", () => {
  const good = buffers([0.5, 0.5], [0.25, 0.75], [0, 1, 1, 0]);
  const dims = dimsOf(good);

  it("accepts the problem that the others spoil", () => {
    expect(tagOf(good, dims)).toBe("ok");
  });

  it("refuses empty and oversized problems", () => {
    expect(tagOf(buffers([], [1], []), { n: 0, m: 1, wants: 0 })).toBe("bad-shape");
    expect(tagOf(buffers([1], [], []), { n: 1, m: 0, wants: 0 })).toBe("bad-shape");
    const n = TRANSPORT_LIMIT + 1;
    const row = { supply: new Float64Array(n), demand: new Float64Array(1), cost: new Float64Array(n) };
    expect(tagOf(row, { n, m: 1, wants: 0 })).toBe("bad-shape");
    const column = { supply: new Float64Array(1), demand: new Float64Array(n), cost: new Float64Array(n) };
    expect(tagOf(column, { n: 1, m: n, wants: 0 })).toBe("bad-shape");
  });

  it("refuses values that are not finite, wherever they stand", () => {
    for (const name of Object.keys(good)) {
      for (let at = 0; at < good[name].length; at++) {
        for (const value of [NaN, Infinity, -Infinity]) {
          const spoilt = { ...good, [name]: (good[name] as Float64Array).with(at, value) };
          expect(tagOf(spoilt, dims), `${name}[${at}] = ${value}`).toBe("non-finite-value");
        }
      }
    }
  });

  it("refuses negative values, wherever they stand", () => {
    for (const name of Object.keys(good)) {
      for (let at = 0; at < good[name].length; at++) {
        const spoilt = { ...good, [name]: (good[name] as Float64Array).with(at, -1e-9) };
        expect(tagOf(spoilt, dims), `${name}[${at}]`).toBe("negative-value");
      }
    }
  });

  it("refuses unequal masses beyond 1e-6", () => {
    expect(tagOf({ ...good, supply: Float64Array.of(0.5, 0.5 + 0.99e-6) }, dims)).toBe("ok");
    expect(tagOf({ ...good, supply: Float64Array.of(0.5, 0.5 + 1.01e-6) }, dims)).toBe("unequal-mass");
    expect(tagOf({ ...good, supply: Float64Array.of(0.5, 0.5 - 1.01e-6) }, dims)).toBe("unequal-mass");
    expect(tagOf({ ...good, supply: Float64Array.of(0, 0) }, dims)).toBe("unequal-mass");
  });

  it("refuses a cost that overflows", () => {
    expect(tagOf(buffers([8], [8], [1e308]), { n: 1, m: 1, wants: 0 })).toBe("non-finite-value");
  });
});
