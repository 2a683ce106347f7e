// Each codec's bits and restored charges on small modules, derived by hand from docs/chip-formats.md.
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { InputError, UsageError } from "../../harness/core/errors.js";
import { rng } from "../../harness/core/rng.js";
import type { Label } from "../../harness/core/table.js";
import { GROUPS_OF_16, GROUPS_OF_4 } from "../../harness/physics/triggercells.js";
import { bitText, module, openCodec, runCodec } from "./codecrun.js";

const random = rng(3);
const busy = module(Object.fromEntries(Array.from({ length: 48 }, (_, i) => [i, 1 + random.integer(3000)])));
const sum = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);
const spec = (id: string, links: number): string => `${id}:links=${links}`;

describe("payload sizes", () => {
  it.each([
    ["best-choice", [25, 64, 90, 123, 158, 186, 221, 256, 284, 319, 347, 382, 396]],
    ["stc4-9", [26, 59, 92, 125, 136]],
    ["stc16-9", [30, 43]],
    ["ctc4-7", [32, 60, 88]],
    ["stc4-7", [31, 58, 94, 112]],
  ])("of %s are the chip's for every link count, and fit", async (id, sizes) => {
    for (const [i, size] of sizes.entries()) {
      const { bits } = await runCodec(spec(id, i + 1), [busy]);
      expect(bits).toEqual([size]);
      expect(size).toBeLessThanOrEqual(32 * (i + 1));
    }
    await expect(runCodec(spec(id, sizes.length + 1), [busy])).rejects.toThrow(UsageError);
  });

  it("of the floors and the repeater are fixed", async () => {
    expect((await runCodec("repeater", [busy])).bits).toEqual([341]);
    expect((await runCodec("uniform", [busy])).bits).toEqual([13]);
    expect((await runCodec("identity", [busy])).bits).toEqual([8 + 48 * 18]);
  });
});

