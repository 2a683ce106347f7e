/** Makes the codec ae-coded-<training>: see aecoded.ts for the bits. */
import { defineCodec, type Codec, type EncoderCost } from "../core/codec.js";
import { addCosts } from "../core/encodercost.js";
import { codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { codedFormat, STEPS } from "./aecoded.js";
import { CLASS_SHARES } from "./aecodedtables.js";
import type { AutoencoderParts } from "./aemodel.js";
import { partsFor, trainedLinks, type Training } from "./aetraining.js";
import { linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";

const SHARE_BITS = 10;
/** Width times share and its part among numbers of one length; the last pass also says where the symbol begins, twice. */
const PRODUCTS = { trial: 2, last: 4 } as const;

/** The network, the coder's trials of the finer steps and its last pass, and the shares. */
function costOf({ cost, latents }: AutoencoderParts, shares: number): EncoderCost {
  return addCosts(cost, {
    multiplyAccumulates: latents * (PRODUCTS.trial * (STEPS - 1) + PRODUCTS.last),
    comparisons: STEPS - 1,
    parameters: shares,
    weightBits: shares * SHARE_BITS,
  });
}

export function aeCodedCodec(training: Training): Codec {
  const owner = { id: `ae-coded-${training.id}`, parameters: { links: trainedLinks(training) } };
  return defineCodec({
    ...owner,
    title: `autoencoder ${training.id}, entropy-coded latents`,
    family: "autoencoder",
    source: "our own; interval coding: Rissanen 1976, doi:10.1147/rd.203.0198",
    onlyNamed: true,
    variants: () => linkVariants(owner.parameters.links),
    open(given) {
      const count = numberOf(completeParameters(owner, given), "links");
      const parts = partsFor(training, count);
      const facts = {
        label: codecLabel(owner, given),
        links: count,
        cost: costOf(parts, CLASS_SHARES[count - 2].flat().length),
        side: [],
        integersOnly: true,
      };
      return openModuleCodec(facts, () => codedFormat(parts, count));
    },
  });
}
