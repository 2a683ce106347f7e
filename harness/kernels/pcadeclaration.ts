/**
 * What the two principal component kernels (float32 and float64 tables) have in common: declaration, reference, laws.
 *
 * Eigenvectors of close eigenvalues are not unique: a vector is judged by what it does to the reference's covariance.
 */
import { f32, f64, type Agreement, type Buffers, type Dims, type Kernel, type Law } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import {
  bytesOfTable,
  eigenBytes,
  momentsBytes,
  momentsOperations,
  momentsTolerance,
  type Precision,
} from "./pcabuffers.js";
import {
  TABLE_FAMILIES,
  familyTable,
  factorTable,
  jacobi,
  largestSize,
  meanOf,
  scatterOf,
  withSign,
  worstOf,
} from "./pcatable.js";

/** From here on, tables are those that are timed; smaller ones are of any family. */
const TIMED_ROWS = 1024;
/** Errors of float64 arithmetic on n columns grow with n at most. */
const ROUNDING = 4 * Number.EPSILON;
const ORTHONORMAL = 1e-13;

export const ON_TFJS = "tfjs has no symmetric eigen-decomposition on its WebAssembly kernels";

/** A table of the kernel's precision. */
export function tableOf(precision: Precision, values: Float64Array): Float32Array | Float64Array {
  return precision === "f32" ? Float32Array.from(values) : values;
}

function generate(precision: Precision, { rows, columns }: Dims, rng: Rng): Buffers {
  const table =
    rows >= TIMED_ROWS
      ? factorTable(rows, columns, rng)
      : familyTable(TABLE_FAMILIES[rng.integer(TABLE_FAMILIES.length)], rows, columns, rng);
  return { data: tableOf(precision, table) };
}

function reference({ data }: Buffers, { rows, columns }: Dims): Buffers {
  const mean = meanOf(data, rows, columns);
  const covariance = scatterOf(data, rows, columns, mean).map((sum) => sum / (rows - 1));
  return { mean, covariance, ...jacobi(covariance, columns) };
}

/** Largest element of C v - value v over all vectors, with the index of the vector. */
function residual(outputs: Buffers, expected: Buffers, columns: number): { worst: number; at: number } {
  let found = { worst: 0, at: 0 };
  for (let k = 0; k < columns; k++) {
    for (let i = 0; i < columns; i++) {
      let sum = -expected.values[k] * outputs.vectors[k * columns + i];
      for (let j = 0; j < columns; j++) {
        sum += expected.covariance[i * columns + j] * outputs.vectors[k * columns + j];
      }
      if (!(Math.abs(sum) <= found.worst)) found = { worst: Math.abs(sum), at: k };
    }
  }
  return found;
}

function agrees(
  precision: Precision,
  outputs: Buffers,
  expected: Buffers,
  { rows, columns }: Dims,
): Agreement {
  const largest = expected.values[0];
  const relative = momentsTolerance(precision, rows);
  const rounding = ROUNDING * columns;
  // A table that does not vary has eigenvalues of nothing but the rounding of its means.
  const meanSize = largestSize(expected.mean);
  const dust = (ROUNDING * meanSize) ** 2;
  const allowed = (relative + rounding) * largest + dust;
  const parts: [string, { ratio: number; worst: number; at: number }][] = [
    ["values", worstOf(outputs.values, expected.values, () => allowed)],
    ["covariance", worstOf(outputs.covariance, expected.covariance, () => allowed)],
    [
      "mean",
      worstOf(
        outputs.mean,
        expected.mean,
        (j) => relative * Math.sqrt(largest) + rounding * Math.abs(expected.mean[j]),
      ),
    ],
  ];
  const off = residual(outputs, expected, columns);
  parts.push(["vectors", { ...off, ratio: off.worst === 0 ? 0 : off.worst / (2 * allowed) }]);
  const [name, { ratio, worst, at }] = parts.reduce((a, b) => (b[1].ratio <= a[1].ratio ? a : b));
  return {
    ratio,
    worst: name === "mean" || largest === 0 ? worst : worst / largest,
    measure: name === "mean" ? "error" : "error relative to the largest eigenvalue",
    where: `${name}[${at}]`,
  };
}

