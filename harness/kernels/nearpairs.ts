/** Pairs of points of the plane that are within a radius, by a sweep along x: what laws of the clustering kernels look at. */
import type { NumericArray } from "../core/kernel.js";

/** Calls `visit(i, j)` for every ordered pair i != j at most `radius` apart (float64 squares), until it gives a text; returns that. */
export function firstNearPair(
  points: NumericArray,
  radius: number,
  visit: (i: number, j: number) => string | undefined,
): string | undefined {
  const order = Array.from({ length: points.length / 2 }, (_, i) => i).sort(
    (a, b) => points[2 * a] - points[2 * b],
  );
  for (let a = 0; a < order.length; a++) {
    const i = order[a];
    for (let b = a + 1; b < order.length; b++) {
      const j = order[b];
      const dx = points[2 * j] - points[2 * i];
      if (dx > radius) break;
      const dy = points[2 * j + 1] - points[2 * i + 1];
      if (dx * dx + dy * dy > radius * radius) continue;
      const found = visit(i, j) ?? visit(j, i);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
