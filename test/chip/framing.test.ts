// Twin of golden.test.ts that always runs: whole output words of made-up crossings, every bit derived by hand below.
// Crossing A: cell i of 48 carries 8 + i for i < 8 in front of zeros, unless a test says otherwise; CAL = 1, so CALQ is known.
import { describe, expect, it } from "vitest";
import { BitReader } from "../../harness/core/bits.js";
import { BEST_CHOICE_CELLS } from "../../harness/chip/bestchoice.js";
import { header4, header5 } from "../../harness/chip/bxheader.js";
import { calibrate } from "../../harness/chip/calibration.js";
import { inputCodes, multiplex, opensOrbit, parseInputWord } from "../../harness/chip/inputwords.js";
import { algorithmStage, prepareCrossing, type Crossing } from "../../harness/chip/pipeline.js";
import { chipSettings } from "../../harness/chip/registers.js";

/** Words as 32-digit binary from fields of bits, padded with zeros to 13 words. */
const words = (...fields: string[]): string[] => {
  const bits = fields
    .join("")
    .replaceAll(/[ _]/g, "")
    .padEnd(13 * 32, "0");
  return Array.from({ length: 13 }, (_, i) => bits.slice(32 * i, 32 * i + 32));
};
const shown = (out: Uint32Array): string[] => Array.from(out, (word) => word.toString(2).padStart(32, "0"));

const crossing = (number: number, charges: Readonly<Record<number, number>>): Crossing => {
  const calq = new Float64Array(48);
  for (const [channel, charge] of Object.entries(charges)) calq[Number(channel)] = charge;
  return { number, codes: Uint8Array.from({ length: 48 }, (_, i) => i), calq };
};

const registers = (select: number, more: object, drop = 0): object => ({
  Algorithm: { Global: { select } },
  AlgoDroplsb: { Global: drop },
  FormatterBuffer: { Global: more },
});

describe("headers", () => {
  it("count crossings modulo 16 and mark the orbit's start", () => {
    expect([0, 1, 7, 8, 15, 16, 17, 3563].map(header5)).toEqual([31, 1, 7, 8, 15, 0, 1, 11]);
    expect([0, 1, 7, 8, 15, 16, 17, 3563].map(header4)).toEqual([15, 1, 7, 0, 7, 0, 1, 3]);
  });
});

describe("best choice", () => {
  // 100 = 1100100b -> e 4, m 100b; 20 = 10100b -> e 2, m 010b; 9 -> e 1, m 001b; 3 -> 3.
  const charges = { 2: 9, 5: 100, 30: 3, 47: 20 };

  it("sends one cell on one link, and the sum of the others", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 1, use_sum: 0 })));
    // others: 9 + 3 + 20 = 32 = 100000b -> e 3, m 000b
    expect(shown(stage(crossing(0, charges)))).toEqual(words("1111", "00011_000", "000101", "0100_100"));
  });

  it("sends the sum of all when asked", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 1, use_sum: 1 })));
    // 132 = 10000100b -> e 5, m 000b
    expect(shown(stage(crossing(17, charges)))).toEqual(words("0001", "00101_000", "000101", "0100_100"));
  });

  it("shifts each cell before it adds", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 1 }, 3)));
    // 100 >> 3 = 12 -> e 1, m 100b; others 1 + 0 + 2 = 3
    expect(shown(stage(crossing(2, charges)))).toEqual(words("0010", "00000_011", "000101", "0001_100"));
  });

  it("lists four cells in ascending order on two links", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 2 })));
    expect(shown(stage(crossing(3, charges)))).toEqual(
      words("0011 00000_000", "000010 000101 011110 101111", "0001_001 0100_100 0000_011 0010_010"),
    );
  });

  it("sends a map from nine cells on", () => {
    const nine = Object.fromEntries([1, 3, 8, 13, 21, 22, 40, 44, 47].map((channel) => [channel, 7]));
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 4 })));
    const map = Array.from({ length: 48 }, (_, i) => (i in nine ? "1" : "0")).join("");
    expect(shown(stage(crossing(4, nine)))).toEqual(words("0100 00000_000", map, "0000_111".repeat(9)));
  });

  it("saturates in the sorter but not in the sum", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 1, use_sum: 1 })));
    // 2^20 -> 5E3M e 18, m 0; charge saturates
    expect(shown(stage(crossing(5, { 9: 2 ** 20 })))).toEqual(
      words("0101", "10010_000", "001001", "1111_111"),
    );
  });

  it("takes saturated charges as equal", () => {
    const stage = algorithmStage(chipSettings(registers(2, { active_etxs: 1, use_sum: 1 })));
    // equal in the sorter, so its wiring keeps channel 0; 562143 = 10001001...b -> 5E3M e 17, m 0
    const out = shown(stage(crossing(5, { 0: 262143, 1: 300000 })));
    expect(out).toEqual(words("0101", "10001_000", "000000", "1111_111"));
  });

  it("fits every link count", () => {
    BEST_CHOICE_CELLS.forEach((cells, i) => {
      const bits = 12 + 7 * cells + (cells < 8 ? 6 * cells : 48);
      expect(bits).toBeLessThanOrEqual(32 * (i + 1));
      const stage = algorithmStage(chipSettings(registers(2, { active_etxs: i + 1 })));
      const all = Object.fromEntries(Array.from({ length: 48 }, (_, c) => [c, 100 + c]));
      const out = stage(crossing(1, all));
      const reader = new BitReader(Uint8Array.from(toBytes(out)));
      reader.read(12);
      if (cells >= 8) {
        const map = Array.from({ length: 48 }, () => reader.read(1));
        expect(map).toEqual(Array.from({ length: 48 }, (_, c) => (c >= 48 - cells ? 1 : 0)));
      }
    });
  });
});

