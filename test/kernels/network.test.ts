import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import * as catalogue from "../../harness/models/catalogue.js";
import type { Activation, Convolution, Layer, Network } from "../../harness/models/network.js";
import { networkKernel, networkOf } from "../../harness/models/networkkernel.js";
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

function kernelOf(network: Network) {
  const size = network.input.reduce((product, edge) => product * edge, 1);
  return networkKernel({
    id: network.id,
    title: network.id,
    source: "none",
    network,
    itemName: "row",
    drawRow: (source) => Float64Array.from({ length: size }, () => source.normal()),
  });
}

const net = (id: string, input: readonly number[], ...layers: Layer[]): Network => ({
  id,
  input,
  layers,
  leak: 0.1,
});

/** Shapes that no published network has: every branch of the interpreter, every remainder. */
const ODD: readonly Network[] = [
  net("nothing", [5]),
  // Values are exact in both: the steps are powers of two and the inputs of the first layer float32.
  net(
    "quantised down",
    [3, 5, 3],
    { kind: "quantise", bits: 4, low: -1, high: 1, rounding: "floor" },
    conv(3, 3, 1, "linear"),
  ),
  net("quantised", [7], { kind: "quantise", bits: 3, low: -2, high: 2, rounding: "round" }, dense(5, "tanh")),
  net("one by one", [3, 5, 2], conv(3, 1, 1, "tanh")),
  net("kernel 5 stride 3", [7, 9, 3], conv(12, 5, 3, "leaky-relu")),
  net("kernel 2 stride 2", [6, 5, 1], conv(20, 2, 2, "relu"), conv(1, 3, 1, "sigmoid")),
  net("one filter, four channels", [5, 6, 4], conv(1, 3, 1, "linear")),
  net("one filter, three channels", [5, 6, 3], transposed(1, 3, 1, "linear")),
  net("transposed 5 stride 3", [3, 2, 4], transposed(8, 5, 3, "linear"), transposed(4, 3, 2, "tanh")),
  net(
    "transposed kernel below stride",
    [3, 4, 2],
    transposed(9, 1, 2, "linear"),
    transposed(1, 2, 1, "relu"),
  ),
  net(
    "six by six",
    [6, 6, 3],
    conv(16, 3, 1, "relu"),
    norm,
    conv(8, 3, 2, "linear"),
    flatten,
    dense(7, "sigmoid"),
  ),
  net(
    "pool and upsample",
    [7, 6, 5],
    { kind: "max-pool", size: 2 },
    { kind: "upsample", size: 3 },
    conv(8, 3, 1, "relu"),
  ),
  net("norm first", [19], norm, dense(33, "tanh"), norm, norm, dense(16, "linear"), {
    kind: "activation",
    activation: "sigmoid",
  }),
  net(
    "dense to lines",
    [9],
    dense(96, "leaky-relu"),
    { kind: "reshape", to: [3, 4, 8] },
    conv(8, 3, 1, "linear"),
  ),
  net(
    "oblong kernels, explicit padding",
    [7, 9, 3],
    { ...conv(5, 2, 1, "relu"), kernelColumns: 5, padding: 1 },
    { ...conv(8, 4, 2, "leaky-relu"), kernelColumns: 3, padding: 2 },
    { ...conv(8, 3, 1, "relu"), padding: 0 },
    { ...transposed(8, 3, 2, "relu"), kernelColumns: 2, padding: 1 },
    { ...transposed(1, 2, 1, "linear"), kernelColumns: 4, padding: 0 },
  ),
  net("kernel below its stride", [4, 4, 8], transposed(8, 1, 2, "relu"), transposed(8, 2, 3, "tanh")),
  net(
    "dense to short lines",
    [9],
    dense(24, "relu"),
    { kind: "reshape", to: [2, 3, 4] },
    transposed(1, 3, 1, "linear"),
  ),
  net(
    "reshaped picture",
    [4, 4, 2],
    conv(6, 3, 1, "relu"),
    { kind: "reshape", to: [8, 3, 4] },
    conv(2, 3, 1, "linear"),
  ),
  net(
    "activation alone",
    [2, 3, 2],
    { kind: "activation", activation: "leaky-relu" },
    { kind: "upsample", size: 2 },
  ),
  catalogue.jetNetwork("jets 15", [27, 200, 100, 50, 15, 50, 100, 200, 27], "tanh", false),
  catalogue.jetNetwork("jets 3", [4, 200, 100, 50, 3, 50, 100, 200, 4], "leaky-relu", true),
];
const PUBLISHED = Object.values(catalogue).filter((value): value is Network => typeof value === "object");

