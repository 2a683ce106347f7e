/**
 * The .wmk container, version 1, as bytes: written block by block, read whole. docs/container.md describes it.
 *
 * Every byte is covered by a checksum of its part and by one of the whole file; a count is compared with the bytes that
 * are there before it is used; nothing may follow the end. Knows no codec and no file system.
 */
import { crc32c } from "./crc32c.js";
import { parseContainerHeader, type ContainerHeader } from "./containerheader.js";
import { InputError } from "./errors.js";
import { CELLS, type Label, type Slab } from "./table.js";

export const CONTAINER_VERSION = 1;
export const MAX_BLOCK_ROWS = 65536;

const MAGIC = 0x314b4d57; // "WMK1"
const BLOCK = 0x4b434c42; // "BLCK"
const INDEX = 0x58444e49; // "INDX"
const END = 0x574d4b31; // "1KMW"
const PRELUDE_BYTES = 16;
const BLOCK_HEAD_BYTES = 12;
const INDEX_HEAD_BYTES = 8;
const INDEX_ENTRY_BYTES = 16;
const END_BYTES = 16;
const CRC_BYTES = 4;
const MAX_HEADER_BYTES = 1 << 20;

export interface Block {
  readonly rows: number;
  /** Bits of all rows of the block; the rest of the last byte is zero. */
  readonly payloadBits: number;
  readonly payload: Uint8Array;
  readonly labels: Slab["labels"];
}

export interface Container {
  readonly version: number;
  readonly header: ContainerHeader;
  /** Bytes of an embedded model; empty when it is only referred to or there is none. */
  readonly model: Uint8Array;
  readonly rows: number;
  readonly blocks: readonly Block[];
}

interface IndexEntry {
  readonly offset: number;
  readonly rows: number;
  readonly bytes: number;
}

function labelNames(header: ContainerHeader): Label[] {
  return header.columns.slice(CELLS).map((column) => column.name as Label);
}

/** Produces a container's bytes in order: `start`, then `block` any number of times, then `end`. */
export class ContainerEncoder {
  #offset = 0;
  #crc = 0;
  #rows = 0;
  readonly #index: IndexEntry[] = [];
  readonly #labels: readonly Label[];

  constructor(
    private readonly header: ContainerHeader,
    private readonly model: Uint8Array = new Uint8Array(0),
  ) {
    this.#labels = labelNames(header);
  }

