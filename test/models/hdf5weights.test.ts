/** Keras weights in HDF5: a file written here, read by the worker thread, into a network; and what is no weight file refused. */
import { ready } from "h5wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../harness/io/limits.js";
import { readModelFiles } from "../../harness/io/modelfile.js";
import { importModel } from "../../harness/models/importmodel.js";
import { readHdf5Weights } from "../../harness/readers/hdf5weights.js";
import { refusal, temporaryFolder } from "../io/temporary.js";

const h5wasm = await import("h5wasm");

/** Bytes of a file with these arrays, float32. */
async function fileOf(
  arrays: readonly (readonly [path: string, shape: number[], values: number[]])[],
): Promise<Uint8Array> {
  const { FS } = (await ready) as unknown as {
    FS: { readFile(path: string): Uint8Array; unlink(path: string): void };
  };
  const file = new h5wasm.File("weights.h5", "w");
  for (const [path, shape, values] of arrays) {
    const names = path.split("/");
    let group: InstanceType<typeof h5wasm.Group> = file;
    for (const name of names.slice(0, -1)) {
      const found = group.get(name);
      group = found instanceof h5wasm.Group ? found : group.create_group(name);
    }
    group.create_dataset({
      name: names[names.length - 1],
      data: Float32Array.from(values),
      shape,
      dtype: "<f4",
    });
  }
  file.close();
  const bytes = FS.readFile("weights.h5").slice();
  FS.unlink("weights.h5");
  return bytes;
}

const count = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i / 8);
const WEIGHTS = [
  ["dense/dense/kernel:0", [3, 2], count(6)],
  ["dense/dense/bias:0", [2], count(2, 10)],
] as const;
const ARCHITECTURE = {
  class_name: "Sequential",
  config: {
    name: "net",
    layers: [
      { class_name: "InputLayer", config: { name: "in", batch_input_shape: [null, 3] } },
      { class_name: "Dense", config: { name: "dense", units: 2, activation: "tanh", use_bias: true } },
    ],
  },
};

describe("HDF5 weights", () => {
  const temporary = temporaryFolder();
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = await fileOf(WEIGHTS.map(([path, shape, values]) => [path, [...shape], [...values]] as const));
  });

  it("fill the network of the JSON beside them", async () => {
    const path = temporary.write("net.h5", bytes);
    temporary.write("net.json", JSON.stringify(ARCHITECTURE));
    const model = importModel(await readModelFiles(path, readHdf5Weights));
    expect(model.parts.network?.parameters).toEqual(Float64Array.from([...count(6), ...count(2, 10)]));
    expect(model.parts.network?.plan.network.layers).toEqual([
      { kind: "dense", units: 2, activation: "tanh" },
    ]);
    // The JSON stands for the model too.
    const other = await readModelFiles(temporary.path("net.json"), readHdf5Weights);
    expect(other.pieces[0].where).toBe(path);
  });

  it("of another shape, with NaN, or without groups are refused by layer", async () => {
    const read = async (name: string, content: Uint8Array): Promise<string> => {
      const path = temporary.write(`${name}.h5`, content);
      temporary.write(`${name}.json`, JSON.stringify(ARCHITECTURE));
      const found = await refusal(async () => importModel(await readModelFiles(path, readHdf5Weights)));
      return found.message;
    };
    const kernel = WEIGHTS[0][0];
    const bias = ["dense/dense/bias:0", [2], [NaN, 1]] as const;
    expect(
      await read(
        "nan",
        await fileOf([
          [kernel, [3, 2], count(6)],
          [bias[0], [2], [...bias[2]]],
        ]),
      ),
    ).toMatch(/layer dense: bias: value 0: expected a finite number, got NaN/);
    expect(
      await read(
        "turned",
        await fileOf([
          [kernel, [2, 3], count(6)],
          [bias[0], [2], [1, 2]],
        ]),
      ),
    ).toMatch(
      /layer dense: dense: wrong shape: expected kernel \[3, 2\], bias \[2\], got layer dense with .*kernel \[2, 3\]/,
    );
    expect(await read("cut", bytes.subarray(0, bytes.length - 300))).toMatch(/cut\.h5/);
    await expect(readHdf5Weights(new Uint8Array(600), "zeros", defaultLimits())).rejects.toThrow(/zeros/);
  });
});
