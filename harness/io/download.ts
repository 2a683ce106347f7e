/**
 * One file from a web server to a path: resumed by Range and If-Range, checked by length and SHA-256, in place only when whole.
 *
 * A broken connection is tried again a few times; whatever ends the work, the bytes that have arrived stay for the next attempt,
 * except when they are known to be wrong.
 */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { InputError, LimitError } from "../core/errors.js";
import { hostFileSystem, type FileSystem } from "./atomic.js";
import { makeFolder } from "./folders.js";
import { fileHash, PartFile } from "./partfile.js";
import { getFollowing, unreachable } from "./redirects.js";

export interface Wanted {
  readonly url: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Told of every piece: bytes that are there now and, where known, bytes in all. */
  readonly arrived?: (bytes: number, total: number | null) => void;
  /** Told what a user should know: begun anew, another attempt. */
  readonly note?: (text: string) => void;
  readonly files?: FileSystem;
  /** How often a broken connection is tried again, and the wait before, in milliseconds. */
  readonly attempts?: number;
  readonly waitMs?: number;
  /** A connection without a byte for so long is broken. */
  readonly stallMs?: number;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  /** "there": the target was already this file; "resumed": an earlier attempt's bytes were used. */
  readonly how: "new" | "resumed" | "there";
}

const ATTEMPTS = 4;
const WAIT_MS = 1000;
const STALL_MS = 60_000;

/**
 * Fetches `wanted` to `target`. Refuses (InputError) a missing file, a bad redirect, another length or hash than expected;
 * LimitError for a server or connection that fails, WriteError when there is no room. The target is then as it was.
 */
export async function download(
  wanted: Wanted,
  target: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const there = await alreadyThere(wanted, target, options);
  if (there !== undefined) return there;
  await makeFolder(dirname(target));
  const part = new PartFile(target, options.files ?? hostFileSystem);
  try {
    const resumed = await attempts(wanted, part, options);
    const bytes = part.position;
    await part.close();
    const sha256 = await fileHash(part.path, options.signal);
    if (wanted.sha256 !== null && sha256 !== wanted.sha256) {
      await part.discard();
      throw wrong(wanted, "another file than expected", `SHA-256 ${wanted.sha256}`, sha256, "hash");
    }
    await part.commit();
    return { bytes, sha256, how: resumed ? "resumed" : "new" };
  } finally {
    await part.close();
  }
}

async function alreadyThere(
  { sha256, bytes }: Wanted,
  target: string,
  { signal, note }: DownloadOptions,
): Promise<Downloaded | undefined> {
  const size = await stat(target).then(
    ({ size }) => size,
    () => undefined,
  );
  if (size === undefined || sha256 === null) return undefined;
  if (bytes === null || bytes === size) {
    if ((await fileHash(target, signal)) === sha256) return { bytes: size, sha256, how: "there" };
  }
  note?.(`${target}: not the file of the catalogue, it is fetched again`);
  return undefined;
}

/** Tries until the part is whole; true when the last try went on from kept bytes. */
async function attempts(wanted: Wanted, part: PartFile, options: DownloadOptions): Promise<boolean> {
  const most = options.attempts ?? ATTEMPTS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(wanted, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof LimitError) || error.tag !== "network" || attempt >= most) throw error;
      options.note?.(`${error.message}; attempt ${attempt + 1} of ${most}`);
      await pause((options.waitMs ?? WAIT_MS) * attempt, undefined, signalOf(options.signal));
    } finally {
      await part.close();
    }
  }
}

const signalOf = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

/** A signal that fires when nothing was heard for a while. */
class Watch {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly milliseconds: number) {
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new Error(`nothing for ${this.milliseconds / 1000} s`));
    }, this.milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