const toBytes = (out: Uint32Array): number[] =>
  [...out].flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255));

const stc = (type: number, mask: number, drop: number): object => ({
  ConfigAlgo: { Global: { alg_type: 1 } },
  AlgoDroplsb: { Global: { drop_lsb: drop } },
  FormatterBuffer: { Global: { active_etxs: mask, stc_type: type } },
});

describe("super trigger cells", () => {
  // group 0: 5 1 5 0 -> last of equal maxima is place 2, sum 11; group 1: zeros -> place 3; group 2: 40 at 1.
  const charges = { 0: 5, 1: 1, 2: 5, 9: 40 };

  it("of type 0 send addresses, then 5E4M sums", () => {
    const stage = algorithmStage(chipSettings(stc(0, 0b11, 3)));
    // 11 -> 5E4M 11; 40 = 101000b -> e 2, m 0100b; five groups on two links
    expect(shown(stage(crossing(16, charges)))).toEqual(
      words("0000", "10 11 01 11 11", "00000_1011 000000000 00010_0100 000000000 000000000"),
    );
  });

  it("of type 1 take sixteen channels", () => {
    const stage = algorithmStage(chipSettings(stc(1, 1, 0)));
    // 51 = 110011b -> e 2, m 1001b; second group empty -> place 15
    expect(shown(stage(crossing(0, charges)))).toEqual(words("1111", "1001 1111", "00010_1001 000000000"));
  });

  it("of type 2 send 4E3M of the shifted sum only", () => {
    const stage = algorithmStage(chipSettings(stc(2, 1, 1)));
    // 11 >> 1 = 5; 40 >> 1 = 20 -> e 2, m 010b
    expect(shown(stage(crossing(1, charges)))).toEqual(words("0001", "0000_101 0000_000 0010_010 0000_000"));
  });

  it("of type 3 send places and 4E3M of the shifted sum", () => {
    const stage = algorithmStage(chipSettings(stc(3, 1, 1)));
    expect(shown(stage(crossing(1, charges)))).toEqual(
      words("0001", "10 11 01", "0000_101 0000_000 0010_010"),
    );
  });

  it("send no more groups than there are", () => {
    const stage = algorithmStage(chipSettings(stc(1, 0b11111, 0)));
    expect(shown(stage(crossing(0, { 47: 1 })))).toEqual(
      words("1111", "1111 1111 1111", "000000000 000000000 000000001"),
    );
  });
});

