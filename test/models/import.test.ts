/** Importing models: every plain shape gives the same networks, and what is wrong is refused with the layer's name. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../harness/core/errors.js";
import { sha256 } from "../../harness/io/hash.js";
import { readModelFiles } from "../../harness/io/modelfile.js";
import { DECODER_443, ENCODER_443 } from "../../harness/models/catalogue.js";
import type { ImportedModel, ImportedPart } from "../../harness/models/imported.js";
import { importModel, type Piece } from "../../harness/models/importmodel.js";
import { initialise } from "../../harness/models/initialise.js";
import { plan, type Network } from "../../harness/models/network.js";
import { writeModel } from "../../harness/models/ownmanifest.js";
import { temporaryFolder } from "../io/temporary.js";

const partOf = (network: Network, seed: number): ImportedPart => {
  const planned = plan(network);
  return { plan: planned, parameters: initialise(planned, seed) };
};
const encoder = partOf(ENCODER_443, 1);
const decoder = partOf(DECODER_443, 2);

/** The arrays of both parts under the names that published files use. */
const NAMES = [
  ["enc.conv2d/kernel", encoder, 0],
  ["enc.conv2d/bias", encoder, 1],
  ["enc.encoded_vector/kernel", encoder, 2],
  ["enc.encoded_vector/bias", encoder, 3],
  ["dec.conv2d_transpose/bias", decoder, 3],
  ["dec.conv2d_transpose/kernel", decoder, 2],
  ["dec.conv2d_transpose_1/kernel", decoder, 4],
  ["dec.conv2d_transpose_1/bias", decoder, 5],
  ["dec.dense/kernel", decoder, 0],
  ["dec.dense/bias", decoder, 1],
] as const;

interface Named {
  readonly name: string;
  readonly shape: number[];
  readonly data: number[];
}

function arrays(): Named[] {
  return NAMES.map(([name, part, index]) => {
    const { shape, offset, size } = part.plan.layers.flatMap(({ tensors }) => tensors)[index];
    return { name, shape: [...shape], data: [...part.parameters.subarray(offset, offset + size)] };
  });
}

const piece = (json: unknown, binary: Uint8Array = new Uint8Array()): Piece => ({
  part: undefined,
  where: "model.json",
  content: { kind: "manifest", json: JSON.parse(JSON.stringify(json)) as unknown, binary },
});
const imported = (pieces: readonly Piece[], arch?: string): ImportedModel =>
  importModel({ id: "model", sha256: "", pieces }, arch);

function expectSame(model: ImportedModel, places = 15): void {
  for (const [name, part] of [
    ["encoder", encoder],
    ["decoder", decoder],
  ] as const) {
    const found = model.parts[name];
    expect(found?.plan.network.layers).toEqual(part.plan.network.layers);
    expect(found?.parameters.length).toBe(part.parameters.length);
    part.parameters.forEach((weight, i) => {
      expect(found?.parameters[i]).toBeCloseTo(weight, places);
    });
  }
}

/** float32 or float64 values one after the other, and their element offsets. */
function binaryOf(named: readonly Named[], item: 4 | 8): { bytes: Uint8Array; offsets: number[] } {
  const all = named.flatMap(({ data }) => data);
  const bytes = new Uint8Array((item === 4 ? Float32Array.from(all) : Float64Array.from(all)).buffer);
  let at = 0;
  const offsets = named.map(({ data }) => {
    const start = at;
    at += data.length;
    return start;
  });
  return { bytes, offsets };
}

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "accepted";
};

