// The fixed-point autoencoder on numbers worked out by hand, its register image, masks and the batch path; always runs.
import { describe, expect, it } from "vitest";
import { encodeModule, normaliseCharges, slotOfPixel } from "../../harness/chip/autoencoder.js";
import { chipEncoderOf } from "../../harness/chip/autoencoderlines.js";
import {
  autoencoderPayload,
  defaultLatentMask,
  latentBits,
  packAutoencoder,
  sentBits,
  sentRuns,
  unpackAutoencoder,
} from "../../harness/chip/autoencoderpayload.js";
import {
  CONV_BIAS_AT,
  DENSE_AT,
  DENSE_BIAS_AT,
  quantiseEncoder,
  quantiseWeight,
  WEIGHTS,
} from "../../harness/chip/autoencoderweights.js";
import { hexadecimal, readInputWords } from "../../harness/chip/wordfiles.js";
import { linkWords } from "../../harness/chip/linkwords.js";
import { inputCodes } from "../../harness/chip/inputwords.js";
import { algorithmStage, prepareCrossing } from "../../harness/chip/pipeline.js";
import {
  joinParts,
  readRegisterImage,
  REGISTER_PARTS,
  splitParts,
  writeRegisterImage,
} from "../../harness/chip/registerimage.js";
import { chipSettings } from "../../harness/chip/registers.js";
import { chargesOf, outputWords } from "../../harness/chip/transmit.js";
import { BitReader, BitWriter } from "../../harness/core/bits.js";
import { rng } from "../../harness/core/rng.js";
import { kernel } from "../../harness/kernels/econt.js";
import { inputText, registerFile } from "./vectors.js";

const CENTRE = 4;
const dense = (latent: number, input: number): number => DENSE_AT + latent * 128 + input;

/** Weights that touch one position, (0, 0), through the centre of the window. */
function weightsByHand(): Int8Array {
  const weights = new Int8Array(WEIGHTS);
  weights[CENTRE * 8] = 16; // filter 0: 200 * 16 / 32 = 100
  weights[CENTRE * 8 + 1] = 31; // filter 1: 200 * 31 / 32 = 193.75
  weights[CENTRE * 8 + 2] = -1; // filter 2: -6.25, floored to -7
  weights[CONV_BIAS_AT + 2] = 2; // + 8
  weights[dense(3, 0)] = 31; // 100 * 31 / 16 = 193.75
  weights[DENSE_BIAS_AT + 3] = -1; // - 8
  weights[dense(5, 0)] = -1; // -6.25, floored to -7
  weights[DENSE_BIAS_AT + 5] = 1; // + 8
  weights[dense(6, 0)] = -32;
  weights[dense(7, 0)] = 31;
  weights[DENSE_BIAS_AT + 7] = 31; // + 248
  weights[dense(8, 0)] = 31; // 193
  weights[dense(8, 1)] = 31; // + 193 * 31 / 16 = 373.94: clipped
  weights[dense(9, 2)] = 16; // 1
  return weights;
}

const module = Float64Array.from({ length: 48 }, (_, i) => (i === 9 ? 100 : 0)); // row 1, column 1
const BY_HAND = [0, 0, 0, 185, 0, 1, 0, 441, 511, 1, 0, 0, 0, 0, 0, 0];

