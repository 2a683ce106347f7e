/** The unoptimised build with assertions: a check on the compiler, since its results must have the same bits. Never timed. */
import { defineBackend } from "../core/backend.js";
import { describeBuild, missingBuild, openBuild } from "./webassembly.js";

export const backend = defineBackend({
  id: "wasm-debug",
  title: "WebAssembly, unoptimised with assertions",
  identicalTo: "wasm",
  missing: () => missingBuild("debug"),
  describe: () => describeBuild("debug"),
  open: (options) => openBuild("debug", options),
});
