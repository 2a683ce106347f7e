/**
 * The files inside a zip archive in memory: listed, then unpacked one by one with CRC and size checked.
 *
 * What all entries together may unpack to is limited; encrypted or otherwise packed entries are refused by name.
 */
import { crc32 } from "node:zlib";
import { fromBufferPromise, type Entry, type ZipFile } from "yauzl";
import { InputError, isHarnessError, LimitError, printable } from "../core/errors.js";

const STORED = 0;
const DEFLATED = 8;

export interface ZipEntries {
  readonly names: readonly string[];
  /** The unpacked bytes of an entry; at most `most` when only the beginning is wanted (its CRC is then not checked). */
  read(name: string, most?: number): Promise<Uint8Array>;
}

export async function openZip(bytes: Uint8Array, where: string, maxBytes: number): Promise<ZipEntries> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile;
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    zip = await fromBufferPromise(buffer, { lazyEntries: true, strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw new Error(`two entries called ${printable(entry.fileName, 60)}`);
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw damaged(where, cause);
  }
  return {
    names: [...entries.keys()],
    async read(name, most = Infinity) {
      const entry = entries.get(name);
      if (entry === undefined) throw new RangeError(`zip: no entry ${name}`);
      refuseUnusable(entry, `${where} ${printable(name, 60)}`, maxBytes);
      try {
        return await unpack(zip, entry, most);
      } catch (cause) {
        throw isHarnessError(cause) ? cause : damaged(`${where} ${printable(name, 60)}`, cause);
      }
    },
  };
}

function refuseUnusable(entry: Entry, where: string, maxBytes: number): void {
  if (entry.isEncrypted())
    throw new InputError(`${where}: is encrypted: expected plain data, got an encrypted entry`, {
      tag: "zip",
    });
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw new InputError(
      `${where}: unknown packing method: expected 0 (stored) or 8 (deflate), got ${entry.compressionMethod}`,
      { tag: "zip" },
    );
  }
  if (entry.uncompressedSize > maxBytes) {
    throw new LimitError(
      `${where}: unpacks to too much: expected at most ${maxBytes} bytes, got ${entry.uncompressedSize}`,
      {
        tag: "too-large",
        remedy: "set WAFERMARK_MAX_BYTES to a larger number of bytes if the file is yours",
      },
    );
  }
}

/** yauzl stops with an error when more or fewer bytes come out than the entry declares. */
async function unpack(zip: ZipFile, entry: Entry, most: number): Promise<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry);
  const parts: Buffer[] = [];
  let length = 0;
  let crc = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    crc = crc32(part, crc);
    if (length >= most) return Buffer.concat(parts);
  }
  if (crc !== entry.crc32) throw new Error("its CRC-32 is not the one that the archive lists");
  return Buffer.concat(parts, length);
}

function damaged(where: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    `${where}: damaged zip archive: expected valid entries, got ${printable(reason, 120)}`,
    {
      tag: "corrupt",
      cause,
    },
  );
}
