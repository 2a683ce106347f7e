/**
 * Energy quanta: the module's charge in as many equal quanta as fit the links, their places coded with static probabilities.
 *
 * Bits, most significant first, always 32 x links: 4 header (0) | 8 module sum, 5E3M | 5 index of the number of quanta in the
 * list of these links (quantatables.ts) | the rest: interval code of the 47 splits of the quanta, breadth first
 * (quantatree.ts, quantamodel.ts, intervalcoder.ts). An empty module is zero throughout.
 */
import { defineCodec } from "../core/codec.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { links, linkVariants } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";
import { quantaCost } from "./quantacost.js";
import { quantaFormat } from "./quantaformat.js";

const RESTORE = ["mean", "plain"] as const;
const MOST_LINKS = 5;

const owner = {
  id: "quanta",
  parameters: {
    links: links(MOST_LINKS, 2),
    restore: {
      says: "what the receiver gives groups without quanta: their mean in simulated modules, or nothing",
      default: "mean",
      choices: RESTORE,
    },
  },
};

export const codec = defineCodec({
  ...owner,
  title: "energy quanta",
  family: "energy quanta",
  source: "our own; interval coding: Rissanen 1976, doi:10.1147/rd.203.0198",
  variants: () => linkVariants(owner.parameters.links),
  open(given) {
    const parameters = completeParameters(owner, given);
    const count = numberOf(parameters, "links");
    const smooth = choiceOf(parameters, "restore", RESTORE) === "mean";
    const facts = {
      label: codecLabel(owner, given),
      links: count,
      cost: quantaCost(),
      side: [],
      integersOnly: true,
    };
    return openModuleCodec(facts, () => quantaFormat(count, smooth));
  },
});
