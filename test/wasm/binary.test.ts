import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isHarnessError, type HarnessError } from "../../harness/core/errors.js";
import { hasSimd, loadBinary, whyNot } from "../../harness/wasm/binary.js";

/** The smallest module there is. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wafermark-binary-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function record(hashes: unknown): Promise<void> {
  await writeFile(join(folder, "hashes.json"), typeof hashes === "string" ? hashes : JSON.stringify(hashes));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function refusal(action: Promise<unknown>): Promise<HarnessError> {
  try {
    await action;
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("loadBinary", () => {
  it("loads a module whose hash is the recorded one", async () => {
    await writeFile(join(folder, "release.wasm"), EMPTY_MODULE);
    await record({ release: sha256(EMPTY_MODULE) });
    const binary = await loadBinary("release", folder);
    expect(binary.module).toBeInstanceOf(WebAssembly.Module);
    expect(binary).toMatchObject({ target: "release", sha256: sha256(EMPTY_MODULE) });
    expect(await loadBinary("release", folder)).toBe(binary);
  });

  it("refuses a missing file by name, and finds it once it is there", async () => {
    const error = await refusal(loadBinary("scalar", folder));
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/^build\/scalar\.wasm: missing/);
    expect(error.remedy).toMatch(/npm run build/);
    await writeFile(join(folder, "scalar.wasm"), EMPTY_MODULE);
    await record({ scalar: sha256(EMPTY_MODULE) });
    expect((await loadBinary("scalar", folder)).target).toBe("scalar");
  });

  it("refuses a binary of another build with both hashes", async () => {
    await writeFile(join(folder, "release.wasm"), EMPTY_MODULE);
    const other = "ab".repeat(32);
    await record({ release: other });
    const error = await refusal(loadBinary("release", folder));
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(
      `build/release.wasm: file of another build: expected sha256 abababababab, got ${sha256(EMPTY_MODULE).slice(0, 12)}`,
    );
  });

  it("refuses one flipped bit", async () => {
    const flipped = EMPTY_MODULE.slice();
    flipped[4] ^= 1;
    await writeFile(join(folder, "release.wasm"), flipped);
    await record({ release: sha256(EMPTY_MODULE) });
    expect((await refusal(loadBinary("release", folder))).tag).toBe("other-build");
  });

  it.each([
    ["no entry", {}],
    ["no JSON", "{"],
    ["no hash", { release: "12" }],
    ["a list", ["x"]],
  ])("refuses a record with %s", async (_, hashes) => {
    await writeFile(join(folder, "release.wasm"), EMPTY_MODULE);
    await record(hashes);
    const error = await refusal(loadBinary("release", folder));
    expect(error.tag).toBe("other-build");
    expect(error.exitCode).toBe(2);
  });

  it("refuses a missing record", async () => {
    await writeFile(join(folder, "release.wasm"), EMPTY_MODULE);
    expect((await refusal(loadBinary("release", folder))).message).toMatch(/^build\/hashes\.json: missing/);
  });
});

describe("abilities", () => {
  it("whyNot(target) names SIMD for the builds that use it and lets the scalar one run", () => {
    expect(whyNot("release", false)).toMatch(/no WebAssembly SIMD/);
    expect(whyNot("debug", false)).toMatch(/no WebAssembly SIMD/);
    expect(whyNot("scalar", false)).toBeUndefined();
    expect(whyNot("release", true)).toBeUndefined();
  });

  it("hasSimd() agrees with this Node, which is known to have it", () => {
    expect(hasSimd()).toBe(true);
  });

  it("without WebAssembly nothing runs, and loadBinary says so", async () => {
    const saved = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly") as PropertyDescriptor;
    Object.defineProperty(globalThis, "WebAssembly", { ...saved, value: undefined });
    try {
      expect(hasSimd()).toBe(false);
      expect(whyNot("scalar")).toMatch(/switched off/);
      const error = await refusal(loadBinary("scalar", folder));
      expect(error.exitCode).toBe(2);
      expect(error.message).toMatch(/WebAssembly is switched off/);
    } finally {
      Object.defineProperty(globalThis, "WebAssembly", saved);
    }
    expect(hasSimd()).toBe(true);
  });
});