describe("best-choice", () => {
  // channels: CALQ_28 -> 0, CALQ_0 -> 31, CALQ_47 -> 37; drop 1
  const row = module({ 0: 200, 28: 40, 47: 9, 5: 2, 6: 1 });

  it("writes the chip's payload with header 0", async () => {
    const { text, restored } = await runCodec("best-choice:links=2", [row]);
    // shifted: 100 (4E3M 0100_100), 20 (0010_010), 4, 1; channel of CALQ_5 is 29; untransmitted sum 0
    expect(text).toBe(
      bitText("0000 00000_000", "000000 011101 011111 100101", "0010_010 0000_001 0100_100 0000_100"),
    );
    // middles: 20 -> 20<<1 + 2; 1 -> 3; 100 = (12<<3) -> 96<<1 + 8; 4 -> 9
    expect(restored).toEqual([module({ 28: 42, 5: 3, 0: 200, 47: 9 })]);
  });

  it("decodes at the edge or a quarter when asked", async () => {
    const edge = await runCodec("best-choice:links=1,decode=edge", [row]);
    expect(edge.restored).toEqual([module({ 0: 192 })]);
    const quarter = await runCodec("best-choice:links=1,decode=quarter", [row]);
    expect(quarter.restored).toEqual([module({ 0: 196 })]);
  });

  it("spreads the untransmitted sum when asked, from either kind of sum", async () => {
    const plain = module({ 0: 4000, 1: 1600, 2: 500 });
    const silent = await runCodec("best-choice:links=1,spread=uniform", [plain]);
    // shifted 800 + 250 = 1050 = 10000011010b: 5E3M e 8, m 0: 8 << 7 = 1024, middle 1024 * 2 + 128 = 2176
    expect(silent.restored[0][0]).toBe(3968);
    expect(silent.restored[0][47]).toBeCloseTo(2176 / 47, 12);
    const all = await runCodec("best-choice:links=1,spread=uniform,sum=all", [plain]);
    // 3050 = 101111101010b: e 9, m 3: 11 << 8 = 2816; 2816 * 2 + 256 = 5888
    expect(all.restored[0][47]).toBeCloseTo((5888 - 3968) / 47, 12);
  });

  it("spreads nothing when the sum is less than what was sent", async () => {
    // three middles of 34 make 102; the sum 48 << 1 = 96 decodes to 100
    const row = module({ 0: 32, 1: 32, 2: 32 });
    const { restored } = await runCodec("best-choice:links=2,spread=uniform,sum=all", [row]);
    expect(restored).toEqual([module({ 0: 34, 1: 34, 2: 34 })]);
  });

  it("keeps the lower training index of ties when asked, whatever the channels", async () => {
    const equal = new Array<number>(48).fill(8);
    const index = await runCodec("best-choice:links=2,ties=index", [equal]);
    expect(index.restored[0].flatMap((charge, cell) => (charge > 0 ? [cell] : []))).toEqual([0, 1, 2, 3]);
    const network = await runCodec("best-choice:links=2", [equal]);
    // nothing moves in the network: channels 0..3, which are CALQ_28, 29, 25, 24
    expect(network.restored[0].flatMap((charge, cell) => (charge > 0 ? [cell] : []))).toEqual([
      24, 25, 28, 29,
    ]);
    const training = await runCodec("best-choice:links=2,order=training", [equal]);
    expect(training.restored[0].flatMap((charge, cell) => (charge > 0 ? [cell] : []))).toEqual([0, 1, 2, 3]);
  });

  it("compares unshifted charges for ties=index", async () => {
    const near = await runCodec("best-choice:links=1,ties=index", [module({ 3: 10, 9: 11 })]);
    expect(near.restored[0][9]).toBeGreaterThan(0);
  });

  it("keeps exact charges in the ideal rules, and counts their bits", async () => {
    const { restored, bits, label } = await runCodec("best-choice:links=3,rule=ideal-python", [busy]);
    const sorted = busy
      .map((charge, cell) => ({ charge, cell }))
      .sort((a, b) => b.charge - a.charge || a.cell - b.cell);
    const kept = new Set(sorted.slice(0, 6).map(({ cell }) => cell));
    expect(restored[0]).toEqual(busy.map((charge, cell) => (kept.has(cell) ? charge : 0)));
    expect(bits).toEqual([4 + 28 + 6 * 6 + 6 * 22]);
    expect(label).toBe("best-choice:links=3,rule=ideal-python");
  });

  it("uses the studies' cell numbers in ideal-cmssw", async () => {
    const counts: number[] = [];
    for (let links = 1; links <= 13; links++) {
      const { restored } = await runCodec(`best-choice:links=${links},rule=ideal-cmssw`, [busy]);
      counts.push(restored[0].filter((charge) => charge > 0).length);
    }
    expect(counts).toEqual([1, 3, 6, 9, 14, 18, 23, 27, 32, 37, 41, 46, 48]);
  });

  it("refuses parameters that an ideal rule has no use for", async () => {
    await expect(runCodec("best-choice:rule=ideal-python,drop=3", [busy])).rejects.toThrow(
      /parameter drop: expected none with rule=ideal-python, got 3/,
    );
    await expect(runCodec("best-choice:rule=ideal-cmssw,decode=edge", [busy])).rejects.toThrow(UsageError);
  });
});

