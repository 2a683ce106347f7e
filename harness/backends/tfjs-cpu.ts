/** TensorFlow.js on plain JavaScript: network inference only. A peer that networks are compared with, not a way to run them. */
import { defineBackend } from "../core/backend.js";
import { tfjsBackend } from "./tfjsnetwork.js";

export const backend = defineBackend(
  tfjsBackend("TensorFlow.js, JavaScript", {
    name: "cpu",
    load: async () => {
      const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
      return () => Promise.resolve({ "tfjs-backend-cpu": version_cpu, threads: "1" });
    },
  }),
);
