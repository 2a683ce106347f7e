/**
 * Best choice as a module format, by the chip's rule or by those of the published studies.
 *
 * rule=chip writes the chip's payload (chip/bestchoice.ts) with header 0. rule=ideal-python keeps the same number of cells but
 * compares and sends exact charges: 4 header, 28 sum, addresses or map, 22 per cell. rule=ideal-cmssw does so with the cell
 * numbers of CMSSW v3.23. ties=network: the sorting network decides, among shifted charges in the chip's rule. ties=index: charges
 * are compared unshifted and of equal ones the lower training index wins (as in the published studies).
 */
import type { BitWriter } from "../core/bits.js";
import { CELLS } from "../core/table.js";
import { MAP_FROM, writeAddresses, writeMap } from "../chip/addresses.js";
import {
  ascendingFirst,
  BEST_CHOICE_CELLS,
  BEST_CHOICE_CELLS_STUDY,
  BEST_CHOICE_HEADER_BITS,
  chooseBest,
  packBestChoice,
  readChosen,
  unpackBestChoice,
} from "../chip/bestchoice.js";
import { cellsByChannel, channels, type CellOrder } from "../chip/cellorder.js";
import { CODE_4E3M, CODE_5E3M, restoreCharge, type DecodePoint } from "../chip/floatcodes.js";
import { networkOrder, rankOrder } from "../chip/sortingnetwork.js";
import { EXACT_CHARGES, spreadSum } from "./chargeformat.js";
import type { Spread } from "./chipparameters.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

export const BEST_CHOICE_RULES = ["chip", "ideal-python", "ideal-cmssw"] as const;
export type BestChoiceRule = (typeof BEST_CHOICE_RULES)[number];

export interface BestChoiceOptions {
  readonly links: number;
  readonly rule: BestChoiceRule;
  readonly ties: "network" | "index";
  readonly drop: number;
  readonly sumOfAll: boolean;
  readonly point: DecodePoint;
  readonly spread: Spread;
  readonly order: CellOrder;
  /** Cells sent by the chip's rule where the links are shared with something else; by the links where absent. */
  readonly cells?: number;
}

/** Cells sent with a number of links; the studies' table ends at 12 links, above which every cell is sent. */
export function cellsSent(rule: BestChoiceRule, links: number): number {
  const table = rule === "ideal-cmssw" ? BEST_CHOICE_CELLS_STUDY : BEST_CHOICE_CELLS;
  return links > table.length ? CELLS : table[links - 1];
}

export function bestChoiceFormat(options: BestChoiceOptions): ModuleFormat {
  const cellOf = cellsByChannel(channels(options.order));
  return options.rule === "chip" ? chipFormat(options, cellOf) : idealFormat(options, cellOf);
}

function chipFormat(options: BestChoiceOptions, cellOf: readonly number[]): ModuleFormat {
  const { drop, point, sumOfAll } = options;
  const format = { cells: options.cells ?? cellsSent("chip", options.links), drop, sumOfAll };
  return {
    encode(calq, writer) {
      const byChannel = Float64Array.from(cellOf, (cell) => calq[cell]);
      const order = options.ties === "index" ? rankOrder(byChannel, cellOf) : undefined;
      packBestChoice(writer, chooseBest(byChannel, STORED_HEADER, format, order));
    },
    decode(reader, restored) {
      const payload = unpackBestChoice(reader, format.cells);
      checkHeader(payload.header);
      const sent = payload.addresses.map((channel) => cellOf[channel]);
      sent.forEach((cell, i) => {
        restored[cell] = restoreCharge(payload.charges[i], CODE_4E3M, drop, point);
      });
      spreadSum(restored, sent, restoreCharge(payload.sum, CODE_5E3M, drop, point), sumOfAll, options.spread);
    },
  };
}

function idealFormat(options: BestChoiceOptions, cellOf: readonly number[]): ModuleFormat {
  const count = cellsSent(options.rule, options.links);
  return {
    encode(calq, writer) {
      const byChannel = Float64Array.from(cellOf, (cell) => calq[cell]);
      const order = options.ties === "index" ? rankOrder(byChannel, cellOf) : networkOrder(byChannel);
      const sent = ascendingFirst(order, count);
      const isSent = new Set(sent);
      const summed = [...byChannel].filter((_, channel) => options.sumOfAll || !isSent.has(channel));
      writer.write(STORED_HEADER, BEST_CHOICE_HEADER_BITS);
      EXACT_CHARGES.writeSum(writer, summed);
      writeChosen(writer, sent);
      for (const channel of sent) EXACT_CHARGES.writeCharge(writer, byChannel[channel]);
    },
    decode(reader, restored) {
      checkHeader(reader.read(BEST_CHOICE_HEADER_BITS));
      const sum = EXACT_CHARGES.readSum(reader);
      const sent = readChosen(reader, count).map((channel) => cellOf[channel]);
      for (const cell of sent) restored[cell] = EXACT_CHARGES.readCharge(reader);
      spreadSum(restored, sent, sum, options.sumOfAll, options.spread);
    },
  };
}

function writeChosen(writer: BitWriter, ascending: Uint8Array): void {
  if (ascending.length < MAP_FROM) writeAddresses(writer, ascending);
  else writeMap(writer, ascending);
}
