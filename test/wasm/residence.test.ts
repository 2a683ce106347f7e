import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { constant } from "../../harness/core/constant.js";
import type { Buffers } from "../../harness/core/kernel.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";
import { changeKept, plantedModule, scale, trap, useDouble } from "./planted.js";

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await plantedModule();
});

const pools: Pool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const weightOf = (value: number): Float64Array => constant(Float64Array.of(value));

/** What one row of 1 gives: the doubled weight, and 1000 for each time that weights were prepared in this instance. */
function answer(host: Host, weight: Float64Array, x = 1): number {
  return host.call(useDouble, { x: Float64Array.of(x), weight }, { rows: 1 }).y[0];
}

describe("resident inputs", () => {
  it("are prepared once per constant array, and found again after others", () => {
    const host = createHost(module);
    const [three, five] = [weightOf(3), weightOf(5)];
    expect([3, 3, 5, 5, 3].map((value) => answer(host, value === 3 ? three : five))).toEqual([
      1006, 1006, 2010, 2010, 1006,
    ]);
    expect(answer(host, weightOf(3))).toBe(3006);
  });

  it("are written and prepared at every call while the array is not constant", () => {
    const host = createHost(module);
    const weight = Float64Array.of(3);
    expect(answer(host, weight)).toBe(1006);
    weight[0] = 4;
    expect([answer(host, weight), answer(host, weight)]).toEqual([2008, 3008]);
  });

  it("leave the other inputs and the number of rows free", () => {
    const host = createHost(module);
    const weight = weightOf(3);
    expect(answer(host, weight, 10)).toBe(1060);
    expect(answer(host, weight, 20)).toBe(1120);
    const many = host.call(useDouble, { x: Float64Array.of(1, 2, 3), weight }, { rows: 3 });
    expect(many.y).toEqual(Float64Array.of(1006, 1012, 1018));
    expect(answer(host, weight, 10)).toBe(1060);
  });

  it("survive other kernels' calls and prepared calls, and are made anew after a trap", () => {
    const host = createHost(module);
    const weight = weightOf(3);
    expect(answer(host, weight)).toBe(1006);
    const factor = Float64Array.of(2);
    host.call(scale, { factor, x: new Float64Array(4000).fill(9) }, { rows: 1000 });
    expect(answer(host, weight)).toBe(1006);
    const prepared = host.prepare(useDouble, { x: Float64Array.of(7), weight }, { rows: 1 });
    prepared.run();
    expect(prepared.read().y[0]).toBe(1042);
    expect(answer(host, weight)).toBe(1006);
    prepared.run();
    expect(prepared.read().y[0]).toBe(1042);
    expect(() => host.call(trap, {}, { kind: 0 })).toThrow(/trapped/);
    expect(answer(host, weight)).toBe(1006);
    expect(host.instancesMade).toBe(2);
  });

  it("of many models make room for one another without growing the memory", () => {
    const host = createHost(module);
    for (let i = 0; i < 100; i++) expect(answer(host, weightOf(i)) % 1000).toBe(2 * i);
    expect(host.memoryBytes).toBe(65_536);
  });

  it("that the preparation refuses are refused at every call", () => {
    const host = createHost(module);
    const weight = weightOf(-1);
    expect(() => answer(host, weight)).toThrow(/negative/);
    expect(() => answer(host, weight)).toThrow(/negative/);
    expect(answer(host, weightOf(1)) % 1000).toBe(2);
  });

  it("a repeated call still refuses missing, unknown and wrong inputs", () => {
    const host = createHost(module);
    const weight = weightOf(3);
    const x = Float64Array.of(1);
    const call = (inputs: Record<string, unknown>): unknown =>
      host.call(useDouble, inputs as Buffers, { rows: 1 });
    call({ x, weight });
    expect(() => call({ weight })).toThrow(/buffer x: wrong type/);
    expect(() => call({ x, weight, z: x })).toThrow(/unknown input/);
    expect(() => call({ weight, z: x })).toThrow(/buffer x: wrong type/);
    expect(() => call({ x: Float64Array.of(1, 2), weight })).toThrow(/wrong length/);
    expect(() => call({ x: Float32Array.of(1), weight })).toThrow(/wrong type/);
  });

  it("outputs go into the arrays that are handed over, where these fit", () => {
    const host = createHost(module);
    const inputs = { x: Float64Array.of(1), weight: weightOf(3) };
    const into = { y: new Float64Array(1) };
    expect(host.call(useDouble, inputs, { rows: 1 }, into).y).toBe(into.y);
    expect(host.call(useDouble, inputs, { rows: 1 }, into).y).toBe(into.y);
    expect(into.y[0]).toBe(1006);
    expect(host.call(useDouble, inputs, { rows: 1 }, { y: new Float64Array(2) }).y).toHaveLength(1);
  });
});

describe("validation mode", () => {
  it("prepares at every call and finds a kernel that changes what it keeps", () => {
    const host = createHost(module, { validation: true });
    const weight = weightOf(3);
    expect([answer(host, weight), answer(host, weight)]).toEqual([1006, 2006]);
    const inputs = { x: Float64Array.of(1), weight };
    expect(() => host.call(changeKept, inputs, { rows: 1 })).toThrow(/changed its kept buffer doubled/);
  });
});

describe("pool", () => {
  it("workers know constant arrays again, and take new ones", async () => {
    const pool = await openPool({ threads: 2, module });
    pools.push(pool);
    const x = Float64Array.from({ length: 2000 }, (_, i) => i);
    for (const value of [3, 3, 5]) {
      const weight = value === 3 ? three : weightOf(5);
      const { y } = await pool.call(useDouble, { x, weight }, { rows: x.length });
      expect(Float64Array.from(y, (found, i) => (found - 2 * value * i) % 1000)).toEqual(
        new Float64Array(2000),
      );
      for (const found of y) expect(found).toBeLessThan(1000 * (value === 3 ? 2 : 3) + 2 * value * 2000);
    }
  });
  const three = weightOf(3);
});
