/**
 * Codecs made of models, on small models of our own making: the twin of published.test.ts that always runs.
 *
 * The whole line is written once more here, straight from its definition and without bits, and the codec must restore the same.
 */
import { describe, expect, it } from "vitest";
import { autoencoderCodec } from "../../harness/codecs/aemodel.js";
import { latentFormat } from "../../harness/codecs/aelatents.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import type { Parameters } from "../../harness/core/codec.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS } from "../../harness/core/table.js";
import {
  DECODER_443,
  DECODER_STRIDE,
  ENCODER_443,
  ENCODER_POOL,
  ENCODER_STRIDE,
} from "../../harness/models/catalogue.js";
import { architectureOf } from "../../harness/models/architectures.js";
import { forward } from "../../harness/models/forward.js";
import type { ImportedModel, ImportedPart } from "../../harness/models/imported.js";
import { compileNetwork } from "../../harness/models/inference.js";
import { initialise } from "../../harness/models/initialise.js";
import { plan, type Network } from "../../harness/models/network.js";
import { roundInput } from "../../harness/models/picture.js";
import { roundWeights } from "../../harness/models/weightrounding.js";
import { emdGuess } from "../../harness/metrics/emd-cnn.js";
import { releaseKernels } from "../wasm/releasekernels.js";

function partOf(network: Network, seed: number, scale = 1): ImportedPart {
  const planned = plan(network);
  // Biases above zero, so that latents pass 2 now and then and some are 0.
  const parameters = initialise(planned, seed).map((w) => (w === 0 ? 0.1 : w * scale));
  return { plan: planned, parameters };
}

const modelOf = (encoder: ImportedPart, decoder?: ImportedPart): ImportedModel => ({
  id: "own",
  architecture: "own",
  sha256: "",
  source: "test",
  parts: decoder === undefined ? { encoder } : { encoder, decoder },
});
const small = modelOf(partOf(ENCODER_443, 3, 6), partOf(DECODER_443, 4));
const chip = modelOf(partOf(ENCODER_STRIDE, 5), partOf(DECODER_STRIDE, 6));
const card = { id: "ae-own", title: "own", source: "test", links: 2, unclipped: true };

/** Modules with a few charges each, one of them empty. */
function modules(rows: number): Float64Array {
  const random = rng(7, 1);
  const calq = new Float64Array(rows * CELLS);
  for (let row = 1; row < rows; row++)
    for (let i = 0; i < 3 + row; i++) calq[row * CELLS + random.integer(CELLS)] = 1 + random.integer(900);
  return calq;
}

async function run(
  model: ImportedModel,
  parameters: Parameters,
  calq: Float64Array,
): Promise<{ bits: number[]; restored: Float64Array; label: string }> {
  const open = await autoencoderCodec(model, card).open(parameters, releaseKernels);
  const rows = calq.length / CELLS;
  const writer = new BitWriter();
  const bits = [...(await open.encode({ rows, calq, labels: new Map() }, writer))];
  const reader = new BitReader(writer.toBytes());
  const restored = await open.decode(reader, rows, new Map());
  expect(reader.position).toBe(writer.position);
  return { bits, restored, label: open.label };
}

/** The published line without bits: picture, encoder, rounded latents, decoder, scale to the sum. */
function byHand(calq: Float64Array, interleave: boolean, quantise: (latent: number) => number): Float64Array {
  const { encoder, decoder } = small.parts as Record<"encoder" | "decoder", ImportedPart>;
  const sum = calq.reduce((total, charge) => total + charge, 0);
  const place = (cell: number): number => (interleave ? 3 * (cell % 16) + Math.floor(cell / 16) : cell);
  const picture = new Float64Array(CELLS);
  const top = 2 ** Math.floor(Math.log2(sum));
  calq.forEach((charge, cell) => (picture[place(cell)] = Math.round((charge / top) * 256) / 256));
  const latents = forward(encoder.plan, encoder.parameters, picture, 1).map(quantise);
  const decoded = forward(decoder.plan, decoder.parameters, latents, 1);
  const total = decoded.reduce((all, x) => all + x, 0);
  return Float64Array.from({ length: CELLS }, (_, cell) => (decoded[place(cell)] * sum) / total);
}

