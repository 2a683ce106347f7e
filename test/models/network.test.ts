import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { trainingPass } from "../../harness/models/backward.js";
import {
  AUTOENCODER_443,
  AUTOENCODER_POOL,
  AUTOENCODER_STRIDE,
  BALER_CONVOLUTIONAL,
  ENCODER_STRIDE,
  JETS_200,
  JETS_400,
  jetNetwork,
} from "../../harness/models/catalogue.js";
import { forward } from "../../harness/models/forward.js";
import { initialise } from "../../harness/models/initialise.js";
import { type Layer, type Network, plan } from "../../harness/models/network.js";

const uniform = (n: number, seed: number): Float64Array => {
  const source = rng(seed, 0);
  return Float64Array.from({ length: n }, () => source.uniform());
};

describe("plan", () => {
  it("counts the published parameters and operations", () => {
    expect(plan(ENCODER_STRIDE).parameters).toBe(2144);
    expect(2 * plan(ENCODER_STRIDE).multiplyAccumulates).toBe(6400);
    expect(2 * plan(AUTOENCODER_STRIDE).multiplyAccumulates).toBe(38_144);
    expect(plan(AUTOENCODER_443).parameters).toBe(2288 + 2979);
    const trainable = (network: Network): number =>
      plan(network)
        .layers.flatMap(({ tensors }) => tensors)
        .reduce((count, tensor) => count + (tensor.trainable ? tensor.size : 0), 0);
    const wulff = jetNetwork("w", [27, 200, 200, 200, 20, 200, 200, 200, 27], "leaky-relu", true);
    expect(trainable(wulff)).toBe(182_487);
    expect(plan(wulff).parameters).toBe(184_927);
    expect(trainable(JETS_400)).toBe(515_687);
  });

  it("has pictures as PyTorch pads them", () => {
    // torch.nn.Conv2d(1, 8, (2, 5), padding=1) and so on, on a 4x6 picture.
    const shapes = plan(BALER_CONVOLUTIONAL).layers.map(({ outputShape }) => outputShape.join("x"));
    const convolutions = BALER_CONVOLUTIONAL.layers.flatMap(({ kind }, i) =>
      kind.startsWith("conv2d") ? [shapes[i]] : [],
    );
    expect(convolutions).toEqual(["5x4x8", "5x4x16", "3x2x32", "5x4x16", "5x4x8", "4x6x1"]);
  });

  it("refuses a padding that the kernel does not reach across", () => {
    const [first] = BALER_CONVOLUTIONAL.layers;
    const bad = { ...BALER_CONVOLUTIONAL, layers: [{ ...first, padding: 2 } as Layer] };
    expect(() => plan(bad)).toThrow(/layer 0 \(conv2d\): padding: expected an integer from 0 to below/);
  });

  it("names the layer that does not fit", () => {
    const bad: Network = { id: "bad", input: [4], layers: [{ kind: "reshape", to: [5] }], leak: 0 };
    expect(() => plan(bad)).toThrow(/network bad: layer 0 \(reshape\): expected 4 values/);
  });
});

describe("forward", () => {
  it("computes a 3x3 stride-2 convolution as TensorFlow pads it", () => {
    const network: Network = {
      id: "one",
      input: [4, 4, 1],
      layers: [{ kind: "conv2d", filters: 1, kernel: 3, stride: 2, activation: "linear" }],
      leak: 0,
    };
    const input = Float64Array.from({ length: 16 }, (_, i) => i);
    const ones = new Float64Array(10).fill(1, 0, 9);
    // pad 0 before, 1 after: windows start at rows and columns 0 and 2
    expect([...forward(plan(network), ones, input, 1)]).toEqual([45, 39, 66, 50]);
  });

  it("a transposed convolution is the adjoint of the convolution", () => {
    const large = [8, 8, 2];
    const small = [4, 4, 3];
    const conv = plan({
      id: "c",
      input: large,
      layers: [{ kind: "conv2d", filters: 3, kernel: 3, stride: 2, activation: "linear" }],
      leak: 0,
    });
    const adjoint = plan({
      id: "t",
      input: small,
      layers: [{ kind: "conv2d-transpose", filters: 2, kernel: 3, stride: 2, activation: "linear" }],
      leak: 0,
    });
    const kernel = uniform(54, 1);
    const x = uniform(128, 2);
    const y = uniform(48, 3);
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, i) => s + v * b[i], 0);
    const left = dot(forward(conv, Float64Array.of(...kernel, 0, 0, 0), x, 1), y);
    const right = dot(x, forward(adjoint, Float64Array.of(...kernel, 0, 0), y, 1));
    expect(Math.abs(left - right)).toBeLessThan(1e-12 * Math.abs(left));
  });
});

