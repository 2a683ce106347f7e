import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { tfjsTraining } from "../../harness/engine/peers/tfjstraining.js";
import { openTrainer } from "../../harness/engine/trainer.js";
import { kernel } from "../../harness/kernels/training-step.js";
import { adamSettings } from "../../harness/models/adam.js";
import { AUTOENCODER_STRIDE } from "../../harness/models/catalogue.js";
import { plan } from "../../harness/models/network.js";
import { initialState } from "../../harness/models/training.js";

const OPTIMISER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };

describe.each(["cpu", "wasm"] as const)("TensorFlow.js on %s", (name) => {
  it("trains the same description to the same losses", async () => {
    const planned = plan(AUTOENCODER_STRIDE);
    const inputs = kernel.generate({ ...kernel.shapes[0], rows: 12 }, rng(3));
    const { input, target, parameters } = inputs as Record<string, Float32Array>;
    const peer = await tfjsTraining(name, planned);
    const own = await openTrainer(
      { planned, loss: "mse", optimiser: OPTIMISER },
      initialState(planned, parameters),
    );
    for (let step = 1; step <= 5; step++) {
      const { loss } = peer({ ...inputs, settings: adamSettings(OPTIMISER, 1) }, {});
      expect(Math.abs(loss[0] / (await own.step(input, target, 12)) - 1), `step ${step}`).toBeLessThan(1e-5);
    }
  });
});
