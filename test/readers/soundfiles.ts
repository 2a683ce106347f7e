/** One small sound file of every format, the starting points of mutants. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { reader as csv } from "../../harness/readers/csv.js";
import { reader as hdf5 } from "../../harness/readers/hdf5.js";
import { reader as npy } from "../../harness/readers/npy.js";
import { reader as npz } from "../../harness/readers/npz.js";
import type { Reader } from "../../harness/core/reader.js";
import { charges, csvText, doubles, npyBytes } from "./tables.js";
import { zipBytes } from "./zip.js";

const values = charges(6);
const array = npyBytes("<f8", "6, 48", doubles(values));
const packed = fileURLToPath(new URL("../bad-input/files/sound-packed.h5", import.meta.url));
const columns = fileURLToPath(new URL("../bad-input/files/sound-columns.h5", import.meta.url));

export const soundFiles: readonly (readonly [name: string, reader: Reader, bytes: Uint8Array])[] = [
  ["csv", csv, Buffer.from(csvText(values))],
  ["npy", npy, array],
  [
    "npz",
    npz,
    zipBytes([
      { name: "CALQ.npy", data: array, deflate: true },
      { name: "eta.npy", data: npyBytes("<f8", "6,", doubles(values.subarray(0, 6))) },
    ]),
  ],
  ["hdf5, chunks", hdf5, readFileSync(packed)],
  ["hdf5, columns", hdf5, readFileSync(columns)],
];
