/**
 * Tree-structured vector quantiser: a binary tree of centroids of shares; a vector of charges walks towards the nearer child.
 *
 * Every depth is a quantiser of its own, so one table serves all rates. Shares are never divided out: with e the charges and E
 * their sum, |e/E - a|^2 < |e/E - b|^2 is 2 e.(b - a) < E (|b|^2 - |a|^2), whole numbers throughout.
 * Source: Buzo, Gray, Gray, Markel 1980, doi:10.1109/TASSP.1980.1163445.
 */

/** Unit of a centroid's coordinates: they add up to this, so that each takes six bits. */
export const CENTROID_ONE = 63;

export class QuantiserTree {
  /** `centroids`: nodes breadth first, the children of node n are 2n + 1 and 2n + 2, `size` coordinates each. */
  constructor(
    readonly size: number,
    private readonly centroids: readonly number[],
  ) {}

  /** Number of the node of a path of `depth` bits. */
  static node(depth: number, path: number): number {
    return 2 ** depth - 1 + path;
  }

  /** Path of `depth` bits, first decision on top, for the charges in `energies` from `from` on. */
  encode(energies: Float64Array, from: number, depth: number): number {
    let total = 0;
    for (let i = 0; i < this.size; i++) total += energies[from + i];
    let path = 0;
    for (let level = 1; level <= depth; level++) {
      path *= 2;
      if (this.#prefersSecond(energies, from, total, QuantiserTree.node(level, path))) path++;
    }
    return path;
  }

  /** Share of part `i` in the centroid that ends a path, in 1 / CENTROID_ONE. */
  share(depth: number, path: number, i: number): number {
    return this.centroids[QuantiserTree.node(depth, path) * this.size + i];
  }

  #prefersSecond(energies: Float64Array, from: number, total: number, first: number): boolean {
    let towards = 0;
    let squares = 0;
    for (let i = 0; i < this.size; i++) {
      const a = this.centroids[first * this.size + i];
      const b = this.centroids[(first + 1) * this.size + i];
      towards += energies[from + i] * (b - a);
      squares += b * b - a * a;
    }
    return 2 * CENTROID_ONE * towards > squares * total;
  }
}
