/**
 * The networks with the processor's fused multiply-add (relaxed SIMD): results may differ in the last bits from machine to
 * machine, so they are held to the tolerance and to no other build's bits.
 */
import { defineBackend } from "../core/backend.js";
import { networkOf } from "../models/networkkernel.js";
import { describeBuild, missingBuild, openBuild } from "./webassembly.js";

export const backend = defineBackend({
  id: "wasm-relaxed",
  title: "WebAssembly with relaxed SIMD",
  cannot: (kernel) =>
    networkOf(kernel) === undefined ? "the relaxed build has the networks only" : undefined,
  missing: () => missingBuild("relaxed"),
  describe: () => describeBuild("relaxed"),
  open: (options) => openBuild("relaxed", options),
});
