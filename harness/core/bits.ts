/**
 * Bit streams, most significant bit first: what every codec writes and reads.
 *
 * Fields are 0..32 bits wide; values are unsigned. Reading past the end is an InputError, never a zero.
 */
import { InputError } from "./errors.js";

export class BitWriter {
  #bytes: Uint8Array;
  #position = 0;

  constructor(capacityBytes = 1024) {
    this.#bytes = new Uint8Array(Math.max(8, capacityBytes));
  }

  /** Bits written so far. */
  get position(): number {
    return this.#position;
  }

  /** Appends the low `width` bits of `value`; refuses a value that does not fit. */
  write(value: number, width: number): void {
    if (!(width >= 0 && width <= 32) || !(value >= 0 && value < 2 ** width) || !Number.isInteger(value)) {
      throw new RangeError(`bit field: expected an integer below 2^${width}, got ${value}`);
    }
    this.#reserve(width);
    let left = width;
    while (left > 0) {
      const free = 8 - (this.#position & 7);
      const take = Math.min(free, left);
      const chunk = Math.floor(value / 2 ** (left - take)) & ((1 << take) - 1);
      const byte = this.#position >>> 3;
      this.#bytes[byte] = this.#bytes[byte] | (chunk << (free - take));
      this.#position += take;
      left -= take;
    }
  }

  /** Appends zero bits until the position is a multiple of `multiple`. */
  pad(multiple: number): void {
    const excess = this.#position % multiple;
    if (excess === 0) return;
    const zeros = multiple - excess;
    this.#reserve(zeros);
    this.#position += zeros;
  }

  /** A copy of the bytes written, the last one padded with zero bits. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.#position / 8));
  }

  #reserve(width: number): void {
    const needed = Math.ceil((this.#position + width) / 8);
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

export class BitReader {
  #position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bits that are left. */
  get remaining(): number {
    return 8 * this.#bytes.length - this.#position;
  }

  /** The next `width` bits (0..32) as an unsigned number. */
  read(width: number): number {
    if (width > this.remaining) {
      throw new InputError(
        `bit stream: shorter than its payload: expected ${width} more bits, got ${this.remaining}`,
        {
          tag: "truncated",
        },
      );
    }
    let value = 0;
    let left = width;
    while (left > 0) {
      const available = 8 - (this.#position & 7);
      const take = Math.min(available, left);
      const chunk = (this.#bytes[this.#position >>> 3] >>> (available - take)) & ((1 << take) - 1);
      value = value * 2 ** take + chunk;
      this.#position += take;
      left -= take;
    }
    return value;
  }

  /** Skips bits up to the next multiple of `multiple`; refuses padding that is not zero. */
  align(multiple: number): void {
    const excess = this.#position % multiple;
    if (excess === 0) return;
    let left = multiple - excess;
    while (left > 0) {
      const take = Math.min(32, left);
      if (this.read(take) !== 0)
        throw new InputError("bit stream: padding: expected zero bits", { tag: "corrupt" });
      left -= take;
    }
  }
}
