import { beforeAll, describe, expect, it } from "vitest";
import { isHarnessError, type HarnessError } from "../../harness/core/errors.js";
import type { Buffers } from "../../harness/core/kernel.js";
import { createHost, type Host } from "../../harness/wasm/host.js";
import {
  addToUnset,
  changeInput,
  changeTable,
  count,
  firstOnly,
  giveStatus,
  grow,
  leaveHole,
  oneBefore,
  onePast,
  planted,
  plantedModule,
  scale,
  scaleWithScratch,
  trap,
} from "./planted.js";

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await plantedModule();
});

const KINDS_OF_TRAP = [0, 1, 2, 3, 4, 5];

function inputsFor(rows: number, factor = 2): Buffers {
  return { factor: Float64Array.of(factor), x: Float64Array.from({ length: 4 * rows }, (_, i) => i - 3) };
}

function expectScaled(outputs: Buffers, rows: number, factor = 2): void {
  expect(outputs.y).toEqual(Float64Array.from({ length: 4 * rows }, (_, i) => factor * (i - 3)));
}

function refusal(action: () => unknown): HarnessError {
  try {
    action();
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("call", () => {
  it.each([0, 1, 2, 5, 1000])("call(scale) of %i rows gives the outputs by name", (rows) => {
    expectScaled(createHost(module).call(scale, inputsFor(rows), { rows }), rows);
    expectScaled(createHost(module, { validation: true }).call(scale, inputsFor(rows), { rows }), rows);
  });

  it("call(scaleWithScratch) finds its scratch buffer after the outputs", () => {
    const host = createHost(module, { validation: true });
    expectScaled(host.call(scaleWithScratch, inputsFor(7), { rows: 7 }), 7);
  });

  it("call reads a view with a byte offset and not its neighbour's bytes", () => {
    const around = new Float64Array(4 + 2).fill(99);
    const x = new Float64Array(around.buffer, 8, 4);
    x.set([-3, -2, -1, 0]);
    const outputs = createHost(module, { validation: true }).call(
      scale,
      { factor: Float64Array.of(2), x },
      { rows: 1 },
    );
    expectScaled(outputs, 1);
    expect(around[0]).toBe(99);
    expect(around[5]).toBe(99);
  });

  it("outputs are copies: a later call does not change them", () => {
    const host = createHost(module);
    const first = host.call(scale, inputsFor(2), { rows: 2 });
    host.call(scale, inputsFor(2, 9), { rows: 2 });
    expectScaled(first, 2);
  });
});

describe("refusals before the call", () => {
  const host = (): Host => createHost(module);
  const cases: [string, Buffers, Record<string, number>, RegExp][] = [
    [
      "a missing input",
      { factor: Float64Array.of(1) },
      { rows: 1 },
      /buffer x: wrong type: expected Float64Array, got Undefined/,
    ],
    [
      "float32 for float64",
      { factor: Float64Array.of(1), x: new Float32Array(4) },
      { rows: 1 },
      /got Float32Array/,
    ],
    [
      "47 values for 48",
      { factor: Float64Array.of(1), x: new Float64Array(47) },
      { rows: 12 },
      /expected 48 values, got 47/,
    ],
    [
      "49 values for 48",
      { factor: Float64Array.of(1), x: new Float64Array(49) },
      { rows: 12 },
      /expected 48 values, got 49/,
    ],
    [
      "an unknown input",
      { ...inputsFor(1), z: new Float64Array(1) },
      { rows: 1 },
      /unknown input: expected factor, x, got z/,
    ],
    ["a missing dimension", inputsFor(1), {}, /dimension rows: expected a whole number .*, got undefined/],
    ["a negative dimension", inputsFor(1), { rows: -1 }, /got -1/],
    ["a fractional dimension", inputsFor(1), { rows: 0.5 }, /got 0.5/],
    ["NaN as a dimension", inputsFor(1), { rows: NaN }, /got NaN/],
    ["a dimension beyond i32", inputsFor(1), { rows: 2 ** 31 }, /got 2147483648/],
  ];
  it.each(cases)("call refuses %s", (_, inputs, dims, message) => {
    const error = refusal(() => host().call(scale, inputs, dims));
    expect(error.exitCode).toBe(4);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^kernel scale at /);
  });

  it("call refuses what does not fit the limit before it grows memory", () => {
    const small = createHost(module, { maximumBytes: 1024 * 1024 });
    const error = refusal(() => small.call(scale, inputsFor(40_000), { rows: 40_000 }));
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(/^kernel scale at rows=40000: memory: needs 2\.45 MiB, limit 1 MiB$/);
    expect(small.memoryBytes).toBeLessThanOrEqual(1024 * 1024);
    expectScaled(small.call(scale, inputsFor(10), { rows: 10 }), 10);
  });

  it("call refuses what the module's own maximum does not hold", () => {
    // The planted module has 512 pages, 32 MiB.
    const error = refusal(() => createHost(module).call(scale, inputsFor(600_000), { rows: 600_000 }));
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(/needs 36\.\d+ MiB, limit /);
  });

  it("call names an export that the module lacks", () => {
    const error = refusal(() =>
      host().call(planted("absent", { dims: [], inputs: {}, outputs: {} }), {}, {}),
    );
    expect(error.message).toMatch(/no export absent/);
  });
});

describe("status", () => {
  it.each([
    [1, "bad shape", 4],
    [2, "non-finite value", 4],
    [3, "negative value", 4],
    [4, "unequal mass", 4],
    [5, "not converged", 4],
  ])("status %i becomes an error that says %s", (status, name, exitCode) => {
    const error = refusal(() => createHost(module).call(giveStatus, { status: Int32Array.of(status) }, {}));
    expect(error.exitCode).toBe(exitCode);
    expect(error.message).toBe(
      `kernel giveStatus at no dimensions: refused: expected status ok, got ${name}`,
    );
  });

  it("status out of memory is a limit", () => {
    const error = refusal(() => createHost(module).call(giveStatus, { status: Int32Array.of(6) }, {}));
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(/needs .* MiB, limit 1024 MiB/);
  });

  it.each([9, -1, 2 ** 31 - 1])(
    "status %i, which no kernel may give, is refused and ends the instance",
    (status) => {
      const host = createHost(module);
      const error = refusal(() => host.call(giveStatus, { status: Int32Array.of(status) }, {}));
      expect(error.tag).toBe("bad-status");
      expect(host.memoryBytes).toBe(0);
    },
  );
});

describe("traps", () => {
  it("W1: after 1,200 traps of every kind the next valid call is right each time", () => {
    const host = createHost(module);
    for (let i = 0; i < 1200; i++) {
      const kind = KINDS_OF_TRAP[i % KINDS_OF_TRAP.length];
      const error = refusal(() => host.call(trap, {}, { kind }));
      if (error.tag !== "trap" || error.exitCode !== 4) throw error;
      const outputs = host.call(scale, inputsFor(3), { rows: 3 });
      if (outputs.y[11] !== 16 || outputs.y[0] !== -6) expectScaled(outputs, 3);
    }
    expect(host.instancesMade).toBe(1201);
  });

  it.each([
    [0, /trapped: unreachable/],
    [1, /trapped: memory access out of bounds/],
    [2, /trapped: divide by zero/],
    [3, /trapped: Maximum call stack size exceeded/],
    [4, /trapped: planted at planted\.ts:\d+:\d+/],
  ])("trap kind %i is named with kernel and shape", (kind, message) => {
    const error = refusal(() => createHost(module).call(trap, {}, { kind }));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^kernel trap at kind=\d: /);
  });

  it("a trap replaces the instance: static memory starts again", () => {
    const host = createHost(module);
    expect(host.call(count, {}, {}).calls[0]).toBe(1);
    expect(host.call(count, {}, {}).calls[0]).toBe(2);
    refusal(() => host.call(trap, {}, { kind: 0 }));
    expect(host.call(count, {}, {}).calls[0]).toBe(1);
  });
});

