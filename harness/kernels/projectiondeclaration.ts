/**
 * What the kernels that go to principal components and back have in common: scores = (data - mean) V', data = scores V + mean,
 * with V [components, columns] in float64 and rows in the table's precision.
 */
import { f32, f64, type Agreement, type Buffers, type Dims, type Kernel } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { affineBytes, bytesOfTable, type Precision } from "./pcabuffers.js";
import { tableOf } from "./pcadeclaration.js";
import { factorTable, jacobi, meanOf, scatterOf, worstOf } from "./pcatable.js";

const SOURCE = "Jolliffe 2002, Principal Component Analysis, doi:10.1007/b98835";
const NOT_ON_TFJS = "the tfjs backends run networks of this project, no free-standing products of matrices";
/** Half of the last bit of a value. */
const HALF_ULP: Readonly<Record<Precision, number>> = { f32: 2 ** -24, f64: 2 ** -53 };
const EXAMPLE_ROWS = 200;

const SHAPES: readonly Dims[] = [
  { rows: 512, columns: 48, components: 12 },
  { rows: 67, columns: 24, components: 24 },
  { rows: 130, columns: 9, components: 5 },
  { rows: 3, columns: 64, components: 1 },
  { rows: 1, columns: 1, components: 1 },
  { rows: 0, columns: 4, components: 2 },
];

/** Mean and leading eigenvectors of a table with the same kind of rows. */
function basis({ columns, components }: Dims, rng: Rng): { mean: Float64Array; vectors: Float64Array } {
  const table = factorTable(EXAMPLE_ROWS, columns, rng);
  const mean = meanOf(table, EXAMPLE_ROWS, columns);
  const { vectors } = jacobi(scatterOf(table, EXAMPLE_ROWS, columns, mean), columns);
  return { mean, vectors: vectors.slice(0, components * columns) };
}

/** What rounding of `terms` products and sums may leave: each element's own sum of magnitudes decides. */
function agrees(
  precision: Precision,
  got: Buffers[string],
  expected: Buffers[string],
  sizes: Float64Array,
  terms: number,
  name: string,
): Agreement {
  const found = worstOf(got, expected, (i) => (terms + 3) * HALF_ULP[precision] * sizes[i]);
  return { ratio: found.ratio, worst: found.worst, measure: "error", where: `${name}[${found.at}]` };
}

/** Applies `term(row, out, k)` summed over k to every element; `sizes` sums magnitudes. */
function summed(
  rows: number,
  outs: number,
  terms: number,
  term: (row: number, out: number, k: number) => number,
): { sums: Float64Array; sizes: Float64Array } {
  const sums = new Float64Array(rows * outs);
  const sizes = new Float64Array(rows * outs);
  for (let at = 0; at < rows * outs; at++) {
    for (let k = 0; k < terms; k++) {
      const x = term(Math.floor(at / outs), at % outs, k);
      sums[at] += x;
      sizes[at] += Math.abs(x);
    }
  }
  return { sums, sizes };
}

function forward(
  { data, mean, vectors }: Buffers,
  { rows, columns, components }: Dims,
): ReturnType<typeof summed> {
  return summed(
    rows,
    components,
    columns,
    (row, c, j) => (data[row * columns + j] - mean[j]) * vectors[c * columns + j],
  );
}

function back(
  { scores, mean, vectors }: Buffers,
  { rows, columns, components }: Dims,
): ReturnType<typeof summed> {
  return summed(rows, columns, components + 1, (row, j, c) =>
    c === components ? mean[j] : scores[row * components + c] * vectors[c * columns + j],
  );
}

const buffer = (precision: Precision): typeof f32 => (precision === "f32" ? f32 : f64);

function workOf(precision: Precision, dims: Dims): ReturnType<Kernel["work"]> {
  const { rows, columns, components } = dims;
  const bytes =
    bytesOfTable(precision, dims) +
    bytesOfTable(precision, { rows, columns: components }) +
    8 * columns * (components + 1);
  // A multiplication and an addition for each component of each value.
  const operations = { count: 2 * rows * columns * components, type: precision };
  return { items: rows, itemName: "row", bytes, operations };
}

const COMMON = {
  source: SOURCE,
  dims: ["rows", "columns", "components"],
  batch: "rows",
  shapes: SHAPES,
  unavailable: { "tfjs-cpu": NOT_ON_TFJS, "tfjs-wasm": NOT_ON_TFJS },
} as const;

export function transformKernel(precision: Precision): Kernel {
  return {
    ...COMMON,
    id: `pca-transform-${precision}`,
    title: `Rows to principal components, ${precision}`,
    symbol: `pcaTransform${precision.toUpperCase()}`,
    inputs: {
      data: buffer(precision)("rows columns", "1"),
      mean: f64("columns", "1"),
      vectors: f64("components columns", "1"),
    },
    outputs: { scores: buffer(precision)("rows components", "1") },
    scratch: { work: ({ columns, components }) => affineBytes(precision, columns, components) },
    generate: (dims, rng) => ({
      ...basis(dims, rng),
      data: tableOf(precision, factorTable(dims.rows, dims.columns, rng)),
    }),
    work: (dims) => workOf(precision, dims),
    reference: (inputs, dims) => ({ scores: tableOf(precision, forward(inputs, dims).sums) }),
    agrees: (outputs, _, inputs, dims) => {
      const { sums, sizes } = forward(inputs, dims);
      return agrees(precision, outputs.scores, sums, sizes, dims.columns, "scores");
    },
    laws: [
      {
        id: "shorter",
        says: "no row of scores is longer than the row is from the mean",
        broken: ({ data, mean }, { scores }, { rows, columns, components }) => {
          for (let row = 0; row < rows; row++) {
            let [full, kept] = [0, 0];
            for (let j = 0; j < columns; j++) full += (data[row * columns + j] - mean[j]) ** 2;
            for (let c = 0; c < components; c++) kept += scores[row * components + c] ** 2;
            if (!(kept <= full * (1 + 16 * columns * HALF_ULP[precision])))
              return `row ${row}: ${kept} of ${full}`;
          }
          return undefined;
        },
      },
    ],
  };
}

export function inverseKernel(precision: Precision): Kernel {
  return {
    ...COMMON,
    id: `pca-inverse-${precision}`,
    title: `Principal components to rows, ${precision}`,
    symbol: `pcaInverse${precision.toUpperCase()}`,
    inputs: {
      scores: buffer(precision)("rows components", "1"),
      mean: f64("columns", "1"),
      vectors: f64("components columns", "1"),
    },
    outputs: { data: buffer(precision)("rows columns", "1") },
    scratch: { work: ({ columns, components }) => affineBytes(precision, components, columns) },
    generate: (dims, rng) => {
      const scores = Float64Array.from({ length: dims.rows * dims.components }, () => 3 * rng.normal());
      return { ...basis(dims, rng), scores: tableOf(precision, scores) };
    },
    work: (dims) => workOf(precision, dims),
    reference: (inputs, dims) => ({ data: tableOf(precision, back(inputs, dims).sums) }),
    agrees: (outputs, _, inputs, dims) => {
      const { sums, sizes } = back(inputs, dims);
      return agrees(precision, outputs.data, sums, sizes, dims.components, "data");
    },
    laws: [],
  };
}
