import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Buffers, Kernel } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { kernel as adam } from "../../harness/kernels/adam.js";
import { kernel as step } from "../../harness/kernels/training-step.js";
import * as catalogue from "../../harness/models/catalogue.js";
import type { Activation, Convolution, Layer, Network } from "../../harness/models/network.js";
import type { LossId } from "../../harness/models/training.js";
import { trainingPass } from "../../harness/models/backward.js";
import { forward } from "../../harness/models/forward.js";
import { WANT, gradientOfLossKernel, trainingStepKernel } from "../../harness/models/trainingkernel.js";
import { compileTraining } from "../../harness/models/trainingprogram.js";
import { LOSS } from "../../harness/models/trainingsteps.js";
import { plan } from "../../harness/models/network.js";
import { loadBinary, type Target } from "../../harness/wasm/binary.js";
import { createHost, type Host } from "../../harness/wasm/host.js";

const TARGETS: readonly Target[] = ["release", "scalar", "debug"];
const hosts = new Map<Target, Host>();

beforeAll(async () => {
  for (const target of TARGETS) {
    const scratch = process.env[`NET_${target}`];
    const module = scratch
      ? new WebAssembly.Module(readFileSync(scratch))
      : (await loadBinary(target)).module;
    hosts.set(target, createHost(module, { validation: true }));
  }
});

function host(target: Target): Host {
  const found = hosts.get(target);
  if (found === undefined) throw new Error(`no host for ${target}`);
  return found;
}

const conv = (
  filters: number,
  kernel: number,
  stride: number,
  activation: Activation,
  kind: "conv2d" | "conv2d-transpose" = "conv2d",
): Convolution => ({ kind, filters, kernel, stride, activation });
const transposed = (filters: number, kernel: number, stride: number, activation: Activation): Convolution =>
  conv(filters, kernel, stride, activation, "conv2d-transpose");
const dense = (units: number, activation: Activation): Layer => ({ kind: "dense", units, activation });
const norm: Layer = { kind: "batch-norm", epsilon: 1e-3, momentum: 0.9 };
const flatten: Layer = { kind: "flatten" };
const net = (id: string, input: readonly number[], ...layers: Layer[]): Network => ({
  id,
  input,
  layers,
  leak: 0.1,
});

function kernelOf(
  network: Network,
  losses: readonly LossId[] = ["mse"],
  make = gradientOfLossKernel,
): Kernel {
  const size = network.input.reduce((product, edge) => product * edge, 1);
  return make({
    id: network.id,
    title: network.id,
    source: "none",
    network,
    itemName: "row",
    drawRow: (source) => Float64Array.from({ length: size }, () => source.normal()),
    losses,
    // Statistics of few rows are so uncertain that float32 shows through four normalisations.
    rows: 64,
  });
}

/** Every step of the interpreter, every remainder. */
const ODD: readonly Network[] = [
  net("dense alone", [5], dense(3, "sigmoid")),
  net("dense widths", [19], dense(33, "tanh"), dense(16, "leaky-relu"), dense(8, "relu"), dense(7, "linear")),
  net("one by one", [3, 5, 2], conv(3, 1, 1, "tanh"), conv(2, 1, 1, "linear")),
  net("kernel 5 stride 3", [6, 9, 3], conv(4, 3, 1, "leaky-relu"), conv(12, 5, 3, "leaky-relu")),
  net("kernel 2 stride 2", [6, 4, 1], conv(20, 2, 2, "relu"), conv(1, 3, 1, "sigmoid")),
  net(
    "one filter back",
    [5, 6, 1],
    conv(1, 3, 1, "tanh"),
    conv(4, 3, 1, "linear"),
    transposed(1, 3, 1, "linear"),
  ),
  net("transposed 5 stride 3", [3, 2, 4], transposed(8, 5, 3, "linear"), transposed(4, 3, 2, "tanh")),
  net("kernel below stride", [3, 4, 2], transposed(9, 1, 2, "linear"), transposed(1, 2, 1, "relu")),
  net(
    "norm first",
    [19],
    norm,
    dense(33, "tanh"),
    norm,
    { kind: "activation", activation: "tanh" },
    norm,
    dense(16, "linear"),
    { kind: "activation", activation: "sigmoid" },
  ),
  net(
    "norm of pictures",
    [6, 6, 3],
    conv(6, 3, 1, "relu"),
    norm,
    { kind: "activation", activation: "leaky-relu" },
    conv(8, 3, 2, "linear"),
    norm,
    transposed(5, 3, 2, "linear"),
    norm,
    flatten,
    dense(7, "sigmoid"),
  ),
  net(
    "pool and upsample",
    [7, 6, 5],
    conv(3, 3, 1, "linear"),
    { kind: "max-pool", size: 2 },
    { kind: "upsample", size: 3 },
    conv(8, 3, 1, "relu"),
    { kind: "upsample", size: 2 },
    { kind: "max-pool", size: 3 },
  ),
  // Coarse values tie: the first of them gets the slope.
  net(
    "pool of ties",
    [6, 6, 1],
    conv(3, 3, 1, "linear"),
    { kind: "quantise", bits: 1, low: -4, high: 4, rounding: "floor" },
    { kind: "max-pool", size: 2 },
    flatten,
    dense(5, "linear"),
  ),
  net(
    "dense to lines",
    [9],
    dense(96, "leaky-relu"),
    { kind: "reshape", to: [3, 4, 8] },
    conv(8, 3, 1, "linear"),
    flatten,
    dense(24, "relu"),
    { kind: "reshape", to: [2, 3, 4] },
    transposed(1, 3, 1, "linear"),
  ),
  net(
    "reshaped picture",
    [4, 4, 2],
    conv(6, 3, 1, "relu"),
    { kind: "reshape", to: [8, 3, 4] },
    conv(2, 3, 1, "tanh"),
    { kind: "reshape", to: [3, 4, 4] },
    conv(3, 1, 1, "linear"),
  ),
  net(
    "oblong kernels, explicit padding",
    [7, 9, 3],
    { ...conv(5, 2, 1, "relu"), kernelColumns: 5, padding: 1 },
    { ...conv(8, 4, 2, "leaky-relu"), kernelColumns: 3, padding: 1 },
    { ...conv(8, 3, 1, "relu"), padding: 0 },
    { ...transposed(8, 3, 2, "relu"), kernelColumns: 2, padding: 1 },
    { ...transposed(1, 2, 1, "linear"), kernelColumns: 4, padding: 0 },
  ),
  net("odd edges at stride 2", [5, 5, 1], conv(2, 3, 1, "relu"), conv(2, 3, 2, "relu")),
  net(
    "quantised inside",
    [4, 4, 1],
    conv(4, 3, 1, "linear"),
    // So fine that rounding moves a value by less than float32 does.
    { kind: "quantise", bits: 16, low: -1e-3, high: 1e-3, rounding: "round" },
    transposed(2, 3, 1, "linear"),
  ),
];

