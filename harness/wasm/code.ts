/**
 * The instructions of a WebAssembly binary and where their bytes are: enough to change one and put the binary together again.
 *
 * It knows sections, function bodies and the immediates of the instructions that our builds may use; anything else is refused.
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */
import { KernelError } from "../core/errors.js";

export interface Instruction {
  /** Opcode; prefixed ones are 0xfc00 + n and 0xfd000 + n. */
  readonly op: number;
  /** Bytes [start, end) of the binary. */
  readonly start: number;
  readonly end: number;
  /** First byte after the opcode. */
  readonly immediates: number;
}

export interface FunctionBody {
  /** Index in the binary's function space, imported functions first. */
  readonly index: number;
  /** Bytes [start, end) of the code entry without its length. */
  readonly start: number;
  readonly end: number;
}

export interface Code {
  readonly bytes: Uint8Array;
  readonly bodies: readonly FunctionBody[];
  /** Function index by export name. */
  readonly exports: ReadonlyMap<string, number>;
  /** Bytes [start, end) of the code section with its id and length. */
  readonly section: { readonly start: number; readonly end: number };
}

const IMPORTS = 2;
const EXPORTS = 7;
const CODE = 10;
const HEADER_BYTES = 8;
export const NUMERIC_PREFIX = 0xfc00;
export const VECTOR_PREFIX = 0xfd000;
export const OP = { block: 0x02, loop: 0x03, if: 0x04, brIf: 0x0d, brTable: 0x0e, call: 0x10, select: 0x1b };

/** Reads a binary from front to back. */
export class ByteReader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    if (this.at >= this.bytes.length) throw new KernelError("wasm code: ends in the middle of something");
    return this.bytes[this.at++];
  }

  /** LEB128, unsigned, up to 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** LEB128, signed, up to 64 bits. */
  signed(): bigint {
    let value = 0n;
    let bits = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << bits;
      bits += 7n;
      if (byte < 0x80) return BigInt.asIntN(64, (byte & 0x40) === 0 ? value : value - (1n << bits));
    }
  }

  skip(count: number): void {
    this.at += count;
  }

  text(): string {
    const length = this.unsigned();
    this.skip(length);
    return Buffer.from(this.bytes.subarray(this.at - length, this.at)).toString("utf8");
  }
}

export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
    if (rest === 0) return bytes;
  }
}

export function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

function importedFunctions(reader: ByteReader): number {
  let functions = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind !== 0) throw new KernelError(`wasm code: import of kind ${kind}: expected functions only`);
    reader.unsigned();
    functions++;
  }
  return functions;
}

function exportedFunctions(reader: ByteReader): Map<string, number> {
  const found = new Map<string, number>();
  for (let left = reader.unsigned(); left > 0; left--) {
    const name = reader.text();
    const kind = reader.byte();
    const index = reader.unsigned();
    if (kind === 0) found.set(name, index);
  }
  return found;
}

function bodiesOf(reader: ByteReader, imported: number): FunctionBody[] {
  return Array.from({ length: reader.unsigned() }, (_, i) => {
    const length = reader.unsigned();
    const start = reader.at;
    reader.skip(length);
    return { index: imported + i, start, end: reader.at };
  });
}

/** Finds the functions of a binary. */
export function readCode(bytes: Uint8Array): Code {
  const reader = new ByteReader(bytes, HEADER_BYTES);
  let imported = 0;
  let exports = new Map<string, number>();
  let bodies: FunctionBody[] = [];
  let section = { start: 0, end: 0 };
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.byte();
    const length = reader.unsigned();
    const end = reader.at + length;
    if (id === IMPORTS) imported = importedFunctions(reader);
    if (id === EXPORTS) exports = exportedFunctions(reader);
    if (id === CODE) {
      bodies = bodiesOf(reader, imported);
      section = { start, end };
    }
    reader.at = end;
  }
  return { bytes, bodies, exports, section };
}

function skipMemoryPlace(reader: ByteReader): void {
  reader.unsigned(); // alignment
  reader.unsigned(); // offset
}

