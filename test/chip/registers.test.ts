import { describe, expect, it } from "vitest";
import { InputError } from "../../harness/core/errors.js";
import { chipSettings } from "../../harness/chip/registers.js";

const older = (more: object = {}): object => ({ Algorithm: { Global: { select: 2, density: 1 } }, ...more });
const newer = (more: object = {}): object => ({
  ConfigAlgo: { Global: { alg_type: 1, alg_high_density: 0 } },
  ...more,
});
const formatter = (registers: object): object => ({ FormatterBuffer: { Global: registers } });
const cells = (value: (i: number) => unknown): object =>
  Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, value(i)]));

describe("register files", () => {
  it("have defaults for what they leave out", () => {
    expect(chipSettings(older())).toEqual({
      dialect: "algorithm",
      algorithm: "best-choice",
      highDensity: true,
      inputOrder: "least-significant-first",
      links: 13,
      drop: 0,
      useSum: false,
      superTriggerCellType: 0,
      mux: Array.from({ length: 48 }, (_, i) => 4 * Math.floor(i / 4) + 3 - (i % 4)),
      calibration: new Array(48).fill(2048),
      thresholds: new Array(48).fill(0),
      buffer: { t1: 312, t2: 287, t3: 25 },
      linkResetPattern: 290,
    });
    const settings = chipSettings(newer());
    expect(settings.mux).toEqual(Array.from({ length: 48 }, (_, i) => i));
    expect([settings.inputOrder, settings.highDensity]).toEqual(["most-significant-first", false]);
  });

  it("count links in one dialect and mask them in the other", () => {
    expect(chipSettings(older(formatter({ active_etxs: 5 }))).links).toBe(5);
    expect(chipSettings(newer(formatter({ active_etxs: 31 }))).links).toBe(5);
    expect(chipSettings(newer(formatter({ active_etxs: 8191 }))).links).toBe(13);
  });

  it("write the drop as a number or as a mapping", () => {
    expect(chipSettings(older({ AlgoDroplsb: { Global: 3 } })).drop).toBe(3);
    expect(chipSettings(newer({ AlgoDroplsb: { Global: { drop_lsb: 1 } } })).drop).toBe(1);
  });

  it("keep buffer thresholds of 0 and 500", () => {
    const { buffer } = chipSettings(
      older(formatter({ active_etxs: 2, buff_t1: 48, buff_t2: 500, buff_t3: 0 })),
    );
    expect(buffer).toEqual({ t1: 48, t2: 500, t3: 0 });
  });

  it.each([
    ["no algorithm", {}, /one of Algorithm\.Global and ConfigAlgo\.Global, got neither/],
    ["both dialects", { ...older(), ...newer() }, /got both/],
    ["a file that is text", "x", /expected a mapping, got x/],
    ["an empty file", null, /expected a mapping, got null/],
    [
      "an algorithm of 5",
      { Algorithm: { Global: { select: 5 } } },
      /select: expected a whole number in 0\.\.4, got 5/,
    ],
    ["an algorithm that is text", { Algorithm: { Global: { select: "2" } } }, /got 2/],
    ["0 links", older(formatter({ active_etxs: 0 })), /1\.\.13, got 0/],
    ["14 links", older(formatter({ active_etxs: 14 })), /1\.\.13, got 14/],
    ["a mask with a gap", newer(formatter({ active_etxs: 5 })), /a mask of the first links, got 5/],
    ["use_sum of 2", older(formatter({ use_sum: 2 })), /use_sum: expected a whole number in 0\.\.1, got 2/],
    ["a mux with a channel twice", older({ Mux: cells(() => 3) }), /every channel once, got 1 different/],
    ["a mux with 47 entries", older({ Mux: { ...cells((i) => i), 47: undefined } }), /Mux\.47/],
    [
      "a calibration of 4096",
      older({ Cal: cells(() => 4096) }),
      /Cal\.0: expected a whole number in 0\.\.4095/,
    ],
    ["a fractional threshold", older({ AlgoThreshold: cells(() => 1.5) }), /AlgoThreshold\.0.*got 1\.5/],
    ["an array for a mapping of numbers", older({ Cal: 5 }), /Cal: expected a mapping, got 5/],
  ])("are refused with %s", (_, registers, message) => {
    expect(() => chipSettings(registers)).toThrow(InputError);
    expect(() => chipSettings(registers)).toThrow(message);
    expect(() => chipSettings(registers)).toThrow(/^registers: /);
  });
});