async function once(wanted: Wanted, part: PartFile, options: DownloadOptions): Promise<boolean> {
  const watch = new Watch(options.stallMs ?? STALL_MS);
  const signal = AbortSignal.any([watch.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const left = await part.left(wanted.url);
    if (left !== undefined && left.bytes === wanted.bytes) {
      await part.open(left.bytes, { url: wanted.url, validator: left.validator });
      return true;
    }
    const range = left === undefined ? {} : { Range: `bytes=${left.bytes}-`, "If-Range": left.validator };
    // Ranges count the bytes of the file itself, not of a compressed transfer.
    const headers = { "Accept-Encoding": "identity", ...range };
    const response = await getFollowing(wanted.url, headers, signal);
    const from = await startOf(response, wanted, part, left?.bytes ?? 0, options);
    await receive(response, from, wanted, part, {
      ...options,
      signal,
      heard: () => {
        watch.heard();
      },
    });
    return from > 0;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw watch.signal.aborted ? unreachable(wanted.url, watch.signal.reason) : error;
  } finally {
    watch.end();
  }
}

/** Where the response's bytes belong; opens the part there. */
async function startOf(
  response: Response,
  wanted: Wanted,
  part: PartFile,
  have: number,
  { note }: DownloadOptions,
): Promise<number> {
  const { status } = response;
  if (status === 416 && have > 0) {
    // What is there is not part of the server's file any more.
    await response.body?.cancel();
    await part.discard();
    throw new LimitError(`${wanted.url}: the kept bytes do not fit: expected a shorter file, got ${have}`, {
      tag: "network",
    });
  }
  if (status !== 200 && status !== 206) {
    await response.body?.cancel();
    throw badStatus(wanted.url, status);
  }
  const from = status === 206 ? rangeStart(response, wanted.url) : 0;
  if (from !== (status === 206 ? have : 0))
    throw wrong(wanted, "another range than asked for", `bytes from ${have}`, `from ${from}`, "range");
  if (have > 0 && status === 200)
    note?.(`${wanted.url}: the server sends the whole file again (changed, or it cannot continue)`);
  await part.open(from, { url: wanted.url, validator: validatorOf(response) });
  return from;
}

/** A strong ETag, else the date of the last change (RFC 9110, 13.1.5: weak tags do not identify bytes). */
function validatorOf({ headers }: Response): string | null {
  const tag = headers.get("etag");
  return tag !== null && tag.startsWith('"') ? tag : headers.get("last-modified");
}

function rangeStart({ headers }: Response, url: string): number {
  const text = headers.get("content-range") ?? "none";
  const match = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(text);
  if (match !== null) return Number(match[1]);
  throw new InputError(`${url}: Content-Range: expected bytes FROM-TO/SIZE, got ${text.slice(0, 80)}`, {
    tag: "range",
  });
}

async function receive(
  response: Response,
  from: number,
  wanted: Wanted,
  part: PartFile,
  options: DownloadOptions & { readonly signal: AbortSignal; readonly heard: () => void },
): Promise<void> {
  const length = response.headers.get("content-length");
  const announced = length !== null && /^\d+$/.test(length) ? from + Number(length) : null;
  if (wanted.bytes !== null && announced !== null && announced !== wanted.bytes) {
    await response.body?.cancel();
    await part.discard();
    throw wrong(wanted, "another length than expected", `${wanted.bytes} bytes`, String(announced), "length");
  }
  const total = wanted.bytes ?? announced;
  options.arrived?.(from, total);
  for await (const chunk of chunksOf(response, wanted.url, options.signal)) {
    options.heard();
    if (total !== null && part.position + chunk.length > total) {
      await part.discard();
      throw wrong(wanted, "longer than expected", `${total} bytes`, "more", "length");
    }
    await part.write(chunk);
    options.arrived?.(part.position, total);
  }
  if (total !== null && part.position < total)
    throw unreachable(wanted.url, new Error(`${part.position} of ${total} bytes`));
}

async function* chunksOf(response: Response, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const next: { readonly done: boolean; readonly value?: Uint8Array | undefined } = await reader
        .read()
        .catch((cause: unknown) => {
          signal.throwIfAborted();
          throw unreachable(url, cause);
        });
      if (next.value === undefined) return;
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function badStatus(url: string, status: number): Error {
  const text = `${url}: the server refuses: expected status 200, got ${status}`;
  // 429 and the 5xx may pass; the others will not.
  if (status === 429 || status >= 500)
    return new LimitError(text, { tag: "network", remedy: "try again later; what has arrived is kept" });
  return new InputError(text, { tag: "status", remedy: "open the landing page and import the file by hand" });
}

function wrong({ url }: Wanted, what: string, expected: string, got: string, tag: string): InputError {
  return new InputError(`${url}: ${what}: expected ${expected}, got ${got}`, {
    tag,
    safe: "no file was put in place and a former one is unchanged",
  });
}
