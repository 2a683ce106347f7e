// Partial modules: what an autoencoder's receiver does with charge that falls where the module has no cell.
import { describe, expect, it } from "vitest";
import { createPresence } from "../../harness/codecs/missingcells.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { InputError } from "../../harness/core/errors.js";
import { CELLS, type Label, type Slab } from "../../harness/core/table.js";
import { findCodec } from "../../harness/core/parameters.js";
import { loadZoo } from "../../harness/engine/zoo.js";
import { FITTED_TRAINING } from "../../harness/engine/zoocodecs.js";
import { TRIGGER_LAYERS } from "../../harness/simulation/detector.js";
import { WaferLayer } from "../../harness/simulation/wafers.js";
import { releaseKernels } from "../wasm/releasekernels.js";

const [layer] = TRIGGER_LAYERS;
const { wafers } = new WaferLayer(layer);
const cellsOf = (present: Uint8Array): number => present.reduce((sum, has) => sum + has, 0);
const [partial] = wafers.filter(
  ({ present }) => cellsOf(present) >= CELLS / 3 && cellsOf(present) <= (2 * CELLS) / 3,
);
const [full] = wafers.filter((wafer) => !wafer.partial);
const codec = findCodec(`ae-${FITTED_TRAINING}`, await loadZoo());

function slabOf(calq: Float64Array, { u, v } = partial): Slab {
  const labels = new Map<Label, Float64Array>([
    ["layer", Float64Array.of(layer.number)],
    ["waferu", Float64Array.of(u)],
    ["waferv", Float64Array.of(v)],
  ]);
  return { rows: 1, calq, labels };
}

const charged = Float64Array.from(partial.present, (has, cell) => has * (40 + 7 * (cell % 5)));

async function restore(absent: string, slab = slabOf(charged)): Promise<Float64Array> {
  const open = await codec.open({ absent, output: "float" }, releaseKernels);
  expect(open.side).toEqual(absent === "unknown" ? [] : ["layer", "waferu", "waferv"]);
  const writer = new BitWriter();
  await open.encode(slab, writer);
  return open.decode(new BitReader(writer.toBytes()), 1, slab.labels);
}

const sumOf = (calq: Float64Array): number => calq.reduce((sum, charge) => sum + charge, 0);
const outside = (calq: Float64Array): number => sumOf(calq.filter((_, cell) => partial.present[cell] === 0));

describe("cells that a partial module lacks", () => {
  it("are known by layer and place; whole modules and rows without labels lack none", () => {
    const presence = createPresence();
    expect(presence(slabOf(charged).labels, 0)).toEqual(partial.present);
    expect(presence(slabOf(charged, full).labels, 0)).toBeUndefined();
    expect(presence(new Map(), 0)).toBeUndefined();
    expect(
      presence(
        new Map([
          ["layer", Float64Array.of(999)],
          ["waferu", Float64Array.of(0)],
          ["waferv", Float64Array.of(0)],
        ]),
        0,
      ),
    ).toBeUndefined();
  });

  it("keep charge, lose it, or give it to the cells that exist", async () => {
    const [unknown, lost, kept] = [await restore("unknown"), await restore("lost"), await restore("kept")];
    expect(outside(unknown)).toBeGreaterThan(0.01 * sumOf(unknown));
    expect(outside(lost)).toBe(0);
    expect(outside(kept)).toBe(0);
    expect(sumOf(lost)).toBeCloseTo(sumOf(unknown) - outside(unknown), 6);
    expect(sumOf(kept)).toBeCloseTo(sumOf(unknown), 6);
  });

  it("change nothing for whole modules", async () => {
    const slab = slabOf(new Float64Array(CELLS).fill(9), full);
    expect(await restore("kept", slab)).toEqual(await restore("unknown", slab));
  });

  it("are refused with charge in them: rows of another geometry", async () => {
    const calq = charged.map((charge, cell) => (partial.present[cell] === 0 ? 1 : charge));
    const cell = partial.present.indexOf(0);
    const refused = await restore("kept", slabOf(calq)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InputError);
    expect(refused).toMatchObject({
      message: `row 0: CALQ_${cell}: expected no charge where the simulated detector's partial module has no cell, got 1`,
      remedy: "absent=unknown for rows of another geometry",
    });
    expect(sumOf(await restore("unknown", slabOf(calq)))).toBeGreaterThan(0);
  });
});
