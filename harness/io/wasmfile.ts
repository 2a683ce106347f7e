/** The compiled kernels as files: build/<target>.wasm and the SHA-256 of each, recorded when they were built together. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.js";
import { packageRoot } from "./packagefiles.js";

export interface WasmFile {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

const recordedHashes = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
const BUILD_REMEDY = "build it with: npm run build";

async function readBuildFile(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new UsageError(`build/${name}: missing: expected the compiled kernels beside package.json`, {
      tag: "missing-wasm",
      remedy: BUILD_REMEDY,
      cause,
    });
  }
}

function parseHashes(text: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = recordedHashes.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError("build/hashes.json: not a list of hashes: expected what the build writes", {
    tag: "other-build",
    remedy: BUILD_REMEDY,
  });
}

/** Bytes of build/<target>.wasm (or of another build folder); refuses a missing file and one of another build (UsageError). */
export async function readWasmFile(
  target: string,
  folder: string = join(packageRoot(), "build"),
): Promise<WasmFile> {
  const bytes = await readBuildFile(folder, `${target}.wasm`);
  const recorded = parseHashes((await readBuildFile(folder, "hashes.json")).toString("utf8"))[target];
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== recorded) {
    const expected = (recorded as string | undefined)?.slice(0, 12) ?? "none recorded";
    throw new UsageError(
      `build/${target}.wasm: file of another build: expected sha256 ${expected}, got ${sha256.slice(0, 12)}`,
      { tag: "other-build", remedy: BUILD_REMEDY },
    );
  }
  return { bytes, sha256 };
}
