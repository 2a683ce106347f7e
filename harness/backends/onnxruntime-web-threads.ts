/**
 * ONNX Runtime compiled to WebAssembly on as many threads as there are processors, up to four. A process that already runs it on one
 * thread cannot change that, and says so. Optional: a development dependency.
 */
import { defineBackend } from "../core/backend.js";
import { onnxBackend } from "./onnxsession.js";
import { detectedThreads, startOnnxWeb } from "./onnxweb.js";

export const backend = defineBackend(
  onnxBackend("onnxruntime-web-threads", "ONNX Runtime Web, WebAssembly with SIMD, threads as detected", () =>
    startOnnxWeb(detectedThreads()),
  ),
);
