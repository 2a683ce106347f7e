/** Makes the codec of one super-trigger-cell type: its parameters, link counts and cost. The plug-in files only name it. */
import type { Codec, Parameter, Parameters } from "../core/codec.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { CELL_ORDERS } from "../chip/cellorder.js";
import { DECODE_POINTS } from "../chip/floatcodes.js";
import {
  groupsSent,
  SUPER_TRIGGER_CELL_TYPES,
  type SuperTriggerCellType,
} from "../chip/supertriggercells.js";
import { decode, drop, links, linkVariants, order } from "./chipparameters.js";
import { openModuleCodec } from "./modulecodec.js";
import {
  SUPER_TRIGGER_CELL_RULES,
  superTriggerCellFormat,
  type SuperTriggerCellRule,
} from "./supertriggercellgroups.js";

/** What the codec of type `number` (0..3) is called and may do; `rules` starts with "chip". */
export interface SuperTriggerCellPlan {
  readonly id: string;
  readonly title: string;
  readonly type: SuperTriggerCellType["type"];
  readonly rules: readonly SuperTriggerCellRule[];
}

function parametersOf(
  type: SuperTriggerCellType,
  rules: readonly SuperTriggerCellRule[],
): Codec["parameters"] {
  const rule: Parameter = {
    says: "the chip's payload, or an idealised one of the studies (exact or CMSSW-rounded sums; their bits are counted)",
    default: "chip",
    choices: rules,
  };
  const most = type.groupsByLinks.length;
  const shared = { links: links(most, Math.min(2, most)), rule, decode, order };
  return type.drops ? { ...shared, drop } : shared;
}

export function superTriggerCellCodec(plan: SuperTriggerCellPlan): Codec {
  const type = SUPER_TRIGGER_CELL_TYPES[plan.type];
  const owner = { id: plan.id, parameters: parametersOf(type, plan.rules) };
  return {
    ...owner,
    title: plan.title,
    family: "super trigger cell",
    source: "ECON-T super trigger cell (emulator and test vectors); CMSSW L1Trigger/L1THGCal",
    variants: () => linkVariants(owner.parameters.links),
    open(given: Parameters) {
      const parameters = completeParameters(owner, given);
      const count = numberOf(parameters, "links");
      const options = {
        type,
        links: count,
        rule: choiceOf(parameters, "rule", SUPER_TRIGGER_CELL_RULES),
        drop: type.drops ? numberOf(parameters, "drop") : 0,
        point: choiceOf(parameters, "decode", DECODE_POINTS),
        order: choiceOf(parameters, "order", CELL_ORDERS),
      };
      const finds = type.addressBits > 0 && options.rule !== "ideal-share";
      const cost = {
        multiplyAccumulates: 0,
        comparisons: finds ? groupsSent(type, count) * (type.size - 1) : 0,
        parameters: 0,
        weightBits: 0,
      };
      const facts = { label: codecLabel(owner, given), links: count, cost, side: [], integersOnly: true };
      return openModuleCodec(facts, () => superTriggerCellFormat(options));
    },
  };
}
