/**
 * The exact earth mover's distance as a training loss, with its gradient with respect to the decoded picture.
 *
 * Let a be the target's charges and y >= 0 the decoded ones in the 48 cells, A and Y their sums, and L(y) = W(a/A, y/Y) the
 * cost of the cheapest transport. By duality, W(p, q) is the largest value of
 *     sum_i p_i u_i + sum_j q_j v_j   over all   u_i + v_j <= d_ij,
 * and the constraints do not depend on q. A dual (u, v) that is optimal at q is feasible at every other q', so
 *     W(p, q') >= sum p_i u_i + sum q'_j v_j = W(p, q) + sum_j (q'_j - q_j) v_j :
 * v is a subgradient of W in its second argument (the gradient wherever the optimal dual is unique up to a constant).
 * Normalising is q_j = y_j / Y, whose Jacobian is dq_j / dy_k = (delta_jk - q_j) / Y. Together
 *     dL / dy_k = sum_j v_j (delta_jk - q_j) / Y = (v_k - sum_j q_j v_j) / Y.
 * A constant added to v falls out, as it must. The gradient is orthogonal to y: the loss does not see scale.
 * The solver takes common mass away before it starts, so its tree has no dual for cells that both sides fill alike; the kernel
 * extends v to them by the constraints (kernels/emd-potential.ts), which keeps it feasible and optimal.
 *
 * Pixels that are no trigger cell get no gradient. A row whose target is empty has no distance and is left out; a decoded
 * picture of nothing but zeros counts as the largest distance and gets no gradient.
 */
import { STATUS, type KernelRunner } from "../core/kernel.js";
import { CELLS } from "../core/table.js";
import { kernel as emdPotential } from "../kernels/emd-potential.js";
import type { LossAndGradient } from "../models/training.js";
import { groundDistance } from "../physics/triggercells.js";

const METRIC = groundDistance();

/** What counts for a picture of nothing but zeros. */
export const LONGEST = METRIC.reduce((most, distance) => Math.max(most, distance), 0);

/** The 48 decoded charges of each row, float64; what is negative counts as zero. */
export function decodedCells(output: Float32Array, rows: number, pixels: readonly number[]): Float64Array {
  const width = output.length / rows;
  const cells = new Float64Array(rows * CELLS);
  for (let row = 0; row < rows; row++)
    for (let cell = 0; cell < CELLS; cell++)
      cells[row * CELLS + cell] = Math.max(0, output[row * width + pixels[cell]]);
  return cells;
}

/**
 * Slopes v [48] in a row's shares y_k / Y as slopes in its decoded charges y, (v_k - sum_j v_j y_j / Y) / Y, times `weight`, put at the
 * pixels of `gradient`'s row.
 */
export function putSlopes(
  slopes: ArrayLike<number>,
  charges: Float64Array,
  weight: number,
  pixels: readonly number[],
  gradient: Float32Array,
): void {
  let sum = 0;
  let mean = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    sum += charges[cell];
    mean += charges[cell] * slopes[cell];
  }
  mean /= sum;
  for (let cell = 0; cell < CELLS; cell++) gradient[pixels[cell]] = (weight * (slopes[cell] - mean)) / sum;
}

/**
 * Mean distance between targets [rows, 48] and decoded pictures [rows, width], and its gradient.
 *
 * `pixels` [48] says where a cell is in a picture. Refuses nothing: a loss that is not a number says that the pictures are none.
 */
export async function exactEmdLoss(
  kernels: KernelRunner,
  targets: Float64Array,
  output: Float32Array,
  pixels: readonly number[],
  weights?: Float32Array,
): Promise<LossAndGradient> {
  const rows = targets.length / CELLS;
  const width = output.length / rows;
  const restored = decodedCells(output, rows, pixels);
  const inputs = { original: targets, restored, metric: METRIC };
  const { emd, status, potential } = await kernels.call(emdPotential, inputs, {
    rows,
    cells: CELLS,
    isMetric: 1,
  });
  const gradient = new Float32Array(rows * width);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    if (status[row] === STATUS.emptyIn) continue;
    const share = (weights?.[row] ?? 1) / rows;
    loss += share * (status[row] === STATUS.emptyOut ? LONGEST : emd[row]);
    if (status[row] !== STATUS.ok) continue;
    putSlopes(
      potential.subarray(row * CELLS, (row + 1) * CELLS),
      restored.subarray(row * CELLS, (row + 1) * CELLS),
      share,
      pixels,
      gradient.subarray(row * width, (row + 1) * width),
    );
  }
  return { loss, gradient };
}
