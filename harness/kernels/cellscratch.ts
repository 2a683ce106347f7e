/** Scratch sizes of kernels that sort points into cells: the counterpart of assembly/_cells.ts. */

const LANES = 4;

/** Most cells that a grid over n points has. */
export function cellLimit(n: number): number {
  return 4 * n + 65_536;
}

/** Bytes of one f32 per point, with a vector to spare. */
export function pointFloats(n: number): number {
  return 4 * (n + LANES);
}

/** Bytes of one f64 per point, with a vector to spare. */
export function pointDoubles(n: number): number {
  return 8 * (n + LANES);
}

/** Bytes of one u32 per point. */
export function pointPlaces(n: number): number {
  return 4 * n;
}

/** Bytes of one counter per cell and one more, with a vector to spare. */
export function cellCounters(n: number): number {
  return 4 * (cellLimit(n) + 1 + LANES);
}
