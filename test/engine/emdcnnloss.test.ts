/** A network's guess of the EMD as a loss: its value, its gradient against finite differences, rows without a distance. */
import { describe, expect, it } from "vitest";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import { EmdCnnLoss } from "../../harness/engine/emdcnnloss.js";
import { train } from "../../harness/engine/train.js";
import { fitToChip } from "../../harness/engine/trainchip.js";
import { prepareTraining, trainedParts } from "../../harness/engine/trainrun.js";
import { emdGuess } from "../../harness/metrics/emd-cnn.js";
import { architectureOf } from "../../harness/models/architectures.js";
import type { ImportedModel } from "../../harness/models/imported.js";
import { type Network, plan } from "../../harness/models/network.js";
import { drawParameters } from "../../harness/models/networkkernel.js";
import { pixelsOf } from "../../harness/models/picture.js";
import { releaseKernels as kernels } from "../wasm/releasekernels.js";
import { rowsOf, SIZE } from "./decodedrows.js";
import { hostOf, LOOP, request } from "./trainfixtures.js";

const PIXELS = pixelsOf("8x8");

function modelOf(network: Network): ImportedModel {
  const planned = plan(network);
  const parameters = Float64Array.from(drawParameters(planned, rng(21)));
  const parts = { network: { plan: planned, parameters } };
  return { id: "drawn", architecture: network.id, sha256: "0", source: "drawn", parts };
}

const MODEL = modelOf(architectureOf("emd-cnn-4x32-32").parts.network as Network);
const LOSS = new EmdCnnLoss(MODEL);

describe("the EMD as a network guesses it, as a loss", () => {
  it("is the weighted mean of the metric's guesses", async () => {
    const rows = 5;
    const { targets, output } = rowsOf(rows, 3);
    const weights = Float32Array.of(1, 0.25, 3, 0.5, 2);
    const guess = emdGuess(MODEL);
    const guesses = Array.from({ length: rows }, (_, row) =>
      guess(
        targets.slice(row * CELLS, (row + 1) * CELLS),
        Float64Array.from(PIXELS, (pixel) => output[row * SIZE + pixel]),
      ),
    );
    const mean = guesses.reduce((sum, one) => sum + one, 0) / rows;
    const weighted = guesses.reduce((sum, one, row) => sum + one * weights[row], 0) / rows;
    const { loss } = await LOSS.lossAndGradient(kernels, targets, output, PIXELS, weights);
    expect(loss).toBeCloseTo(weighted, 5);
    expect(await LOSS.loss(kernels, targets, output, PIXELS)).toBeCloseTo(mean, 5);
  });

  it("has the gradient of finite differences of the metric", async () => {
    const { targets, output } = rowsOf(2, 4);
    const { gradient } = await LOSS.lossAndGradient(kernels, targets, output, PIXELS);
    const guess = emdGuess(MODEL);
    const cells = Float64Array.from({ length: 2 * CELLS }, (_, i) => {
      const row = Math.floor(i / CELLS);
      return output[row * SIZE + PIXELS[i % CELLS]];
    });
    const lossAt = (row: number, cell: number, by: number): number => {
      const moved = cells.slice(row * CELLS, (row + 1) * CELLS);
      moved[cell] += by;
      return guess(targets.slice(row * CELLS, (row + 1) * CELLS), moved) / 2;
    };
    const largest = gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
    for (let row = 0; row < 2; row++)
      for (let cell = 0; cell < CELLS; cell++) {
        const slope = (lossAt(row, cell, 1e-5) - lossAt(row, cell, -1e-5)) / 2e-5;
        expect(Math.abs(slope - gradient[row * SIZE + PIXELS[cell]])).toBeLessThan(1e-4 * largest);
      }
    const dark = Array.from({ length: SIZE }, (_, i) => i).filter((pixel) => !PIXELS.includes(pixel));
    expect(dark.every((pixel) => gradient[pixel] === 0)).toBe(true);
  });

  it("leaves rows without a target out, and counts an empty picture as the largest distance", async () => {
    const { targets, output } = rowsOf(3, 6);
    const alone = await LOSS.loss(kernels, targets.slice(0, CELLS), output.slice(0, SIZE), PIXELS);
    targets.fill(0, CELLS, 2 * CELLS);
    output.fill(0, 2 * SIZE, 3 * SIZE);
    const { loss, gradient } = await LOSS.lossAndGradient(kernels, targets, output, PIXELS);
    expect(loss).toBeCloseTo((alone + 13.7568) / 3, 4);
    expect(gradient.subarray(SIZE).every((slope) => slope === 0)).toBe(true);
    expect(await LOSS.loss(kernels, targets.fill(0), output, PIXELS)).toBe(0);
  });

  it("refuses a network that guesses no distance", () => {
    const other = modelOf({
      id: "other",
      input: [4],
      layers: [{ kind: "dense", units: 1, activation: "linear" }],
      leak: 0,
    });
    expect(() => new EmdCnnLoss(other)).toThrow(/model drawn: expected a network from 4x4x6 to one number/);
  });

  it("trains: the guess falls, and the record names the network", async () => {
    const loop = { ...LOOP, loss: "emd-cnn", epochs: 3 } as const;
    const prepared = prepareTraining(request({ loop, emdCnn: LOSS, rows: 192 }));
    expect(prepared.record.emdCnn).toEqual({ id: "drawn", architecture: "emd-cnn-4x32-32", sha256: "0" });
    const { curve, parameters } = await train(prepared.job, hostOf(kernels));
    expect(curve[3].validationLoss).toBeLessThan(curve[0].validationLoss);
    expect(curve[3].validationLoss).not.toBe(curve[3].validationEmd);
    const parts = trainedParts(prepared, parameters);
    const { record } = await fitToChip(parts, prepared, 1, 3, hostOf(kernels));
    expect(record).toMatchObject({ chip: { epochs: 1, links: 3 } });
  });
});
