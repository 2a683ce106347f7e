/** A network's guess of the EMD as a loss, against PyTorch: emdcnn/record.py. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CELLS } from "../../harness/core/table.js";
import { EmdCnnLoss } from "../../harness/engine/emdcnnloss.js";
import { architectureOf } from "../../harness/models/architectures.js";
import { type Network, plan } from "../../harness/models/network.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";

const ROWS = 3;
const oracle = JSON.parse(readFileSync(new URL("emdcnn/expected.json", import.meta.url), "utf8")) as {
  readonly loss: number;
  readonly gradient: readonly number[];
};

/** The formula of emdcnn/record.py. */
function values(count: number, salt: number, scale: number, shift = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const raw = ((i * 7919 + salt * 104729) % 10007) / 10007 - 0.5;
    return Math.fround(scale * raw) + shift;
  });
}

const SCALES: readonly (readonly [end: RegExp, scale: number, shift: number])[] = [
  [/kernel$/, 0.15, 0],
  [/bias$/, 0.2, 0],
  [/gamma$/, 0.5, 1],
  [/variance$/, 0.8, 1],
  [/beta$|mean$/, 0.3, 0],
];

function emdCnn(): EmdCnnLoss {
  const planned = plan(architectureOf("emd-cnn-4x32-32").parts.network as Network);
  const parameters = new Float64Array(planned.parameters);
  planned.layers
    .flatMap(({ tensors }) => tensors)
    .forEach(({ name, offset, size }, i) => {
      const [, scale, shift] = SCALES.find(([end]) => end.test(name)) ?? [/none/, NaN, NaN];
      parameters.set(values(size, i + 1, scale, shift), offset);
    });
  const parts = { network: { plan: planned, parameters } };
  return new EmdCnnLoss({ id: "oracle", architecture: "emd-cnn-4x32-32", sha256: "0", source: "", parts });
}

describe("PyTorch's guess of the EMD and its gradient in the decoded charges", () => {
  it("are those of the loss within 1e-5", async () => {
    const targets = Float64Array.from(values(ROWS * CELLS, 90, 400), (x) => Math.round(Math.max(0, x)));
    const decoded = values(ROWS * CELLS, 91, 1, 0.6);
    const pixels = Array.from({ length: CELLS }, (_, cell) => cell);
    const weights = Float32Array.of(1, 0.25, 3);
    const found = await emdCnn().lossAndGradient(kernels, targets, decoded, pixels, weights);
    expect(Math.abs(found.loss / oracle.loss - 1)).toBeLessThan(1e-5);
    const largest = Math.max(...oracle.gradient.map(Math.abs));
    oracle.gradient.forEach((slope, i) => {
      expect(Math.abs(found.gradient[i] - slope)).toBeLessThan(1e-5 * largest);
    });
  });
});
