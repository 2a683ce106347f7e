// The yardstick is the chip's own network, and every codec of ours says what its encoder costs against it.
import { describe, expect, it } from "vitest";
import { addCosts, FREE, isUnlimited, YARDSTICK } from "../../harness/core/encodercost.js";
import type { Codec, EncoderCost, Parameters } from "../../harness/core/codec.js";
import { codecs } from "../../harness/engine/plugins.generated.js";
import { loadZoo } from "../../harness/engine/zoo.js";
import { loadZooCodecs } from "../../harness/engine/zoocodecs.js";
import { ENCODER_STRIDE } from "../../harness/models/catalogue.js";
import { plan } from "../../harness/models/network.js";
import { comparisonsOf } from "../../harness/models/networkcost.js";

const zoo = await loadZoo();
/** Of the chip's architecture. */
const AUTOENCODER = [...zoo.keys()].find((id) => id.includes("stride")) ?? "";
const known = new Map<string, Codec>([...codecs, ...zoo, ...(await loadZooCodecs())]);

async function costOf(start: string, parameters: Parameters): Promise<EncoderCost> {
  const codec = [...known.values()].find(({ id }) => id.startsWith(start));
  if (codec === undefined) throw new RangeError(start);
  const kernels = { call: () => Promise.reject(new Error("not needed")) };
  return (await codec.open(parameters, kernels)).cost;
}

describe("the yardstick", () => {
  it("is the chip's network", () => {
    const chip = plan(ENCODER_STRIDE);
    expect(YARDSTICK).toEqual({
      multiplyAccumulates: chip.multiplyAccumulates,
      comparisons: comparisonsOf(chip),
      parameters: chip.parameters,
      weightBits: 6 * chip.parameters,
    });
    expect(YARDSTICK.weightBits).toBe(12_864);
  });

  it("is not over itself, and one bit more is", () => {
    expect(isUnlimited(YARDSTICK)).toBe(false);
    expect(isUnlimited(addCosts(YARDSTICK, { weightBits: 1 }))).toBe(true);
    expect(addCosts(YARDSTICK, FREE)).toEqual(YARDSTICK);
  });
});

describe("codecs against the yardstick", () => {
  it("holds the network in integers, and marks it in float", async () => {
    expect(await costOf(AUTOENCODER, { links: 2 })).toEqual(YARDSTICK);
    expect(isUnlimited(await costOf(AUTOENCODER, { links: 2, encoder: "float" }))).toBe(true);
    expect(isUnlimited(await costOf("ae-residual", { links: 5 }))).toBe(false);
  });

  it("counts what stands beside a network", async () => {
    expect((await costOf("hybrid-", { links: 2 })).weightBits).toBe(13_056);
    expect(isUnlimited(await costOf("hybrid-", { links: 2 }))).toBe(true);
    expect(isUnlimited(await costOf("ae-coded-", { links: 5 }))).toBe(true);
  });

  it("counts the decoder of encoders that hold one", async () => {
    for (const [start, option] of [
      ["hybrid-", { choice: "oracle" }],
      ["ae-residual-", { cells: "residual" }],
    ] as const) {
      const plain = await costOf(start, { links: 3 });
      const holding = await costOf(start, { links: 3, ...option });
      expect(holding.multiplyAccumulates).toBeGreaterThan(2 * plain.multiplyAccumulates);
      expect(holding.weightBits).toBeGreaterThan(2 * plain.weightBits);
    }
  });

  it.each([
    ["pca-8", [2, 3, 4, 5], []],
    ["pca-16", [2], [3, 4, 5]],
    ["pca-32", [], [3, 4, 5]],
    ["vq", [2, 3, 4, 5], []],
    ["quanta", [2, 3, 4, 5], []],
    ["best-choice", [2, 3, 4, 5], []],
  ])("%s: a chip could hold it at %j links, not at %j", async (id, holds, not) => {
    for (const links of holds) expect(isUnlimited(await costOf(id, { links }))).toBe(false);
    for (const links of not) expect(isUnlimited(await costOf(id, { links }))).toBe(true);
  });
});
