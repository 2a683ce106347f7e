/**
 * A file of finished rows, one JSON value per line: one line, one write, one sync, so a killed run keeps what was done.
 *
 * A line that a crash cut short is not a row: it is dropped when the log is read or opened again.
 */
import { open, readFile, type FileHandle } from "node:fs/promises";
import { InputError } from "../core/errors.js";
import { unwritable } from "./atomic.js";
import { unreadable } from "./source.js";

const NEWLINE = 10;

export class AppendLog {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private length: number,
  ) {}

  /** Opens or creates the log; what a crash left behind the last whole line is cut off. */
  static async open(path: string): Promise<AppendLog> {
    try {
      const bytes = await readFile(path).catch((error: unknown) => {
        if ((error as { code?: unknown }).code === "ENOENT") return Buffer.alloc(0);
        throw error;
      });
      const whole = bytes.lastIndexOf(NEWLINE) + 1;
      const handle = await open(path, bytes.length === 0 ? "a" : "r+");
      if (whole < bytes.length) await handle.truncate(whole);
      return new AppendLog(path, handle, whole);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** Appends one row; when that fails the log is as before (WriteError). */
  async append(row: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(row)}\n`);
    try {
      const { bytesWritten } = await this.handle.write(bytes, 0, bytes.length, this.length);
      if (bytesWritten !== bytes.length)
        throw Object.assign(new Error("the line was written only in part"), { code: "ENOSPC" });
      await this.handle.datasync();
      this.length += bytes.length;
    } catch (cause) {
      await this.handle.truncate(this.length).catch(() => {
        // the reader drops a line that is not whole
      });
      throw unwritable(this.path, cause, "the rows before it are in the file");
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

export interface LoggedRows {
  readonly rows: readonly unknown[];
  /** Bytes behind the last whole line, left by a crash. */
  readonly tornBytes: number;
}

/** All whole rows of a log; refuses (InputError) a whole line that is not JSON. */
export async function readLog(path: string): Promise<LoggedRows> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.subarray(0, whole).toString("utf8").split("\n").slice(0, -1);
  const rows = lines.map((line, i): unknown => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new InputError(
        `${path} line ${i + 1}: not JSON: expected one JSON value, got ${line.length} characters`,
        {
          tag: "corrupt",
          cause,
        },
      );
    }
  });
  return { rows, tornBytes: bytes.length - whole };
}