/** Largest difference between analytic and central-difference gradients, relative to the gradient's largest value. */
function gradientError(network: Network, rows: number, probes: number): number {
  const planned = plan(network);
  const parameters = initialise(planned, 5, "fan-in");
  const input = uniform(rows * planned.inputSize, 6);
  const target = uniform(rows * planned.outputSize, 7);
  const run = (p: Float64Array) =>
    trainingPass(planned, p, input, rows, (output) => output.map((o, i) => 2 * (o - target[i])));
  const loss = (p: Float64Array): number =>
    run(p).output.reduce((total, o, i) => total + (o - target[i]) ** 2, 0);
  const { parameterGradient } = run(parameters);
  const scale = parameterGradient.reduce((m, g) => Math.max(m, Math.abs(g)), 0);
  const source = rng(8, 0);
  let worst = 0;
  for (let probe = 0; probe < probes; probe++) {
    const index = source.integer(parameters.length);
    const step = 1e-6;
    const up = parameters.slice();
    const down = parameters.slice();
    up[index] += step;
    down[index] -= step;
    const numeric = (loss(up) - loss(down)) / (2 * step);
    worst = Math.max(worst, Math.abs(numeric - parameterGradient[index]) / scale);
  }
  return worst;
}

describe("backward", () => {
  it.each([AUTOENCODER_STRIDE, AUTOENCODER_POOL, AUTOENCODER_443])(
    "gradients of $id agree with finite differences",
    (network) => {
      expect(gradientError(network, 2, 40)).toBeLessThan(1e-6);
    },
  );

  it("gradients through batch normalisation agree with finite differences", () => {
    const small = jetNetwork("small", [6, 8, 3, 8, 6], "leaky-relu", true);
    expect(gradientError(small, 7, 120)).toBeLessThan(1e-6);
    expect(gradientError(jetNetwork("tanh", [6, 8, 3, 8, 6], "tanh", false), 3, 60)).toBeLessThan(1e-6);
  });

  it("gradients pass a quantising layer inside its range only", () => {
    const layers = [{ kind: "quantise", bits: 2, low: 0, high: 2, rounding: "floor" } as const];
    const planned = plan({ id: "q", input: [5], layers, leak: 0 });
    const input = Float64Array.of(-0.1, 0, 0.9, 1.99, 2);
    const pass = trainingPass(planned, new Float64Array(0), input, 1, () => Float64Array.of(1, 2, 3, 4, 5));
    expect([...pass.output]).toEqual([0, 0, 0.5, 1.5, 1.5]);
    expect([...pass.inputGradient]).toEqual([0, 2, 3, 4, 0]);
    const rounded = { ...planned.network, layers: [{ ...layers[0], rounding: "round" as const }] };
    expect([...forward(plan(rounded), new Float64Array(0), input, 1)]).toEqual([0, 0, 1, 1.5, 1.5]);
  });

  it("refuses a quantising layer without a range", () => {
    const layers = [{ kind: "quantise", bits: 2, low: 1, high: 1, rounding: "floor" } as const];
    expect(() => plan({ id: "q", input: [5], layers, leak: 0 })).toThrow(/range: expected finite low < high/);
  });

  it("moves the moving statistics towards the batch", () => {
    const planned = plan(jetNetwork("bn", [3, 4, 3], "relu", true));
    const pass = trainingPass(planned, initialise(planned, 1), uniform(15, 2), 5, (o) => o);
    expect(pass.movedStatistics.size).toBe(8);
    for (const value of pass.movedStatistics.values()) expect(Number.isFinite(value)).toBe(true);
  });
});

describe("initialise", () => {
  it("same seed, same bits", () => {
    const planned = plan(JETS_200);
    expect(initialise(planned, 3)).toEqual(initialise(planned, 3));
    expect(initialise(planned, 3)).not.toEqual(initialise(planned, 4));
  });
});
