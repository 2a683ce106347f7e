/**
 * Files appear whole or not at all: a temporary in the same folder, written, synced, renamed; then the folder is synced.
 *
 * A failure at any step leaves the former file as it was and removes the temporary (WriteError, exit 6). Never follows up
 * a failed write with a rename.
 */
import { randomBytes } from "node:crypto";
import { open as openFile, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { WriteError } from "../core/errors.js";

/** The system calls that writing needs; tests replace them by ones that fail. */
export interface FileSystem {
  open(path: string, flags: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string): Promise<void>;
}

export interface OpenFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const hostFileSystem: FileSystem = {
  open: (path, flags) => openFile(path, flags),
  rename,
  rm: (path) => rm(path, { force: true }),
};

const PART = /^\..+\.(\d+)\.[0-9a-f]{12}\.part$/;

/** A file under construction; nobody sees it under its name before `commit`. */
export class AtomicFile {
  #position = 0;
  #open = true;

  private constructor(
    readonly path: string,
    readonly temporary: string,
    private readonly handle: OpenFile,
    private readonly files: FileSystem,
  ) {}

  /** Creates the temporary beside `path`; refuses (WriteError) when the folder cannot be written. */
  static async create(path: string, files: FileSystem = hostFileSystem): Promise<AtomicFile> {
    const name = `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
    const temporary = join(dirname(path), name);
    await refuseFolder(path);
    try {
      return new AtomicFile(path, temporary, await files.open(temporary, "wx"), files);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** Bytes appended so far. */
  get position(): number {
    return this.#position;
  }

  /** Appends all of `bytes`, however short the single writes are. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.writeAt(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** Overwrites bytes that were written before (a header whose counts were not known). */
  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
        if (bytesWritten === 0) throw new Error("the system accepted no bytes");
        done += bytesWritten;
      }
    } catch (cause) {
      await this.abandon();
      throw unwritable(this.path, cause);
    }
  }

  /** Makes the file appear under its name, replacing a former one. */
  async commit(): Promise<void> {
    try {
      await this.handle.sync();
      this.#open = false;
      await this.handle.close();
      await this.files.rename(this.temporary, this.path);
    } catch (cause) {
      await this.abandon();
      throw unwritable(this.path, cause);
    }
    await syncFolder(dirname(this.path), this.files);
  }

  /** Removes the temporary; the former file, if any, stays. Harmless after `commit`. */
  async abandon(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      await this.handle.close().catch(ignore);
    }
    await this.files.rm(this.temporary).catch(ignore);
  }
}

/** Refuses (WriteError) a path that is a folder: renaming onto it would fail too, but only when everything is written. */
export async function refuseFolder(path: string): Promise<void> {
  if ((await stat(path).catch(ignore))?.isDirectory() === true) throw unwritable(path, { code: "EISDIR" });
}

/** Writes a whole file; UTF-8 for text. */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  files: FileSystem = hostFileSystem,
): Promise<void> {
  const file = await AtomicFile.create(path, files);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  await file.commit();
}

/** Makes the folder's list of names durable. The file is already in place, so a folder that cannot be synced is no loss. */
export async function syncFolder(folder: string, files: FileSystem): Promise<void> {
  try {
    const handle = await files.open(folder === "" ? "." : folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows and some network file systems cannot sync a folder
  }
}

function ignore(): void {
  // the first error is the one to tell
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "a file larger than the system allows",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "a read-only file system",
  ENOENT: "no such folder",
  ENOTDIR: "a file where a folder should be",
  EEXIST: "a file where a folder should be",
  EISDIR: "a folder of that name",
  EIO: "an input/output error",
};

/** A failed system call on an output file, as a refusal that names the file and says what is safe. */
export function unwritable(
  path: string,
  cause: unknown,
  safe = "a former file of that name is unchanged",
): WriteError {
  const code = (cause as { code?: unknown }).code;
  const reason = typeof code === "string" ? (REASONS[code] ?? code) : String(cause);
  return new WriteError(`${path}: cannot be written: expected room and permission, got ${reason}`, {
    safe,
    cause,
  });
}

/** Removes temporaries in `folder` whose process is gone (`alive` tells); answers with their names. */
export async function removeStaleParts(folder: string, alive: (pid: number) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const stale = names.filter((name) => {
    const match = PART.exec(name);
    return match !== null && !alive(Number(match[1]));
  });
  for (const name of stale) await rm(join(folder, name), { force: true });
  return stale.sort();
}
