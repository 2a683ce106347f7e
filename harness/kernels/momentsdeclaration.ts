/**
 * What the two kernels of moments (float32 and float64) have in common: mean and scatter of each part of a table. Parts are
 * what threads share and what streams: merge-moments joins them in a fixed order, whoever computed them.
 */
import { f32, f64, type Agreement, type Buffers, type Dims, type Kernel } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import {
  bytesOfTable,
  momentsBytes,
  momentsOperations,
  momentsTolerance,
  type Precision,
} from "./pcabuffers.js";
import { tableOf } from "./pcadeclaration.js";
import { TABLE_FAMILIES, familyTable, factorTable, meanOf, scatterOf, worstOf } from "./pcatable.js";

const TIMED_ROWS = 1024;
const ROUNDING = 8 * Number.EPSILON;
export const NO_MOMENTS_ON_TFJS =
  "tfjs sums whole matrices in float32: it has no blocks of one pass with float64 totals";

function generate(precision: Precision, { parts, rows, columns }: Dims, rng: Rng): Buffers {
  const table =
    rows >= TIMED_ROWS
      ? factorTable(parts * rows, columns, rng)
      : familyTable(TABLE_FAMILIES[rng.integer(TABLE_FAMILIES.length)], parts * rows, columns, rng);
  return { data: tableOf(precision, table) };
}

function reference({ data }: Buffers, { parts, rows, columns }: Dims): Buffers {
  const mean = new Float64Array(parts * columns);
  const scatter = new Float64Array(parts * columns * columns);
  for (let part = 0; part < parts; part++) {
    const some = data.subarray(part * rows * columns, (part + 1) * rows * columns);
    const own = meanOf(some, rows, columns);
    mean.set(own, part * columns);
    scatter.set(scatterOf(some, rows, columns, own), part * columns * columns);
  }
  return { mean, scatter };
}

/** Largest diagonal element of a part's scatter. */
function sizeOf(scatter: ArrayLike<number>, part: number, columns: number): number {
  let most = 0;
  for (let j = 0; j < columns; j++) most = Math.max(most, scatter[(part * columns + j) * columns + j]);
  return most;
}

/** Agreement of means and scatters of parts, errors relative to each part's largest diagonal element. */
export function momentsAgree(
  outputs: Buffers,
  expected: Buffers,
  columns: number,
  rowsOf: (part: number) => number,
  relative: (part: number) => number,
): Agreement {
  const { mean, scatter } = expected;
  const means = worstOf(outputs.mean, mean, (i) => {
    const part = Math.floor(i / columns);
    const spread = Math.sqrt(sizeOf(scatter, part, columns) / Math.max(1, rowsOf(part)));
    return relative(part) * spread + ROUNDING * Math.abs(mean[i]);
  });
  const scatters = worstOf(outputs.scatter, scatter, (i) => {
    const part = Math.floor(i / (columns * columns));
    const row = Math.floor(i / columns);
    const dust = (ROUNDING * mean[row]) ** 2 * rowsOf(part);
    return (relative(part) + ROUNDING) * sizeOf(scatter, part, columns) + dust;
  });
  const [name, found] = scatters.ratio > means.ratio ? ["scatter", scatters] : ["mean", means];
  return { ratio: found.ratio, worst: found.worst, measure: "error", where: `${name}[${found.at}]` };
}

export function momentsKernel(precision: Precision): Kernel {
  const long = precision === "f32" ? "float32" : "float64";
  const shape = "parts rows columns";
  return {
    id: `moments-${precision}`,
    title: `Mean and scatter of parts of a ${long} table, one pass`,
    source: "Chan, Golub, LeVeque 1983, doi:10.1080/00031305.1983.10483115",
    symbol: `moments${precision.toUpperCase()}`,
    dims: ["parts", "rows", "columns"],
    batch: "parts",
    inputs: { data: precision === "f32" ? f32(shape, "1") : f64(shape, "1") },
    outputs: { mean: f64("parts columns", "1"), scatter: f64("parts columns columns", "1") },
    scratch: { sums: ({ columns }) => momentsBytes(precision, columns) },
    shapes: [
      { parts: 2, rows: 1024, columns: 24 },
      { parts: 3, rows: 100, columns: 17 },
      { parts: 5, rows: 1, columns: 4 },
      { parts: 4, rows: 65, columns: 1 },
    ],
    generate: (dims, rng) => generate(precision, dims, rng),
    work: (dims) => ({
      items: dims.parts * dims.rows,
      itemName: "row",
      bytes: dims.parts * (bytesOfTable(precision, dims) + 8 * dims.columns * (dims.columns + 1)),
      operations: { count: dims.parts * momentsOperations(dims.rows, dims.columns), type: precision },
    }),
    reference,
    agrees: (outputs, expected, _, { rows, columns }) =>
      momentsAgree(
        outputs,
        expected,
        columns,
        () => rows,
        () => momentsTolerance(precision, rows),
      ),
    laws: [
      {
        id: "cauchy",
        says: "no product of deviations exceeds the two spreads",
        broken: (_, { scatter }, { parts, columns }) => {
          for (let part = 0; part < parts; part++) {
            const at = (i: number, j: number): number => scatter[(part * columns + i) * columns + j];
            for (let i = 0; i < columns; i++) {
              for (let j = 0; j <= i; j++) {
                if (at(i, j) !== at(j, i)) return `part ${part}: [${i}, ${j}] and [${j}, ${i}] differ`;
                const most = Math.max(0, at(i, i)) * Math.max(0, at(j, j));
                const slack = (1 + 1e-5) * Math.sqrt(most) + 1e-5 * sizeOf(scatter, part, columns);
                if (!(Math.abs(at(i, j)) <= slack)) return `part ${part}: [${i}, ${j}] is ${at(i, j)}`;
              }
            }
          }
          return undefined;
        },
      },
    ],
    unavailable: { "tfjs-cpu": NO_MOMENTS_ON_TFJS, "tfjs-wasm": NO_MOMENTS_ON_TFJS },
  };
}
