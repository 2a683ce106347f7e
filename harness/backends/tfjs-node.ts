/** TensorFlow's C library behind TensorFlow.js. Found only when installed: its installation downloads the library. */
import { defineBackend } from "../core/backend.js";
import { installed } from "./optionalpackage.js";
import { tfjsBackend } from "./tfjsnetwork.js";

interface TfjsNode {
  readonly version: Readonly<Record<string, string>>;
}

export const backend = defineBackend(
  tfjsBackend("TensorFlow.js on TensorFlow's C library", {
    name: "tensorflow",
    id: "node",
    load: async () => {
      const { version } = await installed<TfjsNode>("@tensorflow/tfjs-node");
      return async () => Promise.resolve({ "tfjs-node": version["tfjs"] ?? "unknown" });
    },
  }),
);
