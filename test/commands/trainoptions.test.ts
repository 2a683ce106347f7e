/** Settings of a training that nobody gave: those that docs/training.md says suit the loss. */
import { describe, expect, it } from "vitest";
import { loopOf } from "../../harness/commands/trainoptions.js";
import { recordedContext } from "./recordedcontext.js";

const { context } = recordedContext();

describe("steps of a training", () => {
  it("follow the loss", () => {
    for (const loss of ["telescope", "weighted-mse", "mse"] as const)
      expect(loopOf({}, loss, context)).toMatchObject({ batch: 64, optimiser: { learningRate: 0.002 } });
    expect(loopOf({}, "emd", context)).toMatchObject({ batch: 256, optimiser: { learningRate: 0.005 } });
  });

  it("are as asked for", () => {
    const given = { batch: 32, lr: 0.1, epochs: 3, decay: 0.5 };
    const optimiser = { learningRate: 0.1, weightDecay: 0.5 };
    expect(loopOf(given, "emd", context)).toMatchObject({ batch: 32, epochs: 3, optimiser });
  });
});