function skipVectorImmediates(reader: ByteReader, op: number): void {
  if (op <= 11 || (op >= 84 && op <= 93)) skipMemoryPlace(reader);
  if (op === 12 || op === 13) reader.skip(16); // a constant, a shuffle's lanes
  if ((op >= 21 && op <= 34) || (op >= 84 && op <= 91)) reader.skip(1); // a lane
}

function skipNumericImmediates(reader: ByteReader, op: number): void {
  if (op <= 7) return; // saturating conversions
  if (op === 10) reader.skip(2);
  else if (op === 11) reader.skip(1);
  else throw new KernelError(`wasm code: instruction 0xfc ${op}: expected a copy, a fill or a conversion`);
}

function skipImmediates(reader: ByteReader, op: number): void {
  if (op >= OP.block && op <= OP.if) reader.signed();
  else if (op === 0x0c || op === OP.brIf || op === OP.call || (op >= 0x20 && op <= 0x24)) reader.unsigned();
  else if (op === OP.brTable) for (let left = reader.unsigned() + 1; left > 0; left--) reader.unsigned();
  else if (op >= 0x28 && op <= 0x3e) skipMemoryPlace(reader);
  else if (op === 0x3f || op === 0x40) reader.skip(1);
  else if (op === 0x41 || op === 0x42) reader.signed();
  else if (op === 0x43) reader.skip(4);
  else if (op === 0x44) reader.skip(8);
  else if (op === 0x11 || op === 0x1c || op === 0x25 || op === 0x26 || op > 0xc4) {
    throw new KernelError(`wasm code: instruction 0x${op.toString(16)}: expected one of our builds' kinds`);
  }
}

/** All instructions of a function, the last one being its `end`. */
export function instructionsOf({ bytes }: Code, body: FunctionBody): Instruction[] {
  const reader = new ByteReader(bytes, body.start);
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    reader.unsigned();
    reader.byte();
  }
  const found: Instruction[] = [];
  while (reader.at < body.end) {
    const start = reader.at;
    const first = reader.byte();
    const prefix = first === 0xfc ? NUMERIC_PREFIX : first === 0xfd ? VECTOR_PREFIX : 0;
    const op = prefix === 0 ? first : reader.unsigned();
    const immediates = reader.at;
    if (prefix === VECTOR_PREFIX) skipVectorImmediates(reader, op);
    else if (prefix === NUMERIC_PREFIX) skipNumericImmediates(reader, op);
    else skipImmediates(reader, op);
    found.push({ op: prefix + op, start, end: reader.at, immediates });
  }
  return found;
}

/** Functions that an exported one runs, itself first, imported ones left out. */
export function reachable(code: Code, symbol: string): FunctionBody[] {
  const first = code.exports.get(symbol);
  if (first === undefined) throw new KernelError(`wasm code: no export ${symbol}`);
  const bodyOf = new Map(code.bodies.map((body) => [body.index, body]));
  const found = new Set([first]);
  for (const index of found) {
    const body = bodyOf.get(index);
    if (body === undefined) continue;
    for (const { op, immediates } of instructionsOf(code, body)) {
      if (op === OP.call) found.add(new ByteReader(code.bytes, immediates).unsigned());
    }
  }
  return [...found].flatMap((index) => bodyOf.get(index) ?? []);
}

/** The binary with the bytes [start, end) of one function replaced. */
export function withBytes(
  code: Code,
  start: number,
  end: number,
  replacement: readonly number[],
): Uint8Array {
  const { bytes, bodies, section } = code;
  const entries = bodies.map((body) => {
    const own = bytes.subarray(body.start, body.end);
    if (start < body.start || end > body.end) return own;
    const [head, tail] = [bytes.subarray(body.start, start), bytes.subarray(end, body.end)];
    return Uint8Array.of(...head, ...replacement, ...tail);
  });
  const parts: Uint8Array[] = [Uint8Array.from(unsignedLeb(bodies.length))];
  for (const entry of entries) parts.push(Uint8Array.from(unsignedLeb(entry.length)), entry);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([
    bytes.subarray(0, section.start),
    Uint8Array.of(CODE, ...unsignedLeb(length)),
    ...parts,
    bytes.subarray(section.end),
  ]);
}
