/**
 * Keras weights as HDF5 in the layout of `model.save_weights` (Keras 2): a group for each layer with its arrays' names, arrays at
 * `layer/layer/kernel:0`. The same weights give the same bytes. Made in memory, so that the file can appear whole.
 */
import { randomUUID } from "node:crypto";
import { timeless } from "./hdf5writer.js";

export interface Hdf5Layer {
  readonly name: string;
  readonly arrays: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: Float32Array;
  }[];
}

/** The bytes of the file; `version` is the Keras version that it names. */
export async function kerasHdf5(layers: readonly Hdf5Layer[], version: string): Promise<Uint8Array> {
  const { File, ready } = await import("h5wasm");
  const { FS } = await ready;
  const path = `/${randomUUID()}.h5`;
  timeless(() => {
    const file = new File(path, "w");
    try {
      file.create_attribute("backend", "tensorflow");
      file.create_attribute("keras_version", version);
      file.create_attribute(
        "layer_names",
        layers.map(({ name }) => name),
      );
      for (const { name, arrays } of layers) {
        const group = file.create_group(name);
        const names = arrays.map((array) => `${name}/${array.name}:0`);
        if (names.length === 0) continue;
        group.create_attribute("weight_names", names);
        const inner = group.create_group(name);
        for (const array of arrays)
          inner.create_dataset({
            name: `${array.name}:0`,
            data: array.values,
            shape: [...array.shape],
            dtype: "<f",
          });
      }
    } finally {
      file.close();
    }
  });
  const files = FS as unknown as MemoryFiles; // declared by emscripten, whose types are not installed
  const bytes = files.readFile(path).slice();
  files.unlink(path);
  return bytes;
}

interface MemoryFiles {
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
}
