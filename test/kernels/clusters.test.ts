/** The clustering kernels against references, recorded scikit-learn, SciPy and NumPy results, their laws and their refusals. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KernelError } from "../../harness/core/errors.js";
import type { Buffers, Dims, Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { firstDifference } from "../../harness/engine/agreejudge.js";
import { kernel as clue } from "../../harness/kernels/clue.js";
import { kernel as dbscan } from "../../harness/kernels/dbscan.js";
import { kernel as nearestSeed } from "../../harness/kernels/nearest-seed.js";
import { pointCloud, reordered, shuffled } from "../../harness/kernels/pointclouds.js";
import { kernel as seeding } from "../../harness/kernels/seeding.js";
import { createHost } from "../../harness/wasm/host.js";
import { oracleCloud, type CloudSpec } from "../oracles/clusters/clouds.js";

/** Seeds per small shape: enough to meet every family of clouds. */
const CASES = 24;
const KERNELS = [clue, dbscan, nearestSeed, seeding];
const [release, scalar, debug] = ["release", "scalar", "debug"].map((build) => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation: true });
});

function complaints(kernel: Kernel, inputs: Buffers, outputs: Buffers, dims: Dims): string[] {
  return kernel.laws.flatMap((law) => law.broken(inputs, outputs, dims) ?? []);
}

