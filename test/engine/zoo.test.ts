/** The models that come with the package: whole, on the chip's grid, within their links, and with the command that made them. */
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { CELLS } from "../../harness/core/table.js";
import { makeDataset } from "../../harness/engine/datasets.js";
import { zooFiles } from "../../harness/engine/plugins.generated.js";
import { loadZoo } from "../../harness/engine/zoo.js";
import { readPackageFile } from "../../harness/io/packagefiles.js";
import { refusal } from "../io/temporary.js";
import { releaseKernels } from "../wasm/releasekernels.js";

const zoo = await loadZoo();
const table = await makeDataset("hgcal-electron-200pu", "smoke");
const slab = { rows: 60, calq: table.calq.slice(0, 60 * CELLS), labels: table.labels };

async function roundTrip(id: string, parameters: Record<string, string | number>) {
  const codec = zoo.get(id);
  if (codec === undefined) throw new RangeError(id);
  const open = await codec.open(parameters, releaseKernels);
  const writer = new BitWriter();
  const bits = await open.encode(slab, writer);
  const restored = await open.decode(new BitReader(writer.toBytes()), slab.rows, new Map());
  return { open, bits, restored };
}

const sumOf = (charges: Float64Array, row: number): number =>
  charges.subarray(row * CELLS, (row + 1) * CELLS).reduce((sum, charge) => sum + charge, 0);

describe("the zoo", () => {
  it("has a codec for each training, with the command that makes its weights again", async () => {
    expect(zoo.size).toBeGreaterThan(0);
    for (const file of zooFiles) {
      const { training } = JSON.parse(await readPackageFile(`zoo/${file}`)) as {
        training: { command: string; data: { id: string } };
      };
      expect(training.command).toMatch(
        /^wafermark train --recipe [a-z0-9-]+ --links [2-5]( --[a-z]+ [0-9.]+)*$/,
      );
      expect(training.data.id).toMatch(/^hgcal-/);
    }
  });

  it("fits its links with header and sum, on 6-bit weights", async () => {
    for (const [id, codec] of zoo)
      for (const parameters of codec.variants()) {
        const { open, bits } = await roundTrip(id, { links: Number(parameters.links) });
        expect(Math.max(...bits)).toBeLessThanOrEqual(32 * Number(parameters.links));
        expect(open.cost.weightBits).toBe(6 * open.cost.parameters);
      }
  });

  it("gives whole counts with the sum that was sent, and keeps it when cells are dropped", async () => {
    const [id] = zoo.keys();
    const plain = await roundTrip(id, { output: "float" });
    const usual = await roundTrip(id, {});
    const whole = await roundTrip(id, { suppress: 0.1, suppressed: "kept" });
    const lossy = await roundTrip(id, { suppress: 0.5 });
    const single = await roundTrip(id, { suppress: 1000, suppressed: "kept" });
    expect(plain.restored.every(Number.isInteger)).toBe(false);
    for (const { restored } of [usual, whole]) expect(restored.every(Number.isInteger)).toBe(true);
    let lost = 0;
    for (let row = 0; row < slab.rows; row++) {
      const sum = sumOf(plain.restored, row);
      for (const { restored } of [usual, whole])
        expect(Math.abs(sumOf(restored, row) - sum)).toBeLessThanOrEqual(0.5 + 1e-9);
      if (sumOf(lossy.restored, row) < sum - 1) lost++;
      expect(Math.abs(sumOf(single.restored, row) - sum)).toBeLessThanOrEqual(0.5 + 1e-9);
    }
    expect(lost).toBeGreaterThan(0);
  });

  it("sends the module sum exactly on request, and counts its bits", async () => {
    const [id] = zoo.keys();
    const coded = await roundTrip(id, { output: "integer" });
    const exact = await roundTrip(id, { output: "integer", sum: "exact" });
    expect(exact.bits.every((bits, row) => bits === coded.bits[row] + 28 - 9)).toBe(true);
    let differing = 0;
    for (let row = 0; row < slab.rows; row++) {
      expect(sumOf(exact.restored, row)).toBe(sumOf(slab.calq, row));
      if (sumOf(coded.restored, row) !== sumOf(slab.calq, row)) differing++;
    }
    expect(differing).toBeGreaterThan(0);
  });

  it("refuses more modules than there are bits before it makes room for them", async () => {
    const [codec] = zoo.values();
    const open = await codec.open({}, releaseKernels);
    const decode = async (): Promise<unknown> =>
      open.decode(new BitReader(new Uint8Array(8)), 2 ** 40, new Map());
    expect((await refusal(decode)).message).toMatch(/row count: expected at most one per bit of 64/);
  });

  it("refuses a file of another name", async () => {
    expect((await refusal(() => loadZoo(["x.json"]))).message).toMatch(/^zoo\/x.json: name: expected/);
  });
});
