/** Declaration of the eigen-decomposition of a real symmetric matrix: values descending, vectors as rows, signs fixed. */
import { cosTurns } from "../core/elementary.js";
import { defineKernel, f64, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { eigenBytes } from "./pcabuffers.js";
import { ON_TFJS, eigenLaws } from "./pcadeclaration.js";
import { jacobi, largestSize, worstOf } from "./pcatable.js";

/** Backward errors of both methods, in units of the largest eigenvalue's last bits and of n. */
const TOLERANCE = 8 * Number.EPSILON;

type Family = "random" | "diagonal" | "equal" | "graded" | "integers" | "waves" | "zero";
const FAMILIES: readonly Family[] = ["random", "diagonal", "equal", "graded", "integers", "waves", "zero"];

/**
 * A symmetric matrix. "random": normal elements; "diagonal": nothing beside it; "equal": a multiple of the unit matrix plus
 * a dyad (n - 1 equal values); "graded": elements from 1 down to 2^-40; "integers": -1, 0, 1; "waves": a cosine
 * of the distance from the diagonal, of rank two, whose other eigenvalues are rounding errors of rounding errors; "zero".
 */
export function symmetric(family: Family, n: number, rng: Rng): Float64Array {
  const matrix = new Float64Array(n * n);
  const turns = rng.uniform();
  const direction = Float64Array.from({ length: n }, () => rng.normal());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const drawn = rng.normal();
      const element: Readonly<Record<Family, number>> = {
        random: drawn,
        diagonal: i === j ? drawn : 0,
        equal: (i === j ? 2 : 0) + direction[i] * direction[j],
        graded: drawn * 2 ** ((-20 * (i + j)) / n),
        integers: rng.integer(3) - 1,
        waves: cosTurns(turns * (i - j)),
        zero: 0,
      };
      matrix[i * n + j] = element[family];
      matrix[j * n + i] = element[family];
    }
  }
  return matrix;
}

/** Worst element of A v - value v. */
function residual(matrix: ArrayLike<number>, { values, vectors }: Buffers, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const k = Math.floor(at / n);
    const i = at % n;
    let sum = -values[k] * vectors[k * n + i];
    for (let j = 0; j < n; j++) sum += matrix[i * n + j] * vectors[k * n + j];
    return sum;
  });
}

export const kernel = defineKernel({
  id: "eigen",
  title: "Eigen-decomposition of a symmetric matrix",
  source:
    "Householder reduction and implicit QL: Bowdler, Martin, Reinsch, Wilkinson 1968, doi:10.1007/BF02161360, doi:10.1007/BF02162163",
  symbol: "eigen",
  dims: ["n"],
  inputs: { matrix: f64("n n", "1") },
  outputs: { values: f64("n", "1"), vectors: f64("n n", "1") },
  scratch: { work: ({ n }) => eigenBytes(n) },
  shapes: [{ n: 64 }, { n: 24 }, { n: 48 }, { n: 33 }, { n: 7 }, { n: 3 }, { n: 2 }, { n: 1 }],
  generate: ({ n }: Dims, rng: Rng) => ({
    matrix: symmetric(FAMILIES[rng.integer(FAMILIES.length)], n, rng),
  }),
  work: ({ n }) => ({ items: 1, itemName: "matrix", bytes: 8 * (2 * n * n + n) }),
  reference: ({ matrix }, { n }) => ({ ...jacobi(matrix, n) }),
  agrees: (outputs, expected, { matrix }, { n }) => {
    const allowed = TOLERANCE * n * largestSize(expected.values);
    const values = worstOf(outputs.values, expected.values, () => allowed);
    const off = worstOf(residual(matrix, outputs, n), new Float64Array(n * n), () => 2 * allowed);
    const [name, found] = off.ratio > values.ratio ? ["vectors", off] : ["values", values];
    return {
      ratio: found.ratio,
      worst: found.worst,
      measure: name === "values" ? "error of an eigenvalue" : "element of A v - value v",
      where: `${name}[${found.at}]`,
    };
  },
  laws: eigenLaws("n", ({ matrix }) => matrix),
  unavailable: { "tfjs-cpu": ON_TFJS, "tfjs-wasm": ON_TFJS },
});
