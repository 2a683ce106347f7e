/**
 * The weights of the autoencoder as the chip stores them: 12 registers of 1,072 bits, a stream of 6-bit two's complement numbers.
 *
 * Weight i stands at bits 6 i .. 6 i + 5 of the stream, lowest bit first; register r holds bits 1072 r .. 1072 r + 1071. A
 * register is written in parts of at most 128 bits, named by the byte at which they start. Numbers are BigInt throughout.
 */
import { InputError } from "../core/errors.js";
import { WEIGHT_HIGH, WEIGHT_LOW, WEIGHTS } from "./autoencoderweights.js";

export const REGISTERS = 12;
export const REGISTER_BITS = 1072;
const WEIGHT_BITS = 6;
const PART_BYTES = 16;
const REGISTER_BYTES = REGISTER_BITS / 8;

export interface RegisterPart {
  /** First byte inside the register. */
  readonly byte: number;
  readonly bits: number;
}

/** Parts of one register: eight of 128 bits and one of 48. */
export const REGISTER_PARTS: readonly RegisterPart[] = Array.from(
  { length: Math.ceil(REGISTER_BYTES / PART_BYTES) },
  (_, k) => ({
    byte: k * PART_BYTES,
    bits: 8 * Math.min(PART_BYTES, REGISTER_BYTES - k * PART_BYTES),
  }),
);

/** Weights [2144] from registers [12]; refuses another number of registers and numbers beyond 1,072 bits. */
export function readRegisterImage(registers: readonly bigint[]): Int8Array {
  if (registers.length !== REGISTERS)
    throw new InputError(`register image: expected ${REGISTERS} registers, got ${registers.length}`, {
      tag: "register",
    });
  let stream = 0n;
  registers.forEach((register, r) => {
    if (register < 0n || register >> BigInt(REGISTER_BITS) !== 0n)
      throw new InputError(
        `register image: register ${r}: expected ${REGISTER_BITS} bits, got ${register.toString(2).length}`,
        { tag: "register" },
      );
    stream |= register << BigInt(r * REGISTER_BITS);
  });
  const bytes = bytesOf(stream, REGISTERS * REGISTER_BYTES);
  return Int8Array.from({ length: WEIGHTS }, (_, i) => {
    const at = i * WEIGHT_BITS;
    const pair = bytes[at >> 3] | ((bytes[(at >> 3) + 1] ?? 0) << 8); // the last weight ends with the last byte
    const value = (pair >> (at & 7)) & (2 ** WEIGHT_BITS - 1);
    return value > WEIGHT_HIGH ? value - 2 ** WEIGHT_BITS : value;
  });
}

/** Registers [12] of weights [2144]; refuses what 6 bits cannot hold. */
export function writeRegisterImage(weights: ArrayLike<number>): bigint[] {
  if (weights.length !== WEIGHTS)
    throw new InputError(`register image: expected ${WEIGHTS} weights, got ${weights.length}`, {
      tag: "weights",
    });
  let stream = 0n;
  for (let i = WEIGHTS - 1; i >= 0; i--) {
    const weight = weights[i];
    if (!Number.isInteger(weight) || weight < WEIGHT_LOW || weight > WEIGHT_HIGH)
      throw new InputError(
        `register image: weight ${i}: expected a whole number in ${WEIGHT_LOW}..${WEIGHT_HIGH}, got ${weight}`,
        { tag: "weights" },
      );
    stream = (stream << BigInt(WEIGHT_BITS)) | BigInt(weight & (2 ** WEIGHT_BITS - 1));
  }
  return Array.from({ length: REGISTERS }, (_, r) =>
    BigInt.asUintN(REGISTER_BITS, stream >> BigInt(r * REGISTER_BITS)),
  );
}

/** A register of its parts, in the order of REGISTER_PARTS. */
export function joinParts(parts: readonly bigint[]): bigint {
  return parts.reduce((register, part, k) => register | (part << BigInt(8 * REGISTER_PARTS[k].byte)), 0n);
}

/** Parts of a register, in the order of REGISTER_PARTS. */
export function splitParts(register: bigint): bigint[] {
  return REGISTER_PARTS.map(({ byte, bits }) => BigInt.asUintN(bits, register >> BigInt(8 * byte)));
}

function bytesOf(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, "0");
  return Uint8Array.from({ length }, (_, i) =>
    Number.parseInt(digits.slice(2 * (length - 1 - i), 2 * (length - i)), 16),
  );
}