describe("thresholds", () => {
  it("write header, sum, list and charges", async () => {
    const { text, restored } = await runCodec("threshold-1.35", [module({ 2: 46, 4: 47, 40: 100, 41: 1 })]);
    // others: 46 >> 1 = 23 = 10111b: 5E3M e 2, m 3 (011); cells 4, 40; 23 -> 0010_011; 50 = 110010b -> 0011_100
    expect(text).toBe(bitText("0000 00010_011 0 010 000100 101000 0010_011 0011_100"));
    // 11 << 1 = 22 -> 44 + 2; 12 << 2 = 48 -> 96 + 4
    expect(restored).toEqual([module({ 4: 46, 40: 100 })]);
  });

  it("write a map from eight cells on", async () => {
    const row = module(Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 47].map((cell) => [cell, 64])));
    const { text } = await runCodec("threshold-0", [row]);
    // 32 = 100000b -> 0011_000
    expect(text).toBe(bitText("0000 00000_000 1", "1111111", "0".repeat(40), "1", "0011_000".repeat(8)));
  });

  it("differ by one count where they should", async () => {
    const cells = module({ 0: 46, 1: 47, 2: 48, 3: 69, 4: 70 });
    const kept = async (name: string): Promise<number[]> =>
      (await runCodec(name, [cells])).restored[0].flatMap((charge, cell) => (charge > 0 ? [cell] : []));
    expect(await kept("threshold-0")).toEqual([0, 1, 2, 3, 4]);
    expect(await kept("threshold-1.35")).toEqual([1, 2, 3, 4]);
    expect(await kept("threshold:mipt=1.35")).toEqual([1, 2, 3, 4]);
    expect(await kept("threshold:calq=48")).toEqual([2, 3, 4]);
    expect(await kept("threshold:mipt=2")).toEqual([4]);
    expect(await kept("threshold:mipt=2,calq=71")).toEqual([]);
    expect(await kept("threshold")).toEqual([0, 1, 2, 3, 4]);
  });

  it("keep charges exactly when asked", async () => {
    const { restored, bits } = await runCodec("threshold-1.35:charges=exact", [busy]);
    expect(restored[0]).toEqual(busy.map((charge) => (charge >= 47 ? charge : 0)));
    const cells = busy.filter((charge) => charge >= 47).length;
    expect(bits).toEqual([4 + 28 + 1 + 48 + 22 * cells]);
  });

  it("spread the sum of the others over them", async () => {
    const { restored } = await runCodec("threshold-1.35:charges=exact,spread=uniform", [
      module({ 0: 500, 1: 40, 2: 7 }),
    ]);
    expect(restored[0][0]).toBe(500);
    expect(restored[0][1]).toBe(1);
    expect(sum(restored[0])).toBe(547);
  });
});

describe("threshold-sum", () => {
  it("writes the chip's events, padded to 16 bits", async () => {
    // CALQ_0 is channel 31; 100 >> 1 = 50; the sum is not shifted: 20 = 10100b -> e 2, m 2
    const { text, restored } = await runCodec("threshold-sum:links=3", [
      module({ 0: 100, 9: 20 }),
      module({ 9: 20 }),
    ]);
    expect(text).toBe(bitText("00000 010 00010_010 001 011111 0011_100") + bitText("00000 000 00010_010"));
    expect(restored).toEqual([module({ 0: 100 }), module({})]);
  });

  it("replaces what does not fit its links, and says so in the bits", async () => {
    const rows = Array.from({ length: 6 }, () => busy.map((charge) => charge + 47));
    const { bits, restored } = await runCodec("threshold-sum:links=1", rows);
    expect(bits).toEqual([16, 16, 16, 16, 16, 16]); // 25 words never fit 24
    expect(sum(restored.flat())).toBe(0);
    const two = await runCodec("threshold-sum:links=2", rows);
    // 25 in, 21 wait; 46 wait after the next in t1 = 48: 42; then t2 = 23 is passed until it drains
    expect(two.bits).toEqual([400, 400, 16, 16, 16, 16]);
    const none = await runCodec("threshold-sum:links=1,buffer=none", rows);
    expect(none.bits).toEqual(new Array(6).fill(400));
  });

  it("shares a replaced event's total when asked", async () => {
    const row = new Array<number>(48).fill(64);
    const { restored } = await runCodec("threshold-sum:links=1,spread=uniform", [row]);
    // 3072 = 11 << 8 + 256: 5E3M e 9, m 4 (12 << 8 = 3072), middle 3200
    expect(restored[0][0]).toBeCloseTo(3200 / 48, 12);
  });
});

