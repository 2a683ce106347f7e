/**
 * Whether a matrix of ground distances is a metric, checked once per matrix before kernels may rely on it.
 *
 * The EMD kernel may leave common mass in place only where this holds. It does not repair a matrix.
 */

const RELATIVE_TOLERANCE = 1e-12;

/**
 * True when `matrix` [cells, cells] is finite and not negative, has a zero diagonal, is exactly symmetric, and obeys the
 * triangle inequality within 1e-12 of its largest entry. Distinct points at distance zero are allowed.
 */
export function isGroundMetric(matrix: Float64Array, cells: number): boolean {
  if (matrix.length !== cells * cells) return false;
  let largest = 0;
  for (let i = 0; i < cells; i++) {
    if (matrix[i * cells + i] !== 0) return false;
    for (let j = 0; j < cells; j++) {
      const d = matrix[i * cells + j];
      if (!(d >= 0 && d < Infinity) || d !== matrix[j * cells + i]) return false;
      if (d > largest) largest = d;
    }
  }
  return obeysTriangles(matrix, cells, RELATIVE_TOLERANCE * largest);
}

function obeysTriangles(matrix: Float64Array, cells: number, allowed: number): boolean {
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const detourLimit = matrix[i * cells + j] - allowed;
      for (let k = 0; k < cells; k++) {
        if (matrix[i * cells + k] + matrix[k * cells + j] < detourLimit) return false;
      }
    }
  }
  return true;
}
