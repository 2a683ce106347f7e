/** The training pass against the float64 reference, on every build, and its grid against the same arithmetic by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { kernel as stride } from "../../harness/kernels/gradient.js";
import { kernel as flat } from "../../harness/kernels/gradient-4x4x3.js";
import { kernel as pool } from "../../harness/kernels/gradient-pool.js";
import { trainingPass } from "../../harness/models/backward.js";
import { forward } from "../../harness/models/forward.js";
import { AUTOENCODER_STRIDE, DECODER_STRIDE, ENCODER_STRIDE } from "../../harness/models/catalogue.js";
import { gradientKernel, WITH_GRADIENT } from "../../harness/models/gradientkernel.js";
import { compileGradient } from "../../harness/models/gradientprogram.js";
import { plan } from "../../harness/models/network.js";
import { drawPicture8x8 } from "../../harness/models/networkrows.js";
import { createHost } from "../../harness/wasm/host.js";

const BUILDS = ["release", "scalar", "debug"] as const;
const hosts = BUILDS.map((build) => {
  const bytes = readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url));
  return createHost(new WebAssembly.Module(bytes), { validation: true });
});

describe.each([stride, pool, flat])("$id", (kernel) => {
  it("agrees with back-propagation in float64, with the same bits from all builds", () => {
    for (const dims of kernel.shapes) {
      const inputs = kernel.generate(dims, rng(4, dims.rows));
      const expected = kernel.reference(inputs, dims);
      const outputs = hosts.map((host) => host.call(kernel, inputs, dims));
      expect(kernel.agrees(outputs[0], expected, inputs, dims).ratio).toBeLessThanOrEqual(1);
      expect(outputs[1]).toEqual(outputs[0]);
      expect(outputs[2]).toEqual(outputs[0]);
    }
  });
});

describe("latents on a grid", () => {
  const planned = plan(AUTOENCODER_STRIDE);
  const [encoder, decoder] = [plan(ENCODER_STRIDE), plan(DECODER_STRIDE)];
  const grid = { afterLayers: ENCODER_STRIDE.layers.length, bits: 3, range: 2 };
  const kernel = gradientKernel({ id: "g", title: "", source: "", planned, grid, drawRow: drawPicture8x8 });
  const dims = { shares: 1, rows: 12, mode: WITH_GRADIENT };
  const inputs = kernel.generate(dims, rng(6));
  const parameters = Float64Array.from(inputs.parameters);
  const [first, second] = [parameters.slice(0, encoder.parameters), parameters.slice(encoder.parameters)];
  const input = Float64Array.from(inputs.input);
  const upstream = Float64Array.from(inputs.upstream);

  it("are floored before the decoder, and gradients pass straight through inside the range", () => {
    const latents = forward(encoder, first, input, dims.rows);
    const sent = latents.map((x) => Math.min(7, Math.floor(x * 4)) / 4);
    const back = trainingPass(decoder, second, sent, dims.rows, () => upstream);
    const through = back.inputGradient.map((d, i) => (latents[i] < 2 ? d : 0));
    const front = trainingPass(encoder, first, input, dims.rows, () => through);
    const got = hosts[0].call(kernel, { ...inputs, program: compileGradient(planned, grid).code }, dims);
    const wanted = [...front.parameterGradient, ...back.parameterGradient];
    const scale = Math.max(...wanted.map(Math.abs));
    wanted.forEach((value, i) => {
      expect(Math.abs(got.gradient[i] - value)).toBeLessThan(1e-5 * scale);
    });
    back.output.forEach((value, i) => {
      expect(Math.abs(got.output[i] - value)).toBeLessThan(1e-5);
    });
  });
});
