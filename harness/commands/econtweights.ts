/**
 * Encoder weights for `wafermark econt --weights`: a Keras HDF5 file with one convolution [3, 3, 1, 8] and one dense layer
 * [128, 16], found by their shapes. Other layers with weights are refused by name.
 */
import { randomUUID } from "node:crypto";
import type { FloatEncoder } from "../chip/autoencoderweights.js";
import { InputError, isHarnessError, LimitError, printable } from "../core/errors.js";
import { defaultLimits } from "../io/limits.js";
import { openSource } from "../io/source.js";
import { childNames, openDataset, type Hdf5Dataset, type OpenHdf5 } from "../readers/hdf5objects.js";

const MOST_BYTES = 16 * 2 ** 20; // the weights are 9 kB
const DEEPEST = 6;
const GROUP = 0;
const SHAPES: Readonly<Record<string, keyof FloatEncoder>> = {
  "kernel 3 x 3 x 1 x 8": "convKernel",
  "bias 8": "convBias",
  "kernel 128 x 16": "denseKernel",
  "bias 16": "denseBias",
};

interface MemoryFiles {
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
}

/** Paths of all datasets below `group`. */
function datasetPaths(file: OpenHdf5, group: string, depth: number): string[] {
  if (depth > DEEPEST)
    throw new InputError(`${file.name}: groups in groups: expected at most ${DEEPEST} levels, got more`, {
      tag: "weights",
    });
  return childNames(file, group === "" ? "/" : group).flatMap((child) => {
    const path = `${group}/${child}`;
    return file.h5.get_type(file.id, path) === GROUP ? datasetPaths(file, path, depth + 1) : [path];
  });
}

function readEncoder(file: OpenHdf5): FloatEncoder {
  const found: Partial<Record<keyof FloatEncoder, Float64Array>> = {};
  for (const path of datasetPaths(file, "", 0)) {
    const dataset = openDataset(file, path);
    const kind = /(?:^|[/_])(kernel|bias)(?::\d+)?$/.exec(path)?.[1] ?? "weight";
    const shape = `${kind} ${dataset.shape.join(" x ")}`;
    const part = SHAPES[shape] as keyof FloatEncoder | undefined;
    if (part === undefined || found[part] !== undefined)
      throw new InputError(
        `${file.name}: layer ${printable(path, 80)}: expected each of ${Object.keys(SHAPES).join(", ")} once, got ${part === undefined ? shape : `${shape} again`}`,
        {
          tag: "weights",
          remedy: "the chip holds one 3x3 convolution of 8 filters and one dense layer of 16",
        },
      );
    found[part] = numbers(file, dataset, `${file.name}: layer ${printable(path, 80)}`);
  }
  const { convKernel, convBias, denseKernel, denseBias } = found;
  if (!convKernel || !convBias || !denseKernel || !denseBias) {
    const missing = Object.entries(SHAPES).filter(([, part]) => found[part] === undefined);
    throw new InputError(
      `${file.name}: weights: expected ${Object.keys(SHAPES).join(", ")}, got none for ${missing.map(([shape]) => shape).join(", ")}`,
      { tag: "weights" },
    );
  }
  return { convKernel, convBias, denseKernel, denseBias };
}

function numbers({ h5, id }: OpenHdf5, dataset: Hdf5Dataset, where: string): Float64Array {
  const { itemBytes, kind, shape, path } = dataset;
  if (kind !== "float" || itemBytes < 4)
    throw new InputError(
      `${where}: element type: expected float32 or float64, got ${kind} of ${itemBytes} bytes`,
      { tag: "dtype" },
    );
  const count = shape.reduce((product, length) => product * length, 1);
  const pointer = h5._malloc(count * itemBytes);
  if (pointer === 0) throw new RangeError("hdf5: out of memory");
  try {
    const [counts, offsets, strides] = [shape.map(BigInt), shape.map(() => 0n), shape.map(() => 1n)];
    h5.get_dataset_data(id, path, counts, offsets, strides, BigInt(pointer));
    const view = new DataView(h5.HEAPU8.buffer, pointer, count * itemBytes);
    return Float64Array.from({ length: count }, (_, i) =>
      itemBytes === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
    );
  } finally {
    h5._free(pointer);
  }
}

/** The encoder in the HDF5 file at `path`; refuses (InputError) what is no encoder of the chip's shape. */
export async function readEncoderFile(path: string): Promise<FloatEncoder> {
  const limits = defaultLimits();
  const source = await openSource(path, limits);
  if (source.size > MOST_BYTES)
    throw new LimitError(`${path}: weights file: expected at most ${MOST_BYTES} bytes, got ${source.size}`);
  const bytes = await source.bytes();
  const { ready } = await import("h5wasm");
  const h5 = await ready;
  h5.activate_throwing_error_handler();
  const files = h5.FS as unknown as MemoryFiles; // declared by emscripten, whose types are not installed
  const inside = `/${randomUUID()}.h5`;
  files.writeFile(inside, bytes);
  let id: bigint | undefined;
  try {
    id = h5.open(inside, h5.H5F_ACC_RDONLY, false, -1, -1);
    return readEncoder({ h5, id, name: path, bytes: bytes.length, limits });
  } catch (cause) {
    if (isHarnessError(cause)) throw cause;
    const what = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new InputError(`${path}: weights: expected a Keras HDF5 file, got ${printable(what, 120)}`, {
      tag: "weights",
      cause,
    });
  } finally {
    if (id !== undefined) h5.close_file(id);
    files.unlink(inside);
  }
}
