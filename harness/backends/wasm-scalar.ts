/** The optimised build without SIMD, for machines that have none: used only when asked for. */
import { defineBackend } from "../core/backend.js";
import { describeBuild, missingBuild, openBuild } from "./webassembly.js";

export const backend = defineBackend({
  id: "wasm-scalar",
  title: "WebAssembly without SIMD",
  missing: () => missingBuild("scalar"),
  describe: () => describeBuild("scalar"),
  open: (options) => openBuild("scalar", options),
});