describe("repeater", () => {
  it("repeats the codes behind a 5-bit header", () => {
    const chip = chipSettings({ ConfigAlgo: { Global: { alg_type: 3 } } });
    const codes = Array.from({ length: 48 }, (_, i) => i.toString(2).padStart(7, "0"));
    expect(shown(algorithmStage(chip)(crossing(18, {})))).toEqual(words("00010", ...codes));
  });

  it("is refused on fewer than eleven links", () => {
    expect(() =>
      chipSettings({
        ConfigAlgo: { Global: { alg_type: 3 } },
        FormatterBuffer: { Global: { active_etxs: 1023 } },
      }),
    ).toThrow(/expected 11\.\.13 links for the repeater, got 10/);
  });
});

describe("threshold-sum", () => {
  const thresholds = (value: number): object => ({
    AlgoThreshold: Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, value])),
  });
  const idle = (header: string): string => `${header}_00100100010`; // 290

  it("sends no cell, then a list, then fills with idle words", () => {
    const chip = chipSettings({ ...registers(0, { active_etxs: 1 }, 1), ...thresholds(10) });
    const stage = algorithmStage(chip);
    // sum 9 -> e 1, m 001b
    expect(shown(stage(crossing(0, { 3: 9 })))).toEqual(words("11111 000 00001_001", idle("11111")));
    // 10 kept (>= threshold), 10 >> 1 = 5; others 9
    // 5 + 3 + 8 + 3 + 6 + 7 = 32 bits
    expect(shown(stage(crossing(1, { 3: 9, 6: 10 })))).toEqual(
      words("00001 010 00001_001", "001", "000110", "0000_101"),
    );
  });

  it("sends long events over several crossings", () => {
    const chip = chipSettings({
      ...registers(0, { active_etxs: 1, use_sum: 1, buff_t2: 9 }, 0),
      ...thresholds(1),
    });
    const stage = algorithmStage(chip);
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 1]));
    // 5 + 3 + 8 + 48 + 8 * 7 = 120 bits -> 8 words of 16; sum of all is 8 -> e 1
    const bits = `11111 100 00001_000 ${"1".repeat(8)}${"0".repeat(40)}${"0000001".repeat(8)}`
      .replaceAll(/[ _]/g, "")
      .padEnd(128, "0");
    expect(shown(stage(crossing(0, eight)))).toEqual(words(bits.slice(0, 32)));
    // the next event, 1 word, waits behind the six words left
    expect(shown(stage(crossing(1, {})))).toEqual(words(bits.slice(32, 64)));
    expect(shown(stage(crossing(2, {})))).toEqual(words(bits.slice(64, 96)));
    expect(shown(stage(crossing(3, {})))).toEqual(words(bits.slice(96, 128)));
    expect(shown(stage(crossing(4, {})))).toEqual(words("00001 000 00000000 00010 000 00000000"));
  });

  it("replaces an event that overfills the buffer by its total", () => {
    const chip = chipSettings({ ...registers(0, { active_etxs: 1, buff_t1: 7 }, 0), ...thresholds(1) });
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 2]));
    // 8 words > 7; total 16 -> e 2, m 0
    expect(shown(algorithmStage(chip)(crossing(0, eight)))).toEqual(
      words("11111 110 00010_000", idle("11111")),
    );
  });

  it("admits an event that fills the buffer to the brim", () => {
    const chip = chipSettings({ ...registers(0, { active_etxs: 1, buff_t1: 8 }, 0), ...thresholds(1) });
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 2]));
    expect(shown(algorithmStage(chip)(crossing(0, eight)))[0].slice(0, 8)).toBe("11111100");
  });

  it("replaces short events while the buffer is nearly full", () => {
    const chip = chipSettings({
      ...registers(0, { active_etxs: 1, buff_t1: 100, buff_t2: 5, buff_t3: 2 }, 0),
      ...thresholds(1),
    });
    const stage = algorithmStage(chip);
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 2]));
    const first = shown(stage(crossing(0, eight))); // 8 words in, 2 out: 6 wait
    expect(first[0].slice(0, 8)).toBe("11111100");
    stage(crossing(1, { 4: 3 })); // 6 > 5 and 2 words <= 2: replaced by 1 word, total 3
    stage(crossing(2, { 4: 3 })); // 5 wait: not more than t2, 2 words enter
    stage(crossing(3, {})); // 5 wait
    const out = shown(stage(crossing(4, {})));
    // words 9 and 10 of the queue: the replaced event, then the first of crossing 2
    expect(out).toEqual(words("00001 111 00000_011 00010 010 00000_000"));
  });

  it("computes its buffer thresholds from the links when no register has them", () => {
    expect(chipSettings(registers(0, { active_etxs: 3 })).buffer).toEqual({ t1: 72, t2: 47, t3: 25 });
    expect(chipSettings(registers(0, { active_etxs: 1 })).buffer).toEqual({ t1: 24, t2: 0, t3: 25 });
  });
});

