/** ONNX Runtime's native library on one thread: a ceiling rather than a peer, its vectors are wider. Found only when installed. */
import { defineBackend } from "../core/backend.js";
import { installed } from "./optionalpackage.js";
import { onnxBackend, type OnnxRuntime } from "./onnxsession.js";

interface OnnxRuntimeNode extends OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string; readonly common?: string } };
}

export const backend = defineBackend(
  onnxBackend("onnxruntime-node", "ONNX Runtime, native, one thread", async () => {
    const ort = await installed<OnnxRuntimeNode>("onnxruntime-node");
    const { node, common } = ort.env.versions;
    return {
      ort,
      options: { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all" },
      details: { "onnxruntime-node": node ?? common ?? "unknown", threads: "1" },
    };
  }),
);
