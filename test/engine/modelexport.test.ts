/** Exports read back: the register file by the chip's own reader, Keras files by the importer, by `econt --weights` and by h5py. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { defaultLatentMask } from "../../harness/chip/autoencoderpayload.js";
import { quantiseEncoder } from "../../harness/chip/autoencoderweights.js";
import { readEncoderFile } from "../../harness/commands/econtweights.js";
import { settingsOfText } from "../../harness/commands/econtregisters.js";
import { findPython } from "../../harness/engine/peers/python.js";
import { exportKeras, exportRegisters } from "../../harness/engine/modelexport.js";
import { loadModel } from "../../harness/engine/models.js";
import { chipEncoderPart, chipWeights } from "../../harness/engine/trainchip.js";
import { writeTrained } from "../../harness/engine/trainfiles.js";
import { loadNamedModel } from "../../harness/engine/zoo.js";
import { jetNetwork } from "../../harness/models/catalogue.js";
import { forward } from "../../harness/models/forward.js";
import type { ImportedPart } from "../../harness/models/imported.js";
import { initialise } from "../../harness/models/initialise.js";
import { plan, type Convolution, type Network } from "../../harness/models/network.js";
import { trainableModel } from "../../harness/models/trainnetwork.js";
import { rng } from "../../harness/core/rng.js";
import { refusal, temporaryFolder } from "../io/temporary.js";

const temporary = temporaryFolder();
const python = await findPython(["h5py"]);
const why = "reason" in python ? ` (skipped: ${python.reason}; the importer above always reads them)` : "";

function drawn(network: Network): ImportedPart {
  const planned = plan(network);
  return { plan: planned, parameters: Float64Array.from(initialise(planned, 5), Math.fround) };
}

function modelOf(id: string) {
  const { encoder, decoder } = trainableModel(id);
  return { id, source: "drawn", parts: { encoder: drawn(encoder), decoder: drawn(decoder) } };
}

const STRIDE = modelOf("autoencoder-8x8-stride");

/** The chip's encoder with another first layer. */
function withFirst(other: Partial<Convolution>): Network {
  const { encoder } = trainableModel("autoencoder-8x8-stride");
  const [first, ...rest] = encoder.layers;
  return { ...encoder, layers: [{ ...(first as Convolution), ...other }, ...rest] };
}

