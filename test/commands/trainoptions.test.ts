/** Settings of a training that nobody gave: those that docs/training.md says suit the loss. */
import { describe, expect, it } from "vitest";
import { loopOf, refuseEmdCnn } from "../../harness/commands/trainoptions.js";
import { recordedContext } from "./recordedcontext.js";

const { context } = recordedContext();

describe("steps of a training", () => {
  it("follow the loss", () => {
    for (const loss of ["telescope", "weighted-mse", "mse"] as const)
      expect(loopOf({}, loss, context)).toMatchObject({ batch: 64, optimiser: { learningRate: 0.002 } });
    for (const loss of ["emd", "emd-cnn"] as const)
      expect(loopOf({}, loss, context)).toMatchObject({ batch: 256, optimiser: { learningRate: 0.005 } });
  });

  it("are as asked for", () => {
    const given = { batch: 32, lr: 0.1, epochs: 3, decay: 0.5 };
    const optimiser = { learningRate: 0.1, weightDecay: 0.5 };
    expect(loopOf(given, "emd", context)).toMatchObject({ batch: 32, epochs: 3, optimiser });
  });
});

describe("the network of the loss emd-cnn", () => {
  it("is needed for that loss, and for no other", () => {
    expect(() => {
      refuseEmdCnn({}, "emd-cnn");
    }).toThrow(/--loss emd-cnn: expected --emd-cnn with the weights of the network, got none/);
    expect(() => {
      refuseEmdCnn({ emdCnn: "pair.json" }, "emd");
    }).toThrow(/--emd-cnn: expected --loss emd-cnn, which goes by it, got emd/);
    refuseEmdCnn({ emdCnn: "pair.json" }, "emd-cnn");
    refuseEmdCnn({}, "telescope");
  });
});
