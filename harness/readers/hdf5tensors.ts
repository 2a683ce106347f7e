/**
 * All numeric datasets of an open HDF5 file with their paths: the weights of a Keras model. Runs inside the worker only.
 *
 * Groups are walked without following links; every dataset passes the same checks as a table's. Text and other kinds are refused
 * by name: a weight file has none.
 */
import { InputError, printable } from "../core/errors.js";
import { childNames, openDataset, type OpenHdf5 } from "./hdf5objects.js";
import { readWhole } from "./hdf5rows.js";

const DEEPEST = 8;
const MOST_ARRAYS = 4096;
const GROUP = 0;
const DATASET = 1;
/** Groups that a training checkpoint carries beside the weights. */
const NOT_WEIGHTS = new Set(["optimizer_weights", "top_level_model_weights"]);
/** Full checkpoints keep the layers one level down. */
const WEIGHTS_GROUP = "model_weights";

export interface Hdf5Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Arrays of the file in order of their paths. */
export function readTensors(file: OpenHdf5): Hdf5Tensor[] {
  const found: Hdf5Tensor[] = [];
  const walk = (path: string, depth: number): void => {
    if (depth > DEEPEST || found.length > MOST_ARRAYS)
      throw new InputError(
        `${file.name} ${printable(path, 80)}: expected at most ${MOST_ARRAYS} arrays in ${DEEPEST} levels, got more`,
        { tag: "hdf5-depth" },
      );
    for (const child of childNames(file, path === "" ? "/" : path)) {
      if (depth === 0 && NOT_WEIGHTS.has(child)) continue;
      const inner = `${path}/${child}`;
      const type = file.h5.get_type(file.id, inner);
      if (type === GROUP) walk(inner, depth + 1);
      else if (type === DATASET) {
        const dataset = openDataset(file, inner);
        found.push({ name: inner.slice(1), shape: dataset.shape, values: readWhole(file, dataset) });
      } else
        throw new InputError(
          `${file.name} ${printable(inner, 80)}: expected groups and datasets only, got a link or another object`,
          { tag: "hdf5-link" },
        );
    }
  };
  walk(childNames(file, "/").includes(WEIGHTS_GROUP) ? `/${WEIGHTS_GROUP}` : "", 0);
  const prefix = `${WEIGHTS_GROUP}/`;
  return found.map((one) => ({
    ...one,
    name: one.name.startsWith(prefix) ? one.name.slice(prefix.length) : one.name,
  }));
}