describe("registers", () => {
  it.each([2, 3, 4, 5])("of %i links come back bit for bit", async (links) => {
    const path = temporary.path(`registers-${links}.yaml`);
    await exportRegisters(STRIDE, links, path);
    const settings = settingsOfText(readFileSync(path, "utf8"), path);
    expect([settings.algorithm, settings.links]).toEqual(["autoencoder", links]);
    expect(settings.autoencoder?.mask).toBe(defaultLatentMask(links));
    expect(settings.autoencoder?.weights).toEqual(chipWeights(STRIDE.parts.encoder));
  });

  it("of a model of the zoo hold its weights exactly", async () => {
    const model = await loadNamedModel("emd-stride-ele-200pu-3");
    const path = temporary.path("zoo.yaml");
    await exportRegisters(model, 3, path);
    const weights = settingsOfText(readFileSync(path, "utf8"), path).autoencoder?.weights ?? new Int8Array();
    const { encoder } = model.parts;
    if (encoder === undefined) throw new Error("the zoo's model has an encoder");
    expect(chipEncoderPart(encoder, weights).parameters).toEqual(encoder.parameters);
  });

  it.each([
    ["pools", drawn(trainableModel("autoencoder-8x8-pool").encoder)],
    ["pads on all sides", drawn(withFirst({ padding: 1 }))],
    ["has oblong kernels", drawn(withFirst({ kernelColumns: 2 }))],
    ["has no rectifier", drawn(withFirst({ activation: "linear" }))],
  ])("refuse an encoder that %s: not the chip's", async (_what, encoder) => {
    const path = temporary.path("no.yaml");
    const found = await refusal(() => exportRegisters({ ...STRIDE, parts: { encoder } }, 2, path));
    expect(found.message).toMatch(/expected the chip's 8x8 network with stride 2/);
    expect(existsSync(path)).toBe(false);
  });

  it("hold nothing of what a model's file says of its source but a comment", async () => {
    const path = temporary.path("source.yaml");
    const source = "trained\rEncoder: 1\n\u2028Encoder: 2";
    await exportRegisters({ ...STRIDE, source }, 3, path);
    const lines = readFileSync(path, "utf8").split(/[\r\n\u0085\u2028\u2029]/);
    expect(lines.slice(1, 4)).toEqual(["# trained\\u000dEncoder: 1", "# \\u2028Encoder: 2", "ConfigAlgo:"]);
  });
});

describe("a training's folder", () => {
  it("is a model where one JSON is in it, and none where there are two", async () => {
    const folder = temporary.path("trained");
    await mkdir(folder);
    await writeTrained(folder, "one", STRIDE.parts, "here", {});
    expect((await loadModel(folder)).parts.encoder?.plan.parameters).toBe(2144);
    await writeTrained(folder, "two", STRIDE.parts, "here", {});
    await expect(loadModel(folder)).rejects.toMatchObject({ tag: "missing", remedy: "name the file" });
  });
});

describe("Keras files", () => {
  it.each(["autoencoder-8x8-stride", "autoencoder-8x8-wide", "autoencoder-8x8-pool", "autoencoder-4x4x3"])(
    "of %s come back as the same layers with the same float32 bits",
    async (id) => {
      const model = modelOf(id);
      const folder = temporary.path(id);
      expect(await exportKeras(model, folder)).toHaveLength(4);
      const { parts } = await loadModel(folder);
      for (const name of ["encoder", "decoder"] as const) {
        expect(parts[name]?.plan.network.layers).toEqual(model.parts[name].plan.network.layers);
        expect(parts[name]?.parameters).toEqual(model.parts[name].parameters);
      }
    },
  );

  it("of batch normalisation and leaky ReLU compute the same", async () => {
    const network = jetNetwork("jets", [6, 9, 3], "leaky-relu", true);
    const layers = network.layers.map((one) =>
      one.kind === "batch-norm" ? { ...one, momentum: 0.75 } : one,
    );
    const encoder = drawn({ ...network, layers });
    const decoder = drawn(jetNetwork("back", [3, 9, 6], "leaky-relu", true));
    const folder = temporary.path("jets");
    await exportKeras({ id: "jets", source: "drawn", parts: { encoder, decoder } }, folder);
    const { parts } = await loadModel(folder);
    const source = rng(3);
    const input = Float64Array.from({ length: 4 * 6 }, () => source.normal());
    const back = parts.encoder;
    if (back === undefined) throw new Error("an encoder was exported");
    const normal = (part: ImportedPart) => part.plan.network.layers.find(({ kind }) => kind === "batch-norm");
    expect(normal(back)).toEqual(normal(encoder));
    expect(forward(back.plan, back.parameters, input, 4)).toEqual(
      forward(encoder.plan, encoder.parameters, input, 4),
    );
  });

  it("are not written at all when Keras has no layer for one part, which is named, or a part is missing", async () => {
    const folder = temporary.path("grid");
    const { encoder } = STRIDE.parts;
    const padded = drawn(withFirst({ padding: 1 }));
    const bad = { ...STRIDE, parts: { encoder, decoder: padded } };
    expect((await refusal(() => exportKeras(bad, folder))).message).toMatch(
      /layer 0 \(conv2d\): Keras: padding: expected "same"/,
    );
    const half = { ...STRIDE, parts: { encoder } };
    expect((await refusal(() => exportKeras(half, folder))).message).toMatch(/decoder: expected one/);
    expect(existsSync(folder)).toBe(false);
  });

  it("are the chip emulator's weights file, with the same bytes at any time", async () => {
    const folders = [temporary.path("first"), temporary.path("second")];
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      for (const [year, folder] of folders.entries()) {
        vi.setSystemTime(new Date(2020 + year, 1));
        await exportKeras(STRIDE, folder);
      }
    } finally {
      vi.useRealTimers();
    }
    const [first, second] = folders.map((folder) => readFileSync(join(folder, "encoder.hdf5")));
    expect(first.equals(second)).toBe(true);
    const encoder = await readEncoderFile(join(folders[0], "encoder.hdf5"));
    expect(quantiseEncoder(encoder, "nearest")).toEqual(chipWeights(STRIDE.parts.encoder));
  });

  it.runIf("executable" in python)(`are what h5py reads in Keras' layout${why}`, async () => {
    if (!("executable" in python)) return;
    const folder = temporary.path("h5py");
    await exportKeras(STRIDE, folder);
    const read = execFileSync(python.executable, ["-c", READ, join(folder, "encoder.hdf5")], {
      encoding: "utf8",
    });
    const { layers, arrays } = JSON.parse(read) as {
      layers: string[];
      arrays: { name: string; dtype: string; shape: number[]; values: number[] }[];
    };
    expect(layers).toEqual(["conv2d_0", "flatten_1", "dense_2"]);
    expect(arrays.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["conv2d_0/kernel:0", "<f4", [3, 3, 1, 8]],
      ["conv2d_0/bias:0", "<f4", [8]],
      ["dense_2/kernel:0", "<f4", [128, 16]],
      ["dense_2/bias:0", "<f4", [16]],
    ]);
    expect(arrays.flatMap(({ values }) => values)).toEqual([...STRIDE.parts.encoder.parameters]);
  });
});

/** What `load_weights` of Keras 2 does: layers by attribute, arrays by attribute, in order. */
const READ = `
import h5py, json, sys
text = lambda name: name.decode() if hasattr(name, "decode") else name
with h5py.File(sys.argv[1], "r") as f:
    layers = [text(name) for name in f.attrs["layer_names"]]
    arrays = []
    for layer in layers:
        for name in f[layer].attrs.get("weight_names", []):
            values = f[layer][text(name)]
            arrays.append({"name": text(name), "dtype": values.dtype.str, "shape": values.shape,
                           "values": [float(x) for x in values[()].ravel()]})
print(json.dumps({"layers": layers, "arrays": arrays}))
`;
