/**
 * What the WebAssembly backends share: a build's module on one worker thread, every call whole.
 *
 * The thread keeps the caller responsive and lets a kernel that never ends be stopped.
 */
import { isHarnessError } from "../core/errors.js";
import type { BackendSession, OpenOptions } from "../core/backend.js";
import { hasSimd, loadBinary, type Target } from "../wasm/binary.js";
import { openPool } from "../wasm/pool.js";

/** Why a build cannot be used here, or undefined. */
export async function missingBuild(target: Target): Promise<string | undefined> {
  try {
    await loadBinary(target);
    return undefined;
  } catch (error) {
    if (isHarnessError(error)) return error.message;
    throw error;
  }
}

export async function describeBuild(target: Target): Promise<Readonly<Record<string, string>>> {
  const { sha256 } = await loadBinary(target);
  return { build: target, sha256, simd: target === "scalar" ? "off" : String(hasSimd()) };
}

export async function openBuild(target: Target, options: OpenOptions = {}): Promise<BackendSession> {
  return openPool({ threads: 1, divide: false, target, ...options });
}
