/**
 * Protocol Buffers' wire format, writing only: as much of it as an ONNX file needs. Bytes out, no schemas, no reading.
 *
 * Source: protobuf.dev, "Encoding".
 */
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

const text = new TextEncoder();

/** A message under construction; fields stand in the order in which they are added. */
export class Message {
  readonly #chunks: Uint8Array[] = [];

  /** A whole number, 0..2^53. */
  integer(field: number, value: number): this {
    return this.#add(varint(key(field, VARINT)), varint(value));
  }

  float(field: number, value: number): this {
    return this.#add(varint(key(field, FIXED32)), new Uint8Array(Float32Array.of(value).buffer));
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#add(varint(key(field, DELIMITED)), varint(value.length), value);
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encoded());
  }

  encoded(): Uint8Array {
    const all = new Uint8Array(this.#chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  #add(...chunks: readonly Uint8Array[]): this {
    this.#chunks.push(...chunks);
    return this;
  }
}

const key = (field: number, type: number): number => field * 8 + type;

/** Seven bits a byte, lowest first, the top bit set on all but the last. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`protobuf: varint: expected a whole number >= 0, got ${value}`);
  }
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
