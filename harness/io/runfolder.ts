/**
 * A run's folder: one owner at a time, a log of finished rows, files that appear whole.
 *
 * Layout: rows.ndjson (grows), results.json, report.html, report.md (made at the end). The folder above a default run gets
 * a file `latest`. Nothing else is touched; a former run's rows in the same folder are replaced only if they are rows.
 */
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../core/errors.js";
import { readRows } from "../core/rows.js";
import { AppendLog } from "./appendlog.js";
import { removeStaleParts, writeFileAtomic } from "./atomic.js";
import { writeLatest } from "./latest.js";
import { acquireLock, type Lock } from "./lock.js";
import { isAlive } from "./process.js";

const OUTPUT = "wafermark-out";
const ROWS = "rows.ndjson";

/** Where a run goes when the user does not say: ./wafermark-out/<UTC>-<suite>-<6 characters>. */
export function defaultRunFolder(suite: string, now: Date): string {
  const utc = now.toISOString().replace(/[-:]|\.\d+/g, "");
  return join(OUTPUT, `${utc}-${suite}-${randomBytes(3).toString("hex")}`);
}

/** Removes rows of a former run in this folder; refuses (UsageError) a file of that name that is none of ours. */
async function clearFormerRows(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined || text === "") return;
  try {
    readRows(text, path);
  } catch (cause) {
    throw new UsageError(`${path}: in the way: expected the rows of a former run, got something else`, {
      remedy: "another --out folder",
      cause,
    });
  }
  await rm(path);
}

export class RunFolder {
  private constructor(
    readonly path: string,
    private readonly lock: Lock,
    private readonly log: AppendLog,
    /** What a dead process had left here and was put away. */
    readonly cleaned: readonly string[],
  ) {}

  /** Takes the folder (made if needed); refuses (BusyError) when another run has it. */
  static async open(path: string): Promise<RunFolder> {
    const lock = await acquireLock(path);
    try {
      const parts = await removeStaleParts(path, isAlive);
      const owner = lock.replaced;
      const cleaned =
        owner === undefined ? parts : [`lock of process ${owner.pid} (${owner.start})`, ...parts];
      await clearFormerRows(join(path, ROWS));
      return new RunFolder(path, lock, await AppendLog.open(join(path, ROWS)), cleaned);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get id(): string {
    return basename(resolve(this.path));
  }

  /** Appends a finished row. */
  append(row: unknown): Promise<void> {
    return this.log.append(row);
  }

  /** Writes a whole file into the folder and answers with its path. */
  async write(name: string, content: string): Promise<string> {
    const path = join(this.path, name);
    await writeFileAtomic(path, content);
    return path;
  }

  /** Records this run as the newest in the folder above. */
  async markLatest(): Promise<void> {
    await writeLatest(dirname(resolve(this.path)), this.id);
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.lock.release();
  }
}