describe("autoencoderCodec(model)", () => {
  const calq = modules(12);

  it.each([
    ["cmssw", 5 + 9 + 16 * 7, (z: number) => Math.round(z * 8) / 8],
    ["clipped", 5 + 9 + 16 * 4, (z: number) => Math.min(15 / 8, Math.round(z * 8) / 8)],
    ["chip", 5 + 9 + 16 * 3, (z: number) => Math.min(7 / 4, Math.floor(z * 4) / 4)],
  ] as const)(
    "latent=%s counts %i bits and restores what its definition says",
    async (latent, bits, quantise) => {
      for (const order of ["flat", "interleave"]) {
        const found = await run(small, { latent, order, links: 2 }, calq);
        expect(new Set(found.bits)).toEqual(new Set([bits]));
        expect(found.restored.subarray(0, CELLS).every((charge) => charge === 0)).toBe(true);
        for (let row = 1; row < 12; row++) {
          const restored = found.restored.subarray(row * CELLS, (row + 1) * CELLS);
          const expected = byHand(
            calq.slice(row * CELLS, (row + 1) * CELLS),
            order === "interleave",
            quantise,
          );
          const scale = restored.reduce((a, b) => a + b, 0) / expected.reduce((a, b) => a + b, 0);
          // The sum was sent with four bits of mantissa.
          expect(Math.abs(scale - 1)).toBeLessThan(1 / 32);
          restored.forEach((charge, cell) => {
            // The kernels decode in float32.
            expect(Math.abs(charge - expected[cell] * scale)).toBeLessThan(1e-6 * Math.max(1, charge));
          });
        }
      }
    },
  );

  it("saturates latents beyond its whole bits", () => {
    const format = latentFormat("cmssw", 3, 2);
    expect([format.bits, format.value(format.code(3.06)), format.value(format.code(9))]).toEqual([
      5,
      3,
      31 / 8,
    ]);
    expect(latentFormat("chip", 3, 4).value(latentFormat("chip", 3, 4).code(1.99))).toBe(1.75);
  });

  it("rescales to the sum, to its top bit, or by its top bit, and drops small cells", async () => {
    const sums = async (parameters: Parameters): Promise<number[]> => {
      const { restored } = await run(small, parameters, calq);
      return Array.from({ length: 12 }, (_, row) =>
        restored.subarray(row * CELLS, (row + 1) * CELLS).reduce((a, b) => a + b, 0),
      ).slice(1);
    };
    const empty = await run(small, { rescale: "msb" }, new Float64Array(CELLS));
    expect(new Set(empty.restored)).toEqual(new Set([0]));
    const kept = await sums({});
    const msb = await sums({ rescale: "msb" });
    const norm = await sums({ rescale: "norm" });
    kept.forEach((sum, i) => {
      expect(2 ** Math.floor(Math.log2(msb[i]))).toBe(2 ** Math.floor(Math.log2(sum)));
    });
    expect(norm.some((sum, i) => Math.abs(sum / kept[i] - 1) > 0.5)).toBe(true);
    const { restored } = await run(small, { suppress: 1 }, calq);
    expect(restored.every((charge) => charge === 0 || charge >= 35)).toBe(true);
    expect(restored.some((charge) => charge >= 35)).toBe(true);
  });

  it("computes the chip's integers where the chip has the architecture", async () => {
    const floored = await run(chip, { encoder: "chip-nearest", links: 5 }, calq);
    const float = await run(chip, { encoder: "round-32", links: 5 }, calq);
    expect(floored.bits[1]).toBe(5 + 9 + 16 * 9);
    const worst = floored.restored.reduce((most, x, i) => Math.max(most, Math.abs(x - float.restored[i])), 0);
    expect(worst).toBeGreaterThan(0);
    const scale = Math.max(...float.restored);
    expect(worst / scale).toBeLessThan(0.25);
    await expect(run(small, { encoder: "chip-floor" }, calq)).rejects.toThrow(
      /encoder: expected one of float/,
    );
  });

  it("shows nominal beside honest variants, and refuses models that cannot code modules", () => {
    expect(autoencoderCodec(small, card).variants()).toEqual([{ links: 2, latent: "cmssw" }, { links: 2 }]);
    expect(() => autoencoderCodec(modelOf(partOf(ENCODER_443, 1)), card)).toThrow(
      /expected an encoder and a decoder/,
    );
    const jets = architectureOf("jets-200-14").parts as Record<"encoder" | "decoder", Network>;
    const other = modelOf(partOf(jets.encoder, 1), partOf(jets.decoder, 2));
    expect(() => autoencoderCodec(other, card)).toThrow(/expected a picture 4x4x3 or 8x8x1, got 27/);
  });
});

