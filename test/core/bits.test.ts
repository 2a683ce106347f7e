import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "../../harness/core/bits.js";

describe("bit streams", () => {
  it("write the most significant bit first", () => {
    const writer = new BitWriter();
    writer.write(0b101, 3);
    writer.write(0b00001, 5);
    writer.write(0xffff, 16);
    expect([...writer.toBytes()]).toEqual([0b10100001, 0xff, 0xff]);
  });

  it("give back every field of 0 to 32 bits", () => {
    const field = fc
      .integer({ min: 0, max: 32 })
      .chain((width) => fc.tuple(fc.constant(width), fc.integer({ min: 0, max: 2 ** width - 1 })));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 200 }), (fields) => {
        const writer = new BitWriter(1);
        for (const [width, value] of fields) writer.write(value, width);
        const reader = new BitReader(writer.toBytes());
        for (const [width, value] of fields) expect(reader.read(width)).toBe(value);
        expect(reader.position).toBe(writer.position);
      }),
      { seed: 3 },
    );
  });

  it("pad with zeros and refuse padding that is not", () => {
    const writer = new BitWriter();
    writer.write(1, 1);
    writer.pad(32);
    expect(writer.position).toBe(32);
    expect([...writer.toBytes()]).toEqual([0x80, 0, 0, 0]);
    const reader = new BitReader(writer.toBytes());
    reader.read(1);
    reader.align(32);
    expect(reader.remaining).toBe(0);
    const dirty = new BitReader(Uint8Array.of(0x81));
    dirty.read(1);
    expect(() => {
      dirty.align(8);
    }).toThrow(/padding/);
  });

  it("refuse values that do not fit and reads past the end", () => {
    const writer = new BitWriter();
    for (const [value, width] of [
      [4, 2],
      [-1, 8],
      [0.5, 8],
      [NaN, 8],
      [0, 33],
    ] as const) {
      expect(() => {
        writer.write(value, width);
      }).toThrow(RangeError);
    }
    expect(() => new BitReader(new Uint8Array(1)).read(9)).toThrow(/expected 9 more bits, got 8/);
  });
});
