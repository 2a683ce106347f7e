/** Batch normalisation folded into the layer before it, and slopes of outputs in the inputs of what is left. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { trainingPass } from "../../harness/models/backward.js";
import { architectureOf } from "../../harness/models/architectures.js";
import { forward } from "../../harness/models/forward.js";
import { freeze, frozenNetwork } from "../../harness/models/frozennetwork.js";
import { type Layer, type Network, plan } from "../../harness/models/network.js";
import { drawParameters } from "../../harness/models/networkkernel.js";
import { compileInputSlopes } from "../../harness/models/trainingprogram.js";

const NORMALISED: readonly Layer[] = [
  { kind: "batch-norm", epsilon: 1e-3, momentum: 0.99 },
  { kind: "activation", activation: "relu" },
];
/** Every layer that a normalisation can stand behind. */
const MIXED: Network = {
  id: "mixed",
  input: [4, 4, 2],
  leak: 0,
  layers: [
    { kind: "conv2d", filters: 3, kernel: 3, stride: 2, activation: "linear" },
    ...NORMALISED,
    { kind: "conv2d-transpose", filters: 5, kernel: 3, stride: 2, activation: "linear" },
    ...NORMALISED,
    { kind: "flatten" },
    { kind: "dense", units: 7, activation: "linear" },
    ...NORMALISED,
    { kind: "dense", units: 2, activation: "tanh" },
  ],
};

function drawn(network: Network, seed: number) {
  const planned = plan(network);
  return { plan: planned, parameters: Float64Array.from(drawParameters(planned, rng(seed))) };
}

const draws = (count: number, seed: number): Float64Array => {
  const random = rng(seed);
  return Float64Array.from({ length: count }, () => random.normal());
};

describe("freeze", () => {
  const emdCnn = architectureOf("emd-cnn-4x32-32").parts.network;
  for (const network of [MIXED, emdCnn].filter((one) => one !== undefined))
    it(`${network.id} gives what the whole network gives`, () => {
      const part = drawn(network, 5);
      const frozen = freeze(part);
      const input = draws(3 * part.plan.inputSize, 6);
      const whole = forward(part.plan, part.parameters, input, 3);
      const found = forward(frozen.plan, Float64Array.from(frozen.parameters), input, 3);
      whole.forEach((value, i) => {
        expect(Math.abs(found[i] - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
      });
    });

  it("refuses what cannot be folded", () => {
    const bent: Network = {
      ...MIXED,
      id: "bent",
      layers: [{ kind: "flatten" }, { kind: "dense", units: 3, activation: "relu" }, ...NORMALISED],
    };
    expect(() => frozenNetwork(bent)).toThrow(
      /network bent: layer 2 \(batch-norm\): expected a linear layer before it, got dense/,
    );
    expect(() => frozenNetwork({ ...MIXED, layers: NORMALISED })).toThrow(/layer 0 .* got none/);
    expect(() => compileInputSlopes(plan(MIXED))).toThrow(/expected batch normalisation folded/);
  });

  it("has the input slopes of finite differences in float64", () => {
    const { plan: frozen, parameters } = freeze(drawn(MIXED, 8));
    const values = Float64Array.from(parameters);
    const input = draws(frozen.inputSize, 9);
    const slopes = draws(frozen.outputSize, 10);
    const { inputGradient } = trainingPass(frozen, values, input, 1, () => slopes);
    const valueAt = (i: number, by: number): number =>
      forward(
        frozen,
        values,
        input.map((x, j) => (i === j ? x + by : x)),
        1,
      ).reduce((sum, y, j) => sum + y * slopes[j], 0);
    inputGradient.forEach((slope, i) => {
      expect((valueAt(i, 1e-6) - valueAt(i, -1e-6)) / 2e-6).toBeCloseTo(slope, 6);
    });
  });
});
