/**
 * An autoencoder with entropy-coded latents: as fine a step as fits the links, module by module, and never more bits than these.
 *
 * Bits, most significant first, always 32 x links: 4 header (0) | 9 module sum, 5E4M | 2 step | latents. Step 0 is the chip's own
 * latents with their usual bits, which always fit, so the worst case is kept by construction; steps 1 to 3 have 1 to 3 more
 * binary places, interval coded: the class of a latent (its bit length) with a static probability of its own (aecodedtables.ts), then its lower
 * bits as they are (Golomb's idea, Elias 1975, doi:10.1109/TIT.1975.1055349). The encoder takes the finest that fits.
 */
import type { BitReader, BitWriter } from "../core/bits.js";
import { InputError } from "../core/errors.js";
import { CELLS } from "../core/table.js";
import { latentBits } from "../chip/autoencoderpayload.js";
import { bitLength, CODE_5E4M, encodeFloat, restoreCharge } from "../chip/floatcodes.js";
import { CLASS_TOTAL, CLASS_SHARES } from "./aecodedtables.js";
import type { AutoencoderParts } from "./aemodel.js";
import { IntervalDecoder, IntervalEncoder, IntervalWidth } from "./intervalcoder.js";
import { checkHeader, STORED_HEADER, type ModuleFormat } from "./modulecodec.js";

const HEADER_BITS = 4;
const STEP_BITS = 2;
export const STEPS = 2 ** STEP_BITS;
const BITS_PER_LINK = 32;
/** Classes of a latent: 0; below one usual step; then by bit length of the usual code, of 9 bits at most. */
export const CLASSES = 11;

/** Bits for all latents of a module. */
function roomForLatents(links: number): number {
  return BITS_PER_LINK * links - HEADER_BITS - CODE_5E4M.bits - STEP_BITS;
}

function cumulated(shares: readonly number[]): Int32Array {
  const sums = new Int32Array(shares.length + 1);
  shares.forEach((share, k) => {
    sums[k + 1] = sums[k] + share;
  });
  return sums;
}

/** Class of a code with `step` more binary places than usual. */
export function classOfCode(code: number, step: number): number {
  if (code === 0) return 0;
  const usual = code >> step;
  return usual === 0 ? 1 : 1 + bitLength(usual);
}

/** First number of a class, and how many it has; all are taken as equally probable. */
function range(kind: number, step: number): { from: number; count: number } {
  if (kind === 0) return { from: 0, count: 1 };
  if (kind === 1) return { from: 1, count: 2 ** step - 1 };
  return { from: 2 ** (kind - 2 + step), count: 2 ** (kind - 2 + step) };
}

export class LatentCoder {
  readonly #sums: readonly Int32Array[];

  constructor(shares: readonly (readonly number[])[]) {
    this.#sums = shares.map(cumulated);
  }

  encode(coder: IntervalWidth, latent: number, step: number, code: number): void {
    const sums = this.#sums[latent];
    const kind = classOfCode(code, step);
    coder.encode(sums[kind], sums[kind + 1] - sums[kind], CLASS_TOTAL);
    const { from, count } = range(kind, step);
    if (count > 1) coder.encode(code - from, 1, count);
  }

  decode(decoder: IntervalDecoder, latent: number, step: number): number {
    const sums = this.#sums[latent];
    const part = decoder.part(CLASS_TOTAL);
    let kind = 0;
    while (sums[kind + 1] <= part) kind++;
    decoder.narrow(sums[kind], sums[kind + 1] - sums[kind]);
    const { from, count } = range(kind, step);
    if (count === 1) return from;
    const inside = decoder.part(count);
    decoder.narrow(inside, 1);
    return from + inside;
  }
}

/** Codes for a latent of 1 at a step. */
const refine = (nominal: number, step: number): number => 2 ** (nominal - 1 + step);

/** Whole numbers that stand for latents at a step, floored as the chip does, inside [0, 2). */
export function codesAt(latents: ArrayLike<number>, nominal: number, step: number, codes: Int32Array): void {
  const scale = refine(nominal, step);
  for (let i = 0; i < codes.length; i++) {
    codes[i] = Math.min(2 * scale - 1, Math.max(0, Math.floor(latents[i] * scale)));
  }
}

/**
 * The receiver's latent. The decoder was trained on latents floored at the coarse step, half a step low on average; a finer one
 * is less low, so the difference is taken off.
 */
function restoredLatent(code: number, nominal: number, step: number): number {
  const low = 0.5 / refine(nominal, 0) - 0.5 / refine(nominal, step);
  return Math.max(0, code / refine(nominal, step) - low);
}

function refuseRest(reader: BitReader, bits: number): void {
  if (reader.read(bits) === 0) return;
  throw new InputError("payload: behind the latents: expected zero bits, got others", { tag: "corrupt" });
}

export function codedFormat(parts: AutoencoderParts, links: number): ModuleFormat {
  const nominal = latentBits(links);
  const length = roomForLatents(links);
  const encode = parts.createEncode();
  const receive = parts.createReceive();
  const coder = new LatentCoder(CLASS_SHARES[links - 2]);
  const width = new IntervalWidth();
  const interval = new IntervalEncoder(length);
  const codes = new Int32Array(parts.latents);
  const values = new Float64Array(parts.latents);
  const spare = length - nominal * parts.latents;

  const finest = (latents: ArrayLike<number>): number => {
    for (let step = STEPS - 1; step > 0; step--) {
      codesAt(latents, nominal, step, codes);
      width.reset();
      codes.forEach((code, i) => {
        coder.encode(width, i, step, code);
      });
      if (width.fits(length)) return step;
    }
    codesAt(latents, nominal, 0, codes);
    return 0;
  };
  const writePlain = (writer: BitWriter): void => {
    for (const code of codes) writer.write(code, nominal);
    writer.write(0, spare);
  };
  const writeCoded = (writer: BitWriter, step: number): void => {
    interval.reset();
    codes.forEach((code, i) => {
      coder.encode(interval, i, step, code);
    });
    interval.finish(writer);
  };
  const readCoded = (reader: BitReader, step: number): void => {
    const decoder = new IntervalDecoder(reader, length);
    for (let i = 0; i < codes.length; i++) codes[i] = coder.decode(decoder, i, step);
    decoder.finish();
  };
  return {
    encode(calq, writer) {
      let sum = 0;
      for (let cell = 0; cell < CELLS; cell++) sum += calq[cell];
      const step = sum > 0 ? finest(encode(calq)) : 0;
      if (sum === 0) codes.fill(0);
      writer.write(STORED_HEADER, HEADER_BITS);
      writer.write(encodeFloat(sum, CODE_5E4M), CODE_5E4M.bits);
      writer.write(step, STEP_BITS);
      if (step > 0) writeCoded(writer, step);
      else writePlain(writer);
    },
    decode(reader, restored) {
      checkHeader(reader.read(HEADER_BITS));
      const sum = restoreCharge(reader.read(CODE_5E4M.bits), CODE_5E4M, 0, "mid");
      const step = reader.read(STEP_BITS);
      if (step > 0) readCoded(reader, step);
      else {
        for (let i = 0; i < codes.length; i++) codes[i] = reader.read(nominal);
        refuseRest(reader, spare);
      }
      for (let i = 0; i < codes.length; i++) values[i] = restoredLatent(codes[i], nominal, step);
      if (sum > 0) receive(values, sum, restored);
    },
  };
}
