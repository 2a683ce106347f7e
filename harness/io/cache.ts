/**
 * The cache folder: `$WAFERMARK_CACHE`, else the platform's own place. Entries are named by the SHA-256 of their bytes.
 *
 * An entry that no longer has its hash is treated as absent. Nothing here is needed for a result; deleting it is safe.
 */
import { readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { writeFileAtomic } from "./atomic.js";
import { makeFolder } from "./folders.js";
import { sha256 } from "./hash.js";

export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const own = environment["WAFERMARK_CACHE"];
  if (own !== undefined && own !== "") return own;
  if (platform === "win32")
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "wafermark", "cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "wafermark");
  const base = environment["XDG_CACHE_HOME"];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "wafermark");
}

function entryPath(hash: string, folder: string): string {
  return join(folder, hash.slice(0, 2), hash);
}

/** Stores bytes and answers with their hash. */
export async function putCached(bytes: Uint8Array, folder = cacheFolder()): Promise<string> {
  const hash = sha256(bytes);
  const path = entryPath(hash, folder);
  await makeFolder(dirname(path));
  await writeFileAtomic(path, bytes);
  return hash;
}

/** The bytes with this hash, or undefined when they are not there or no longer themselves. */
export async function getCached(hash: string, folder = cacheFolder()): Promise<Uint8Array | undefined> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
  const path = entryPath(hash, folder);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  if (sha256(bytes) === hash) return bytes;
  await rm(path, { force: true });
  return undefined;
}
