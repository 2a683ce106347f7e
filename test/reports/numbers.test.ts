/** How numbers are written, at the edges: row 55 of the bad-input catalogue among them. */
import { describe, expect, it } from "vitest";
import {
  bits,
  bytes,
  fixed,
  grouped,
  percent,
  seconds,
  short,
  significant,
  withError,
} from "../../reports/numbers.js";

describe("numbers", () => {
  it("keep significant digits, with an exponent only far out", () => {
    expect([1.459, 0.00123456, 123456, 1e-320, 1e300, -0, 0].map((value) => significant(value))).toEqual([
      "1.459", "0.001235", "123456", "1e-320", "1e300", "0", "0",
    ]); // prettier-ignore
  });

  it("never show minus zero", () => {
    expect([fixed(-0.0001, 2), significant(-0), fixed(-0, 1)]).toEqual(["0.00", "0", "0.0"]);
  });

  it("take decimals from the error", () => {
    expect(withError(1.45903, 0.01234)).toBe("1.459 ± 0.012");
    expect(withError(100, 12.3)).toBe("100.0 ± 12.3");
    expect(withError(1.5, null)).toBe("1.5000");
  });

  it("are n/a where there is none", () => {
    expect([
      significant(null),
      fixed(null, 2),
      withError(null, null),
      bits(null),
      seconds(null),
      percent(1, 0),
    ]).toEqual(Array.from({ length: 6 }, () => "n/a"));
  });

  it("have fitting units", () => {
    expect([seconds(3.1e-6), seconds(0.25), seconds(143), seconds(0)]).toEqual([
      "3.10 µs",
      "250 ms",
      "143 s",
      "0 ns",
    ]);
    expect([bytes(0), bytes(999), bytes(8e9)]).toEqual(["0 B", "999 B", "8.00 GB"]);
    expect([grouped(999), grouped(1234567)]).toEqual(["999", "1\u202f234\u202f567"]);
    expect([percent(1, 4), percent(1, 100000), percent(0, 5)]).toEqual(["25.0 %", "< 0.1 %", "0.0 %"]);
    expect([bits(64), bits(71.25)]).toEqual(["64", "71.3"]);
    expect(short("abcdef", 4)).toBe("abc…");
  });
});
