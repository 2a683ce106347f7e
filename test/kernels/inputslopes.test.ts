/** Slopes taken back to inputs: networks of every layer in every build, many blocks, and programs that are none for it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import type { Kernel } from "../../harness/core/kernel.js";
import { DECODER_STRIDE, ENCODER_POOL, ENCODER_STRIDE } from "../../harness/models/catalogue.js";
import { inputSlopesKernel, WANT_BACK } from "../../harness/models/inputslopeskernel.js";
import { type Network, plan } from "../../harness/models/network.js";
import { gradientOfLossKernel } from "../../harness/models/trainingkernel.js";
import { compileInputSlopes, compileTraining } from "../../harness/models/trainingprogram.js";
import { createHost } from "../../harness/wasm/host.js";

const BUILDS = ["release", "scalar"] as const;
const hosts = new Map(
  BUILDS.map((name) => {
    const bytes = readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
    return [name, createHost(new WebAssembly.Module(bytes))];
  }),
);
const call = (
  build: (typeof BUILDS)[number],
  ...given: Parameters<ReturnType<typeof createHost>["call"]>
) => {
  const host = hosts.get(build);
  if (host === undefined) throw new RangeError(build);
  return host.call(...given);
};

const common = (network: Network) => ({
  id: network.id,
  title: network.id,
  source: "test",
  network,
  itemName: "row",
  drawRow: (random: ReturnType<typeof rng>) =>
    Float64Array.from({ length: plan(network).inputSize }, () => random.uniform()),
  rows: 150,
});

const SIZES: readonly (readonly [Network, number])[] = [
  [ENCODER_STRIDE, 150],
  [ENCODER_POOL, 7],
  [DECODER_STRIDE, 150],
];

describe("input slopes", () => {
  it.each(SIZES)("of $id agree with float64, over more than a block of rows", (network, rows) => {
    const kernel: Kernel = inputSlopesKernel(common(network));
    for (const want of [WANT_BACK.slopes, WANT_BACK.output, WANT_BACK.slopes | WANT_BACK.output])
      for (const build of BUILDS) {
        const dims = { rows, want };
        const inputs = kernel.generate(dims, rng(5));
        const expected = kernel.reference(inputs, dims);
        const { ratio, where } = kernel.agrees(call(build, kernel, inputs, dims), expected, inputs, dims);
        expect(ratio, `${build}: ${where}`).toBeLessThanOrEqual(1);
      }
  });

  it("refuse the program of a training, as trainings refuse theirs", () => {
    const planned = plan(ENCODER_STRIDE);
    const slopes = inputSlopesKernel(common(ENCODER_STRIDE));
    const gradient = gradientOfLossKernel({ ...common(ENCODER_STRIDE), losses: ["mse"] });
    const padded = (code: Int32Array, kernel: Kernel, dims: Record<string, number>) => {
      const inputs = kernel.generate(dims, rng(6));
      const program = new Int32Array(inputs.program.length);
      program.set(code.subarray(0, program.length));
      return { ...inputs, program };
    };
    const back = { rows: 2, want: 1 };
    expect(() => call("release", slopes, padded(compileTraining(planned).code, slopes, back), back)).toThrow(
      /bad shape/,
    );
    const training = { shares: 1, rows: 2, loss: 1, want: 1 };
    expect(() =>
      call("release", gradient, padded(compileInputSlopes(planned).code, gradient, training), training),
    ).toThrow(/bad shape/);
  });
});
