/** Best choice: the n largest cells of a module, n by the number of links; chip rules by default, the studies' on request. */
import { defineCodec, type Parameters } from "../core/codec.js";
import { FREE } from "../core/encodercost.js";
import { UsageError } from "../core/errors.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELL_ORDERS } from "../chip/cellorder.js";
import { DECODE_POINTS } from "../chip/floatcodes.js";
import { OUTPUT_LINKS } from "../chip/linkwords.js";
import { COMPARATORS } from "../chip/sortingnetwork.js";
import { BEST_CHOICE_RULES, bestChoiceFormat, type BestChoiceOptions } from "./bestchoicecells.js";
import { decode, drop, links, linkVariants, order, spread, SPREADS, sum, SUMS } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";

const TIES = ["own", "network", "index"] as const;

const owner = {
  id: "best-choice",
  parameters: {
    links: links(OUTPUT_LINKS, 2),
    rule: {
      says: "the chip's payload, or the studies' idealised selection with exact charges (more bits, which are counted)",
      default: "chip",
      choices: BEST_CHOICE_RULES,
    },
    ties: {
      says: "which of equal cells is kept: as the rule has it, as the sorting network falls, or the lower training index (charges unshifted)",
      default: "own",
      choices: TIES,
    },
    drop,
    sum,
    decode,
    spread,
    order,
  },
};

function optionsOf(parameters: Parameters): BestChoiceOptions {
  const rule = choiceOf(parameters, "rule", BEST_CHOICE_RULES);
  const ties = choiceOf(parameters, "ties", TIES);
  return {
    links: numberOf(parameters, "links"),
    rule,
    ties: ties === "own" ? (rule === "chip" ? "network" : "index") : ties,
    drop: numberOf(parameters, "drop"),
    sumOfAll: choiceOf(parameters, "sum", SUMS) === "all",
    point: choiceOf(parameters, "decode", DECODE_POINTS),
    spread: choiceOf(parameters, "spread", SPREADS),
    order: choiceOf(parameters, "order", CELL_ORDERS),
  };
}

/** Exact charges are neither shifted nor decoded from codes: asking for that is a misunderstanding. */
function refuseIdle(parameters: Parameters): void {
  for (const name of ["drop", "decode"] as const) {
    if (parameters.rule === "chip" || parameters[name] === owner.parameters[name].default) continue;
    throw new UsageError(
      `codec best-choice: parameter ${name}: expected none with rule=${parameters.rule}, got ${parameters[name]}`,
    );
  }
}

export const codec = defineCodec({
  ...owner,
  title: "best choice",
  family: "best choice",
  source: "ECON-T best choice (emulator and test vectors); nBC tables of CMSSW L1Trigger/L1THGCal",
  variants: () => linkVariants(owner.parameters.links),
  open(given) {
    const parameters = completeParameters(owner, given);
    refuseIdle(parameters);
    const options = optionsOf(parameters);
    const cost = { ...FREE, comparisons: COMPARATORS };
    const facts = {
      label: codecLabel(owner, given),
      links: options.links,
      cost,
      side: [],
      integersOnly: true,
    };
    return openModuleCodec(facts, () => bestChoiceFormat(options));
  },
});
