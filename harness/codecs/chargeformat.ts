/**
 * How the charges and the sum of a selection of cells are written: the chip's float codes, or exactly.
 *
 * "exact" is what the published studies silently assumed (no loss but the selection); it costs 22 bits a cell and 28 a sum, which
 * are counted like any other bits.
 */
import type { BitReader, BitWriter } from "../core/bits.js";
import { CALQ_BITS } from "../chip/calibration.js";
import {
  CODE_4E3M,
  CODE_5E3M,
  dropBits,
  encodeFloat,
  restoreCharge,
  type DecodePoint,
} from "../chip/floatcodes.js";
import type { Spread } from "./chipparameters.js";

/** 48 charges of 22 bits sum to less than 2^28. */
export const EXACT_SUM_BITS = CALQ_BITS + 6;

export interface ChargeFormat {
  writeCharge(writer: BitWriter, calq: number): void;
  readCharge(reader: BitReader): number;
  /** `calq` of the cells whose sum is sent. */
  writeSum(writer: BitWriter, calq: readonly number[]): void;
  readSum(reader: BitReader): number;
}

export const EXACT_CHARGES: ChargeFormat = {
  writeCharge(writer, calq) {
    writer.write(calq, CALQ_BITS);
  },
  readCharge: (reader) => reader.read(CALQ_BITS),
  writeSum(writer, calq) {
    writer.write(
      calq.reduce((sum, charge) => sum + charge, 0),
      EXACT_SUM_BITS,
    );
  },
  readSum: (reader) => reader.read(EXACT_SUM_BITS),
};

/** 4E3M charges and a 5E3M sum, each cell shifted by `drop` first. */
export function codedCharges(drop: number, point: DecodePoint): ChargeFormat {
  return {
    writeCharge(writer, calq) {
      writer.write(encodeFloat(dropBits(calq, drop), CODE_4E3M), CODE_4E3M.bits);
    },
    readCharge: (reader) => restoreCharge(reader.read(CODE_4E3M.bits), CODE_4E3M, drop, point),
    writeSum(writer, calq) {
      const total = calq.reduce((sum, charge) => sum + dropBits(charge, drop), 0);
      writer.write(encodeFloat(total, CODE_5E3M), CODE_5E3M.bits);
    },
    readSum: (reader) => restoreCharge(reader.read(CODE_5E3M.bits), CODE_5E3M, drop, point),
  };
}

/**
 * Gives `sum`, the charge of cells that were not sent, to them in equal shares (spread "uniform") or to nobody ("none").
 *
 * With `sumOfAll` the charge of the sent cells is taken off first. `sent` holds the training indices of the cells sent.
 */
export function spreadSum(
  restored: Float64Array,
  sent: readonly number[],
  sum: number,
  sumOfAll: boolean,
  spread: Spread,
): void {
  const silent = restored.length - sent.length;
  if (spread === "none" || silent === 0) return;
  const known = sumOfAll ? sent.reduce((total, cell) => total + restored[cell], 0) : 0;
  const share = Math.max(0, sum - known) / silent;
  const isSent = new Set(sent);
  for (let cell = 0; cell < restored.length; cell++) if (!isSent.has(cell)) restored[cell] = share;
}
