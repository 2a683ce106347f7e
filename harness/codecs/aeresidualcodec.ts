/** Makes the codec ae-residual-<training>: see aeresidual.ts for the bits. */
import { defineCodec, type Codec, type EncoderCost } from "../core/codec.js";
import { addCosts } from "../core/encodercost.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELLS } from "../core/table.js";
import { COMPARATORS } from "../chip/sortingnetwork.js";
import type { AutoencoderParts } from "./aemodel.js";
import { CELL_CHOICES, residualFormat, type CellChoice } from "./aeresidual.js";
import { partsFor, trainedLinks, type Training } from "./aetraining.js";
import { linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";

/** Models for this number of links give the coarse picture at all. */
const MODEL_LINKS = 2;

/** Network and sorter; for "residual" the decoder and a difference for each cell as well. */
function costOf({ cost, decoderCost }: AutoencoderParts, choice: CellChoice): EncoderCost {
  const largest = addCosts(cost, { comparisons: COMPARATORS });
  return choice === "largest" ? largest : addCosts(largest, decoderCost, { multiplyAccumulates: CELLS });
}

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
        cost: costOf(parts, choice),
        side: [],
        integersOnly: true,
      };
      return openModuleCodec(facts, () => residualFormat(parts, count, choice));
    },
  });
}
