/** Vector quantisation with tree-structured codebooks of shares: see vqformat.ts for the bits. */
import { defineCodec, type EncoderCost } from "../core/codec.js";
import { codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { links, linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";
import { DEPTHS, pathBits, vqFormat } from "./vqformat.js";
import { GAINS } from "./vqtables.js";

const MOST_LINKS = 5;
/** One coordinate of a centroid is what the others leave of 64. */
const COORDINATES = { thirds: 2, groups: 3, cells: 3 } as const;
const COORDINATE_BITS = 6;
const GAIN_BITS = 12;
/** Paths whose energies compete for a bit. */
const COMPETING = 12;

const owner = { id: "vq", parameters: { links: links(MOST_LINKS, 2) } };

/** All three trees; a step is a scalar product with a difference of centroids; a bit allocated is a maximum of twelve. */
function costOf(count: number): EncoderCost {
  const coordinates = (["thirds", "groups", "cells"] as const)
    .map((tree) => (2 ** (DEPTHS[tree] + 1) - 2) * COORDINATES[tree])
    .reduce((sum, size) => sum + size, 0);
  const steps = DEPTHS.thirds + pathBits(count);
  const gains = GAINS.flat().length;
  return {
    multiplyAccumulates: steps * (COORDINATES.cells + 2),
    comparisons: steps * (1 + COMPETING - 1),
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
