/** ONNX Runtime compiled to WebAssembly with SIMD, on one thread. Optional: a development dependency. */
import { defineBackend } from "../core/backend.js";
import { onnxBackend } from "./onnxsession.js";
import { startOnnxWeb } from "./onnxweb.js";

export const backend = defineBackend(
  onnxBackend("onnxruntime-web", "ONNX Runtime Web, WebAssembly with SIMD, one thread", () =>
    startOnnxWeb(1),
  ),
);
