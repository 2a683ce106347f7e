// The files that the WebAssembly builds are made of: those with a leading "_" are shared by kernels, all others are kernels whose
// exports the host can call.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

/** Entry files of the compiler, relative to the repository. */
export function kernelSources() {
  const kernels = readdirSync(join(root, "assembly")).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("_"),
  );
  return ["_arena.ts", ...kernels.sort()].map((name) => `assembly/${name}`);
}
