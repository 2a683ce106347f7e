/** TensorFlow.js on its own WebAssembly kernels: network inference only. SIMD and threads are recorded as detected. */
import { defineBackend } from "../core/backend.js";
import { tfjsBackend } from "./tfjsnetwork.js";

export const backend = defineBackend(
  tfjsBackend("TensorFlow.js, WebAssembly", {
    name: "wasm",
    load: async (tf) => {
      const { getThreadsCount, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
      return async () => ({
        "tfjs-backend-wasm": version_wasm,
        simd: String(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")),
        threads: String(getThreadsCount()),
      });
    },
  }),
);
