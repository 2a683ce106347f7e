/** Makes the codec ae-residual-<training>: see aeresidual.ts for the bits. */
import { defineCodec, type Codec } from "../core/codec.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { COMPARATORS } from "../chip/sortingnetwork.js";
import { CELL_CHOICES, residualFormat } from "./aeresidual.js";
import { partsFor, trainedLinks, type Training } from "./aetraining.js";
import { linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";

/** Models for this number of links give the coarse picture at all. */
const MODEL_LINKS = 2;

export function aeResidualCodec(training: Training): Codec {
  const owner = {
    id: `ae-residual-${training.id}`,
    parameters: {
      links: trainedLinks(training),
      cells: {
        says: "cells sent beside the latents: the largest, or those that the decoder misses most (unlimited: a decoder in the encoder)",
        default: CELL_CHOICES[0],
        choices: CELL_CHOICES,
      },
    },
  };
  return defineCodec({
    ...owner,
    title: `autoencoder ${training.id} and single cells`,
    family: "autoencoder",
    source: "our own",
    onlyNamed: true,
    variants: () => linkVariants(owner.parameters.links),
    open(given) {
      const parameters = completeParameters(owner, given);
      const count = numberOf(parameters, "links");
      const parts = partsFor(training, MODEL_LINKS);
      const choice = choiceOf(parameters, "cells", CELL_CHOICES);
      const facts = {
        label: codecLabel(owner, given),
        links: count,
        cost: { ...parts.cost, comparisons: parts.cost.comparisons + COMPARATORS },
        side: [],
        integersOnly: true,
      };
      return openModuleCodec(facts, () => residualFormat(parts, count, choice));
    },
  });
}