describe("the fixed-point encoder", () => {
  it("has the latents that were worked out by hand", () => {
    expect([...encodeModule(module, weightsByHand())]).toEqual(BY_HAND);
  });

  it("is the same integers made quick, sparse modules and full ones, weights of every size", () => {
    const random = rng(8);
    expect([...chipEncoderOf(weightsByHand())(module)]).toEqual(BY_HAND);
    for (let draw = 0; draw < 40; draw++) {
      const weights = Int8Array.from({ length: WEIGHTS }, () => random.integer(64) - 32);
      const encode = chipEncoderOf(weights);
      for (const filled of [0, 0.05, 0.5, 1]) {
        const calq = Float64Array.from({ length: 48 }, () =>
          random.uniform() < filled ? random.integer(2 ** (1 + random.integer(20))) : 0,
        );
        expect([...encode(calq)]).toEqual([...encodeModule(calq, weights)]);
      }
    }
  });

  it("normalises by the top bit of the module sum", () => {
    expect(normaliseCharges(module)[9]).toBe(200);
    expect([...normaliseCharges(module.map((q) => q * 64))]).toEqual([...normaliseCharges(module)]);
    expect(normaliseCharges(new Float64Array(48)).every((x) => x === 0)).toBe(true);
    expect(Math.max(...normaliseCharges(new Float64Array(48).fill(1)))).toBe(4); // 128 / 32
    expect(normaliseCharges(module.map((q) => Math.sign(q)))[9]).toBe(128);
  });

  it("lays the slots out with a dark corner", () => {
    expect(slotOfPixel(1, 1)).toBe(9);
    expect(slotOfPixel(4, 0)).toBe(32);
    expect(slotOfPixel(7, 3)).toBe(47);
    expect([slotOfPixel(4, 4), slotOfPixel(8, 0), slotOfPixel(0, 8)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("weights", () => {
  it("are floored or rounded, and clipped to 6 bits", () => {
    expect([-1, -0.99, 0.99, 0.02, -0.01, 5, -5].map((w) => quantiseWeight(w, "floor"))).toEqual([
      -32, -32, 31, 0, -1, 31, -32,
    ]);
    expect([-0.99, 0.02, 0.01, -0.01, 0.97].map((w) => quantiseWeight(w, "nearest"))).toEqual([
      -32, 1, 0, 0, 31,
    ]);
  });

  it("of a dense kernel are turned for the chip, and left as they are by the scripts", () => {
    const zeros = (n: number): number[] => new Array<number>(n).fill(0);
    const denseKernel = zeros(2048);
    denseKernel[5 * 16 + 3] = 0.5; // input 5, output 3
    const encoder = { convKernel: zeros(72), convBias: zeros(8), denseKernel, denseBias: zeros(16) };
    expect(quantiseEncoder(encoder)[dense(3, 5)]).toBe(16);
    expect(quantiseEncoder(encoder, "floor", "script")[DENSE_AT + 83]).toBe(16);
    expect(() => quantiseEncoder({ ...encoder, convBias: [NaN, ...zeros(7)] })).toThrow(
      /conv bias: weight 0: .*finite/,
    );
    expect(() => quantiseEncoder({ ...encoder, denseBias: zeros(12) })).toThrow(
      /dense bias: expected 16 weights, got 12/,
    );
  });

  it("stand in the registers six bits each, lowest first, across register borders", () => {
    const weights = new Int8Array(WEIGHTS);
    weights[0] = -1;
    weights[1] = 2;
    weights[178] = -32; // bits 1068..1073: its sign bit is bit 1 of register 1
    weights[WEIGHTS - 1] = 31;
    const registers = writeRegisterImage(weights);
    expect(registers[0]).toBe(0x3fn | (2n << 6n));
    expect(registers[1]).toBe(2n);
    expect(registers[11]).toBe(31n << 1066n);
    expect([...readRegisterImage(registers)]).toEqual([...weights]);
    expect(REGISTER_PARTS.map(({ byte, bits }) => [byte, bits]).at(-1)).toEqual([128, 48]);
    expect(joinParts(splitParts(registers[11]))).toBe(registers[11]);
  });

  it("survive a round trip through the registers, and nothing wider does", () => {
    const random = rng(5);
    const weights = Int8Array.from({ length: WEIGHTS }, () => random.integer(64) - 32);
    expect([...readRegisterImage(writeRegisterImage(weights))]).toEqual([...weights]);
    expect(() => writeRegisterImage(Int8Array.from(weights, () => 32))).toThrow(
      /weight 2143: expected .*-32\.\.31, got 32/,
    );
    expect(() => readRegisterImage(new Array<bigint>(12).fill(1n << 1072n))).toThrow(
      /register 0: expected 1072 bits/,
    );
    expect(() => readRegisterImage([])).toThrow(/expected 12 registers, got 0/);
  });
});

describe("the payload", () => {
  const words = (links: number, mask = defaultLatentMask(links)): Uint32Array => {
    const writer = new BitWriter();
    const payload = autoencoderPayload(100, Uint16Array.from(BY_HAND), 31);
    packAutoencoder(writer, payload, links, sentRuns({ links, mask }));
    return linkWords(writer.toBytes(), links);
  };
  const read = (links: number, mask: bigint): number[] => {
    const bytes = new Uint8Array(words(links, mask).slice(0, links).buffer).map((_, i, all) => all[i ^ 3]);
    return [...unpackAutoencoder(new BitReader(bytes), { links, mask }).latents];
  };

  it("has the words that were worked out by hand", () => {
    // 11111 header, 000111001 code of 100, 00, then 9 bits each from latent 15 down
    expect(Array.from(words(5), hexadecimal).slice(0, 6)).toEqual([
      "f8e40000",
      "00000000",
      "0003ffdc",
      "80002005",
      "c8000000",
      "00000000",
    ]);
    // the same with the top three bits of each
    expect(Array.from(words(2), hexadecimal).slice(0, 3)).toEqual(["f8e40000", "07c00400", "00000000"]);
  });

  it("keeps the top 1, 3, 5, 7 or 9 bits of each latent by default", () => {
    expect([1, 2, 3, 4, 5, 6, 13].map(latentBits)).toEqual([1, 3, 5, 7, 9, 9, 9]);
    for (const links of [1, 2, 3, 4, 5, 6, 13]) {
      const low = 2 ** (9 - latentBits(links));
      expect(read(links, defaultLatentMask(links))).toEqual(BY_HAND.map((x) => x - (x % low)));
    }
  });

  it("keeps the last selected bits when the mask selects more than fit", () => {
    const everything = (1n << 144n) - 1n;
    // two links: 50 bits, latents 0..4 whole and the low five bits of latent 5
    expect(read(2, everything)).toEqual(BY_HAND.map((x, i) => (i < 5 ? x : i === 5 ? x & 31 : 0)));
    expect(sentBits({ links: 2, mask: everything })).toHaveLength(50);
    expect(sentBits({ links: 5, mask: 0n })).toEqual([]);
  });
});

describe("many crossings at once", () => {
  it.each([
    ["autoencoder", 5],
    ["autoencoder", 2],
    ["best-choice", 4],
    ["super-trigger-cell", 5],
    ["threshold-sum", 2],
    ["repeater", 11],
  ] as const)("have the words of one at a time: %s, %i links", (algorithm, links) => {
    for (const dialect of ["algorithm", "config-algo"] as const) {
      const settings = chipSettings(registerFile({ dialect, algorithm, links }));
      const inputs = readInputWords(inputText(40, "hex"), "RX");
      const charges = chargesOf(settings, inputs);
      const weights = settings.autoencoder?.weights;
      const latents =
        weights &&
        (kernel.reference({ calq: charges.calq, weights: Int32Array.from(weights) }, { rows: 40 })
          .latents as Uint16Array);
      const together = outputWords(settings, charges, inputs.numbers, latents);
      const stage = algorithmStage(settings);
      for (let row = 0; row < 40; row++) {
        const payloads = [...inputs.payloads.subarray(12 * row, 12 * row + 12)].map((payload) => ({
          payload,
        }));
        const alone = stage(
          prepareCrossing(settings, inputCodes(payloads, settings.inputOrder), inputs.numbers[row]),
        );
        expect([...together.subarray(13 * row, 13 * row + 13)]).toEqual([...alone]);
      }
      expect(together.some((word) => word !== 0)).toBe(true);
    }
  });
});
