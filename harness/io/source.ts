/**
 * One input file as readers see it: chunks or all bytes, already unpacked when it is gzip, hashed while it is read.
 *
 * Packing is recognised by content, not by name. A known hash is checked before any reader sees a byte. Opens nothing but
 * the file it was given.
 */
import { open, stat, type FileHandle } from "node:fs/promises";
import { InputError } from "../core/errors.js";
import type { ReadLimits, ReadSource } from "../core/reader.js";
import { gunzip, isGzip } from "./gunzip.js";
import { Sha256 } from "./hash.js";
import { withinBudget } from "./limits.js";

const CHUNK = 1 << 20;
const HEAD = 4096;

export interface FileSource extends ReadSource {
  /** Bytes on disk. */
  readonly size: number;
  readonly gzip: boolean;
  /** The first bytes (at most 4096), unpacked. */
  readonly head: Uint8Array;
  /** SHA-256 of the bytes on disk; reads the file unless it was read to its end before. */
  sha256(): Promise<string>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  EISDIR: "a folder",
  ENAMETOOLONG: "a name that is too long",
  ELOOP: "a symbolic link that leads back to itself",
  ERR_INVALID_ARG_VALUE: "a name with a NUL character",
};

/** A failed system call on an input file, as a refusal that names the file. */
export function unreadable(name: string, cause: unknown): InputError {
  const code = (cause as { code?: unknown }).code;
  const reason = typeof code === "string" ? (REASONS[code] ?? code) : String(cause);
  return new InputError(`${name}: cannot be read: expected a readable file, got ${reason}`, {
    tag: code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable",
    cause,
  });
}

/**
 * Opens `path` for reading. Refuses (InputError) what is missing, not a regular file, not permitted or empty, and, with
 * `expectedSha256`, a file with another hash.
 */
export async function openSource(
  path: string,
  limits: ReadLimits,
  expectedSha256?: string,
): Promise<FileSource> {
  const size = await sizeOf(path);
  let known = expectedSha256 === undefined ? undefined : await verified(path, expectedSha256);
  const rawHead = await firstBytes(path);
  const gzip = isGzip(rawHead);

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const hash = new Sha256();
    const raw = hashed(fileChunks(path), hash);
    if (gzip) yield* gunzip(raw, path, limits.maxBytes);
    else yield* raw;
    const digest = hash.digest();
    if (known !== undefined && digest !== known) throw changed(path);
    known = digest;
  }

  const head = gzip ? await headOf(chunks(), path) : rawHead;
  return {
    name: path,
    size,
    gzip,
    head,
    chunks,
    async bytes() {
      if (!gzip) withinBudget(path, size, limits);
      const parts: Uint8Array[] = [];
      for await (const part of chunks()) parts.push(part);
      return joined(parts);
    },
    async sha256() {
      known ??= await hashFile(path);
      return known;
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  const information = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!information.isFile()) {
    const found = information.isDirectory() ? "a folder" : "a device, pipe or socket";
    throw new InputError(`${path}: not a file: expected a regular file, got ${found}`, {
      tag: "unreadable",
      remedy: "write the data to a file first",
    });
  }
  if (information.size === 0) {
    throw new InputError(`${path}: is empty: expected rows of data, got 0 bytes`, { tag: "empty" });
  }
  return information.size;
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Sha256): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = new Sha256();
  for await (const chunk of fileChunks(path)) hash.update(chunk);
  return hash.digest();
}

async function verified(path: string, expected: string): Promise<string> {
  const found = await hashFile(path);
  if (found === expected) return found;
  throw new InputError(
    `${path}: not the file that its manifest names: expected SHA-256 ${expected.slice(0, 12)}, got ${found.slice(0, 12)}`,
    { tag: "hash", remedy: "fetch the file again" },
  );
}

function changed(path: string): InputError {
  return new InputError(`${path}: changed while it was read: expected the same bytes twice, got others`, {
    tag: "hash",
    remedy: "wait until the file is complete",
  });
}

async function firstBytes(path: string): Promise<Uint8Array> {
  for await (const chunk of fileChunks(path)) return chunk.slice(0, HEAD);
  return new Uint8Array(0);
}

async function headOf(chunks: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  for await (const chunk of chunks) if (chunk.length > 0) return chunk.slice(0, HEAD);
  throw new InputError(`${path}: is empty: expected rows of data, got 0 bytes inside its gzip wrapping`, {
    tag: "empty",
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
