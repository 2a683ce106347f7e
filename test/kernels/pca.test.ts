/** The principal component kernels against references, recorded NumPy and scikit-learn results, their laws and bad shapes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KernelError } from "../../harness/core/errors.js";
import type { Buffers, Dims, Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { kernel as eigen, symmetric } from "../../harness/kernels/eigen.js";
import { kernel as merge } from "../../harness/kernels/merge-moments.js";
import { kernel as momentsF32 } from "../../harness/kernels/moments-f32.js";
import { kernel as momentsF64 } from "../../harness/kernels/moments-f64.js";
import { kernel as pcaF32 } from "../../harness/kernels/pca-f32.js";
import { kernel as pcaF64 } from "../../harness/kernels/pca-f64.js";
import { kernel as inverseF32 } from "../../harness/kernels/pca-inverse-f32.js";
import { kernel as inverseF64 } from "../../harness/kernels/pca-inverse-f64.js";
import { kernel as transformF32 } from "../../harness/kernels/pca-transform-f32.js";
import { kernel as transformF64 } from "../../harness/kernels/pca-transform-f64.js";
import { factorTable, familyTable, jacobi } from "../../harness/kernels/pcatable.js";
import { createHost } from "../../harness/wasm/host.js";
import { oracleTable, type TableSpec } from "../oracles/pca/tables.js";

const KERNELS = [
  pcaF32,
  pcaF64,
  eigen,
  momentsF32,
  momentsF64,
  merge,
  transformF32,
  transformF64,
  inverseF32,
  inverseF64,
];
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

/** Largest |a - b|. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (x, i) => Math.abs(x - b[i])).reduce((most, x) => Math.max(most, x), 0);
}

describe("principal components: agreement", () => {
  for (const kernel of KERNELS) {
    it(`${kernel.id} agrees with its reference, keeps its laws, and all builds give the same bits`, () => {
      for (const [i, dims] of kernel.shapes.entries()) {
        for (let seed = 0; seed < 3; seed++) {
          const inputs = kernel.generate(dims, rng(50 + seed, i));
          const expected = kernel.reference(inputs, dims);
          expect(complaints(kernel, inputs, expected, dims)).toEqual([]);
          const outputs = release.call(kernel, inputs, dims);
          expect(complaints(kernel, inputs, outputs, dims)).toEqual([]);
          expect(kernel.agrees(outputs, expected, inputs, dims).ratio).toBeLessThanOrEqual(1);
          expect(scalar.call(kernel, inputs, dims)).toEqual(outputs);
          expect(debug.call(kernel, inputs, dims)).toEqual(outputs);
        }
      }
    });
  }

  it("gives eigenvalues to 1e-9 on 10^5 rows of float32, against float64 arithmetic on the same rows", () => {
    const plain = createHost(
      new WebAssembly.Module(readFileSync(new URL("../../build/release.wasm", import.meta.url))),
    );
    for (const seed of [1, 2]) {
      const dims = { rows: 100_000, columns: 12 };
      const data = Float32Array.from(factorTable(dims.rows, dims.columns, rng(seed, 9)));
      const { values } = plain.call(pcaF32, { data }, dims);
      const expected = plain.call(pcaF64, { data: Float64Array.from(data) }, dims).values;
      expect(apart(values, expected) / expected[0]).toBeLessThan(1e-9);
    }
  });

  it.each([24, 64, 130])("settles on matrices of %i columns whose rank is two", (n) => {
    for (let seed = 0; seed < 40; seed++) {
      const inputs = { matrix: symmetric("waves", n, rng(seed)) };
      const outputs = release.call(eigen, inputs, { n });
      expect(complaints(eigen, inputs, outputs, { n })).toEqual([]);
      expect(Math.abs(outputs.values[2])).toBeLessThan(1e-13 * n);
    }
  });

  it("gives three equal eigenvalues their plane: the vectors span it whatever they are", () => {
    const matrix = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 2);
    const { values, vectors } = release.call(eigen, { matrix }, { n: 4 });
    expect([...values]).toEqual([5, 2, 2, 2]);
    expect([...vectors.slice(0, 4)]).toEqual([0, 0, 1, 0]);
  });

  it("does not care for scale: powers of two scale the values to the bit", () => {
    const { matrix } = eigen.generate({ n: 12 }, rng(3, 3));
    const { values, vectors } = release.call(eigen, { matrix }, { n: 12 });
    for (const power of [-800, -3, 700]) {
      const scaled = Float64Array.from(matrix, (x) => x * 2 ** power);
      const other = release.call(eigen, { matrix: scaled }, { n: 12 });
      expect(other.vectors).toEqual(vectors);
      expect(Array.from(other.values)).toEqual(Array.from(values, (x: number) => x * 2 ** power));
    }
  });
});

describe("principal components: outside oracles", () => {
  interface Recorded extends TableSpec {
    readonly mean: number[];
    readonly values: number[];
    readonly vectors: number[][];
    readonly scikit: number[];
    readonly scores: number[][];
  }
  const { tables } = JSON.parse(
    readFileSync(new URL("../oracles/pca/expected.json", import.meta.url), "utf8"),
  ) as { tables: Recorded[] };

  for (const table of tables) {
    it(`agrees with NumPy and scikit-learn: ${table.name}`, () => {
      const { rows, columns } = table;
      const data = oracleTable(table);
      const { mean, values, vectors } = release.call(pcaF64, { data }, { rows, columns });
      const largest = table.values[0];
      expect(apart(mean, table.mean)).toBeLessThan(1e-14 * (Math.abs(table.offset) + 100));
      expect(apart(values, table.values) / largest).toBeLessThan(1e-14);
      // The SVD of the table itself, another way to the same numbers.
      expect(apart(table.scikit, values) / largest).toBeLessThan(2e-14);
      expect(apart(table.vectors.flat(), vectors)).toBeLessThan(1e-11);
      const leading = { data: data.slice(0, 2 * columns), mean, vectors: vectors.slice(0, 3 * columns) };
      const { scores } = release.call(transformF64, leading, { rows: 2, columns, components: 3 });
      expect(apart(scores, table.scores.flat()) / Math.sqrt(largest)).toBeLessThan(1e-10);
      const single = release.call(pcaF32, { data: Float32Array.from(data) }, { rows, columns });
      expect(apart(single.values, table.values) / largest).toBeLessThan(1e-6);
    });
  }

  it("the reference agrees with NumPy too", () => {
    for (const { rows, columns, offset, name, values } of tables) {
      const data = oracleTable({ rows, columns, offset, name });
      const found = pcaF64.reference({ data }, { rows, columns }).values;
      expect(apart(found, values) / values[0]).toBeLessThan(3e-14);
    }
  });
});

describe("principal components: in pieces", () => {
  it("moments of slabs, merged in order, give the moments of the table", () => {
    const columns = 11;
    const sizes = [64, 1, 0, 200, 37];
    const rows = sizes.reduce((a, b) => a + b);
    const data = familyTable("far", rows, columns, rng(8, 1));
    let running = {
      count: Float64Array.of(0),
      mean: new Float64Array(columns),
      scatter: new Float64Array(columns ** 2),
    };
    let begun = 0;
    for (const size of sizes.filter((count) => count > 0)) {
      const slab = data.slice(begun * columns, (begun + size) * columns);
      begun += size;
      const own = release.call(momentsF64, { data: slab }, { parts: 1, rows: size, columns });
      running = release.call(
        merge,
        {
          counts: Float64Array.of(running.count[0], size),
          means: Float64Array.of(...running.mean, ...own.mean),
          scatters: Float64Array.of(...running.scatter, ...own.scatter),
        },
        { parts: 2, columns },
      ) as typeof running;
    }
    const whole = pcaF64.reference({ data }, { rows, columns });
    expect(running.count[0]).toBe(rows);
    const values = jacobi(
      running.scatter.map((sum) => sum / (rows - 1)),
      columns,
    ).values;
    // Means of 10^5 carry 1e-11 each, the largest deviation is about 10.
    expect(apart(values, whole.values) / whole.values[0]).toBeLessThan(1e-12);
    expect(apart(running.mean, whole.mean) / 1e5).toBeLessThan(1e-15);
  });

  it("goes to all components and back", () => {
    const dims = { rows: 50, columns: 13, components: 13 };
    const data = factorTable(dims.rows, dims.columns, rng(8, 2));
    const { mean, vectors } = release.call(pcaF64, { data }, dims);
    const { scores } = release.call(transformF64, { data, mean, vectors }, dims);
    const back = release.call(inverseF64, { scores, mean, vectors }, dims);
    expect(apart(back.data, data)).toBeLessThan(1e-13);
  });
});

describe("principal components: refusals", () => {
  it("refuses one row, NaN, infinity, overflow and no parts less than none", () => {
    const data = factorTable(4, 3, rng(8, 3));
    expect(tagOf(pcaF64, { data: data.slice(0, 3) }, { rows: 1, columns: 3 })).toMatch(/bad shape/);
    for (const bad of [NaN, Infinity, 1e300]) {
      const damaged = data.slice();
      damaged[4] = bad;
      expect(tagOf(pcaF64, { data: damaged }, { rows: 4, columns: 3 })).toMatch(/non-finite/);
    }
    expect(tagOf(eigen, { matrix: Float64Array.of(NaN) }, { n: 1 })).toMatch(/non-finite/);
    const none = { counts: Float64Array.of(-1), means: new Float64Array(1), scatters: new Float64Array(1) };
    expect(tagOf(merge, none, { parts: 1, columns: 1 })).toMatch(/bad shape/);
  });
});
