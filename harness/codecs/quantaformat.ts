/**
 * Energy quanta as a module format: as many quanta as the links can hold, their places interval coded, the rest of the
 * payload zero. See quanta.ts for the bits.
 */
import type { BitReader } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { CODE_5E3M, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { IntervalDecoder, IntervalEncoder, IntervalWidth } from "./intervalcoder.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";
import { Allotment } from "./quantaallot.js";
import { SplitModel } from "./quantamodel.js";
import { shareOut } from "./quantarestore.js";
import { SPLIT_ROWS, TOTALS } from "./quantatables.js";
import { LEFT, LEVEL, RIGHT, SLOTS, SPLITS } from "./quantatree.js";

const HEADER_BITS = 4;
export const INDEX_BITS = 5;
const BITS_PER_LINK = 32;

/** Bits of the interval code at a number of links. */
export function codeBits(links: number): number {
  return BITS_PER_LINK * links - HEADER_BITS - CODE_5E3M.bits - INDEX_BITS;
}

export const MODEL = new SplitModel(SPLIT_ROWS);

/** Trials of a total that find the largest of 32 by bisection; the first of them always fits. */
export const TRIALS = INDEX_BITS;

export function quantaFormat(links: number, smooth: boolean): ModuleFormat {
  const length = codeBits(links);
  const totals = TOTALS[links - 1];
  const allotment = new Allotment();
  const width = new IntervalWidth();
  const encoder = new IntervalEncoder(length);
  const slots = new Int32Array(SLOTS);
  return {
    encode(calq, writer) {
      const sum = allotment.load(calq);
      const index = sum > 0 ? largestThatFits(allotment, totals, width, length) : 0;
      writer.write(STORED_HEADER, HEADER_BITS);
      writer.write(encodeFloat(sum, CODE_5E3M), CODE_5E3M.bits);
      writer.write(index, INDEX_BITS);
      encoder.reset();
      if (sum > 0) encodePlaces(allotment, encoder);
      encoder.finish(writer);
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = restoreCharge(reader.read(CODE_5E3M.bits), CODE_5E3M, 0, "mid");
      const index = reader.read(INDEX_BITS);
      if (sum > 0) {
        decodePlaces(reader, length, totals[index], slots);
        shareOut(slots, sum, smooth ? { links, index } : undefined, restored);
      } else refuseContent(reader, index, length);
    },
  };
}

/** Index of the largest total whose places fit, by bisection; leaves its quanta in `allotment`. */
function largestThatFits(
  allotment: Allotment,
  totals: readonly number[],
  width: IntervalWidth,
  length: number,
): number {
  let fitting = 0;
  for (let step = totals.length >> 1; step > 0; step >>= 1) {
    allotment.allot(totals[fitting + step]);
    width.reset();
    encodePlaces(allotment, width);
    if (width.fits(length)) fitting += step;
  }
  allotment.allot(totals[fitting]);
  return fitting;
}

function encodePlaces({ quanta }: Allotment, coder: IntervalWidth): void {
  for (let split = 0; split < SPLITS; split++) {
    const count = quanta[split];
    if (count > 0) MODEL.encode(coder, LEVEL[split], count, quanta[LEFT[split]]);
  }
}

function decodePlaces(reader: BitReader, length: number, total: number, quanta: Int32Array): void {
  const decoder = new IntervalDecoder(reader, length);
  quanta[0] = total;
  for (let split = 0; split < SPLITS; split++) {
    const count = quanta[split];
    const left = count > 0 ? MODEL.decode(decoder, LEVEL[split], count) : 0;
    quanta[LEFT[split]] = left;
    quanta[RIGHT[split]] = count - left;
  }
  decoder.finish();
}

/** An empty module has nothing behind its sum but zeros. */
function refuseContent(reader: BitReader, index: number, length: number): void {
  let isZero = index === 0;
  for (let left = length; left > 0; left -= 16) isZero = reader.read(Math.min(16, left)) === 0 && isZero;
  if (isZero) return;
  throw new InputError("payload: empty module: expected zero bits behind the sum, got others", {
    tag: "corrupt",
  });
}