describe("super trigger cells", () => {
  // The 2x2 group {0, 1, 4, 5} is channels 31, 30, 28, 29: the last of equal maxima is CALQ_0, the first CALQ_0 too.
  it("put the coded sum at the last maximum in channel order", async () => {
    const { restored } = await runCodec("stc4-9:links=5", [module({ 1: 50, 4: 50, 5: 50 })]);
    // channels 30, 28, 29: last is 30 = CALQ_1; 150 = 10010110b: 5E4M e 4, m 2: 18 << 3 = 144, middle 148
    expect(restored).toEqual([module({ 1: 148 })]);
  });

  it("put the exact sum at the first maximum in the ideal rule", async () => {
    const { restored, bits } = await runCodec("stc4-9:links=5,rule=ideal-python", [
      module({ 4: 50, 5: 50, 1: 3 }),
    ]);
    expect(restored).toEqual([module({ 4: 103 })]);
    expect(bits).toEqual([4 + 12 * 2 + 12 * 28]);
  });

  it("round 4E5M sums in ideal-cmssw", async () => {
    // 131 = 10000011b: e 3, 131 >> 2 = 32 -> m 0, first lost bit 1 -> m 1: 33 << 2 = 132
    const { restored, bits } = await runCodec("stc16-9:links=2,rule=ideal-cmssw", [
      module({ 20: 100, 21: 31 }),
    ]);
    expect(restored).toEqual([module({ 20: 132 })]);
    expect(bits).toEqual([43]);
  });

  it.each([
    ["stc4-9:links=5,rule=ideal-share", GROUPS_OF_4],
    ["stc4-7:links=4,rule=ideal-share", GROUPS_OF_4],
    ["ctc4-7:links=3,rule=ideal-share", GROUPS_OF_4],
    ["stc16-9:links=2,rule=ideal-share", GROUPS_OF_16],
  ])("%s shares each group's sum equally", async (name, groups) => {
    const { restored } = await runCodec(name, [busy]);
    for (const group of groups) {
      const share = sum(group.map((cell) => busy[cell])) / group.length;
      for (const cell of group) expect(restored[0][cell]).toBe(share);
    }
  });

  it("share coarse sums over the group", async () => {
    const { restored } = await runCodec("ctc4-7:links=3", [module({ 0: 80 })]);
    // 40 = 101000b: e 3, m 2: 10 << 2 = 40 -> 80 + 4
    expect(restored).toEqual([module({ 0: 21, 1: 21, 4: 21, 5: 21 })]);
  });

  it.each(["stc4-9", "stc4-7", "ctc4-7"])("%s sends its first groups only when links are few", async (id) => {
    const row = new Array<number>(48).fill(40);
    const { restored } = await runCodec(`${id}:links=1`, [row]);
    const groups = GROUPS_OF_4.filter((group) => group.some((cell) => restored[0][cell] > 0));
    // the first groups are channels 0..: CALQ_24.., in the third 16..31
    for (const group of groups) for (const cell of group) expect(cell >= 16 && cell < 32).toBe(true);
    expect(groups).toHaveLength({ "stc4-9": 2, "stc4-7": 3, "ctc4-7": 4 }[id] ?? 0);
  });

  it("take 2x2 groups in training order too", async () => {
    const { restored } = await runCodec("ctc4-7:links=1,order=training", [module({ 5: 80, 20: 80 })]);
    expect(restored).toEqual([module({ 0: 21, 1: 21, 4: 21, 5: 21 })]);
  });
});

describe("bc-stc", () => {
  const labels = (columns: Partial<Record<Label, number[]>>): Map<Label, Float64Array> =>
    new Map(Object.entries(columns).map(([name, values]) => [name as Label, Float64Array.from(values)]));

  it("is best choice for rows without labels", async () => {
    const mixed = await runCodec("bc-stc:links=3", [busy]);
    expect(mixed.text).toBe((await runCodec("best-choice:links=3", [busy])).text);
  });

  it("follows detector part and density", async () => {
    const columns = labels({ subdet: [1, 1, 2, 10], HD_LD: [0, 1, 1, 0], layer: [40, 40, 3, 3] });
    const mixed = await runCodec("bc-stc:links=2", [busy, busy, busy, busy], columns);
    const parts = ["best-choice:links=2", "best-choice:links=2,drop=3", "stc4-9:links=2", "stc16-9:links=2"];
    const alone = await Promise.all(parts.map((name) => runCodec(name, [busy])));
    expect(mixed.text).toBe(alone.map(({ text }) => text).join(""));
    expect(mixed.restored).toEqual(alone.map(({ restored }) => restored[0]));
  });

  it("goes by the layer where there is no subdetector", async () => {
    const { bits } = await runCodec("bc-stc:links=13", [busy, busy, busy], labels({ layer: [1, 28, 29] }));
    expect(bits).toEqual([396, 396, 43]);
  });

  it.each([
    [{ subdet: [3] }, /row 0: subdet: expected 1 \(CE-E\), 2 or 10 \(CE-H\), got 3/],
    [{ layer: [0] }, /row 0: layer: expected a whole number >= 1, got 0/],
    [{ HD_LD: [2] }, /row 0: HD_LD: expected 1 \(HD\) or 0 \(LD\), got 2/],
    [{ subdet: [NaN] }, /got NaN/],
  ])("refuses labels it does not know: %j", async (columns, message) => {
    const attempt = runCodec("bc-stc:links=2", [busy], labels(columns));
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(message);
  });
});

