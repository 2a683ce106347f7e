/** The kernels as they are used and timed: the optimised build with SIMD. */
import { defineBackend } from "../core/backend.js";
import { describeBuild, missingBuild, openBuild } from "./webassembly.js";

export const backend = defineBackend({
  id: "wasm",
  title: "WebAssembly with SIMD",
  missing: () => missingBuild("release"),
  describe: () => describeBuild("release"),
  open: (options) => openBuild("release", options),
});
