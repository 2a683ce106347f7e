// The yardstick is the chip's own network, and every codec of ours says what its encoder costs against it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addCosts, FREE, isUnlimited, YARDSTICK } from "../../harness/core/encodercost.js";
import type { Codec, EncoderCost, Parameters } from "../../harness/core/codec.js";
import { codecs } from "../../harness/engine/plugins.generated.js";
import { loadZoo } from "../../harness/engine/zoo.js";
import { FITTED_TRAINING, loadZooCodecs } from "../../harness/engine/zoocodecs.js";
import { ENCODER_POOL, ENCODER_STRIDE, jetNetwork } from "../../harness/models/catalogue.js";
import { plan } from "../../harness/models/network.js";
import { comparisonsOf } from "../../harness/models/networkcost.js";

const zoo = await loadZoo();
/** Of the chip's architecture. */
const AUTOENCODER = `ae-${FITTED_TRAINING}`;
const known = new Map<string, Codec>([...codecs, ...zoo, ...(await loadZooCodecs())]);

async function costOf(start: string, parameters: Parameters): Promise<EncoderCost> {
  const codec = [...known.values()].find(({ id }) => id.startsWith(start));
  if (codec === undefined) throw new RangeError(start);
  const kernels = { call: () => Promise.reject(new Error("not needed")) };
  return (await codec.open(parameters, kernels)).cost;
}

const LINKS = [2, 3, 4, 5];
const numberIn = (cell: string): number => Number(cell.replaceAll(",", ""));

/** Rows of the table "Encoder cost": encoders, links, multiply-accumulates, comparisons, parameters, bits, mark. */
const DOCUMENTED = readFileSync(new URL("../../docs/codecs.md", import.meta.url), "utf8")
  .split("### Encoder cost")[1]
  .split("### ")[0]
  .split("\n")
  .filter((line) => /^\|.*\d/.test(line))
  .map((line) => {
    const [names, links, ...cells] = line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim());
    const [multiplyAccumulates, comparisons, parameters, weightBits] = cells.slice(0, 4).map(numberIn);
    return {
      encoders: [...names.matchAll(/`([a-z0-9-]+)(?:<training>)?`/g)].map(([, start]) =>
        start === "ae-" ? AUTOENCODER : start,
      ),
      links: /^\d$/.test(links) ? [Number(links)] : LINKS,
      cost: { multiplyAccumulates, comparisons, parameters, weightBits },
      mark: cells[4] === "∞",
    };
  });

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

describe("comparisons of a network", () => {
  it.each([
    // 8x8x8 rectified, 4x4x8 of four pooled, 16 rectified.
    [ENCODER_POOL, 512 + 3 * 128 + 16],
    // 4x4x8 and 16 rectified.
    [ENCODER_STRIDE, 128 + 16],
    [jetNetwork("leaky", [4, 9, 3], "leaky-relu", false), 9],
    [jetNetwork("curved", [4, 9, 3], "tanh", false), 0],
  ])("of $id are %i", (network, comparisons) => {
    expect(comparisonsOf(plan(network))).toBe(comparisons);
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

  it("says in docs/codecs.md what the codecs declare", async () => {
    expect(DOCUMENTED.length).toBeGreaterThan(15);
    for (const { encoders, links, cost, mark } of DOCUMENTED) {
      for (const encoder of encoders) {
        for (const count of links) {
          const found = await costOf(encoder, { links: count });
          expect({ encoder, count, ...found }).toEqual({ encoder, count, ...cost });
          expect({ encoder, count, mark: isUnlimited(found) }).toEqual({ encoder, count, mark });
        }
      }
    }
  });
});