describe.each([
  ...ODD,
  catalogue.AUTOENCODER_POOL,
  catalogue.AUTOENCODER_443,
  catalogue.jetNetwork("jets 15", [27, 60, 40, 15, 40, 60, 27], "tanh", false),
  catalogue.jetNetwork("jets 3", [4, 50, 25, 3, 25, 50, 4], "leaky-relu", true),
])("gradients of $id", (network) => {
  const kernel = kernelOf(network);

  it("agree with float64 within 1e-5 on every build, debug and release bit for bit", () => {
    kernel.shapes.forEach((dims, i) => {
      const inputs = kernel.generate(dims, rng(11, i));
      const expected = kernel.reference(inputs, dims);
      const outputs = TARGETS.map((target) => host(target).call(kernel, inputs, dims));
      outputs.forEach((found, at) => {
        const { ratio, where } = kernel.agrees(found, expected, inputs, dims);
        expect(ratio, `${TARGETS[at]}, ${JSON.stringify(dims)}, ${where}`).toBeLessThanOrEqual(1);
      });
      expect(outputs[TARGETS.indexOf("debug")]).toEqual(outputs[TARGETS.indexOf("release")]);
    });
  });
});

describe("the losses", () => {
  const losses = ["mse", "weighted-mse", "telescope", "wasserstein-1"] as const;

  it.each(losses)("%s agrees with float64 on every build", (loss) => {
    const kernel = kernelOf(catalogue.AUTOENCODER_STRIDE, [loss]);
    const [dims] = kernel.shapes;
    const inputs = kernel.generate(dims, rng(3));
    const expected = kernel.reference(inputs, dims);
    for (const target of TARGETS) {
      const found = host(target).call(kernel, inputs, dims);
      const { ratio, where } = kernel.agrees(found, expected, inputs, dims);
      expect(ratio, `${target}, ${where}`).toBeLessThanOrEqual(1);
    }
  });

  it("wasserstein-1 keeps the order of equal outputs and gives equal pairs no slope", () => {
    const kernel = kernelOf(net("copy", [4], dense(4, "linear")), ["wasserstein-1"]);
    const dims = { shares: 1, rows: 1, loss: 4, want: 3 };
    const parameters = new Float32Array(20);
    parameters.set([1, 1, 3, 2], 16); // outputs are the biases
    const inputs = {
      ...kernel.generate(dims, rng(1)),
      parameters,
      target: Float32Array.of(0, 3, 2, 2),
      weights: Float32Array.of(4),
    };
    const { gradient, loss } = host("release").call(kernel, inputs, dims);
    // sorted 1 1 2 3 against 0 2 2 3
    expect(loss[0]).toBe(2);
    expect([...gradient.subarray(16)]).toEqual([1, -1, 0, 0]);
  });
});

