// The interval coder against exact rational arithmetic: what was written is read back, it fits when its exact interval is wide
// enough, and the last bit counts.
import { describe, expect, it } from "vitest";
import { IntervalDecoder, IntervalEncoder, IntervalWidth } from "../../harness/codecs/intervalcoder.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { InputError } from "../../harness/core/errors.js";
import { rng, type Rng } from "../../harness/core/rng.js";

const SEED = 771;

interface Symbol {
  readonly from: number;
  readonly share: number;
  readonly total: number;
}

function message(random: Rng): Symbol[] {
  return Array.from({ length: random.integer(60) }, () => {
    const total = random.integer(3) === 0 ? 1 + random.integer(200) : 1024;
    const share = 1 + random.integer(random.integer(2) === 0 ? total : Math.min(total, 4));
    return { from: random.integer(total - share + 1), share, total };
  });
}

/** Shortest payload that the width promises to be enough. */
function lengthOf(symbols: readonly Symbol[]): number {
  const width = new IntervalWidth();
  for (const { from, share, total } of symbols) width.encode(from, share, total);
  let length = 0;
  while (!width.fits(length)) length++;
  return length;
}

function write(symbols: readonly Symbol[], length: number, before = 0): Uint8Array {
  const writer = new BitWriter();
  writer.write(0, before);
  const encoder = new IntervalEncoder(length);
  for (let round = 0; round < 2; round++) {
    encoder.reset(); // twice: nothing may be left of the first
    for (const { from, share, total } of symbols) encoder.encode(from, share, total);
  }
  encoder.finish(writer);
  expect(writer.position).toBe(before + length);
  return writer.toBytes();
}

function read(symbols: readonly Symbol[], bytes: Uint8Array, length: number, before = 0): BitReader {
  const reader = new BitReader(bytes);
  reader.read(before);
  const decoder = new IntervalDecoder(reader, length);
  for (const { from, share, total } of symbols) {
    const part = decoder.part(total);
    expect(part).toBeGreaterThanOrEqual(from);
    expect(part).toBeLessThan(from + share);
    decoder.narrow(from, share);
  }
  decoder.finish();
  return reader;
}

describe("interval coder", () => {
  it("reads back every message in its shortest payload and in longer ones", () => {
    for (let trial = 0; trial < 3000; trial++) {
      const random = rng(SEED, trial);
      const symbols = message(random);
      const before = random.integer(9);
      for (const length of [0, 1, 24, 200].map((more) => lengthOf(symbols) + more)) {
        const reader = read(symbols, write(symbols, length, before), length, before);
        expect(reader.position).toBe(before + length);
      }
    }
  });

  it("needs no more than the exact width and what 24 bits lose", () => {
    for (let trial = 0; trial < 500; trial++) {
      const symbols = message(rng(SEED + 1, trial));
      // 2^bits >= product of total / share, exactly.
      let wide = 1n;
      let narrow = 1n;
      for (const { share, total } of symbols) {
        wide *= BigInt(total);
        narrow *= BigInt(share);
      }
      let exact = 0;
      while (narrow << BigInt(exact) < wide) exact++;
      expect(lengthOf(symbols)).toBeGreaterThanOrEqual(exact);
      expect(lengthOf(symbols)).toBeLessThanOrEqual(exact + 1);
    }
  });

  it("writes the binary expansion of where the message begins, rounded up", () => {
    const thirds = [{ from: 1, share: 1, total: 2 } as const, { from: 1, share: 1, total: 4 } as const];
    expect(lengthOf(thirds)).toBe(3);
    expect([...write(thirds, 3)]).toEqual([0b10100000]);
    // [1/3, 2/3) holds 1/2; 24-bit parts begin at floor(2^23 / 3).
    expect([...write([{ from: 1, share: 1, total: 3 }], 2)]).toEqual([0b10000000]);
  });

  it("refuses what no encoder writes", () => {
    const decoder = new IntervalDecoder(new BitReader(Uint8Array.of(0xff, 0xff, 0xff)), 24);
    expect(() => decoder.part(1000)).toThrow(InputError);
    const bytes = write([{ from: 0, share: 1, total: 2 }], 40);
    bytes[4] |= 1;
    expect(() => read([{ from: 0, share: 1, total: 2 }], bytes, 40)).toThrow(/^payload: behind the message/);
  });
});
