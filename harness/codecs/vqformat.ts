/**
 * Vector quantisation as a module format: shares of the thirds, of the four groups of a third, of the four cells of a group, each a
 * walk down a tree-structured codebook (vqtree.ts). A codebook of whole modules would have 2^52 entries; these trees have 384 leaves.
 *
 * Bits, most significant first: 4 header (0) | 8 module sum, 5E3M | 7 thirds | paths of the three thirds | paths of the twelve
 * groups. How long a path is both sides work out from what was sent before: each next bit goes where the energy sent so far times
 * the error that a bit removes is largest (greedy allocation: Shoham, Gersho 1988, doi:10.1109/29.90373). An empty module is zero.
 */
import { CELLS } from "../core/table.js";
import { GROUPS_OF_4 } from "../physics/triggercells.js";
import { CODE_5E3M, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";
import { CENTROID_ONE, QuantiserTree } from "./vqtree.js";
import { CELL_TREE, GAINS, GROUP_TREE, THIRD_BITS, THIRD_TREE } from "./vqtables.js";

const HEADER_BITS = 4;
const BITS_PER_LINK = 32;
const THIRDS = 3;
const GROUPS = GROUPS_OF_4.length;
const GROUPS_OF_THIRD = GROUPS / THIRDS;
/** Depth of the three trees. */
export const DEPTHS = { thirds: 7, groups: 7, cells: 7 } as const;

const thirds = new QuantiserTree(THIRDS, THIRD_TREE);
const groups = new QuantiserTree(GROUPS_OF_THIRD, GROUP_TREE);
const cells = new QuantiserTree(GROUPS_OF_4[0].length, CELL_TREE);

/** Bits behind the thirds. */
export function pathBits(links: number): number {
  return BITS_PER_LINK * links - HEADER_BITS - CODE_5E3M.bits - DEPTHS.thirds;
}

/**
 * Shares out `bits` over paths of at most `most` bits: each goes to the path with the largest energy x gain, of equals the first.
 * `gains` holds what the next bit is worth by bits that a path has. Fills `depths`; returns how many bits found a place.
 */
export function allocate(
  energies: ArrayLike<number>,
  gains: readonly number[],
  most: number,
  bits: number,
  depths: Uint8Array,
): number {
  depths.fill(0);
  for (let bit = 0; bit < bits; bit++) {
    let best = -1;
    let worth = 0;
    for (let k = 0; k < depths.length; k++) {
      if (depths[k] === most || energies[k] * gains[depths[k]] <= worth) continue;
      best = k;
      worth = energies[k] * gains[depths[k]];
    }
    if (best < 0) return bit;
    depths[best]++;
  }
  return bits;
}

/** The energies that both sides know, and how many bits each path therefore has. */
class Plan {
  readonly thirdEnergies = new Float64Array(THIRDS);
  readonly groupEnergies = new Float64Array(GROUPS);
  readonly thirdDepths = new Uint8Array(THIRDS);
  readonly groupDepths = new Uint8Array(GROUPS);

  constructor(
    private readonly links: number,
    private readonly bits: number,
  ) {}

  #left = 0;

  tookThirds(path: number): void {
    for (let k = 0; k < THIRDS; k++) this.thirdEnergies[k] = thirds.share(DEPTHS.thirds, path, k);
    const most = THIRD_BITS[this.links - 1];
    const taken = allocate(this.thirdEnergies, GAINS[0], DEPTHS.groups, most, this.thirdDepths);
    this.#left = this.bits - taken;
  }

  tookGroups(third: number, path: number): void {
    for (let k = 0; k < GROUPS_OF_THIRD; k++) {
      this.groupEnergies[third * GROUPS_OF_THIRD + k] =
        this.thirdEnergies[third] * groups.share(this.thirdDepths[third], path, k);
    }
  }

  planGroups(): void {
    allocate(this.groupEnergies, GAINS[1], DEPTHS.cells, this.#left, this.groupDepths);
  }
}

/** Charges of the module by group and cell, of groups, and of thirds. */
class Sums {
  readonly cells = new Float64Array(CELLS);
  readonly groups = new Float64Array(GROUPS);
  readonly thirds = new Float64Array(THIRDS);

  load(calq: Float64Array): number {
    this.groups.fill(0);
    this.thirds.fill(0);
    GROUPS_OF_4.forEach((members, group) => {
      members.forEach((cell, i) => {
        this.cells[group * members.length + i] = calq[cell];
        this.groups[group] += calq[cell];
      });
      this.thirds[Math.floor(group / GROUPS_OF_THIRD)] += this.groups[group];
    });
    return this.thirds.reduce((sum, charge) => sum + charge, 0);
  }
}

/** Writes shares of `sum` to the cells of a group. */
function restoreGroup(plan: Plan, group: number, path: number, unit: number, restored: Float64Array): void {
  GROUPS_OF_4[group].forEach((cell, i) => {
    restored[cell] = plan.groupEnergies[group] * unit * cells.share(plan.groupDepths[group], path, i);
  });
}

export function vqFormat(links: number): ModuleFormat {
  const sums = new Sums();
  const plan = new Plan(links, pathBits(links));
  return {
    encode(calq, writer) {
      const sum = sums.load(calq);
      writer.write(STORED_HEADER, HEADER_BITS);
      writer.write(encodeFloat(sum, CODE_5E3M), CODE_5E3M.bits);
      const path = thirds.encode(sums.thirds, 0, DEPTHS.thirds);
      writer.write(path, DEPTHS.thirds);
      plan.tookThirds(path);
      for (let third = 0; third < THIRDS; third++) {
        const depth = plan.thirdDepths[third];
        const of = groups.encode(sums.groups, third * GROUPS_OF_THIRD, depth);
        writer.write(of, depth);
        plan.tookGroups(third, of);
      }
      plan.planGroups();
      plan.groupDepths.forEach((depth, group) => {
        writer.write(cells.encode(sums.cells, group * cells.size, depth), depth);
      });
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = restoreCharge(reader.read(CODE_5E3M.bits), CODE_5E3M, 0, "mid");
      plan.tookThirds(reader.read(DEPTHS.thirds));
      plan.thirdDepths.forEach((depth, third) => {
        plan.tookGroups(third, reader.read(depth));
      });
      plan.planGroups();
      plan.groupDepths.forEach((depth, group) => {
        restoreGroup(plan, group, reader.read(depth), sum / CENTROID_ONE ** 3, restored);
      });
    },
  };
}