describe("compileNetwork(plan)", () => {
  it.each([ENCODER_443, DECODER_443, ENCODER_STRIDE, DECODER_STRIDE, ENCODER_POOL])(
    "$id gives the reference's numbers to the last bit",
    (network) => {
      const { plan: planned, parameters } = partOf(network, 9);
      const infer = compileNetwork(planned, parameters);
      const random = rng(3, 2);
      for (let i = 0; i < 3; i++) {
        const input = Float64Array.from({ length: planned.inputSize }, (_, k) =>
          k % 4 === i ? 0 : random.uniform(),
        );
        expect(Float64Array.from(infer(input))).toEqual(forward(planned, parameters, input, 1));
      }
    },
  );
});

describe("rounding", () => {
  it("of inputs and weights lands on the grids that it names", () => {
    const half = 2.5 / 256;
    expect([roundInput(half, "round-8") * 256, roundInput(half, "even-8") * 256]).toEqual([3, 2]);
    expect([roundInput(3.5 / 256, "even-8") * 256, roundInput(0.999, "floor-7") * 128]).toEqual([4, 127]);
    const weights = Float64Array.of(-1.7, -0.01, 0.49, 3);
    expect([...roundWeights(weights, "floor-32")].map((w) => w * 32)).toEqual([-32, -1, 15, 31]);
    expect([...roundWeights(weights, "round-32")].map((w) => w * 32)).toEqual([-32, 0, 16, 31]);
    expect([...roundWeights(weights, "round-16")].map((w) => w * 16)).toEqual([-27, 0, 8, 31]);
  });
});

describe("emdGuess(model)", () => {
  it("sees unit sums in interleaved order and does not care which side is which", () => {
    const network = architectureOf("emd-cnn-3x32-256").parts.network as Network;
    const part = partOf(network, 11);
    // Variances must not be negative.
    for (const { tensors } of part.plan.layers)
      for (const { name, offset, size } of tensors)
        if (name.endsWith("moving-variance")) part.parameters.fill(1, offset, offset + size);
    const guess = emdGuess({ ...small, parts: { network: part } });
    const [a, b] = [modules(5).slice(CELLS, 2 * CELLS), modules(5).slice(4 * CELLS, 5 * CELLS)];
    expect(guess(a, b)).toBe(guess(b, a));
    expect(
      guess(
        a.map((x) => 3 * x),
        b,
      ),
    ).toBeCloseTo(guess(a, b), 12);
    const pictures = [a, b].map((side) => {
      const sum = side.reduce((total, x) => total + x, 0);
      return Float64Array.from({ length: CELLS }, (_, i) => side[16 * (i % 3) + Math.floor(i / 3)] / sum);
    });
    const both = (first: Float64Array, second: Float64Array): number => {
      const input = Float64Array.from(
        { length: 2 * CELLS },
        (_, i) => (i % 6 < 3 ? first : second)[3 * Math.floor(i / 6) + (i % 3)],
      );
      return forward(part.plan, part.parameters, input, 1)[0];
    };
    expect(guess(a, b)).toBeCloseTo(
      (both(pictures[0], pictures[1]) + both(pictures[1], pictures[0])) / 2,
      12,
    );
    expect(() => emdGuess(small)).toThrow(/expected a network from 4x4x6/);
  });
});
