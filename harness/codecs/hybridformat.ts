/**
 * Best choice, super trigger cells or an autoencoder, whichever suits the module: two selector bits inside the same links.
 *
 * Bits, most significant first, always 32 x links: 2 selector | payload of the format selected, its own header and sums included |
 * zeros. Formats: 0 best choice as the chip sends it, the sum of the other cells spread evenly by the receiver (three cells at two
 * links instead of four: the selector costs one); 1 super trigger cells, of the type that helps most beside the other two (fitted); 2 the autoencoder.
 *
 * Two rules select. "occupancy": a table (hybridtables.ts) by what the encoder's sorter and sum know anyway, which share of the charge
 * the best cells leave and how many cells have charge; a chip can do that. "oracle": the true EMD of the three decoded pictures, which
 * needs three decoders and a transport solver in the encoder: the bound of all rules, not a design.
 */
import type { BitReader } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { dropBits } from "../chip/floatcodes.js";
import { BEST_CHOICE_CELLS } from "../chip/bestchoice.js";
import { SUPER_TRIGGER_CELL_TYPES } from "../chip/supertriggercells.js";
import type { AutoencoderParts } from "./aemodel.js";
import { bestChoiceFormat } from "./bestchoicecells.js";
import { SUPER_TRIGGER_CELL_TYPE } from "./hybridtables.js";
import type { ModuleFormat } from "./modulecodec.js";
import { superTriggerCellFormat } from "./supertriggercellgroups.js";

const SELECTOR_BITS = 2;
const BITS_PER_LINK = 32;
const DROP = 1;
export const FORMATS = ["best choice", "super trigger cells", "autoencoder"] as const;

/** By links from two on: cells of best choice. */
const CELLS_SENT = [3, BEST_CHOICE_CELLS[2], BEST_CHOICE_CELLS[3], BEST_CHOICE_CELLS[4]] as const;

/** Bits of a format at a number of links: the selector takes its own. */
export function formatBits(links: number): number {
  return BITS_PER_LINK * links - SELECTOR_BITS;
}

/** The three formats at a number of links, in the selector's order; the super-trigger-cell type is the fitted one by default. */
export function candidates(
  parts: AutoencoderParts,
  links: number,
  type: number = SUPER_TRIGGER_CELL_TYPE[links - 2],
): ModuleFormat[] {
  const cells = CELLS_SENT[links - 2];
  const shared = { links, drop: DROP, point: "mid", order: "postmux" } as const;
  return [
    bestChoiceFormat({ ...shared, rule: "chip", ties: "network", sumOfAll: false, spread: "uniform", cells }),
    superTriggerCellFormat({ ...shared, rule: "chip", type: SUPER_TRIGGER_CELL_TYPES[type] }),
    parts.createFormat(links),
  ];
}

/** Classes of the share of the charge that the best cells leave: none, then below 1/64, 1/32, ... 1/2, and above. */
export const REST_CLASSES = 8;
/** Classes of the number of cells with charge: up to 4, 8, ... 48. */
export const FILLED_CLASSES = 12;

/** Class of a module for the table of `choice=occupancy`, from what the sorter of best choice holds. */
export function classOf(calq: ArrayLike<number>, links: number): number {
  const cells = CELLS_SENT[links - 2];
  const shifted = Array.from(calq, (charge) => dropBits(charge, DROP)).sort((a, b) => b - a);
  const sum = shifted.reduce((total, charge) => total + charge, 0);
  const rest = shifted.slice(cells).reduce((total, charge) => total + charge, 0);
  const filled = shifted.filter((charge) => charge > 0).length;
  let share = 0;
  if (rest > 0) for (share = 1; share < REST_CLASSES - 1 && rest * 2 ** (7 - share) >= sum;) share++;
  return share * FILLED_CLASSES + Math.max(0, Math.ceil(filled / 4) - 1);
}

function refuseRest(reader: BitReader, bits: number): void {
  for (let left = bits; left > 0; left -= 32) {
    if (reader.read(Math.min(32, left)) === 0) continue;
    throw new InputError("payload: behind the format: expected zero bits, got others", { tag: "corrupt" });
  }
}

/** `select` names the format of a row. */
export function hybridFormat(
  parts: AutoencoderParts,
  links: number,
  select: (calq: Float64Array, row: number) => number,
): ModuleFormat {
  const formats = candidates(parts, links);
  const budget = BITS_PER_LINK * links;
  return {
    encode(calq, writer, row, side) {
      const start = writer.position;
      const selected = calq.some((charge) => charge > 0) ? select(calq, row) : 0;
      writer.write(selected, SELECTOR_BITS);
      formats[selected].encode(calq, writer, row, side);
      for (let left = budget - (writer.position - start); left > 0; left -= 32)
        writer.write(0, Math.min(32, left));
    },
    decode(reader, restored, row, side) {
      const start = reader.position;
      const selected = reader.read(SELECTOR_BITS);
      if (selected >= formats.length)
        throw new InputError(
          `payload: selector: expected a format below ${formats.length}, got ${selected}`,
          { tag: "corrupt" },
        );
      formats[selected].decode(reader, restored, row, side);
      refuseRest(reader, budget - (reader.position - start));
    },
  };
}