function refusal(kernel: Kernel, inputs: Buffers, dims: Dims): string {
  try {
    release.call(kernel, inputs, dims);
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
  return "ok";
}

function withValue(inputs: Buffers, name: string, at: number, value: number): Buffers {
  const values = inputs[name].slice();
  values[at] = value;
  return { ...inputs, [name]: values };
}

describe("clustering kernels: agreement", () => {
  for (const kernel of KERNELS) {
    it(`${kernel.id} gives the reference's outputs to the bit on all builds and keeps its laws`, () => {
      for (const [i, dims] of kernel.shapes.entries()) {
        const cases = dims.n > 1000 ? 1 : CASES;
        for (let seed = 0; seed < cases; seed++) {
          const inputs = kernel.generate(dims, rng(70 + seed, i));
          const expected = kernel.reference(inputs, dims);
          expect(complaints(kernel, inputs, expected, dims)).toEqual([]);
          const outputs = release.call(kernel, inputs, dims);
          expect(
            firstDifference(kernel, outputs, expected),
            `${JSON.stringify(dims)} seed ${seed}`,
          ).toBeUndefined();
          expect(firstDifference(kernel, scalar.call(kernel, inputs, dims), expected)).toBeUndefined();
          expect(firstDifference(kernel, debug.call(kernel, inputs, dims), expected)).toBeUndefined();
        }
      }
    });
  }

  it("meets every family of clouds", () => {
    const seen = new Set(
      Array.from({ length: CASES }, (_, seed) => pointCloud(400, rng(70 + seed, 1)).cloud),
    );
    expect([...seen].sort()).toEqual(["event", "far", "heap", "lattice", "line", "sparse"]);
  });
});

/** The same partition under other names: which points are together, which are alone. */
function renamed(labels: ArrayLike<number>): number[] {
  const names = new Map<number, number>([[-1, -1]]);
  return Array.from(labels, (label) => {
    if (!names.has(label)) names.set(label, names.size - 1);
    return names.get(label) ?? -1;
  });
}

/** Values by place, weight and layer of their points, sorted: points that are alike in all of these stand for each other. */
function byPlace(
  values: ArrayLike<number>,
  { points, weights, layer }: Buffers,
  order: Int32Array,
): string[] {
  return Array.from(
    order,
    (i, k) => `${points[2 * i]} ${points[2 * i + 1]} ${weights[i]} ${layer[i]} ${values[k]}`,
  ).sort();
}

describe("clustering kernels: the order of the points does not matter", () => {
  const shapes = [400, 123, 30];

  it("to CLUE: densities, links and clusters move with the points", () => {
    for (const [i, n] of shapes.entries()) {
      for (let seed = 0; seed < 12; seed++) {
        const dims = { n, layers: 2 };
        const inputs = clue.generate(dims, rng(90 + seed, i));
        const order = shuffled(n, rng(seed, 5));
        const outputs = release.call(clue, inputs, dims);
        const moved = release.call(
          clue,
          {
            ...inputs,
            points: reordered(inputs.points as Float32Array, order, 2),
            weights: reordered(inputs.weights as Float32Array, order, 1),
            layer: reordered(inputs.layer as Uint8Array, order, 1),
          },
          dims,
        );
        expect(moved.density).toEqual(reordered(outputs.density as Float64Array, order, 1));
        expect(byPlace(moved.separation, inputs, order)).toEqual(
          byPlace(reordered(outputs.separation as Float64Array, order, 1), inputs, order),
        );
        expect(moved.clusters).toEqual(outputs.clusters);
        expect(renamed(moved.labels)).toEqual(renamed(reordered(outputs.labels as Int32Array, order, 1)));
      }
    }
  });

  it("to DBSCAN: core points and noise move, core points stay together", () => {
    for (const [i, n] of shapes.entries()) {
      for (let seed = 0; seed < 12; seed++) {
        const dims = { n, least: 4 };
        const inputs = dbscan.generate(dims, rng(90 + seed, i));
        const order = shuffled(n, rng(seed, 5));
        const outputs = release.call(dbscan, inputs, dims);
        const points = reordered(inputs.points as Float32Array, order, 2);
        const moved = release.call(dbscan, { ...inputs, points }, dims);
        const core = reordered(outputs.core as Uint8Array, order, 1);
        const labels = reordered(outputs.labels as Int32Array, order, 1);
        expect(moved.core).toEqual(core);
        expect(moved.clusters).toEqual(outputs.clusters);
        expect(Array.from(moved.labels, (label) => label < 0)).toEqual(
          Array.from(labels, (label) => label < 0),
        );
        const ofCores = (all: ArrayLike<number>): number[] => Array.from(all).filter((_, k) => core[k] === 1);
        expect(renamed(ofCores(moved.labels))).toEqual(renamed(ofCores(labels)));
      }
    }
  });

  it("to seeding: the same bins with the same contents", () => {
    for (let seed = 0; seed < 12; seed++) {
      const dims = { n: 400, size: 48, limit: 600, wants: 1 };
      const inputs = seeding.generate(dims, rng(90 + seed));
      const order = shuffled(dims.n, rng(seed, 5));
      const outputs = release.call(seeding, inputs, dims);
      const moved = release.call(
        seeding,
        {
          ...inputs,
          points: reordered(inputs.points as Float32Array, order, 2),
          weights: reordered(inputs.weights as Float32Array, order, 1),
          part: reordered(inputs.part as Uint8Array, order, 1),
        },
        dims,
      );
      expect({ ...moved, seeds: null }).toEqual({ ...outputs, seeds: null });
      moved.seeds.forEach((value: number, k: number) => {
        expect(Math.abs(value - outputs.seeds[k])).toBeLessThan(1e-13);
      });
    }
  });
});

interface Recorded extends CloudSpec {
  readonly dbscan: readonly { radius: number; least: number; labels: number[]; core: number[] }[];
  readonly nearest: readonly { radius: number; seed: number[]; distance: (number | null)[] }[];
  readonly seeding: readonly {
    size: number;
    threshold: number;
    bins: number[];
    content: number[];
    sum: number;
  }[];
}

const { clouds } = JSON.parse(
  readFileSync(new URL("../oracles/clusters/expected.json", import.meta.url), "utf8"),
) as { clouds: Recorded[] };

describe.each(clouds)("recorded cloud $name", (recorded) => {
  const { points, weights, part } = oracleCloud(recorded);
  const n = recorded.points;

  it("has scikit-learn's DBSCAN labels and core points", () => {
    expect(recorded.dbscan.length).toBeGreaterThan(0);
    for (const { radius, least, labels, core } of recorded.dbscan) {
      const outputs = release.call(dbscan, { points, radius: Float64Array.of(radius) }, { n, least });
      expect(Array.from(outputs.labels)).toEqual(labels);
      expect(Array.from(outputs.core)).toEqual(core);
    }
  });

  it("has the nearest seeds of SciPy's tree", () => {
    const third = 1 / (3 * recorded.pitch);
    const seeds = Float32Array.from(
      Array.from({ length: Math.ceil(n / 7) }, (_, s) => [
        points[14 * s] + third,
        points[14 * s + 1] + third,
      ]).flat(),
    );
    for (const { radius, seed, distance } of recorded.nearest) {
      const outputs = release.call(
        nearestSeed,
        { points, layer: new Uint8Array(n), seeds, radius: Float64Array.of(radius) },
        { n, m: seeds.length / 2, layers: 1 },
      );
      expect(Array.from(outputs.seed)).toEqual(seed);
      outputs.seed.forEach((s: number, i: number) => {
        if (s < 0) return;
        const away = Math.hypot(seeds[2 * s] - points[2 * i], seeds[2 * s + 1] - points[2 * i + 1]);
        expect(Math.abs(away - (distance[i] ?? Infinity))).toBeLessThan(1e-12);
      });
    }
  });

  it("has the maxima of NumPy's smoothed histogram", () => {
    for (const { size, threshold, bins, content, sum } of recorded.seeding) {
      const outputs = release.call(
        seeding,
        { points, weights, part, parameters: Float64Array.of(0.6, threshold) },
        { n, size, limit: 64, wants: 1 },
      );
      expect(Array.from(outputs.bin.slice(0, outputs.count[0]))).toEqual(bins);
      content.forEach((value, s) => {
        expect(Math.abs(outputs.seeds[3 * s + 2] - value)).toBeLessThan(1e-12 * value);
      });
      let total = 0;
      for (const value of outputs.smoothed) total += value;
      expect(Math.abs(total - sum)).toBeLessThan(1e-12 * sum);
    }
  });
});

describe("clustering kernels: refusals", () => {
  const dims: Readonly<Record<string, Dims>> = {
    clue: { n: 30, layers: 2 },
    dbscan: { n: 30, least: 3 },
    "nearest-seed": { n: 30, m: 8, layers: 2 },
    seeding: { n: 30, size: 16, limit: 64, wants: 0 },
  };

  it.each(KERNELS.map((kernel) => [kernel.id, kernel] as const))(
    "%s refuses what is not finite",
    (id, kernel) => {
      const inputs = kernel.generate(dims[id], rng(1));
      const floats = Object.keys(kernel.inputs).filter((name) => kernel.inputs[name].dtype === "f32");
      expect(floats).toContain("points");
      for (const name of floats) {
        for (const bad of [NaN, Infinity, -Infinity]) {
          for (const at of [0, inputs[name].length - 1])
            expect(refusal(kernel, withValue(inputs, name, at, bad), dims[id])).toMatch(
              /got non-finite value/,
            );
        }
      }
    },
  );

  it.each([
    ["clue", "weights"],
    ["seeding", "weights"],
  ])("%s refuses negative %s", (id, name) => {
    const kernel = KERNELS.find((one) => one.id === id) ?? clue;
    const inputs = kernel.generate(dims[id], rng(1));
    expect(refusal(kernel, withValue(inputs, name, 3, -1), dims[id])).toMatch(/got negative value/);
  });

  it.each([
    ["dbscan", "radius", 0, 0],
    ["dbscan", "radius", 0, NaN],
    ["dbscan", "radius", 0, 1e-13],
    ["dbscan", "radius", 0, 1e13],
    ["clue", "parameters", 0, -1],
    ["clue", "parameters", 1, NaN],
    ["clue", "parameters", 2, -1],
    ["clue", "parameters", 3, 1e6],
    ["clue", "layer", 5, 2],
    ["nearest-seed", "radius", 1, NaN],
    ["nearest-seed", "layer", 29, 2],
    ["seeding", "parameters", 0, 0],
    ["seeding", "parameters", 1, 0],
  ])("%s refuses %s[%i] = %f", (id, name, at, value) => {
    const kernel = KERNELS.find((one) => one.id === id) ?? clue;
    const inputs = kernel.generate(dims[id], rng(1));
    expect(refusal(kernel, inputs, dims[id])).toBe("ok");
    expect(refusal(kernel, withValue(inputs, name, at, value), dims[id])).toMatch(/got bad shape/);
  });

  it("refuses a layer too many and more seeds than there is room for", () => {
    expect(refusal(clue, clue.generate({ n: 3, layers: 257 }, rng(1)), { n: 3, layers: 257 })).toMatch(
      /bad shape/,
    );
    const few = { n: 400, size: 96, limit: 1, wants: 0 };
    expect(refusal(seeding, seeding.generate(few, rng(4)), few)).toMatch(/bad shape/);
  });
});
