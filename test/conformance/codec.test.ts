// What every registered codec must do, whatever it is: the same bytes twice, exact bookkeeping of bits, restored charges that are
// charges, refusals instead of guesses. A new codec gets these tests by being registered.
import { beforeAll, describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import type { Codec, OpenCodec, Parameters } from "../../harness/core/codec.js";
import { InputError } from "../../harness/core/errors.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { codecLabel, expandVariants, parseCodecSpec, readParameters } from "../../harness/core/parameters.js";
import { rng, type Rng } from "../../harness/core/rng.js";
import { CELLS, LABELS, sliceRows, type Label, type Slab } from "../../harness/core/table.js";
import { codecs } from "../../harness/engine/plugins.generated.js";

const SEED = 20240117;
const ROWS_PER_CODEC = 2000;
const LARGEST = 2 ** 22 - 1;
/** Codecs that promise every charge back. */
const LOSSLESS = new Set(["identity"]);

/** No codec so far computes with a kernel; one that does needs a real runner here. */
const kernels: KernelRunner = {
  call: (kernel) => Promise.reject(new Error(`kernel ${kernel.id}: no runner in this test`)),
};

interface Encoded {
  readonly bytes: Uint8Array;
  readonly bits: Uint32Array;
  readonly position: number;
}

async function encode(codec: OpenCodec, slab: Slab): Promise<Encoded> {
  const writer = new BitWriter();
  const bits = await codec.encode(slab, writer);
  return { bytes: writer.toBytes(), bits, position: writer.position };
}

/** Charges of a module: quiet, busy, full or empty, small or saturating. */
function charges(random: Rng, row: number): number[] {
  const filled = [0, 1, 2, 5, 9, 20, 48][row % 7];
  const scale = [4, 60, 2000, 40000, 262144, LARGEST + 1][row % 6];
  const calq = new Array<number>(CELLS).fill(0);
  for (let k = 0; k < filled; k++) calq[filled === CELLS ? k : random.integer(CELLS)] = random.integer(scale);
  return calq;
}

function labelColumns(rows: number, random: Rng): Map<Label, Float64Array> {
  const values: Partial<Record<Label, readonly number[]>> = {
    subdet: [1, 2, 10],
    HD_LD: [0, 1],
    zside: [-1, 1],
  };
  const draw = (label: Label): number => {
    const choices = values[label];
    return choices === undefined ? 1 + random.integer(50) : choices[random.integer(choices.length)];
  };
  return new Map(LABELS.map((label) => [label, Float64Array.from({ length: rows }, () => draw(label))]));
}

function modules(rows: number, stream: number): Slab {
  const calq = Array.from({ length: rows }, (_, row) =>
    charges(rng(SEED, stream * 100000 + row), row),
  ).flat();
  return { rows, calq: Float64Array.from(calq), labels: labelColumns(rows, rng(SEED + 1, stream)) };
}

function slabOf(...rows: number[][]): Slab {
  return { rows: rows.length, calq: Float64Array.from(rows.flat()), labels: new Map() };
}

/** A map of labels that remembers which were asked for. */
class WatchedLabels extends Map<Label, Float64Array> {
  readonly asked = new Set<Label>();
  override get(label: Label): Float64Array | undefined {
    this.asked.add(label);
    return super.get(label);
  }
}

const declared = (codec: OpenCodec, slab: Slab): Slab["labels"] =>
  new Map([...slab.labels].filter(([label]) => codec.side.includes(label)));

const cases: [string, Codec, Parameters, number][] = [...codecs.values()].flatMap((codec) => {
  const variants = expandVariants(codec, {});
  const rows = Math.max(150, Math.ceil(ROWS_PER_CODEC / variants.length));
  return variants.map((parameters): [string, Codec, Parameters, number] => [
    codecLabel(codec, parameters),
    codec,
    parameters,
    rows,
  ]);
});

it("finds codecs", () => {
  expect(codecs.size).toBeGreaterThanOrEqual(13);
  for (const [id, codec] of codecs) expect(codec.id).toBe(id);
});

describe.each(cases)("%s", (label, codec, parameters, rows) => {
  let open: OpenCodec;
  let slab: Slab;
  let encoded: Encoded;
  let restored: Float64Array;

  beforeAll(async () => {
    open = await codec.open(parameters, kernels);
    slab = modules(
      rows,
      cases.findIndex(([name]) => name === label),
    );
    encoded = await encode(open, slab);
    restored = await open.decode(new BitReader(encoded.bytes), rows, declared(open, slab));
  });

  it("has one label for one meaning", async () => {
    expect(open.label).toBe(label);
    const spec = parseCodecSpec(label);
    expect((await codec.open(readParameters(codec, spec.given), kernels)).label).toBe(label);
    expect(open.links).toBe(parameters.links);
  });

  it("states a cost of whole numbers", () => {
    for (const count of Object.values(open.cost)) {
      expect(Number.isSafeInteger(count)).toBe(true);
      expect(count).toBeGreaterThanOrEqual(0);
    }
  });

  it("writes the same bytes twice", async () => {
    const again = await encode(open, slab);
    expect(again.bytes).toEqual(encoded.bytes);
    expect(again.bits).toEqual(encoded.bits);
  });

  it("counts every bit it writes", () => {
    expect(encoded.bits).toHaveLength(rows);
    expect(encoded.bits.reduce((sum, bits) => sum + bits, 0)).toBe(encoded.position);
    expect(Math.min(...encoded.bits)).toBeGreaterThanOrEqual(12);
  });

  it("appends to what a writer already holds", async () => {
    const writer = new BitWriter();
    writer.write(5, 3);
    await open.encode(slab, writer);
    const reader = new BitReader(writer.toBytes());
    expect(reader.read(3)).toBe(5);
    expect(await open.decode(reader, rows, declared(open, slab))).toEqual(restored);
  });

  it("reads exactly the bits it wrote", async () => {
    const reader = new BitReader(encoded.bytes);
    await open.decode(reader, rows, declared(open, slab));
    expect(reader.position).toBe(encoded.position);
  });

  it("restores finite charges >= 0, 48 for each module", () => {
    expect(restored).toHaveLength(rows * CELLS);
    expect(restored.findIndex((charge) => !(charge >= 0 && charge < Infinity))).toBe(-1);
  });

  it("restores a module whatever follows it", async () => {
    for (const few of [0, 1, 2, 7]) {
      const first = sliceRows(slab, 0, few);
      const alone = await encode(open, first);
      expect(alone.bits).toEqual(encoded.bits.slice(0, few));
      const both = [alone.bytes, encoded.bytes];
      for (const bytes of both) {
        const out = await open.decode(new BitReader(bytes), few, declared(open, first));
        expect(out).toEqual(restored.slice(0, few * CELLS));
      }
    }
  });

  it("keeps empty modules empty", async () => {
    const empty = slabOf(...Array.from({ length: 3 }, () => new Array<number>(CELLS).fill(0)));
    const { bytes } = await encode(open, empty);
    expect(await open.decode(new BitReader(bytes), 3, new Map())).toEqual(new Float64Array(3 * CELLS));
  });

  it("takes one cell anywhere, and saturating modules", async () => {
    const single = Array.from({ length: CELLS }, (_, cell) =>
      Array.from({ length: CELLS }, (_unused, i) => (i === cell ? 100 : 0)),
    );
    const full = [262143, 262144, LARGEST].map((charge) => new Array<number>(CELLS).fill(charge));
    const { bytes } = await encode(open, slabOf(...single, ...full));
    const out = await open.decode(new BitReader(bytes), CELLS + 3, new Map());
    expect(out.findIndex((charge) => !(charge >= 0 && charge < Infinity))).toBe(-1);
  });

  it("refuses what is no charge, with its row and cell", async () => {
    const bad = [NaN, -1, Infinity, ...(open.integersOnly ? [0.5, LARGEST + 1] : [])];
    for (const charge of bad) {
      const good = new Array<number>(CELLS).fill(3);
      const attempt = encode(open, slabOf(good, good.with(7, charge)));
      await expect(attempt).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(/^row 1: CALQ_7: expected .*, got /);
    }
  });

  it("refuses every truncation", async () => {
    const few = sliceRows(slab, 0, 9);
    const { bytes } = await encode(open, few);
    const attempt = async (length: number): Promise<unknown> =>
      open.decode(new BitReader(bytes.slice(0, length)), 9, declared(open, few));
    for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 97)))
      await expect(attempt(length), `length ${length}`).rejects.toThrow(InputError);
    await expect(attempt(bytes.length - 1)).rejects.toThrow(InputError);
  });

  it("refuses absurd row counts before it allocates", async () => {
    for (const count of [2 ** 40, 2 ** 53, -1, NaN, 1.5]) {
      const attempt = async (): Promise<unknown> =>
        open.decode(new BitReader(encoded.bytes), count, new Map());
      await expect(attempt(), `rows ${count}`).rejects.toThrow(InputError);
    }
  });

  it("makes charges or a refusal of random bytes", async () => {
    let refused = 0;
    for (let trial = 0; trial < 60; trial++) {
      const random = rng(SEED + 2, trial);
      const bytes = Uint8Array.from({ length: 600 }, () => random.integer(256));
      bytes[0] &= trial % 2 === 0 ? 0x07 : 0xff; // half of them begin with a valid header
      try {
        const out = await open.decode(new BitReader(bytes), 1, new Map());
        expect(out.findIndex((charge) => !(charge >= 0 && charge < Infinity))).toBe(-1);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("looks at no label but those it declares", async () => {
    const forEncode = new WatchedLabels(slab.labels);
    await encode(open, { ...slab, labels: forEncode });
    const forDecode = new WatchedLabels(slab.labels);
    const out = await open.decode(new BitReader(encoded.bytes), rows, forDecode);
    expect(out).toEqual(restored);
    for (const asked of [...forEncode.asked, ...forDecode.asked]) expect(open.side).toContain(asked);
  });

  if (!LOSSLESS.has(codec.id)) return;
  it("restores every charge exactly", async () => {
    expect(restored).toEqual(slab.calq);
    const row = Array.from(
      { length: CELLS },
      (_, i) => [0.1, -0, 5e-324, Number.MAX_VALUE, 2 ** 53, 7, 1 / 3][i % 7],
    );
    const mixed = slabOf(
      row,
      row.map(Math.floor),
      new Array<number>(CELLS).fill(2 ** 32),
      new Array<number>(CELLS).fill(-0),
    );
    const { bytes } = await encode(open, mixed);
    const out = await open.decode(new BitReader(bytes), 4, new Map());
    expect(out.every((charge, i) => Object.is(charge, mixed.calq[i]))).toBe(true);
  });
});