describe("memory", () => {
  it("W2: growth in the middle of a call gives the results of memory that was there", () => {
    const x = Float64Array.of(21);
    const host = createHost(module);
    const before = host.memoryBytes;
    const grown = host.call(grow, { x }, { pages: 300 });
    expect(host.memoryBytes).toBeGreaterThan(before + 290 * 65_536);
    expect(grown.y[0]).toBe(42);
    expect(createHost(module, { validation: true }).call(grow, { x }, { pages: 300 }).y[0]).toBe(42);
    expect(createHost(module).call(grow, { x }, { pages: 0 }).y[0]).toBe(42);
    expectScaled(host.call(scale, inputsFor(2), { rows: 2 }), 2);
  });

  it("W2: growth up to the module's maximum works and one page more is out of memory", () => {
    const host = createHost(module);
    const pages = 512 - (host.call(count, {}, {}), host.memoryBytes / 65_536);
    const error = refusal(() => host.call(grow, { x: Float64Array.of(1) }, { pages: pages + 1 }));
    expect(error.exitCode).toBe(6);
    expect(host.call(grow, { x: Float64Array.of(4) }, { pages }).y[0]).toBe(8);
    expect(host.memoryBytes).toBe(512 * 65_536);
  });

  it("W3: 10,000 calls of changing size do not grow memory beyond the first 100", () => {
    const host = createHost(module);
    let after100 = 0;
    for (let i = 0; i < 10_000; i++) {
      const rows = (i * 37) % 101;
      host.call(scale, inputsFor(rows), { rows });
      if (i === 100) after100 = host.memoryBytes;
    }
    expect(host.memoryBytes).toBe(after100);
    expect(host.instancesMade).toBe(1);
  });
});

