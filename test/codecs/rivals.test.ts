// The classical rivals: bits that follow reverse water-filling, codebooks that are shares, allocations that both sides agree on,
// tables within what the costs say, and the order that they must keep: more bits, less EMD.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allocateBits, componentBits, MOST_BITS } from "../../harness/codecs/pcaformat.js";
import { LEVELS, MEAN, VARIANCES, WEIGHTS } from "../../harness/codecs/pcatables.js";
import { allocate, DEPTHS, pathBits } from "../../harness/codecs/vqformat.js";
import { CELL_TREE, GAINS, GROUP_TREE, THIRD_BITS, THIRD_TREE } from "../../harness/codecs/vqtables.js";
import { CENTROID_ONE, QuantiserTree } from "../../harness/codecs/vqtree.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { CELLS, type Slab } from "../../harness/core/table.js";
import { makeVariant } from "../../harness/engine/datasets.js";
import { metric as emd } from "../../harness/metrics/emd.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";
import { module, openCodec, runCodec } from "./codecrun.js";

/** The ECON-T's autoencoder: 2144 weights of 6 bits. */
const YARDSTICK_BITS = 2144 * 6;

describe("pca-<k>", () => {
  it("has ascending levels for each component, and variances that descend but for rounding of the weights", () => {
    expect(MEAN).toHaveLength(CELLS);
    expect(WEIGHTS).toHaveLength(LEVELS.length);
    LEVELS.forEach((levels) => {
      expect(levels).toHaveLength(2 ** (MOST_BITS + 1) - 2);
      for (let bits = 1; bits <= MOST_BITS; bits++) {
        const of = levels.slice(2 ** bits - 2, 2 ** (bits + 1) - 2);
        expect(of.every((level, k) => k === 0 || level > of[k - 1])).toBe(true);
      }
    });
    VARIANCES.forEach((variance, k) => {
      expect(variance).toBeLessThan(1.05 * (VARIANCES[k - 1] ?? Infinity));
    });
  });

  it("gives bits by reverse water-filling: what is left of the variances is level", () => {
    for (const links of [1, 2, 3, 4, 5]) {
      const bits = componentBits(32, links);
      expect(bits.reduce((sum, width) => sum + width, 0)).toBe(32 * links - 12);
      const left = bits.map((width, k) => VARIANCES[k] / 4 ** width);
      const highest = Math.max(...left);
      bits.forEach((width, k) => {
        if (width > 0) expect(4 * left[k]).toBeGreaterThanOrEqual(highest);
      });
    }
    expect(allocateBits(2, 100)).toEqual([MOST_BITS, MOST_BITS]);
  });

  it("costs a table that a chip can hold at two links, and says where it does not", async () => {
    for (const id of ["pca-8", "pca-16", "pca-32"]) {
      expect((await openCodec(`${id}:links=2`)).cost.weightBits).toBeLessThanOrEqual(YARDSTICK_BITS);
    }
    expect((await openCodec("pca-32:links=5")).cost.weightBits).toBeGreaterThan(YARDSTICK_BITS);
  });
});

describe("vq", () => {
  const trees = [
    [THIRD_TREE, 3, DEPTHS.thirds],
    [GROUP_TREE, 4, DEPTHS.groups],
    [CELL_TREE, 4, DEPTHS.cells],
  ] as const;

  it("has centroids that are shares, and gains that never grow", () => {
    for (const [tree, size, depth] of trees) {
      expect(tree).toHaveLength((2 ** (depth + 1) - 1) * size);
      expect(Math.min(...tree)).toBeGreaterThanOrEqual(0);
      for (let at = 0; at < tree.length; at += size)
        expect(tree.slice(at, at + size).reduce((sum, share) => sum + share, 0)).toBe(CENTROID_ONE);
    }
    for (const gains of GAINS)
      expect(gains.every((gain, k) => gain > 0 && gain <= (gains[k - 1] ?? Infinity))).toBe(true);
    THIRD_BITS.forEach((bits, k) => {
      expect(bits).toBeLessThanOrEqual(pathBits(k + 1));
    });
  });

  it("walks to the nearer child at every step", () => {
    const tree = new QuantiserTree(4, CELL_TREE);
    const energies = Float64Array.of(900, 40, 300, 5);
    const total = energies.reduce((sum, energy) => sum + energy, 0);
    const distance = (depth: number, path: number): number =>
      energies.reduce(
        (sum, energy, i) => sum + (energy / total - tree.share(depth, path, i) / CENTROID_ONE) ** 2,
        0,
      );
    const path = tree.encode(energies, 0, DEPTHS.cells);
    for (let depth = 1; depth <= DEPTHS.cells; depth++) {
      const taken = path >> (DEPTHS.cells - depth);
      expect(distance(depth, taken)).toBeLessThanOrEqual(distance(depth, taken ^ 1));
    }
  });

  it("spends bits where energy times gain is largest, lower paths first", () => {
    const depths = new Uint8Array(3);
    expect(allocate([4, 1, 4], [8, 1], 2, 3, depths)).toBe(3);
    expect([...depths]).toEqual([1, 1, 1]);
    expect(allocate([4, 0, 4], [8, 1], 2, 9, depths)).toBe(4);
    expect([...depths]).toEqual([2, 0, 2]);
  });

  it("fits its links and the chip's table at every link count", async () => {
    for (const links of [1, 2, 3, 4, 5]) {
      const rows = [module({ 3: 700 }), module({ 0: 5, 17: 60, 40: 9 }), new Array<number>(CELLS).fill(9)];
      const { bits } = await runCodec(`vq:links=${links}`, rows);
      expect(Math.max(...bits)).toBeLessThanOrEqual(32 * links);
      expect((await openCodec(`vq:links=${links}`)).cost.weightBits).toBeLessThanOrEqual(YARDSTICK_BITS);
    }
  });

  it("puts a single cell's charge where it is, to the resolution of its centroids", async () => {
    for (const cell of [0, 21, 47]) {
      const { restored } = await runCodec("vq:links=2", [module({ [cell]: 1000 })]);
      expect(restored[0].indexOf(Math.max(...restored[0]))).toBe(cell);
      expect(restored[0].reduce((sum, charge) => sum + charge, 0)).toBeCloseTo(992, 6); // the middle of 960..1023
    }
  });
});

let pool: Pool;
beforeAll(async () => {
  pool = await openPool({ threads: 1 });
});
afterAll(() => pool.close());

async function meanDistance(table: Slab, spec: string): Promise<number> {
  const open = await openCodec(spec);
  const writer = new BitWriter();
  await open.encode(table, writer);
  const calq = await open.decode(new BitReader(writer.toBytes()), table.rows, new Map());
  const found = (await emd.of(table, { ...table, calq }, pool)).filter((distance) => !Number.isNaN(distance));
  return found.reduce((sum, distance) => sum + distance, 0) / found.length;
}

it("loses less with more links, and vector quantisation less than principal components", async () => {
  const table = await makeVariant("hgcal-ttbar-200pu", 400, 977);
  const vq: number[] = [];
  for (const links of [1, 2, 3]) {
    vq.push(await meanDistance(table, `vq:links=${links}`));
    expect(vq.at(-1)).toBeLessThan(await meanDistance(table, `pca-32:links=${links}`));
  }
  expect(vq[1]).toBeLessThan(0.7 * vq[0]);
  expect(vq[2]).toBeLessThan(vq[1]);
  expect(vq[1]).toBeLessThan(await meanDistance(table, "best-choice:links=2"));
});