describe("importModel(files)", () => {
  it("reads inline arrays in any order and finds the one architecture that they fit", () => {
    const model = imported([piece({ source: "somewhere", layers: arrays() })]);
    expect([model.architecture, model.source]).toEqual(["autoencoder-4x4x3", "somewhere"]);
    expectSame(model);
  });

  it("reads byte offsets with a dtype, and element offsets of float32", () => {
    const named = arrays();
    const f8 = binaryOf(named, 8);
    const bytes = named.map(({ name, shape }, i) => ({ name, shape, offset: 8 * f8.offsets[i] }));
    expectSame(imported([piece({ dtype: "<f8", tensors: bytes }, f8.bytes)]));
    const f4 = binaryOf(named, 4);
    const elements = named.map(({ name, shape }, i) => ({ name, shape, offset: f4.offsets[i] }));
    expectSame(imported([piece({ tensors: elements }, f4.bytes)]), 6);
  });

  it("turns PyTorch kernels round and puts its batch statistics in place", () => {
    const width = 26;
    const linear = (name: string, outputs: number, inputs: number): Named[] => [
      {
        name: `${name}.weight`,
        shape: [outputs, inputs],
        data: Array.from({ length: outputs * inputs }, (_, i) => i),
      },
      { name: `${name}.bias`, shape: [outputs], data: new Array<number>(outputs).fill(0.5) },
    ];
    const widths = [width, 200, 100, 50, 13, 50, 100, 200, width];
    const layers = widths
      .slice(1)
      .flatMap((outputs, i) => linear(i < 4 ? `en${i + 1}` : `de${i - 3}`, outputs, widths[i]));
    const model = imported([piece({ layers })]);
    expect(model.architecture).toBe("baler-26-13");
    // kernel [in, out]: the second value is the first weight of the second output.
    expect(model.parts.encoder?.parameters[1]).toBe(width);
  });

  const change = (name: string, changed: Partial<Named>): string =>
    refusal(() =>
      imported(
        [piece({ layers: arrays().map((one) => (one.name === name ? { ...one, ...changed } : one)) })],
        "autoencoder-4x4x3",
      ),
    );

  it("refuses wrong shapes, values that are no numbers, missing and surplus layers by name", () => {
    expect(change("enc.encoded_vector/bias", { shape: [15], data: new Array<number>(15).fill(0) })).toMatch(
      /encoder: layer 2: dense: wrong shape: expected kernel \[128, 16\], bias \[16\], got layer encoded_vector with kernel \[128, 16\], bias \[15\]/,
    );
    expect(change("enc.conv2d/bias", { data: [1, 2, 3] })).toMatch(
      /enc\.conv2d\/bias: wrong shape: expected 8/,
    );
    expect(change("dec.dense/bias", { data: new Array<number>(128).fill(NaN) })).toMatch(
      /not a weight manifest/,
    );
    const named = arrays();
    const { bytes, offsets } = binaryOf(named, 8);
    new DataView(bytes.buffer).setFloat64(8 * (offsets[8] + 5), NaN, true);
    const tensors = named.map(({ name, shape }, i) => ({ name, shape, offset: 8 * offsets[i] }));
    const withNaN = (): unknown => imported([piece({ dtype: "<f8", tensors }, bytes)], "autoencoder-4x4x3");
    expect(refusal(withNaN)).toMatch(/layer dense: kernel: value 5: expected a finite number, got NaN/);
    const short = (): unknown => imported([piece({ dtype: "<f8", tensors }, bytes.subarray(0, 1000))]);
    expect(refusal(short)).toMatch(/outside its binary/);
    const missing = (): unknown => imported([piece({ layers: arrays().slice(0, 8) })], "autoencoder-4x4x3");
    expect(refusal(missing)).toMatch(/decoder: layer 0: dense: wrong shape: .*got layer conv2d_transpose/);
    const surplus = [...arrays(), { name: "enc.more/kernel", shape: [1, 1], data: [0] }];
    const more = (): unknown => imported([piece({ layers: surplus })], "autoencoder-4x4x3");
    expect(refusal(more)).toMatch(/layer more: expected weights of encoder and decoder only/);
    const odd = (): unknown => imported([piece({ layers: [{ name: "a/spectrum", shape: [1], data: [0] }] })]);
    expect(refusal(odd)).toMatch(/array a\/spectrum: unknown kind/);
  });
});

const kerasLayer = (className: string, name: string, config: object): object => ({
  class_name: className,
  name,
  config: { name, ...config },
});
const CONV = { filters: 8, kernel_size: [3, 3], strides: [1, 1], padding: "same", activation: "relu" };

function keras(changes: object = {}, more: object[] = []): Piece {
  const layers = [
    kerasLayer("InputLayer", "input_1", { batch_input_shape: [null, 4, 4, 3] }),
    kerasLayer("Conv2D", "conv2d", { ...CONV, ...changes }),
    kerasLayer("Flatten", "flatten", {}),
    kerasLayer("Dense", "latent", { units: 16, activation: "relu" }),
    ...more,
  ];
  const tensors = arrays()
    .slice(0, 4)
    .map(({ name, shape, data }) => ({
      name: name.replace("enc.", "").replace("encoded_vector", "latent/latent") + ":0",
      shape,
      values: Float64Array.from(data),
    }));
  const architecture = { class_name: "Functional", config: { name: "encoder", layers } };
  return { part: undefined, where: "encoder.hdf5", content: { kind: "arrays", tensors, architecture } };
}

