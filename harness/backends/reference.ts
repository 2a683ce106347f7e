/** Each kernel's own plain TypeScript: slow, obvious, float64. It is what the other backends are judged by. */
import { defineBackend } from "../core/backend.js";

export const backend = defineBackend({
  id: "reference",
  title: "Plain TypeScript",
  missing: () => Promise.resolve(undefined),
  describe: () => Promise.resolve({ language: "TypeScript", arithmetic: "float64" }),
  open: () =>
    Promise.resolve({
      call: (kernel, inputs, dims) => kernel.reference(inputs, dims),
      close: () => {
        // nothing is held
      },
    }),
});
