/**
 * gzip, streamed: chunks in, chunks out, with a limit on what may come out.
 *
 * The CRC and the length of every member are checked (by zlib). A bomb stops at the limit; a file that ends early or has
 * bytes behind its last member is refused. Nothing is trusted about the size that a file claims.
 */
import { constants, createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { InputError, LimitError } from "../core/errors.js";

const CHUNK = 256 * 1024;

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/** The unpacked chunks of a gzip stream called `name`; at most `maxBytes` bytes come out. */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip({ chunkSize: CHUNK });
  let bytesIn = 0;
  const input = Readable.from(
    (async function* () {
      for await (const chunk of chunks) {
        bytesIn += chunk.length;
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  input.on("error", (error) => unzip.destroy(error));
  input.pipe(unzip);
  let bytesOut = 0;
  try {
    for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
      bytesOut += chunk.length;
      if (bytesOut > maxBytes) throw bomb(name, maxBytes, bytesIn);
      yield chunk;
    }
  } catch (error) {
    throw explained(error, name, bytesIn, bytesOut);
  } finally {
    input.destroy();
    unzip.destroy();
  }
  if (unzip.bytesWritten !== bytesIn) {
    throw new InputError(
      `${name}: bytes behind the end of the gzip data: expected ${unzip.bytesWritten} bytes, got ${bytesIn}`,
      { tag: "trailing" },
    );
  }
}

function bomb(name: string, maxBytes: number, bytesIn: number): LimitError {
  return new LimitError(
    `${name}: unpacks to too much: expected at most ${maxBytes} bytes, got more from the first ${bytesIn} packed bytes`,
    { tag: "too-large", remedy: "set WAFERMARK_MAX_BYTES to a larger number of bytes if the file is yours" },
  );
}

/** zlib's errors as refusals; anything else (a failing disk, our own errors) passes unchanged. */
function explained(error: unknown, name: string, bytesIn: number, bytesOut: number): unknown {
  const errno = (error as { errno?: unknown }).errno;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string" || !code.startsWith("Z_")) return error;
  if (errno === constants.Z_BUF_ERROR) {
    return new InputError(
      `${name}: gzip data ends early: expected the end of the packed data, got the end of the file after ${bytesIn} bytes`,
      { tag: "truncated", remedy: "fetch or copy the file again", cause: error },
    );
  }
  return new InputError(
    `${name}: gzip data is damaged: expected valid packed data and checksum, got an error after ${bytesOut} unpacked bytes`,
    { tag: "corrupt", remedy: "fetch or copy the file again", cause: error },
  );
}
