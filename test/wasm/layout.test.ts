import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { f64, u16, u8 } from "../../harness/core/kernel.js";
import { ALIGNMENT, GUARD_BYTES, layOut, type Callable, type Layout } from "../../harness/wasm/layout.js";

const kernel: Callable = {
  id: "k",
  symbol: "k",
  dims: ["n", "m"],
  inputs: { a: f64("n m", "1"), b: u8("n", "1") },
  outputs: { c: u16("m", "1") },
  scratch: { s: ({ n }) => 3 * n },
};

function blocks({ table, places }: Layout): { from: number; to: number }[] {
  return [table, ...places].map(({ offset, bytes }) => ({ from: offset, to: offset + bytes }));
}

describe("layOut", () => {
  it("puts table, inputs, outputs and scratch in order on 64-byte boundaries", () => {
    const layout = layOut(kernel, { n: 3, m: 5 }, 1024, false);
    expect(
      layout.places.map(({ name, role, offset, count, bytes }) => [name, role, offset, count, bytes]),
    ).toEqual([
      ["a", "input", 1088, 15, 120],
      ["b", "input", 1216, 3, 3],
      ["c", "output", 1280, 5, 10],
      ["s", "scratch", 1344, 9, 9],
    ]);
    expect(layout.table).toMatchObject({ offset: 1024, bytes: 16, count: 4 });
    expect(layout).toMatchObject({ start: 1024, end: 1353, gaps: [] });
  });

  it("with guards owns every byte exactly once, and at least 64 on each side of every block", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(50), fc.nat(5), (n, m, start) => {
        const layout = layOut(kernel, { n, m }, start * ALIGNMENT, true);
        const pieces = [...blocks(layout), ...layout.gaps]
          .filter(({ from, to }) => to > from)
          .sort((a, b) => a.from - b.from);
        let end = layout.start;
        for (const { from, to } of pieces) {
          expect(from).toBe(end);
          end = to;
        }
        expect(end).toBe(layout.end);
        for (const { from, to } of layout.gaps) expect(to - from).toBeGreaterThanOrEqual(GUARD_BYTES);
        expect(layout.gaps).toHaveLength(layout.places.length + 2);
        for (const { from } of blocks(layout)) expect(from % ALIGNMENT).toBe(0);
      }),
    );
  });

  it("counts sizes beyond any memory without overflow", () => {
    const { end } = layOut(kernel, { n: 2 ** 30, m: 2 ** 10 }, 0, false);
    expect(end).toBeGreaterThan(2 ** 43);
    expect(Number.isSafeInteger(end)).toBe(true);
  });

  it("refuses a dimension that the shape does not have", () => {
    expect(() => layOut(kernel, { n: 1 }, 0, false)).toThrow(/unknown dimension m/);
  });
});
