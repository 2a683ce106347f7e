/**
 * Mixed concentrator: best choice in CE-E, super trigger cells in CE-H (of 4 in high-density modules, of 16 in low-density ones).
 *
 * The detector part and the density of a module are known off-detector and cost no bits; rows without labels count as CE-E, low
 * density. Links beyond what a super-trigger-cell type can use stay idle.
 */
import { defineCodec } from "../core/codec.js";
import { FREE } from "../core/encodercost.js";
import { choiceOf, codecLabel, completeParameters, numberOf } from "../core/parameters.js";
import { densityDrop } from "../chip/calibration.js";
import { DECODE_POINTS, type DecodePoint } from "../chip/floatcodes.js";
import { OUTPUT_LINKS } from "../chip/linkwords.js";
import { COMPARATORS } from "../chip/sortingnetwork.js";
import { SUPER_TRIGGER_CELL_TYPES } from "../chip/supertriggercells.js";
import { bestChoiceFormat } from "./bestchoicecells.js";
import { decode, links, linkVariants, spread, SPREADS, type Spread } from "./chipparameters.js";
import { detectorPart, PART_LABELS, type DetectorPart } from "./detectorpart.js";
import { openModuleCodec, type ModuleFormat, type SideLabels } from "./modulecodec.js";
import { superTriggerCellFormat } from "./supertriggercellgroups.js";

const owner = { id: "bc-stc", parameters: { links: links(OUTPUT_LINKS, 2), decode, spread } };

function formatFor(
  kind: DetectorPart,
  linkCount: number,
  point: DecodePoint,
  spreading: Spread,
): ModuleFormat {
  const drop = densityDrop(kind.highDensity);
  if (kind.part === "CE-E") {
    const fixed = { rule: "chip", ties: "network", sumOfAll: false, order: "postmux" } as const;
    return bestChoiceFormat({ ...fixed, links: linkCount, drop, point, spread: spreading });
  }
  const type = SUPER_TRIGGER_CELL_TYPES[kind.highDensity ? 0 : 1];
  return superTriggerCellFormat({ type, links: linkCount, rule: "chip", drop, point, order: "postmux" });
}

function mixedFormat(linkCount: number, point: DecodePoint, spreading: Spread): ModuleFormat {
  const formats = new Map<string, ModuleFormat>();
  const formatOf = (side: SideLabels, row: number): ModuleFormat => {
    const kind = detectorPart(side, row);
    const key = `${kind.part} ${kind.highDensity}`;
    const format = formats.get(key) ?? formatFor(kind, linkCount, point, spreading);
    formats.set(key, format);
    return format;
  };
  return {
    encode(calq, writer, row, side) {
      formatOf(side, row).encode(calq, writer, row, side);
    },
    decode(reader, restored, row, side) {
      formatOf(side, row).decode(reader, restored, row, side);
    },
  };
}

export const codec = defineCodec({
  ...owner,
  title: "best choice and super trigger cells",
  family: "mixed",
  source:
    "mixed concentrator configuration of CMSSW L1Trigger/L1THGCal (create_mixedfeoptions), chip formats",
  variants: () => linkVariants(owner.parameters.links),
  open(given) {
    const parameters = completeParameters(owner, given);
    const linkCount = numberOf(parameters, "links");
    const point = choiceOf(parameters, "decode", DECODE_POINTS);
    const spreading = choiceOf(parameters, "spread", SPREADS);
    const facts = {
      label: codecLabel(owner, given),
      links: linkCount,
      // The sorter is the larger of the two.
      cost: { ...FREE, comparisons: COMPARATORS },
      side: PART_LABELS,
      integersOnly: true,
    };
    return openModuleCodec(facts, () => mixedFormat(linkCount, point, spreading));
  },
});
