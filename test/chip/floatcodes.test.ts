// Codes are checked against a definition written the other way round: the code of v is the largest whose edge is not above v.
import { describe, expect, it } from "vitest";
import {
  bitLength,
  CODE_4E3M,
  CODE_4E5M,
  CODE_5E3M,
  CODE_5E4M,
  decodeFloat,
  encodeFloat,
  restoreCharge,
  type FloatCode,
} from "../../harness/chip/floatcodes.js";

const FORMATS = [CODE_4E3M, CODE_5E3M, CODE_5E4M, CODE_4E5M];
const edge = (code: number, format: FloatCode): number => decodeFloat(code, format, 0, "edge");

describe.each(FORMATS)("$name", (format) => {
  const codes = Array.from({ length: 2 ** format.bits }, (_, code) => code);

  it("has as many bits as its name says", () => {
    const [, exponent, mantissa] = /^(\d)E(\d)M$/.exec(format.name) ?? [];
    expect([format.exponentBits, format.mantissaBits]).toEqual([Number(exponent), Number(mantissa)]);
  });

  it("has edges that rise with the code", () => {
    expect(codes.slice(1).filter((code) => !(edge(code, format) > edge(code - 1, format)))).toEqual([]);
  });

  it("codes each edge as itself, and the value below it as the code before", () => {
    const above = codes.map((code) => encodeFloat(edge(code, format), format));
    expect(above).toEqual(codes);
    const below = codes.slice(1).map((code) => encodeFloat(edge(code, format) - 1, format));
    expect(below).toEqual(codes.slice(0, -1));
  });

  it("codes its own middle and quarter as itself", () => {
    for (const point of ["mid", "quarter"] as const) {
      expect(codes.map((code) => encodeFloat(decodeFloat(code, format, 0, point), format))).toEqual(codes);
    }
  });

  it("saturates", () => {
    expect(encodeFloat(2 ** 52, format)).toBe(2 ** format.bits - 1);
  });

  it("rounds to the nearer edge, upwards from the middle, except where only one bit would be lost", () => {
    const last = codes[codes.length - 1];
    const wrong: number[] = [];
    for (const code of codes.slice(0, last)) {
      const low = edge(code, format);
      const width = edge(code + 1, format) - low;
      for (let step = 0; step < Math.min(width, 64); step++) {
        const value = low + (width > 64 ? Math.floor((step * width) / 64) : step);
        const up = 2 * (value - low) >= width && width > 1;
        if (encodeFloat(value, format, "round") !== (up ? code + 1 : code)) wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
    expect(encodeFloat(Math.floor(edge(last, format) * 1.05), format, "round")).toBe(last);
  });
});

describe("4E3M by hand", () => {
  it.each([
    [0, 0b0000_000],
    [7, 0b0000_111],
    [8, 0b0001_000],
    [15, 0b0001_111],
    [16, 0b0010_000],
    [17, 0b0010_000],
    [18, 0b0010_001],
    [47, 0b0011_011], // 101111: leading one, 011, two bits lost
    [245760, 0b1111_111],
    [262143, 0b1111_111],
    [262144, 0b1111_111],
  ])("%d has code %d", (value, code) => {
    expect(encodeFloat(value, CODE_4E3M)).toBe(code);
  });

  it("puts dropped bits back and adds half of the last lost bit", () => {
    expect(decodeFloat(0b0011_011, CODE_4E3M, 0, "edge")).toBe(44);
    expect(decodeFloat(0b0011_011, CODE_4E3M, 0, "mid")).toBe(46);
    expect(decodeFloat(0b0011_011, CODE_4E3M, 3, "edge")).toBe(352);
    expect(decodeFloat(0b0011_011, CODE_4E3M, 3, "mid")).toBe(368);
    expect(decodeFloat(0b0011_011, CODE_4E3M, 3, "quarter")).toBe(360);
    expect(decodeFloat(0b0000_101, CODE_4E3M, 1, "quarter")).toBe(10);
    expect(decodeFloat(0, CODE_4E3M, 3, "mid")).toBe(4);
    expect(restoreCharge(0, CODE_4E3M, 3, "mid")).toBe(0);
    expect(restoreCharge(1, CODE_4E3M, 3, "mid")).toBe(12);
  });
});

describe("bitLength", () => {
  it("counts bits beyond 32", () => {
    for (let bits = 1; bits <= 53; bits++) {
      expect(bitLength(2 ** (bits - 1))).toBe(bits);
      expect(bitLength(2 ** bits - 1)).toBe(bits);
    }
    expect(bitLength(0)).toBe(0);
  });
});
