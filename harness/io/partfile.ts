/**
 * A download under construction beside its target: `<name>.part` with its bytes, `<name>.part.json` with where they come from.
 *
 * Both stay when the work stops, so that the next attempt goes on from there; the target appears by one rename at the end.
 */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { syncFolder, unwritable, writeFileAtomic, type FileSystem, type OpenFile } from "./atomic.js";
import { Sha256 } from "./hash.js";

const origin = z.strictObject({
  url: z.string(),
  /** What If-Range is asked with: a strong ETag, else the date of the last change, else nothing (then nothing is continued). */
  validator: z.string().nullable(),
});

export type PartOrigin = z.infer<typeof origin>;

/** Hash of a file's bytes, read as a stream. */
export async function fileHash(path: string, signal?: AbortSignal): Promise<string> {
  const hash = new Sha256();
  for await (const chunk of createReadStream(path, signal === undefined ? {} : { signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest();
}

export class PartFile {
  #handle: OpenFile | undefined;
  #position = 0;
  readonly path: string;

  constructor(
    readonly target: string,
    private readonly files: FileSystem,
  ) {
    this.path = `${target}.part`;
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  /** What an earlier attempt left: its length and origin; undefined when it cannot be continued. */
  async left(url: string): Promise<{ readonly bytes: number; readonly validator: string } | undefined> {
    const text = await readFile(`${this.path}.json`, "utf8").catch(() => "");
    const size = await stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
    const parsed = origin.safeParse(parsedJson(text));
    if (size === 0 || !parsed.success || parsed.data.url !== url || parsed.data.validator === null)
      return undefined;
    return { bytes: size, validator: parsed.data.validator };
  }

  /** Opens for bytes from `from` on; 0 begins anew. */
  async open(from: number, begun: PartOrigin): Promise<void> {
    await this.close();
    await this.#guarded(async () => {
      this.#handle = await this.files.open(this.path, from === 0 ? "w" : "r+");
      this.#position = from;
      if (from === 0) await writeFileAtomic(`${this.path}.json`, `${JSON.stringify(begun)}\n`, this.files);
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) throw new TypeError("a part file is written before it is open");
    await this.#guarded(async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.#position + done);
        if (bytesWritten === 0) throw new Error("the system accepted no bytes");
        done += bytesWritten;
      }
    });
    this.#position += bytes.length;
  }

  /** Closes without an end: the bytes so far stay for the next attempt. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async discard(): Promise<void> {
    await this.close();
    await this.files.rm(this.path);
    await this.files.rm(`${this.path}.json`);
  }

  /** Makes the target appear. */
  async commit(): Promise<void> {
    await this.#guarded(async () => {
      const handle = this.#handle ?? (await this.files.open(this.path, "r+"));
      this.#handle = handle;
      await handle.sync();
      await this.close();
      await this.files.rename(this.path, this.target);
    });
    await this.files.rm(`${this.path}.json`);
    await syncFolder(dirname(this.target), this.files);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      await this.close().catch(() => undefined);
      throw unwritable(this.path, cause);
    }
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // half written: begin anew
  }
}
