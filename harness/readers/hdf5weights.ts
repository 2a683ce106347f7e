/** Keras weights out of an untrusted HDF5 file, read by the worker thread: every array with its path. */
import type { ReadLimits } from "../core/reader.js";
import { Hdf5Thread } from "./hdf5thread.js";
import type { Hdf5Tensor } from "./hdf5tensors.js";

/** Arrays of the file in `bytes`; refuses (InputError) what is no HDF5 or not safe to read. `name` is what messages call it. */
export async function readHdf5Weights(
  bytes: Uint8Array,
  name: string,
  limits: ReadLimits,
): Promise<readonly Hdf5Tensor[]> {
  const thread = Hdf5Thread.take();
  try {
    const found = await thread.ask({ kind: "weights", name, bytes, limits }, name);
    if (found.kind !== "weights") throw new Error(`hdf5 worker: unexpected reply ${found.kind}`);
    return found.tensors;
  } finally {
    thread.release();
  }
}
