/**
 * TensorFlow.js's WebAssembly backend as a peer of the principal component kernel: centre, X'X in float32. It has no symmetric
 * eigen-decomposition: it is given ours, which takes a thousandth of its time.
 */
import { KernelError } from "../../core/errors.js";
import { kernel as eigen } from "../../kernels/eigen.js";
import { loadBinary } from "../../wasm/binary.js";
import { createHost } from "../../wasm/host.js";
import { backends } from "../plugins.generated.js";
import type { ModulePeerDeclaration, ModuleSubject } from "./peer.js";

const BACKEND = "tfjs-wasm";

async function components(): Promise<ModuleSubject> {
  const reason = await backends.get(BACKEND)?.missing();
  if (reason !== undefined) throw new KernelError(`${BACKEND}: principal components: ${reason}`);
  const tf = await import("@tensorflow/tfjs-core");
  const host = createHost((await loadBinary("release")).module);
  return ({ data }, { rows, columns }) => {
    if (tf.getBackend() !== "wasm") void tf.setBackend("wasm");
    const covariance = tf.tidy(() => {
      const table = tf.tensor2d(data as Float32Array, [rows, columns], "float32");
      const centred = tf.sub(table, tf.mean(table, 0));
      return tf.div(tf.matMul(centred, centred, true, false), rows - 1);
    });
    const matrix = Float64Array.from(covariance.dataSync<"float32">());
    covariance.dispose();
    return { values: host.call(eigen, { matrix }, { n: columns }).values };
  };
}

export const tfjsComponents: ModulePeerDeclaration = {
  id: "tfjs-wasm-pca",
  title: "TensorFlow.js, WebAssembly: centre, X'X; our eigenvalues",
  package: "@tensorflow/tfjs-core",
  subjects: { "pca-f32": components },
  // It sums in float32 throughout.
  exact: false,
};
