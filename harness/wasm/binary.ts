/** The compiled kernels of one target as a WebAssembly module, checked against the build's record and this machine's abilities. */
import { UsageError } from "../core/errors.js";
import { readWasmFile } from "../io/wasmfile.js";

/**
 * release and debug use SIMD; scalar is for machines without it and is used only when asked for. relaxed has the networks only,
 * with the processor's fused multiply-add.
 */
export type Target = "release" | "scalar" | "debug" | "relaxed";

export interface Binary {
  readonly target: Target;
  readonly module: WebAssembly.Module;
  readonly sha256: string;
}

/** A module whose only function is i8x16.splat(0), i8x16.popcnt: valid where SIMD is. */
const SIMD_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic and version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of that type
  ...[0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b], // its body
);

/** The same for f32x4.relaxed_madd of three zeros. */
const ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const RELAXED_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x3d, 0x01, 0x3b, 0x00, ...ZERO, ...ZERO, ...ZERO, 0xfd, 0x85, 0x02, 0x0b],
);

function engine(): typeof WebAssembly | undefined {
  return (globalThis as { readonly WebAssembly?: typeof WebAssembly }).WebAssembly;
}

/** True when this engine runs 128-bit SIMD. */
export function hasSimd(): boolean {
  return engine()?.validate(SIMD_PROBE) ?? false;
}

/** True when this engine runs relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return engine()?.validate(RELAXED_PROBE) ?? false;
}

/** Why `target` cannot run here, or undefined. */
export function whyNot(
  target: Target,
  simd = hasSimd(),
  relaxed = target === "relaxed" && hasRelaxedSimd(),
): string | undefined {
  if (engine() === undefined) return "WebAssembly is switched off in this Node";
  if (target !== "scalar" && !simd) return "this machine or Node has no WebAssembly SIMD";
  if (target === "relaxed" && !relaxed) {
    return "relaxed SIMD is off: it needs Node 22, or node --experimental-wasm-relaxed-simd";
  }
  return undefined;
}

const loaded = new Map<string, Promise<Binary>>();

/** Reads, checks and compiles a target, once per process. Throws a UsageError that names what is missing. */
export function loadBinary(target: Target, folder?: string): Promise<Binary> {
  const key = `${target} ${folder ?? ""}`;
  let binary = loaded.get(key);
  if (binary === undefined) {
    binary = compile(target, folder);
    loaded.set(key, binary);
    // A failed load may be mended (npm run build) while the process lives.
    binary.catch(() => loaded.delete(key));
  }
  return binary;
}

async function compile(target: Target, folder: string | undefined): Promise<Binary> {
  const reason = whyNot(target);
  if (reason !== undefined) {
    throw new UsageError(`build/${target}.wasm: cannot run here: ${reason}`, {
      tag: "no-simd",
      remedy: "ask for another build: --backends wasm, or wasm-scalar without SIMD",
    });
  }
  const { bytes, sha256 } = await readWasmFile(target, folder);
  return { target, module: await WebAssembly.compile(bytes), sha256 };
}
