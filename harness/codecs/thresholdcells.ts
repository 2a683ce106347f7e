/**
 * The threshold codecs' format: every cell at or above threshold, and the sum of the others.
 *
 * Bits: 4 header (0); 8 sum of the cells not sent, 5E3M of the shifted charges; 1 kind of address: 0 = list of fewer than 8 cells
 * (3-bit count, then 6 bits each, ascending), 1 = map of 48 bits, first bit CALQ_0; then 7 bits (4E3M) per cell sent.
 * With charges=exact the sum has 28 bits and each charge 22. Empty cells are never sent, whatever the threshold.
 */
import type { Codec, EncoderCost, OpenCodec, Parameter, Parameters } from "../core/codec.js";
import type { BitReader, BitWriter } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import {
  choiceOf,
  codecLabel,
  completeParameters,
  numberOf,
  type ParameterOwner,
} from "../core/parameters.js";
import { CELLS } from "../core/table.js";
import { MAP_FROM, readAddresses, readMap, writeAddresses, writeMap } from "../chip/addresses.js";
import { CALQ_BITS } from "../chip/calibration.js";
import { DECODE_POINTS } from "../chip/floatcodes.js";
import { codedCharges, EXACT_CHARGES, spreadSum, type ChargeFormat } from "./chargeformat.js";
import { decode, drop, spread, SPREADS, type Spread } from "./chipparameters.js";
import { checkHeader, openModuleCodec, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

const HEADER_BITS = 4;
const COUNT_BITS = 3;

const CHARGES = ["coded", "exact"] as const;

export const THRESHOLD_PARAMETERS: Codec["parameters"] = {
  charges: {
    says: "charges as 7-bit codes, or exactly as the published studies kept them (22 bits each)",
    default: "coded",
    choices: CHARGES,
  } satisfies Parameter,
  drop,
  decode,
  spread,
};

/** Opens a threshold codec that keeps charges >= `threshold` CALQ. */
export function openThreshold(owner: ParameterOwner, given: Parameters, threshold: number): OpenCodec {
  const parameters = completeParameters(owner, given);
  const charges =
    choiceOf(parameters, "charges", CHARGES) === "exact"
      ? EXACT_CHARGES
      : codedCharges(numberOf(parameters, "drop"), choiceOf(parameters, "decode", DECODE_POINTS));
  const format = thresholdFormat(threshold, charges, choiceOf(parameters, "spread", SPREADS));
  const facts = { label: codecLabel(owner, given), cost: cost(threshold), side: [], integersOnly: true };
  return openModuleCodec(facts, () => format);
}

/** One comparison per cell; the threshold is a register, unless it is zero. */
function cost(threshold: number): EncoderCost {
  const parameters = threshold > 0 ? 1 : 0;
  return { multiplyAccumulates: 0, comparisons: CELLS, parameters, weightBits: parameters * CALQ_BITS };
}

function thresholdFormat(threshold: number, charges: ChargeFormat, spreading: Spread): ModuleFormat {
  return {
    encode(calq, writer) {
      const sent: number[] = [];
      const others: number[] = [];
      calq.forEach((charge, cell) => {
        if (charge > 0 && charge >= threshold) sent.push(cell);
        else others.push(charge);
      });
      writer.write(STORED_HEADER, HEADER_BITS);
      charges.writeSum(writer, others);
      writeCells(writer, sent);
      for (const cell of sent) charges.writeCharge(writer, calq[cell]);
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = charges.readSum(reader);
      const sent = readCells(reader);
      for (const cell of sent) restored[cell] = charges.readCharge(reader);
      spreadSum(restored, sent, sum, false, spreading);
    },
  };
}

function writeCells(writer: BitWriter, ascending: readonly number[]): void {
  const map = ascending.length >= MAP_FROM;
  writer.write(map ? 1 : 0, 1);
  if (map) {
    writeMap(writer, ascending);
    return;
  }
  writer.write(ascending.length, COUNT_BITS);
  writeAddresses(writer, ascending);
}

function readCells(reader: BitReader): number[] {
  if (reader.read(1) === 0) return readAddresses(reader, reader.read(COUNT_BITS));
  const cells = readMap(reader);
  if (cells.length < MAP_FROM)
    throw new InputError(`payload: cell map: expected at least ${MAP_FROM} cells, got ${cells.length}`, {
      tag: "corrupt",
    });
  return cells;
}
