/**
 * One writer per folder: a folder `.lock` that holds the owner's process id, host and start time.
 *
 * It appears in one step with its content (a rename), so it is never seen half made. A lock is stale when its process is
 * gone from this very host; locks of other hosts are never broken.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { BusyError } from "../core/errors.js";
import { unwritable } from "./atomic.js";
import { makeFolder } from "./folders.js";
import { birthMark, isAlive } from "./process.js";

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly birth?: string;
}

export interface Lock {
  /** The dead owner whose lock was taken over, if there was one. */
  readonly replaced: LockOwner | undefined;
  release(): Promise<void>;
}

/** A dead process may have left the marker that guards the removal of a stale lock. */
const BREAKING_MAX_AGE_MS = 60_000;

/** Takes the folder (made if needed); refuses (BusyError) at once when another process has it. */
export async function acquireLock(folder: string): Promise<Lock> {
  const lock = join(folder, ".lock");
  await makeFolder(folder);
  if (await install(lock)) return held(lock, undefined);
  const owner = await ownerOf(lock);
  if (owner === undefined ? await exists(lock) : !isStale(owner)) throw busy(folder, owner);
  const replaced = await breakStale(lock, folder);
  return held(lock, replaced);
}

/** Puts our lock in place; false when there is one. */
async function install(lock: string): Promise<boolean> {
  const made = `${lock}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const birth = birthMark(process.pid);
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    start: new Date().toISOString(),
    ...(birth === undefined ? {} : { birth }),
  };
  try {
    await mkdir(made);
    await writeFile(join(made, "owner.json"), `${JSON.stringify(owner)}\n`, { flag: "wx" });
    await rename(made, lock); // fails on a folder that is not empty, and a lock never is
    return true;
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    const code = (cause as { code?: unknown }).code;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM") {
      if (await exists(lock)) return false;
    }
    throw unwritable(lock, cause);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function ownerOf(lock: string): Promise<LockOwner | undefined> {
  try {
    const value = JSON.parse(await readFile(join(lock, "owner.json"), "utf8")) as Partial<LockOwner> | null;
    if (typeof value?.pid !== "number" || typeof value.host !== "string" || typeof value.start !== "string")
      return undefined;
    return value as LockOwner;
  } catch {
    return undefined;
  }
}

function isStale(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return false;
  if (!isAlive(owner.pid)) return true;
  const birth = birthMark(owner.pid);
  return owner.birth !== undefined && birth !== undefined && birth !== owner.birth;
}

/** Replaces a stale lock by ours. A second folder keeps two processes from doing that at once. */
async function breakStale(lock: string, folder: string): Promise<LockOwner | undefined> {
  const guard = `${lock}.breaking`;
  const age = await stat(guard).then(
    (information) => Date.now() - information.mtimeMs,
    () => 0,
  );
  if (age > BREAKING_MAX_AGE_MS) await rm(guard, { recursive: true, force: true });
  try {
    await mkdir(guard);
  } catch {
    throw busy(folder, await ownerOf(lock));
  }
  try {
    const owner = await ownerOf(lock);
    if (owner !== undefined && isStale(owner)) await discard(lock);
    if (!(await install(lock))) throw busy(folder, await ownerOf(lock));
    return owner;
  } finally {
    await rm(guard, { recursive: true, force: true });
  }
}

/** Takes the lock away in one step, then deletes it at leisure. */
async function discard(lock: string): Promise<void> {
  const away = `${lock}.gone.${randomBytes(6).toString("hex")}`;
  await rename(lock, away);
  await rm(away, { recursive: true, force: true });
}

function held(lock: string, replaced: LockOwner | undefined): Lock {
  let released = false;
  return {
    replaced,
    async release() {
      if (released) return;
      released = true;
      await discard(lock).catch(() => {
        // the folder was removed while we held it: nothing is locked any more
      });
    },
  };
}

function busy(folder: string, owner: LockOwner | undefined): BusyError {
  const who =
    owner === undefined
      ? "one that does not say whose it is"
      : `process ${owner.pid} on ${owner.host} since ${owner.start}`;
  return new BusyError(`${folder}: another run is writing here: expected no lock, got ${who}`, {
    remedy: "wait for it to end, or choose another --out folder",
  });
}