describe("validation mode finds planted faults", () => {
  const strict = (): Host => createHost(module, { validation: true });
  it.each([1, 3, 64, 65])("a write one byte past a buffer of %i bytes is found", (n) => {
    expect(refusal(() => strict().call(onePast, {}, { n })).message).toMatch(
      /wrote outside its buffers: 0 bytes after the end of y/,
    );
    expect(() => createHost(module).call(onePast, {}, { n })).not.toThrow();
  });

  it("a write one byte before a buffer is found", () => {
    expect(refusal(() => strict().call(oneBefore, {}, { n: 5 })).tag).toBe("overrun");
  });

  it("an output element that is never written is found", () => {
    expect(refusal(() => strict().call(leaveHole, {}, { n: 3 })).message).toMatch(
      /output y: left unset .* element 1/,
    );
    expect(() => strict().call(leaveHole, {}, { n: 1 })).not.toThrow();
  });

  it("an output made from unset memory is found", () => {
    expect(refusal(() => strict().call(addToUnset, {}, { n: 2 })).tag).toBe("unset");
  });

  it("an output that only an earlier run has written is found", () => {
    const host = strict();
    const prepared = host.prepare(firstOnly, {}, {});
    prepared.run();
    expect(prepared.read().y[0]).toBe(1);
    expect(
      refusal(() => {
        prepared.run();
      }).tag,
    ).toBe("unset");
  });

  it("a changed input and a changed pointer table are found", () => {
    const x = Float64Array.of(1);
    expect(refusal(() => strict().call(changeInput, { x }, {})).message).toMatch(
      /changed its input x at element 0/,
    );
    expect(refusal(() => strict().call(changeTable, { x }, {})).message).toMatch(
      /changed its pointer table at entry 0/,
    );
    expect(x[0]).toBe(1);
  });

  it("damage ends the instance", () => {
    const host = strict();
    refusal(() => host.call(onePast, {}, { n: 4 }));
    expect(host.memoryBytes).toBe(0);
    expectScaled(host.call(scale, inputsFor(2), { rows: 2 }), 2);
  });
});

describe("prepare", () => {
  it("prepared calls stay resident beside each other and beside plain calls", () => {
    const host = createHost(module, { validation: true });
    const first = host.prepare(scale, inputsFor(3), { rows: 3 });
    const second = host.prepare(scale, inputsFor(2, 5), { rows: 2 });
    first.run();
    second.run();
    expectScaled(host.call(scale, inputsFor(4, 7), { rows: 4 }), 4, 7);
    first.run();
    expectScaled(first.read(), 3);
    expectScaled(second.read(), 2, 5);
  });

  it("a prepared call is refused after its memory was released or its instance replaced", () => {
    const host = createHost(module);
    const prepared = host.prepare(scale, inputsFor(3), { rows: 3 });
    refusal(() => host.call(trap, {}, { kind: 0 }));
    expect(
      refusal(() => {
        prepared.run();
      }).tag,
    ).toBe("stale");
    const again = host.prepare(scale, inputsFor(3), { rows: 3 });
    host.releaseAll();
    expect(refusal(() => again.read()).tag).toBe("stale");
  });
});