describe("the kernels that step", () => {
  it.each([
    ["adam", adam],
    ["training-step", step],
    ["a step with batch normalisation", kernelOf(ODD[9], ["mse"], trainingStepKernel)],
  ])("%s agrees with float64 and has the same bits on release and debug", (_name, kernel) => {
    kernel.shapes.forEach((dims, i) => {
      const inputs = kernel.generate(dims, rng(7, i));
      const expected = kernel.reference(inputs, dims);
      const outputs = TARGETS.map((target) => host(target).call(kernel, inputs, dims));
      for (const found of outputs)
        expect(kernel.agrees(found, expected, inputs, dims).ratio).toBeLessThanOrEqual(1);
      expect(outputs[2]).toEqual(outputs[0]);
    });
  });

  it("one call is both kernels, bit for bit", () => {
    const gradientKernel = kernelOf(catalogue.AUTOENCODER_STRIDE);
    const dims = { ...step.shapes[2] };
    const inputs = step.generate(dims, rng(9));
    const { input, target, weights, parameters, program, firstMoment, secondMoment, rules, settings } =
      inputs;
    const { shares, rows, loss, segments } = dims;
    const first = host("release").call(
      gradientKernel,
      { input, target, weights, parameters, program },
      { shares, rows, loss, want: 1 },
    );
    const adamLike = { ...adam };
    const second = host("release").call(
      adamLike,
      { gradients: first.gradient, parameters, firstMoment, secondMoment, rules, settings },
      { shares, count: parameters.length, segments },
    );
    const both = host("release").call(step, inputs, dims);
    expect(both.newParameters).toEqual(second.newParameters);
    expect(both.newSecondMoment).toEqual(second.newSecondMoment);
    expect(both.loss).toEqual(first.loss);
  });
});

describe("latents on a grid", () => {
  const bits = 3;
  const grid: Layer = { kind: "quantise", bits, low: 0, high: 2, rounding: "floor" };
  const { ENCODER_STRIDE, DECODER_STRIDE } = catalogue;
  const [encoder, decoder] = [plan(ENCODER_STRIDE), plan(DECODER_STRIDE)];
  const layers = [...ENCODER_STRIDE.layers, grid, ...DECODER_STRIDE.layers];
  const kernel = kernelOf({ ...ENCODER_STRIDE, id: "on a grid", layers });

  it("are floored before the decoder, and slopes pass straight through inside the range only", () => {
    const rows = 12;
    const dims = { shares: 1, rows, loss: LOSS.external, want: WANT.gradient | WANT.output };
    const drawn = kernel.generate(dims, rng(6));
    // So large that latents leave the range.
    const inputs: Buffers = { ...drawn, input: drawn.input.map((x) => 8 * x) };
    const parameters = Float64Array.from(inputs.parameters);
    const [first, second] = [parameters.slice(0, encoder.parameters), parameters.slice(encoder.parameters)];
    const latents = forward(encoder, first, Float64Array.from(inputs.input), rows);
    expect(latents.some((x) => x >= 2)).toBe(true);
    const sent = latents.map((x) => Math.min(2 ** bits - 1, Math.floor(x * 4)) / 4);
    const upstream = Float64Array.from(
      inputs.target,
      (slope, i) => slope * inputs.weights[Math.floor(i / 64)],
    );
    const back = trainingPass(decoder, second, sent, rows, () => upstream);
    const through = back.inputGradient.map((slope, i) => (latents[i] < 2 ? slope : 0));
    const front = trainingPass(encoder, first, Float64Array.from(inputs.input), rows, () => through);
    const wanted = [...front.parameterGradient, ...back.parameterGradient];
    const scale = Math.max(...wanted.map(Math.abs));
    for (const target of TARGETS) {
      const got = host(target).call(kernel, inputs, dims);
      wanted.forEach((value, i) => {
        expect(Math.abs(got.gradient[i] - value)).toBeLessThan(1e-5 * scale);
      });
      back.output.forEach((value, i) => {
        expect(Math.abs(got.output[i] - value)).toBeLessThan(1e-5);
      });
    }
  });
});

describe("what is refused", () => {
  const kernel = kernelOf(net("small", [3], dense(2, "linear")));
  const dims = { shares: 1, rows: 2, loss: 1, want: 1 };
  const inputs = kernel.generate(dims, rng(1));

  it.each([
    ["another magic number", { program: 0 }, {}],
    ["an unknown loss", {}, { loss: 5 }],
    ["wanting nothing", {}, { want: 0 }],
  ])("%s", (_what, broken, changed) => {
    const program = inputs.program.slice();
    if ("program" in broken) program[broken.program] = 7;
    for (const target of TARGETS) {
      expect(() => host(target).call(kernel, { ...inputs, program }, { ...dims, ...changed })).toThrow(
        /bad shape/,
      );
    }
  });

  it("rules that reach beyond the parameters", () => {
    const [shape] = adam.shapes;
    const given = adam.generate(shape, rng(1));
    const rules = given.rules.slice();
    rules[1] = shape.count + 1;
    expect(() => host("release").call(adam, { ...given, rules }, shape)).toThrow(/bad shape/);
  });

  it("networks that training cannot do, by name", () => {
    expect(() => compileTraining(plan(net("none", [4], flatten)))).toThrow(/expected layers with parameters/);
  });
});
