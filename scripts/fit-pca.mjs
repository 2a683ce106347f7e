// Fits the tables of the codecs pca-<k> on simulated modules and writes harness/codecs/pcatables.ts: `npm run build && node
// scripts/fit-pca.mjs`, then build again. No real module is read (fitrows.mjs). Same simulation, same tables.
//
// The kernel pca-f64 finds the components of the normalised modules; the kernel k-means finds each quantiser (Lloyd's algorithm in
// one dimension) from starts at equal ranks.
import { writeFileSync } from "node:fs";
import { built, fitRows, tableFile } from "./fitrows.mjs";

const { kernel: pca } = await built("kernels/pca-f64.js");
const { kernel: kMeans } = await built("kernels/k-means.js");
const { openPool } = await built("wasm/pool.js");

const CELLS = 48;
const COMPONENTS = 32;
const MOST_BITS = 6;
const WEIGHT_ONE = 64;
const LEVEL_ONE = 64;
const MEAN_ONE = 65536;
const ROUNDS = 60;
/** Points of a quantiser: every so manieth of the sorted projections. */
const POINTS = 6000;

function normalised(rows) {
  const data = new Float64Array(rows.length * CELLS);
  rows.forEach((row, k) => {
    const sum = row.reduce((total, charge) => total + charge, 0);
    for (let cell = 0; cell < CELLS; cell++) data[k * CELLS + cell] = row[cell] / sum;
  });
  return data;
}

/** Projections of all rows on whole-number weights, ascending, in units of 1 / LEVEL_ONE. */
function projections(data, weights) {
  const rows = data.length / CELLS;
  const found = Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let cell = 0; cell < CELLS; cell++) sum += weights[cell] * data[row * CELLS + cell];
    return sum * LEVEL_ONE;
  });
  return found.sort();
}

const atRank = (sorted, rank) => sorted[Math.min(sorted.length - 1, Math.floor(rank * sorted.length))];

/** Ascending whole levels of a quantiser of 2^bits; each at least one above the one before. */
async function quantiser(pool, sorted, bits) {
  const clusters = 2 ** bits;
  const points = Math.min(POINTS, sorted.length);
  const data = Float64Array.from({ length: points }, (_, k) => atRank(sorted, (k + 0.5) / points));
  const start = Float64Array.from({ length: clusters }, (_, k) => atRank(sorted, (k + 0.5) / clusters));
  const dims = { points, dims: 1, clusters, limit: ROUNDS };
  const { centres } = await pool.call(kMeans, { data, start }, dims);
  const levels = [...centres].sort((a, b) => a - b).map(Math.round);
  for (let k = 1; k < clusters; k++) levels[k] = Math.max(levels[k], levels[k - 1] + 1);
  return levels;
}

const variance = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

async function fit(pool) {
  const data = normalised(await fitRows());
  const { mean, vectors } = await pool.call(pca, { data }, { rows: data.length / CELLS, columns: CELLS });
  const weights = Array.from({ length: COMPONENTS }, (_, k) =>
    [...vectors.subarray(k * CELLS, (k + 1) * CELLS)].map((x) => Math.round(x * WEIGHT_ONE)),
  );
  const levels = [];
  const variances = [];
  for (const ofComponent of weights) {
    const sorted = projections(data, ofComponent);
    variances.push(Math.round(variance(sorted)));
    const all = [];
    for (let bits = 1; bits <= MOST_BITS; bits++) all.push(...(await quantiser(pool, sorted, bits)));
    levels.push(all);
  }
  return { mean: [...mean].map((share) => Math.round(share * MEAN_ONE)), weights, variances, levels };
}

const lines = (rows) => rows.map((row) => `  [${row.map((x) => x + 0).join(", ")}],`).join("\n");
const pool = await openPool({ threads: 1 });
const { mean, weights, variances, levels } = await fit(pool);
await pool.close();
const text = `/**
 * Tables of the codecs pca-<k>, written by scripts/fit-pca.mjs from simulated modules only; units: pcaformat.ts.
 *
 * MEAN: mean share of each cell. WEIGHTS: principal components, largest variance first. VARIANCES: of their projections, in LEVELS'
 * units squared. LEVELS: by component, the quantisers of 1 to 6 bits one after the other.
 */
// prettier-ignore
export const MEAN: readonly number[] = [${mean.join(", ")}];

// prettier-ignore
export const WEIGHTS: readonly (readonly number[])[] = [
${lines(weights)}
];

// prettier-ignore
export const VARIANCES: readonly number[] = [${variances.join(", ")}];

// prettier-ignore
export const LEVELS: readonly (readonly number[])[] = [
${lines(levels)}
];
`;
writeFileSync(tableFile("pcatables"), text);
