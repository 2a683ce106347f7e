/**
 * Declaration of the kernel that joins moments of parts into those of the whole, in the order of the parts: a slab of rows joins
 * running moments of [columns] and [columns, columns] numbers, so that a table of any length needs no more memory.
 */
import { defineKernel, f64, type Buffers, type Dims } from "../core/kernel.js";
import type { Rng } from "../core/rng.js";
import { NO_MOMENTS_ON_TFJS, momentsAgree } from "./momentsdeclaration.js";
import { factorTable, meanOf, scatterOf, worstOf } from "./pcatable.js";

/** Both sides work in float64; errors grow with the number of parts. */
const TOLERANCE = 16 * Number.EPSILON;
const MOST_ROWS = 40;

/** Moments of parts of 0 to 40 rows whose means differ. */
function generate({ parts, columns }: Dims, rng: Rng): Buffers {
  const counts = new Float64Array(parts);
  const means = new Float64Array(parts * columns);
  const scatters = new Float64Array(parts * columns * columns);
  for (let part = 0; part < parts; part++) {
    const rows = rng.integer(MOST_ROWS + 1);
    counts[part] = rows;
    if (rows === 0) continue;
    const table = factorTable(rows, columns, rng);
    const mean = meanOf(table, rows, columns);
    means.set(mean, part * columns);
    scatters.set(scatterOf(table, rows, columns, mean), part * columns * columns);
  }
  return { counts, means, scatters };
}

/** Within the parts plus between them, about the common mean. */
function reference({ counts, means, scatters }: Buffers, { parts, columns }: Dims): Buffers {
  const mean = new Float64Array(columns);
  const scatter = new Float64Array(columns * columns);
  let count = 0;
  for (let part = 0; part < parts; part++) {
    count += counts[part];
    for (let j = 0; j < columns; j++) mean[j] += counts[part] * means[part * columns + j];
  }
  for (let j = 0; j < columns; j++) mean[j] = count === 0 ? 0 : mean[j] / count;
  for (let part = 0; part < parts; part++) {
    if (counts[part] === 0) continue;
    for (let at = 0; at < columns * columns; at++) {
      const i = Math.floor(at / columns);
      const j = at % columns;
      const between = (means[part * columns + i] - mean[i]) * (means[part * columns + j] - mean[j]);
      scatter[at] += scatters[part * columns * columns + at] + counts[part] * between;
    }
  }
  return { count: Float64Array.of(count), mean, scatter };
}

export const kernel = defineKernel({
  id: "merge-moments",
  title: "Moments of the union of parts",
  source: "Chan, Golub, LeVeque 1983, doi:10.1080/00031305.1983.10483115",
  symbol: "mergeMoments",
  dims: ["parts", "columns"],
  inputs: {
    counts: f64("parts", "rows"),
    means: f64("parts columns", "1"),
    scatters: f64("parts columns columns", "1"),
  },
  outputs: {
    count: f64("1", "rows"),
    mean: f64("columns", "1"),
    scatter: f64("columns columns", "1"),
  },
  scratch: { difference: ({ columns }) => 8 * columns },
  shapes: [
    { parts: 2, columns: 24 },
    { parts: 16, columns: 7 },
    { parts: 1, columns: 3 },
    { parts: 0, columns: 2 },
    { parts: 9, columns: 1 },
  ],
  generate,
  work: ({ parts, columns }) => ({
    items: parts,
    itemName: "part",
    bytes: 8 * (parts + 1) * (1 + columns + columns * columns),
  }),
  reference,
  agrees: (outputs, expected, _, { parts, columns }) => {
    const relative = (): number => TOLERANCE * Math.max(1, parts);
    const counted = worstOf(outputs.count, expected.count, () => Number.MIN_VALUE);
    if (counted.ratio > 0) return { ...counted, measure: "rows", where: "count[0]" };
    return momentsAgree(outputs, expected, columns, () => expected.count[0], relative);
  },
  laws: [
    {
      id: "symmetric",
      says: "the scatter is symmetric",
      broken: (_, { scatter }, { columns }) => {
        const at = scatter.findIndex(
          (x: number, k: number) => x !== scatter[(k % columns) * columns + Math.floor(k / columns)],
        );
        return at < 0 ? undefined : `scatter[${at}] is ${scatter[at]}`;
      },
    },
  ],
  unavailable: { "tfjs-cpu": NO_MOMENTS_ON_TFJS, "tfjs-wasm": NO_MOMENTS_ON_TFJS },
});
