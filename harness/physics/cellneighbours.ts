/**
 * How charges of neighbouring trigger cells go together: correlations over rows, and how near the best-correlated cells lie.
 *
 * Correlated are the logarithms of 1 + CALQ: of the charges themselves a few large ones would decide. In real modules a cell's
 * five best-correlated cells are then 2.15-2.20 units away on average (neighbours are 2 apart); independent cells give about 6.5.
 */
import { log, sqrt } from "../core/elementary.js";
import { CELLS } from "../core/table.js";
import { groundDistance } from "./triggercells.js";

export const BEST_CORRELATED = 5;

/** Pearson correlations of log(1 + CALQ) between cells, [48, 48]; a cell that never varies correlates with none (0). */
export function cellCorrelations(calq: Float64Array): Float64Array {
  const rows = calq.length / CELLS;
  const logs = calq.map((charge) => (charge === 0 ? 0 : log(1 + charge)));
  const means = new Float64Array(CELLS);
  for (let i = 0; i < logs.length; i++) means[i % CELLS] += logs[i] / rows;
  const products = new Float64Array(CELLS * CELLS);
  for (let row = 0; row < rows; row++) {
    const base = row * CELLS;
    for (let i = 0; i < CELLS; i++) {
      const deviation = logs[base + i] - means[i];
      for (let j = 0; j <= i; j++) products[i * CELLS + j] += deviation * (logs[base + j] - means[j]);
    }
  }
  const correlations = new Float64Array(CELLS * CELLS);
  for (let i = 0; i < CELLS; i++) {
    for (let j = 0; j <= i; j++) {
      const scale = sqrt(products[i * CELLS + i] * products[j * CELLS + j]);
      const value = scale > 0 ? products[i * CELLS + j] / scale : 0;
      correlations[i * CELLS + j] = value;
      correlations[j * CELLS + i] = value;
    }
  }
  return correlations;
}

/** Mean distance, over all cells, of the five other cells that each is best correlated with (ties: lower index). */
export function bestCorrelatedDistance(correlations: Float64Array): number {
  const metric = groundDistance();
  let total = 0;
  for (let i = 0; i < CELLS; i++) {
    const others = Array.from({ length: CELLS }, (_, j) => j).filter((j) => j !== i);
    others.sort((a, b) => correlations[i * CELLS + b] - correlations[i * CELLS + a] || a - b);
    for (const j of others.slice(0, BEST_CORRELATED)) total += metric[i * CELLS + j];
  }
  return total / (CELLS * BEST_CORRELATED);
}
