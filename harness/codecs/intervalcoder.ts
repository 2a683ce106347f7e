/**
 * Interval (arithmetic) coding into a payload of fixed length: the interval of a message narrows with each symbol, and the
 * payload is the first multiple of 2^-length inside it, so a message fits exactly when its interval is at least that wide.
 *
 * The width is kept in 24 bits and renormalised bit by bit: one multiplication and one shift for each symbol.
 * Source: Rissanen 1976, doi:10.1147/rd.203.0198; Moffat, Neal, Witten 1998, doi:10.1145/290159.290162.
 */
import type { BitReader, BitWriter } from "../core/bits.js";
import { InputError } from "../core/errors.js";

const WIDTH_BITS = 24;
const WIDTH_LEAST = 2 ** (WIDTH_BITS - 1);
const LIMB_BITS = 16;
const LIMB = 2 ** LIMB_BITS;

/** Leading zeros of a width of 24 bits: how far it moves up to be normalised. */
function shortfall(width: number): number {
  return Math.clz32(width) - (32 - WIDTH_BITS);
}

/** Width of a message's interval, width * 2^-(shift + 24): enough to know whether it fits. */
export class IntervalWidth {
  protected width = WIDTH_LEAST;
  /** One bit less than no shift: the first width is 2^23, half of what 24 bits hold. */
  protected shift = -1;

  reset(): void {
    this.width = WIDTH_LEAST;
    this.shift = -1;
  }

  /** Narrows to `share` of `total` equal parts (1 <= share <= total <= 2^12), the first of which is part `from`. */
  encode(_from: number, share: number, total: number): void {
    const width = Math.floor(this.width / total) * share;
    const up = shortfall(width);
    this.width = width << up;
    this.shift += up;
  }

  /** True when the interval is surely wide enough to hold a multiple of 2^-length. */
  fits(length: number): boolean {
    return this.shift < length;
  }
}

/** The interval itself. Symbols are given as (first part, parts, total); `length` bits are the most it may need. */
export class IntervalEncoder extends IntervalWidth {
  readonly #low: Int32Array;

  constructor(private readonly length: number) {
    super();
    // Bit 0 counts 1 (reached by no message, but it keeps the first addition inside); then the binary places.
    this.#low = new Int32Array(Math.ceil((length + 2 * WIDTH_BITS) / LIMB_BITS) + 1);
  }

  override reset(): void {
    super.reset();
    this.#low.fill(0);
  }

  override encode(from: number, share: number, total: number): void {
    this.#add(Math.floor(this.width / total) * from, this.shift + WIDTH_BITS);
    super.encode(from, share, total);
  }

  /** Writes the payload of `length` bits; the message must fit. */
  finish(writer: BitWriter): void {
    this.#roundUp();
    for (let bit = 1; bit <= this.length; bit += LIMB_BITS) {
      const count = Math.min(LIMB_BITS, this.length + 1 - bit);
      writer.write(this.#bits(bit, count), count);
    }
  }

  /** Adds value * 2^-place. */
  #add(value: number, place: number): void {
    let limb = place >> 4;
    let carried = value * 2 ** (LIMB_BITS - 1 - (place & (LIMB_BITS - 1)));
    while (carried > 0) {
      const sum = this.#low[limb] + carried;
      carried = Math.floor(sum / LIMB);
      this.#low[limb--] = sum - carried * LIMB;
    }
  }

  /** Up to the next multiple of 2^-length. */
  #roundUp(): void {
    const limb = this.length >> 4;
    const below = LIMB_BITS - 1 - (this.length & (LIMB_BITS - 1));
    const rest = this.#low[limb] & (2 ** below - 1);
    const isWhole = rest === 0 && this.#low.every((value, k) => k <= limb || value === 0);
    if (!isWhole) this.#add(1, this.length);
  }

  #bits(first: number, count: number): number {
    const limb = first >> 4;
    const pair = this.#low[limb] * LIMB + (this.#low[limb + 1] ?? 0);
    const below = 2 * LIMB_BITS - (first & (LIMB_BITS - 1)) - count;
    return Math.floor(pair / 2 ** below) % 2 ** count;
  }
}

/** Reads `length` bits as they are asked for; beyond them the message continues with zeros. */
export class IntervalDecoder {
  #width = WIDTH_LEAST;
  #offset: number;
  #left: number;
  #part = 0;

  constructor(
    private readonly reader: BitReader,
    length: number,
  ) {
    this.#left = length;
    this.#offset = this.#take(WIDTH_BITS - 1);
  }

  /** Which of `total` parts the message lies in; follow with `narrow`. Refuses (InputError) what no encoder writes. */
  part(total: number): number {
    this.#part = Math.floor(this.#width / total);
    const found = Math.floor(this.#offset / this.#part);
    if (found < total) return found;
    throw new InputError(`payload: interval code: expected a part below ${total}, got ${found}`, {
      tag: "corrupt",
    });
  }

  narrow(from: number, share: number): void {
    this.#offset -= this.#part * from;
    const width = this.#part * share;
    const up = shortfall(width);
    this.#width = width << up;
    this.#offset = this.#offset * 2 ** up + this.#take(up);
  }

  /** Reads what is left of the payload; refuses bits behind the message that no encoder writes. */
  finish(): void {
    while (this.#left > 0) {
      const count = Math.min(this.#left, 32);
      this.#left -= count;
      if (this.reader.read(count) === 0) continue;
      throw new InputError("payload: behind the message: expected zero bits, got others", { tag: "corrupt" });
    }
  }

  #take(count: number): number {
    const read = Math.min(count, this.#left);
    this.#left -= read;
    return this.reader.read(read) * 2 ** (count - read);
  }
}