/** Why rows of `vectors` [count, n] are not orthonormal, or undefined. */
export function notOrthonormal(vectors: ArrayLike<number>, count: number, n: number): string | undefined {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += vectors[i * n + k] * vectors[j * n + k];
      if (!(Math.abs(sum - (i === j ? 1 : 0)) <= ORTHONORMAL)) return `vectors ${j} and ${i}: ${sum}`;
    }
  }
  return undefined;
}

/** Laws of eigenpairs of a matrix with n columns: `n` names the dimension, `matrix` the buffer. */
export function eigenLaws(
  n: string,
  matrixOf: (inputs: Buffers, outputs: Buffers) => ArrayLike<number>,
): Law[] {
  return [
    {
      id: "descending",
      says: "eigenvalues never increase",
      broken: (_, { values }) => {
        const at = values.findIndex((x: number, k: number) => k > 0 && !(x <= values[k - 1]));
        return at < 0 ? undefined : `values[${at}] is ${values[at]} after ${values[at - 1]}`;
      },
    },
    {
      id: "trace",
      says: "eigenvalues sum to the trace",
      broken: (inputs, outputs, dims) => {
        const matrix = matrixOf(inputs, outputs);
        let [trace, sum, size] = [0, 0, 0];
        for (let k = 0; k < dims[n]; k++) {
          trace += matrix[k * (dims[n] + 1)];
          sum += outputs.values[k];
          size += Math.abs(outputs.values[k]);
        }
        return Math.abs(trace - sum) <= ORTHONORMAL * size ? undefined : `${sum} against ${trace}`;
      },
    },
    {
      id: "orthonormal",
      says: "eigenvectors are orthonormal",
      broken: (_, { vectors }, dims) => notOrthonormal(vectors, dims[n], dims[n]),
    },
    {
      id: "sign",
      says: "the first of a vector's largest elements is positive",
      broken: (_, { vectors }, dims) => {
        for (let k = 0; k < dims[n]; k++) {
          const row = Float64Array.from(vectors.subarray(k * dims[n], (k + 1) * dims[n]));
          if (withSign(row) !== row) return `vector ${k} is turned`;
        }
        return undefined;
      },
    },
  ];
}

/** The declaration for one precision; the shapes of up to 10^5 rows are timed elsewhere (engine/benchinputs.ts). */
export function pcaKernel(precision: Precision): Kernel {
  const long = precision === "f32" ? "float32" : "float64";
  return {
    id: `pca-${precision}`,
    title: `Principal components of a ${long} table`,
    source:
      "shifted one-pass covariance: Chan, Golub, LeVeque 1983, doi:10.1080/00031305.1983.10483115; eigenpairs: Bowdler et al. 1968, doi:10.1007/BF02162163",
    symbol: `pca${precision.toUpperCase()}`,
    dims: ["rows", "columns"],
    inputs: { data: precision === "f32" ? f32("rows columns", "1") : f64("rows columns", "1") },
    outputs: {
      mean: f64("columns", "1"),
      covariance: f64("columns columns", "1"),
      values: f64("columns", "1"),
      vectors: f64("columns columns", "1"),
    },
    scratch: {
      sums: ({ columns }) => momentsBytes(precision, columns),
      eigen: ({ columns }) => eigenBytes(columns),
    },
    shapes: [
      { rows: 2048, columns: 24 },
      { rows: 1024, columns: 64 },
      { rows: 1000, columns: 33 },
      { rows: 129, columns: 8 },
      { rows: 64, columns: 7 },
      { rows: 7, columns: 12 },
      { rows: 100, columns: 1 },
      { rows: 2, columns: 3 },
    ],
    generate: (dims, rng) => generate(precision, dims, rng),
    work: (dims) => ({
      items: dims.rows,
      itemName: "row",
      bytes: bytesOfTable(precision, dims) + 16 * dims.columns * (dims.columns + 1),
      operations: { count: momentsOperations(dims.rows, dims.columns), type: precision },
    }),
    reference,
    agrees: (outputs, expected, _, dims) => agrees(precision, outputs, expected, dims),
    laws: eigenLaws("columns", (_, { covariance }) => covariance),
    unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
  };
}