describe("floors", () => {
  it("identity widens to the largest charge, and to floats where it must", async () => {
    const bits = async (charge: number): Promise<number> =>
      (await runCodec("identity", [module({ 3: charge })])).bits[0];
    expect(await bits(2 ** 18 - 1)).toBe(8 + 48 * 18);
    expect(await bits(2 ** 18)).toBe(8 + 48 * 19);
    expect(await bits(2 ** 32 - 1)).toBe(8 + 48 * 32);
    expect(await bits(2 ** 32)).toBe(8 + 48 * 64);
    expect(await bits(0.5)).toBe(8 + 48 * 64);
  });

  it("uniform shares a 9-bit sum", async () => {
    const { text, restored } = await runCodec("uniform", [module({ 0: 100, 1: 50 })]);
    expect(text).toBe(bitText("0000 00100_0010"));
    expect(restored[0]).toEqual(new Array(48).fill(148 / 48));
  });
});

describe("corrupt payloads", () => {
  const rows = { rows: 1, calq: Float64Array.from(busy), labels: new Map() };

  it.each([
    "best-choice:links=2",
    "best-choice:links=2,rule=ideal-python",
    "stc4-9:links=2",
    "stc4-9:links=2,rule=ideal-python",
    "repeater",
    "identity",
    "uniform",
    "threshold-0",
    "threshold-sum",
  ])("%s refuses a header that is not 0", async (name) => {
    const open = await openCodec(name);
    const writer = new BitWriter();
    await open.encode(rows, writer);
    const bytes = writer.toBytes();
    bytes[0] |= 0x10;
    await expect(async () => open.decode(new BitReader(bytes), 1, new Map())).rejects.toThrow(
      /^module 0: payload: header: expected 0, got /,
    );
  });

  it.each([
    [
      "best-choice:links=4",
      bitText("0000 00000000", "1".repeat(8), "0".repeat(40)),
      /expected 9 of 48 cells, got 8/,
    ],
    [
      "best-choice:links=2",
      bitText("0000 00000000", "000010 000001"),
      /ascending list below 48, got 1 at place 1/,
    ],
    ["best-choice:links=2", bitText("0000 00000000", "110000"), /ascending list below 48, got 48 at place 0/],
    ["threshold-0", bitText("0000 00000000 1", "1".repeat(7), "0".repeat(41)), /at least 8 cells, got 7/],
    [
      "threshold-sum",
      bitText("00000 001 00000000"),
      /event type: expected 000, 010, 100, 110 or 111, got 001/,
    ],
    ["threshold-sum", bitText("00000 010 00000000 000"), /cell count: expected 1\.\.7, got 0/],
    [
      "threshold-sum",
      bitText("00000 010 00000000 010 000000 000001", "0".repeat(14), "1"),
      /padding: expected zero bits/,
    ],
    [
      "threshold-sum",
      bitText("00000 100 00000000", "1".repeat(7), "0".repeat(41)),
      /at least 8 cells, got 7/,
    ],
    ["identity", bitText("0000 1111", "1".repeat(64)), /charge: expected a finite number >= 0, got NaN/],
  ])("%s refuses bits that no encoder writes", async (name, text, message) => {
    const writer = new BitWriter();
    for (const bit of text) writer.write(Number(bit), 1);
    for (let i = 0; i < 100; i++) writer.write(0, 32);
    const open = await openCodec(name);
    const attempt = async (): Promise<unknown> => open.decode(new BitReader(writer.toBytes()), 1, new Map());
    await expect(attempt()).rejects.toThrow(InputError);
    await expect(attempt()).rejects.toThrow(message);
  });
});
