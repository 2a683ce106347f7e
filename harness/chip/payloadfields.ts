/**
 * Which field of a payload a bit belongs to: what a comparison of output words calls the place where they part.
 *
 * Threshold-sum's payloads wander through its buffer; for it the crossings up to the one in question are played again.
 */
import { LATENT_BITS } from "./autoencoder.js";
import { AUTOENCODER_HEADER_BITS, latentRoom, sentBits } from "./autoencoderpayload.js";
import { ADDRESS_BITS, MAP_FROM } from "./addresses.js";
import { BEST_CHOICE_CELLS, BEST_CHOICE_HEADER_BITS } from "./bestchoice.js";
import { header5 } from "./bxheader.js";
import { CODE_4E3M, CODE_5E3M, CODE_5E4M } from "./floatcodes.js";
import { LINK_BITS } from "./linkwords.js";
import type { Crossing } from "./pipeline.js";
import type { ChipSettings } from "./registers.js";
import { REPEATER_HEADER_BITS } from "./repeater.js";
import { groupsSent, SUPER_TRIGGER_CELL_HEADER_BITS, SUPER_TRIGGER_CELL_TYPES } from "./supertriggercells.js";
import { admit, wordsPerCrossing } from "./thresholdbuffer.js";
import {
  BUFFER_WORD_BITS,
  EVENT,
  eventWords,
  THRESHOLD_SUM_HEADER_BITS,
  thresholdEvent,
  type ThresholdSumEvent,
} from "./thresholdsum.js";

type Field = readonly [name: string, bits: number];

const CELLS = 48;
const numbered = (count: number, name: (i: number) => string, bits: number): Field[] =>
  Array.from({ length: count }, (_, i) => [name(i), bits]);

/** How a format with `cells` cells says which they are. */
const whichCells = (cells: number): Field[] =>
  cells < MAP_FROM
    ? numbered(cells, (i) => `address ${i}`, ADDRESS_BITS)
    : numbered(CELLS, (i) => `map of channel ${i}`, 1);

function statelessFields(settings: ChipSettings): readonly Field[] {
  const { links } = settings;
  switch (settings.algorithm) {
    case "best-choice": {
      const cells = BEST_CHOICE_CELLS[links - 1];
      return [
        ["header", BEST_CHOICE_HEADER_BITS],
        ["module sum", CODE_5E3M.bits],
        ...whichCells(cells),
        ...numbered(cells, (i) => `charge ${i}`, CODE_4E3M.bits),
      ];
    }
    case "super-trigger-cell": {
      const type = SUPER_TRIGGER_CELL_TYPES[settings.superTriggerCellType];
      const groups = groupsSent(type, links);
      return [
        ["header", SUPER_TRIGGER_CELL_HEADER_BITS],
        ...numbered(groups, (i) => `place in group ${i}`, type.addressBits),
        ...numbered(groups, (i) => `sum of group ${i}`, type.sumCode.bits),
      ];
    }
    case "repeater":
      return [
        ["header", REPEATER_HEADER_BITS],
        ...numbered(CELLS, (i) => `charge of channel ${i}`, CODE_4E3M.bits),
      ];
    case "autoencoder": {
      const sent = sentBits({ links, mask: settings.autoencoder?.mask ?? 0n });
      return [
        ["header", AUTOENCODER_HEADER_BITS],
        ["module sum", CODE_5E4M.bits],
        ["padding before the latents", latentRoom(links) - sent.length],
        ...sent.map((at): Field => [`latent ${Math.floor(at / LATENT_BITS)}, bit ${at % LATENT_BITS}`, 1]),
      ];
    }
    case "threshold-sum":
      return [];
  }
}

function eventFields(event: ThresholdSumEvent): readonly Field[] {
  const cells = event.addresses.length;
  return [
    ["header", THRESHOLD_SUM_HEADER_BITS],
    ["event type", 3],
    ["module sum", CODE_5E3M.bits],
    ...(event.type === EVENT.list ? ([["cell count", 3]] as const) : []),
    ...(cells === 0 ? [] : whichCells(event.type === EVENT.list ? cells : CELLS)),
    ...numbered(cells, (i) => `charge ${i}`, CODE_4E3M.bits),
  ];
}

function fieldAt(fields: readonly Field[], offset: number): string {
  let end = 0;
  for (const [name, bits] of fields) {
    end += bits;
    if (offset < end) return name;
  }
  return "padding";
}

function thresholdField(
  settings: ChipSettings,
  crossings: (row: number) => Crossing,
  row: number,
  offset: number,
): string {
  const format = { thresholds: settings.thresholds, drop: settings.drop, sumOfAll: settings.useSum };
  const perCrossing = wordsPerCrossing(settings.links);
  const waiting: { readonly event: ThresholdSumEvent; readonly number: number; readonly word: number }[] = [];
  for (let i = 0; ; i++) {
    const { calq, number } = crossings(i);
    const event = admit(thresholdEvent(calq, header5(number), format), calq, waiting.length, settings.buffer);
    for (let word = 0; word < eventWords(event); word++) waiting.push({ event, number, word });
    const leaving = waiting.splice(0, perCrossing);
    if (i < row) continue;
    const half = Math.floor(offset / BUFFER_WORD_BITS);
    if (half >= perCrossing) return "padding";
    if (half >= leaving.length) return "idle word";
    const from = leaving[half];
    const name = fieldAt(eventFields(from.event), from.word * BUFFER_WORD_BITS + (offset % BUFFER_WORD_BITS));
    return `${name} of the event of crossing ${from.number}`;
  }
}

/** Name of the field that holds `bit` (31 is sent first) of output word `word` in row `row`. */
export function fieldOfBit(
  settings: ChipSettings,
  crossings: (row: number) => Crossing,
  { row, word, bit }: { readonly row: number; readonly word: number; readonly bit: number },
): string {
  const offset = word * LINK_BITS + (LINK_BITS - 1 - bit);
  return settings.algorithm === "threshold-sum"
    ? thresholdField(settings, crossings, row, offset)
    : fieldAt(statelessFields(settings), offset);
}