describe("input words", () => {
  // codes 1, 2, 3, 4 most significant first
  const payload = (0b0000001 << 21) | (0b0000010 << 14) | (0b0000011 << 7) | 0b0000100;
  const hex = (header: string): string => `${header}${payload.toString(16).padStart(7, "0")}`;

  it("hold four codes, in either order, with or without a header", () => {
    const row = (text: string, format: "hex" | "decimal"): ReturnType<typeof parseInputWord>[] =>
      Array.from({ length: 12 }, () => parseInputWord(text, format, "test"));
    expect([...inputCodes(row(hex("a"), "hex"), "most-significant-first").slice(0, 5)]).toEqual([
      1, 2, 3, 4, 1,
    ]);
    expect([...inputCodes(row(String(payload), "decimal"), "least-significant-first").slice(0, 5)]).toEqual([
      4, 3, 2, 1, 4,
    ]);
    expect(opensOrbit(row(hex("9"), "hex"))).toBe(true);
    expect(opensOrbit(row(hex("a"), "hex"))).toBe(false);
  });

  it.each([
    [hex("b"), "hex", /header 9 or a, got "b"/],
    ["a123", "hex", /eight hexadecimal digits/],
    ["a123456g", "hex", /eight hexadecimal digits/],
    [String(2 ** 28), "decimal", /below 2\^28/],
    ["-1", "decimal", /below 2\^28/],
    ["1e3", "decimal", /below 2\^28/],
  ] as const)("refuses %s as %s", (text, format, message) => {
    expect(() => parseInputWord(text, format, "row 3, word 2")).toThrow(message);
    expect(() => parseInputWord(text, format, "row 3, word 2")).toThrow(/^row 3, word 2: input word: /);
  });

  it("refuse a crossing of eleven", () => {
    expect(() => inputCodes([], "most-significant-first")).toThrow(/expected 12, got 0/);
  });
});

describe("from codes to CALQ", () => {
  it("decodes at the middle and multiplies by an 11-bit fraction, rounding down", () => {
    // code 27 = e 3, m 3: 11 << 2 = 44; low density drop 1: 88, + half of lost bit 2^(3-1) = 92
    expect([...calibrate([27, 27, 27, 0], [2048, 1024, 1, 4095], false)]).toEqual([92, 46, 0, 1]);
    // high density, drop 3: 352 + 2^4 = 368; 368 * 2049 / 2048 = 368.18; 992 * 4095
    expect([...calibrate([27, 27, 127], [2048, 2049, 4095], true)]).toEqual([368, 368, 4062240]);
  });

  it("moves channel mux[i] to channel i", () => {
    const mux = Array.from({ length: 48 }, (_, i) => (i + 5) % 48);
    expect(
      multiplex(
        Uint8Array.from({ length: 48 }, (_, i) => i),
        mux,
      )[0],
    ).toBe(5);
  });

  it("calibrates behind the multiplexer", () => {
    const mux = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, 47 - i]));
    const cal = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, i === 0 ? 0 : 2048]));
    const chip = chipSettings({ ConfigAlgo: { Global: { alg_type: 1 } }, Mux: mux, Cal: cal });
    const inputs = new Uint8Array(48).fill(5);
    inputs[46] = 7;
    const { calq, codes } = prepareCrossing(chip, inputs, 0);
    expect([codes[1], calq[0], calq[1], calq[2]]).toEqual([7, 0, 15, 11]);
  });
});
