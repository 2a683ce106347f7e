/**
 * Wafermark's one random number generator: Philox4x32-10, counter based, so that row i needs no row i-1.
 *
 * `rng(seed, stream)` gives independent sequences for any pair; the same pair gives the same numbers on every machine.
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
 */
import { cosTurns, log, sinTurns, sqrt } from "./elementary.js";

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9; // golden ratio
const WEYL_1 = 0xbb67ae85; // sqrt(3) - 1
const ROUNDS = 10;
const TWO_32 = 2 ** 32;

/**
 * High 32 bits of the 64-bit product of two unsigned 32-bit numbers, in 32-bit integer steps (fast in every engine).
 * see: Warren, Hacker's Delight, mulhu: no partial sum exceeds 2^32 - 1.
 */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/** One Philox4x32-10 block: 128 counter bits and 64 key bits to 128 random bits. */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0];
  let c1 = counter[1];
  let c2 = counter[2];
  let c3 = counter[3];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

export class Rng {
  /** What makes the sequence, for an implementation that is to go on in it: two words of the seed, two of the stream. */
  readonly sequence: Uint32Array;
  readonly #key0: number;
  readonly #key1: number;
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #used = 4;
  #spareNormal: number | undefined;

  constructor(seed: number, stream: number) {
    for (const [name, value] of [
      ["seed", seed],
      ["stream", stream],
    ] as const) {
      if (!Number.isSafeInteger(value) || value < 0)
        throw new RangeError(`${name}: expected an integer >= 0, got ${value}`);
    }
    this.#key0 = seed % TWO_32;
    this.#key1 = Math.floor(seed / TWO_32);
    this.#counter[2] = stream % TWO_32;
    this.#counter[3] = Math.floor(stream / TWO_32);
    this.sequence = Uint32Array.of(this.#key0, this.#key1, this.#counter[2], this.#counter[3]);
  }

  /** Writes where it stands: words drawn so far, 1 when a normal number is kept for the next call, that number (or 0). */
  tell(position: Float64Array): void {
    const blocks = this.#counter[1] * TWO_32 + this.#counter[0];
    position[0] = 4 * blocks - (4 - this.#used);
    position[1] = this.#spareNormal === undefined ? 0 : 1;
    position[2] = this.#spareNormal ?? 0;
  }

  /** Goes to a place of the sequence that `tell` has written. */
  seek([drawn, kept, normal]: Float64Array): void {
    const blocks = Math.floor(drawn / 4);
    this.#counter[0] = blocks % TWO_32;
    this.#counter[1] = Math.floor(blocks / TWO_32);
    this.#used = 4;
    for (let within = drawn % 4; within > 0; within--) this.bits();
    this.#spareNormal = kept === 1 ? normal : undefined;
  }

  /** 32 random bits. */
  bits(): number {
    if (this.#used === 4) {
      philox(this.#counter, this.#key0, this.#key1, this.#block);
      this.#counter[0] = (this.#counter[0] + 1) >>> 0;
      if (this.#counter[0] === 0) this.#counter[1] = this.#counter[1] + 1;
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer in [0, n); unbiased. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32)
      throw new RangeError(`integer: expected 1..2^32, got ${n}`);
    const limit = TWO_32 - (TWO_32 % n);
    let draw = this.bits();
    while (draw >= limit) draw = this.bits();
    return draw % n;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform());
  }

  /** Normal with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = sqrt(2 * this.exponential());
    const turn = this.uniform();
    this.#spareNormal = radius * sinTurns(turn);
    return radius * cosTurns(turn);
  }

  /** Poisson with mean `mean` >= 0: products of uniforms in steps, so that large means do not underflow. */
  poisson(mean: number): number {
    if (!(mean >= 0) || mean > 1e6) throw new RangeError(`poisson: expected a mean in [0, 1e6], got ${mean}`);
    let count = 0;
    let waited = this.exponential();
    while (waited <= mean) {
      count++;
      waited += this.exponential();
    }
    return count;
  }
}

/** The generator of `seed`, sub-sequence `stream` (a row index, a shape index, ...). */
export function rng(seed: number, stream = 0): Rng {
  return new Rng(seed, stream);
}
