import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openTrainer } from "../../harness/engine/trainer.js";
import { trainingPass } from "../../harness/models/backward.js";
import { AUTOENCODER_STRIDE, jetNetwork } from "../../harness/models/catalogue.js";
import { plan, type Plan } from "../../harness/models/network.js";
import { initialState, type LossId } from "../../harness/models/training.js";
import { gradientOfLossKernel } from "../../harness/models/trainingkernel.js";
import { lossOfBatch } from "../../harness/models/trainingloss.js";
import { compileTraining } from "../../harness/models/trainingprogram.js";
import { LOSS } from "../../harness/models/trainingsteps.js";
import { tensorAgreement } from "../../harness/models/tensoragreement.js";
import { loadBinary } from "../../harness/wasm/binary.js";
import { createHost } from "../../harness/wasm/host.js";

interface Case {
  readonly network: "Autoencoder" | "Jets";
  readonly loss: LossId;
  readonly rows: number;
  readonly losses: readonly number[];
  readonly gradient?: readonly number[];
  readonly moving?: readonly number[];
}

const oracle = JSON.parse(readFileSync(new URL("training/training.json", import.meta.url), "utf8")) as {
  readonly torch: string;
  readonly cases: readonly Case[];
};

const PLANS = {
  Autoencoder: plan(AUTOENCODER_STRIDE),
  Jets: plan(jetNetwork("jets", [6, 20, 3, 20, 6], "leaky-relu", true)),
};
const OPTIMISER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 };

/** The formula of training.py. */
function drawn(count: number, salt: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const raw = ((i * 7919 + salt * 104729) % 10007) / 10007;
    return scale * (raw - 0.5);
  });
}

function parametersOf(name: Case["network"]): Float32Array {
  const planned = PLANS[name];
  const all = new Float32Array(planned.parameters);
  if (name === "Autoencoder") {
    planned.layers
      .flatMap(({ tensors }) => tensors)
      .forEach(({ offset, size }, i) => {
        all.set(drawn(size, 1 + i, 0.4), offset);
      });
    return all;
  }
  const salts = { dense: -1, norm: 0 };
  for (const { layer, tensors } of planned.layers) {
    if (layer.kind === "dense") {
      salts.dense++;
      all.set(drawn(tensors[0].size, 20 + 10 * salts.dense, 0.8), tensors[0].offset);
      all.set(drawn(tensors[1].size, 21 + 10 * salts.dense, 0.4), tensors[1].offset);
    } else {
      const [gamma, beta, , variance] = tensors;
      all.set(
        drawn(gamma.size, 22 + 10 * salts.dense, 0.5).map((x) => x + 1),
        gamma.offset,
      );
      all.set(drawn(beta.size, 23 + 10 * salts.dense, 0.5), beta.offset);
      all.fill(1, variance.offset, variance.offset + variance.size);
    }
  }
  return all;
}

function dataOf({ network, rows }: Case): Float32Array {
  return network === "Autoencoder"
    ? drawn(rows * 64, 90, 0.2).map((x) => Math.abs(x))
    : drawn(rows * 6, 90, 3);
}

/** Gradients without the places of moving statistics, which PyTorch keeps elsewhere. */
function trainable(planned: Plan, gradient: Float32Array): Float32Array {
  const values = gradient.slice();
  for (const { offset, size, trainable } of planned.layers.flatMap(({ tensors }) => tensors))
    if (!trainable) values.fill(0, offset, offset + size);
  return values;
}

describe.each(oracle.cases)("PyTorch's training of $network with $loss", (recorded) => {
  const { network, loss, rows } = recorded;
  const planned = PLANS[network];
  const input = dataOf(recorded);
  const parameters = parametersOf(network);

  it("has the gradients of the kernel within 1e-5 and of float64 within 1e-8", async () => {
    if (recorded.gradient === undefined) return;
    const host = createHost((await loadBinary("release")).module);
    const kernel = gradientOfLossKernel({
      id: network,
      title: network,
      source: "none",
      network: planned.network,
      itemName: "row",
      drawRow: () => new Float64Array(planned.inputSize),
      losses: [loss],
      rows,
    });
    const dims = { shares: 1, rows, loss: LOSS[loss], want: 1 };
    const weights = new Float32Array(rows).fill(1 / rows);
    const program = compileTraining(planned).code;
    const found = host.call(kernel, { input, target: input, weights, parameters, program }, dims);
    const own = trainable(planned, found.gradient as Float32Array);
    const { ratio, where } = tensorAgreement(planned, "gradient", own, recorded.gradient);
    expect(ratio, where).toBeLessThanOrEqual(1);
    const pass = trainingPass(
      planned,
      Float64Array.from(parameters),
      Float64Array.from(input),
      rows,
      (output) => lossOfBatch(loss, planned, input, output, rows).gradient,
    );
    expect(
      tensorAgreement(planned, "gradient", pass.parameterGradient, recorded.gradient).worst,
    ).toBeLessThan(1e-8);
  });

  it("has the trainer's losses over five steps within 1e-5", async () => {
    const options = { planned, loss, optimiser: OPTIMISER, threads: 1 };
    const trainer = await openTrainer(options, initialState(planned, parameters));
    for (const expected of recorded.losses) {
      expect(Math.abs((await trainer.step(input, input, rows)) / expected - 1)).toBeLessThan(1e-5);
    }
    const norms = planned.layers.filter(({ layer }) => layer.kind === "batch-norm");
    const moving = norms.flatMap(({ tensors: [, , mean, variance] }) =>
      [mean, variance].flatMap(({ offset, size }) => [
        ...trainer.state.parameters.subarray(offset, offset + size),
      ]),
    );
    moving.forEach((value, i) => {
      expect(Math.abs(value - (recorded.moving?.[i] ?? NaN))).toBeLessThan(1e-5);
    });
  });
});