describe.each([...ODD, ...PUBLISHED])("network $id", (network) => {
  const kernel = kernelOf(network);

  it("agrees with float64 on every build for 1, 2, 5 and 70 rows, debug and release bit for bit", () => {
    const large = (networkOf(kernel)?.parameters ?? 0) > 100_000;
    for (const rows of large ? [1, 3] : [1, 2, 5, 70]) {
      const inputs = kernel.generate({ rows }, rng(11, rows));
      const expected = kernel.reference(inputs, { rows });
      const outputs = TARGETS.map((target) => host(target).call(kernel, inputs, { rows }));
      outputs.forEach((found, i) => {
        const { ratio, where } = kernel.agrees(found, expected, inputs, { rows });
        expect(ratio, `${TARGETS[i]}, ${rows} rows, ${where}`).toBeLessThanOrEqual(1);
      });
      expect(outputs[TARGETS.indexOf("debug")]).toEqual(outputs[TARGETS.indexOf("release")]);
    }
  });
});

describe("the chip's first layer", () => {
  it("takes no notice of whether the corner without cells is known to be dark", () => {
    const kernel = kernelOf(catalogue.ENCODER_STRIDE);
    const rows = 8;
    const { input, ...rest } = kernel.generate({ rows }, rng(21));
    const corner = (i: number): boolean => i % 64 >= 32 && i % 8 >= 4;
    const dark = input.map((x: number, i: number) => (corner(i) ? 0 : x));
    // So little that it changes no sum.
    const lit = dark.map((x: number, i: number) => (corner(i) && i % 128 < 64 ? 1e-45 : x));
    const [expected, found] = [dark, lit].map((pictures) =>
      host("release").call(kernel, { ...rest, input: pictures }, { rows }),
    );
    expect(found).toEqual(expected);
    const inputs = { ...rest, input: dark };
    expect(kernel.agrees(found, kernel.reference(inputs, { rows }), inputs, { rows }).ratio).toBeLessThan(1);
  });
});

describe("published autoencoders", () => {
  it.each([catalogue.AUTOENCODER_STRIDE, catalogue.AUTOENCODER_POOL, catalogue.AUTOENCODER_443])(
    "$id decodes within 2e-6 of float64",
    (network) => {
      const kernel = kernelOf(network);
      const inputs = kernel.generate({ rows: 64 }, rng(5));
      const { output } = host("release").call(kernel, inputs, { rows: 64 });
      const expected = kernel.reference(inputs, { rows: 64 }).output;
      let worst = 0;
      output.forEach((y: number, i: number) => {
        worst = Math.max(worst, Math.abs(y - expected[i]));
      });
      expect(worst).toBeLessThan(2e-6);
    },
  );
});

describe.each([catalogue.ENCODER_STRIDE, catalogue.AUTOENCODER_STRIDE, catalogue.JETS_200])(
  "the tolerance of $id",
  (network) => {
    const kernel = kernelOf(network);
    const dims = { rows: 2 };
    const inputs = kernel.generate(dims, rng(3));
    const expected = kernel.reference(inputs, dims);

    it("finds an output that is off by 1e-4", () => {
      const output = expected.output.slice();
      output[output.length - 1] += 1e-4;
      expect(kernel.agrees({ output }, expected, inputs, dims).ratio).toBeGreaterThan(1);
    });

    it("finds a NaN", () => {
      const output = expected.output.slice();
      output[1] = NaN;
      expect(kernel.agrees({ output }, expected, inputs, dims).ratio <= 1).toBe(false);
    });

    it("finds a parameter that is off by a thousandth", () => {
      const parameters = inputs.parameters.map((x: number) => x * 1.001);
      const outputs = host("release").call(kernel, { ...inputs, parameters }, dims);
      expect(kernel.agrees(outputs, expected, inputs, dims).ratio).toBeGreaterThan(1);
    });
  },
);

describe("what is refused", () => {
  const kernel = kernelOf(net("small", [3], dense(2, "linear")));
  const inputs = kernel.generate({ rows: 2 }, rng(1));
  const withHeader = (index: number, value: number) => {
    const program = inputs.program.slice();
    program[index] = value;
    return { ...inputs, program };
  };

  it.each([
    ["another magic number", 0, 7],
    ["no steps", 1, 0],
    ["too many steps", 1, 257],
    ["an empty block", 2, 0],
    ["a huge block", 2, 1025],
  ])("%s", (_what, index, value) => {
    for (const target of TARGETS) {
      expect(() => host(target).call(kernel, withHeader(index, value), { rows: 2 })).toThrow(/bad shape/);
    }
  });
});
