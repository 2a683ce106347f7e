/** The k-means kernels against plain Lloyd iterations, recorded scikit-learn results, their laws, ties and empty clusters. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KernelError } from "../../harness/core/errors.js";
import type { Buffers, Dims, Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { kernel as kmeans } from "../../harness/kernels/k-means.js";
import { kernel as seeds } from "../../harness/kernels/k-means-seeds.js";
import { eventPoints, someOf } from "../../harness/kernels/kmeanspoints.js";
import { createHost } from "../../harness/wasm/host.js";
import { oraclePoints } from "../oracles/kmeans/points.js";

const [release, scalar, debug] = ["release", "scalar", "debug"].map((build) => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation: true });
});

function complaints(kernel: Kernel, inputs: Buffers, outputs: Buffers, dims: Dims): string[] {
  return kernel.laws.flatMap((law) => law.broken(inputs, outputs, dims) ?? []);
}

function tagOf(kernel: Kernel, inputs: Buffers, dims: Dims): string {
  try {
    release.call(kernel, inputs, dims);
  } catch (error) {
    if (error instanceof KernelError) return error.message;
    throw error;
  }
  return "ok";
}

describe("k-means: agreement", () => {
  for (const kernel of [kmeans, seeds]) {
    it(`${kernel.id} agrees with its reference, keeps its laws, and all builds give the same bits`, () => {
      for (const [i, dims] of kernel.shapes.entries()) {
        for (let seed = 0; seed < 4; seed++) {
          const inputs = kernel.generate(dims, rng(70 + seed, i));
          const expected = kernel.reference(inputs, dims);
          const outputs = release.call(kernel, inputs, dims);
          expect(complaints(kernel, inputs, expected, dims)).toEqual([]);
          expect(complaints(kernel, inputs, outputs, dims)).toEqual([]);
          expect(kernel.agrees(outputs, expected, inputs, dims).ratio).toBeLessThanOrEqual(1);
          expect(scalar.call(kernel, inputs, dims)).toEqual(outputs);
          expect(debug.call(kernel, inputs, dims)).toEqual(outputs);
        }
      }
    });
  }

  interface Recorded extends Dims {
    readonly inertia: number;
    readonly iterations: number;
  }
  const { runs } = JSON.parse(
    readFileSync(new URL("../oracles/kmeans/expected.json", import.meta.url), "utf8"),
  ) as { runs: (Recorded & { name: string; labels: number[]; centres: number[] })[] };

  for (const run of runs) {
    it(`gives scikit-learn's labels: ${run.name}`, () => {
      const { points, dims, clusters, limit } = run;
      const data = oraclePoints(points, dims);
      const shape = { points, dims, clusters, limit };
      const outputs = release.call(kmeans, { data, start: data.slice(0, clusters * dims) }, shape);
      expect([...outputs.labels]).toEqual(run.labels);
      expect(outputs.iterations[0]).toBe(run.iterations);
      expect(Math.abs(outputs.inertia[0] / run.inertia - 1)).toBeLessThan(1e-11);
      expect(Math.max(...run.centres.map((x, i) => Math.abs(x - outputs.centres[i])))).toBeLessThan(1e-10);
    });
  }
});

describe("k-means: hard cases", () => {
  it("keeps its laws where many points are equally far from several centres", () => {
    for (let trial = 0; trial < 30; trial++) {
      const random = rng(75, trial);
      const shape = {
        points: 200,
        dims: 1 + random.integer(3),
        clusters: 1 + random.integer(12),
        limit: 100,
      };
      const data = Float64Array.from({ length: shape.points * shape.dims }, () => random.integer(4));
      const inputs = { data, start: data.slice(0, shape.clusters * shape.dims) };
      const outputs = release.call(kmeans, inputs, shape);
      expect(complaints(kmeans, inputs, outputs, shape)).toEqual([]);
      expect(scalar.call(kmeans, inputs, shape)).toEqual(outputs);
      expect(debug.call(kmeans, inputs, shape)).toEqual(outputs);
    }
  });

  it("gives the first of two equally near centres a point", () => {
    const inputs = { data: Float64Array.of(0, -1, 1), start: Float64Array.of(1, -1) };
    const { labels } = release.call(kmeans, inputs, { points: 3, dims: 1, clusters: 2, limit: 0 });
    expect([...labels]).toEqual([0, 1, 0]);
  });

  it("gives an empty cluster the furthest point, the first of equals", () => {
    const data = Float64Array.of(0, 0.1, 0.2, 9, 9.1, -8);
    const inputs = { data, start: Float64Array.of(0, 100, 9) };
    const shape = { points: 6, dims: 1, clusters: 3, limit: 50 };
    const outputs = release.call(kmeans, inputs, shape);
    expect([...outputs.labels]).toEqual([0, 0, 0, 2, 2, 1]);
    expect(kmeans.agrees(outputs, kmeans.reference(inputs, shape), inputs, shape).ratio).toBeLessThan(1);
  });

  it("leaves a centre where it is when all points are on others", () => {
    const inputs = { data: Float64Array.of(3, 3, 3, 3), start: Float64Array.of(3, 50) };
    const outputs = release.call(kmeans, inputs, { points: 4, dims: 1, clusters: 2, limit: 9 });
    expect([...outputs.centres]).toEqual([3, 50]);
    expect(outputs.inertia[0]).toBe(0);
  });

  it("finds what plain iterations find on an event, far from the origin too", () => {
    const points = 2000;
    const shape = { points, dims: 2, clusters: 30, limit: 20 };
    for (const offset of [0, 1e6]) {
      const data = eventPoints(points, rng(76)).map((x) => x + offset);
      const inputs = { data, start: someOf(data, 2, 30, rng(77)) };
      const outputs = release.call(kmeans, inputs, shape);
      expect([...outputs.labels]).toEqual([...kmeans.reference(inputs, shape).labels]);
    }
  });

  it("refuses more clusters than points, NaN, and squares that overflow", () => {
    const data = Float64Array.of(1, 2);
    expect(
      tagOf(kmeans, { data, start: new Float64Array(3) }, { points: 2, dims: 1, clusters: 3, limit: 1 }),
    ).toMatch(/bad shape/);
    const one = { points: 2, dims: 1, clusters: 1, limit: 1 };
    expect(tagOf(kmeans, { data: Float64Array.of(1, NaN), start: data.slice(1) }, one)).toMatch(/non-finite/);
    expect(tagOf(kmeans, { data: Float64Array.of(1e200, -1e200), start: data.slice(1) }, one)).toMatch(
      /non-finite/,
    );
  });
});