describe("Keras", () => {
  it("architectures with their weights are networks", () => {
    const { parts, architecture } = imported([keras()]);
    expect([architecture, Object.keys(parts)]).toEqual(["own", ["encoder"]]);
    expect(parts.encoder?.plan.network.layers).toEqual(ENCODER_443.layers);
    expect(parts.encoder?.parameters).toEqual(encoder.parameters);
  });

  it("layers and options that we do not compute are refused by name", () => {
    const of = (changes: object, more: object[] = []): string =>
      refusal(() => imported([keras(changes, more)]));
    expect(of({ padding: "valid" })).toBe(
      'encoder.hdf5: layer conv2d: padding: expected "same", got "valid"',
    );
    expect(of({ activation: "swish" })).toMatch(/layer conv2d: activation: expected one of .*got "swish"/);
    expect(of({ kernel_size: [3, 5] })).toMatch(/layer conv2d: kernel_size: expected a square/);
    expect(of({}, [kerasLayer("LSTM", "memory", {})])).toMatch(/layer memory: unknown kind: .*got LSTM/);
    expect(of({ filters: 9 })).toMatch(/layer conv2d: conv2d: wrong shape: expected kernel \[3, 3, 3, 9\]/);
    const branch = { ...kerasLayer("Dense", "side", { units: 2 }), inbound_nodes: [[["flatten", 0, 0, {}]]] };
    expect(of({}, [branch])).toMatch(/layer side: expected the layer before it \(latent\)/);
  });
});

describe("our own manifest", () => {
  const { folder } = temporaryFolder();
  const noHdf5 = (): never => {
    throw new Error("not expected here");
  };
  const facts = { source: "made here", normalisation: "sum-top-bit", hash: sha256 } as const;

  it("comes back bit for bit, and its binary is checked", async () => {
    const { manifest, binary } = writeModel({ encoder, decoder }, facts);
    const path = join(folder, "Small Model.json");
    await writeFile(path, JSON.stringify(manifest));
    await expect(readModelFiles(path, noHdf5)).rejects.toThrow(/expected a binary beside it/);
    await writeFile(join(folder, "Small Model.bin"), binary);
    const files = await readModelFiles(path, noHdf5);
    const model = importModel(files);
    expect([model.id, model.architecture]).toEqual(["small-model", "own"]);
    expect(model.parts.encoder?.parameters).toEqual(encoder.parameters);
    expect(model.parts.decoder?.parameters).toEqual(decoder.parameters);
    expect(() => importModel(files, "autoencoder-4x4x3")).toThrow(/--arch: expected none/);
    binary[3] ^= 1;
    await writeFile(join(folder, "Small Model.bin"), binary);
    await expect(readModelFiles(path, noHdf5)).rejects.toThrow(/wrong checksum/);
    await writeFile(join(folder, "Small Model.bin"), binary.subarray(1));
    await expect(readModelFiles(path, noHdf5)).rejects.toThrow(/wrong length/);
  });

  it("whose decoder takes something else than latents, with conditions or without, is refused", () => {
    const input = encoder.plan.outputSize + 1;
    const wide = plan({ ...decoder.plan.network, input: [input] });
    const parameters = new Float64Array(wide.parameters);
    const { manifest, binary } = writeModel({ encoder, decoder: { plan: wide, parameters } }, facts);
    const content = { kind: "manifest", json: manifest, binary } as const;
    expect(() =>
      importModel({ id: "wide", sha256: "0", pieces: [{ part: undefined, where: "wide.json", content }] }),
    ).toThrow(/^wide.json: decoder: input: expected the \d+ outputs of the encoder .*got \d+$/);
  });

  it("of an unknown layer or a newer version is refused", () => {
    const { manifest, binary } = writeModel({ encoder }, facts);
    const layers = manifest.layers.map((one, i) =>
      i === 1 ? { part: "encoder", layer: { kind: "capsule" } } : one,
    );
    expect(refusal(() => imported([piece({ ...manifest, layers }, binary)]))).toMatch(/layers\.1\.layer/);
    expect(refusal(() => imported([piece({ ...manifest, version: 2 }, binary)]))).toMatch(/newer version/);
  });
});
