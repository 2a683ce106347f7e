/** Vector quantisation with tree-structured codebooks of shares: see vqformat.ts for the bits. */
import { defineCodec, type EncoderCost } from "../core/codec.js";
import { codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { links, linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";
import { DEPTHS, pathBits, vqFormat } from "./vqformat.js";
import { GAINS } from "./vqtables.js";

const MOST_LINKS = 5;
/** Coordinates of a centroid that are stored; the last is what the others leave of CENTROID_ONE, 63. */
const STORED = { thirds: 2, groups: 3, cells: 3 } as const;
const COORDINATE_BITS = 6;
const GAIN_BITS = 12;
/** Paths whose energies compete for a bit. */
const COMPETING = 12;
/** Coordinates of a centroid of cells or groups, and how many groups and thirds there are. */
const SIZE = 4;
const GROUPS = 12;
const THIRDS = 3;
/**
 * A step down a tree: the product with the difference of two centroids, the squares of both, and their difference times the sum.
 * Then the path that got a bit has a new worth.
 */
const PRODUCTS_PER_STEP = 3 * SIZE + 1;
const PRODUCTS_PER_BIT = 1;

const owner = { id: "vq", parameters: { links: links(MOST_LINKS, 2) } };

/** All three trees; a bit allocated is a maximum of twelve; energies of groups are shares of the thirds' energies. */
function costOf(count: number): EncoderCost {
  const coordinates = (["thirds", "groups", "cells"] as const)
    .map((tree) => (2 ** (DEPTHS[tree] + 1) - 2) * STORED[tree])
    .reduce((sum, size) => sum + size, 0);
  const bits = pathBits(count);
  const steps = DEPTHS.thirds + bits;
  const gains = GAINS.flat().length;
  return {
    multiplyAccumulates: steps * PRODUCTS_PER_STEP + bits * PRODUCTS_PER_BIT + 2 * GROUPS + THIRDS,
    comparisons: steps + bits * (COMPETING - 1),
    parameters: coordinates + gains,
    weightBits: coordinates * COORDINATE_BITS + gains * GAIN_BITS,
  };
}

export const codec = defineCodec({
  ...owner,
  title: "tree-structured vector quantisation",
  family: "vector quantisation",
  source:
    "Buzo, Gray, Gray, Markel 1980, doi:10.1109/TASSP.1980.1163445; codebooks fitted here by k-means (Lloyd 1982)",
  variants: () => linkVariants(owner.parameters.links),
  open(given) {
    const count = numberOf(completeParameters(owner, given), "links");
    const facts = {
      label: codecLabel(owner, given),
      links: count,
      cost: costOf(count),
      side: [],
      integersOnly: true,
    };
    return openModuleCodec(facts, () => vqFormat(count));
  },
});