  start(): Uint8Array {
    const text = new TextEncoder().encode(JSON.stringify(this.header));
    if (text.length > MAX_HEADER_BYTES) throw new RangeError("container: header longer than a megabyte");
    const bytes = new Uint8Array(PRELUDE_BYTES + text.length + this.model.length + CRC_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint16(4, CONTAINER_VERSION, true);
    view.setUint32(8, text.length, true);
    view.setUint32(12, this.model.length, true);
    bytes.set(text, PRELUDE_BYTES);
    bytes.set(this.model, PRELUDE_BYTES + text.length);
    return this.#sealed(bytes);
  }

  block({ rows, payloadBits, payload, labels }: Block): Uint8Array {
    const payloadBytes = Math.ceil(payloadBits / 8);
    if (rows < 1 || rows > MAX_BLOCK_ROWS || payloadBits < rows || payload.length !== payloadBytes)
      throw new RangeError(`container: impossible block of ${rows} rows and ${payloadBits} bits`);
    const bytes = new Uint8Array(
      BLOCK_HEAD_BYTES + payloadBytes + 8 * rows * this.#labels.length + CRC_BYTES,
    );
    const view = new DataView(bytes.buffer);
    view.setUint32(0, BLOCK, true);
    view.setUint32(4, rows, true);
    view.setUint32(8, payloadBits, true);
    bytes.set(payload, BLOCK_HEAD_BYTES);
    let at = BLOCK_HEAD_BYTES + payloadBytes;
    for (const name of this.#labels) {
      const column = labels.get(name);
      if (column?.length !== rows) throw new RangeError(`container: label ${name} has not one value per row`);
      for (const value of column) {
        view.setFloat64(at, value, true);
        at += 8;
      }
    }
    this.#index.push({ offset: this.#offset, rows, bytes: bytes.length });
    this.#rows += rows;
    return this.#sealed(bytes);
  }

  end(): Uint8Array {
    const indexOffset = this.#offset;
    const bytes = new Uint8Array(INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * this.#index.length + 8 + CRC_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, INDEX, true);
    view.setUint32(4, this.#index.length, true);
    this.#index.forEach((entry, i) => {
      const at = INDEX_HEAD_BYTES + i * INDEX_ENTRY_BYTES;
      view.setBigUint64(at, BigInt(entry.offset), true);
      view.setUint32(at + 8, entry.rows, true);
      view.setUint32(at + 12, entry.bytes, true);
    });
    view.setBigUint64(bytes.length - CRC_BYTES - 8, BigInt(this.#rows), true);
    const index = this.#sealed(bytes);
    const tail = new Uint8Array(END_BYTES);
    const tailView = new DataView(tail.buffer);
    tailView.setBigUint64(0, BigInt(indexOffset), true);
    this.#crc = crc32c(tail.subarray(0, 8), this.#crc);
    tailView.setUint32(8, this.#crc, true);
    tailView.setUint32(12, END, true);
    const both = new Uint8Array(index.length + tail.length);
    both.set(index);
    both.set(tail, index.length);
    return both;
  }

  /** Puts the checksum of a part into its last four bytes and counts the part in. */
  #sealed(bytes: Uint8Array): Uint8Array {
    const end = bytes.length - CRC_BYTES;
    new DataView(bytes.buffer).setUint32(end, crc32c(bytes.subarray(0, end)), true);
    this.#crc = crc32c(bytes, this.#crc);
    this.#offset += bytes.length;
    return bytes;
  }
}

/** Reads a whole container called `name`; refuses (InputError) everything that is not exactly one, before any use of it. */
export function decodeContainer(bytes: Uint8Array, name: string): Container {
  return new ContainerDecoder(bytes, name).read();
}

class ContainerDecoder {
  readonly #view: DataView;
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): Container {
    const { header, model } = this.#start();
    const labels = labelNames(header);
    const blocks: Block[] = [];
    const seen: IndexEntry[] = [];
    for (;;) {
      this.#need(4, "a block or the index");
      const tag = this.#view.getUint32(this.#at, true);
      if (tag === INDEX) break;
      if (tag !== BLOCK) throw this.#corrupt("no block where one should begin", "BLCK or INDX");
      const offset = this.#at;
      const block = this.#block(labels);
      seen.push({ offset, rows: block.rows, bytes: this.#at - offset });
      blocks.push(block);
    }
    const rows = this.#index(seen);
    return { version: CONTAINER_VERSION, header, model, rows, blocks };
  }

  #start(): { header: ContainerHeader; model: Uint8Array } {
    const magicIsThere = this.bytes.length >= 4 && this.#view.getUint32(0, true) === MAGIC;
    if (!magicIsThere) {
      throw new InputError(
        `${this.name}: does not look like a wafermark container: expected WMK1, got other bytes`,
        {
          tag: "format",
        },
      );
    }
    this.#need(PRELUDE_BYTES, "the prelude");
    const version = this.#view.getUint16(4, true);
    if (version !== CONTAINER_VERSION) {
      throw new InputError(
        `${this.name}: unknown container version: expected ${CONTAINER_VERSION}, got ${version}`,
        { tag: "version", remedy: "update wafermark" },
      );
    }
    if (this.#view.getUint16(6, true) !== 0) throw this.#corrupt("reserved bytes in use", "zero");
    const headerBytes = this.#view.getUint32(8, true);
    const modelBytes = this.#view.getUint32(12, true);
    if (headerBytes > MAX_HEADER_BYTES)
      throw this.#corrupt(`a header of ${headerBytes} bytes`, "at most a megabyte");
    const start = this.#part(PRELUDE_BYTES + headerBytes + modelBytes, "the header");
    const header = parseContainerHeader(
      start.subarray(PRELUDE_BYTES, PRELUDE_BYTES + headerBytes),
      this.name,
    );
    return { header, model: start.subarray(PRELUDE_BYTES + headerBytes) };
  }

  #block(labels: readonly Label[]): Block {
    this.#need(BLOCK_HEAD_BYTES, "a block");
    const rows = this.#view.getUint32(this.#at + 4, true);
    const payloadBits = this.#view.getUint32(this.#at + 8, true);
    if (rows < 1 || rows > MAX_BLOCK_ROWS || payloadBits < rows)
      throw this.#corrupt(
        `a block of ${rows} rows in ${payloadBits} bits`,
        "1..65536 rows of at least one bit",
      );
    const payloadBytes = Math.ceil(payloadBits / 8);
    const block = this.#part(BLOCK_HEAD_BYTES + payloadBytes + 8 * rows * labels.length, "a block");
    const payload = block.subarray(BLOCK_HEAD_BYTES, BLOCK_HEAD_BYTES + payloadBytes);
    const spare = 8 * payloadBytes - payloadBits;
    if ((payload[payloadBytes - 1] & ((1 << spare) - 1)) !== 0)
      throw this.#corrupt("bits behind the payload", "zero");
    const view = new DataView(block.buffer, block.byteOffset + BLOCK_HEAD_BYTES + payloadBytes);
    const columns = labels.map(
      (label, k) =>
        [
          label,
          Float64Array.from({ length: rows }, (_, row) => view.getFloat64(8 * (k * rows + row), true)),
        ] as const,
    );
    return { rows, payloadBits, payload, labels: new Map(columns) };
  }

  /** Compares the index with the blocks that were read, then the end record; answers with the number of rows. */
  #index(seen: readonly IndexEntry[]): number {
    const offset = this.#at;
    this.#need(INDEX_HEAD_BYTES, "the index");
    const count = this.#view.getUint32(offset + 4, true);
    if (count !== seen.length) throw this.#corrupt(`an index of ${count} blocks`, `${seen.length}`);
    const index = this.#part(INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * count + 8, "the index");
    const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
    let rows = 0;
    seen.forEach((block, i) => {
      const at = INDEX_HEAD_BYTES + i * INDEX_ENTRY_BYTES;
      const agrees =
        view.getBigUint64(at, true) === BigInt(block.offset) &&
        view.getUint32(at + 8, true) === block.rows &&
        view.getUint32(at + 12, true) === block.bytes;
      if (!agrees) throw this.#corrupt(`an index that does not fit block ${i}`, "the block's place and size");
      rows += block.rows;
    });
    if (view.getBigUint64(index.length - 8, true) !== BigInt(rows))
      throw this.#corrupt("another number of rows in the index", `${rows}`);
    this.#end(offset);
    return rows;
  }

  #end(indexOffset: number): void {
    this.#need(END_BYTES, "the end record");
    const at = this.#at;
    if (this.#view.getBigUint64(at, true) !== BigInt(indexOffset))
      throw this.#corrupt("an end record for another index", `offset ${indexOffset}`);
    this.#checksum(this.bytes.subarray(0, at + 8), at + 8, "the whole file");
    if (this.#view.getUint32(at + 12, true) !== END) throw this.#corrupt("no end mark", "1KMW");
    const extra = this.bytes.length - at - END_BYTES;
    if (extra === 0) return;
    throw new InputError(`${this.name}: bytes behind the end of the container: expected none, got ${extra}`, {
      tag: "trailing",
    });
  }

  /** The next `length` bytes, whose checksum follows them; moves behind it. */
  #part(length: number, what: string): Uint8Array {
    this.#need(length + CRC_BYTES, what);
    const part = this.bytes.subarray(this.#at, this.#at + length);
    this.#checksum(part, this.#at + length, what);
    this.#at += length + CRC_BYTES;
    return part;
  }

  #checksum(part: Uint8Array, at: number, what: string): void {
    const expected = this.#view.getUint32(at, true);
    const found = crc32c(part);
    if (found === expected) return;
    const hex = (value: number): string => value.toString(16).padStart(8, "0");
    throw new InputError(
      `${this.name}: checksum of ${what} is wrong: expected ${hex(expected)}, got ${hex(found)}`,
      { tag: "checksum", remedy: "fetch or copy the file again" },
    );
  }

  #need(length: number, what: string): void {
    const left = this.bytes.length - this.#at;
    if (left >= length) return;
    throw new InputError(
      `${this.name}: shorter than it says: expected ${length} bytes for ${what} at ${this.#at}, got ${left}`,
      { tag: "truncated", remedy: "fetch or copy the file again" },
    );
  }

  #corrupt(got: string, expected: string): InputError {
    return new InputError(`${this.name}: not a valid container: expected ${expected}, got ${got}`, {
      tag: "corrupt",
    });
  }
}
