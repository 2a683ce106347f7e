/** What the HDF5 reader and its worker thread say to each other; plain data only. */
import type { ReadLimits, ReadOptions } from "../core/reader.js";
import type { Label } from "../core/table.js";
import type { Hdf5Tensor } from "./hdf5tensors.js";

export type Hdf5Request =
  | {
      readonly kind: "open";
      readonly name: string;
      readonly bytes: Uint8Array;
      readonly options: ReadOptions;
    }
  | {
      readonly kind: "weights";
      readonly name: string;
      readonly bytes: Uint8Array;
      readonly limits: ReadLimits;
    }
  | { readonly kind: "next" }
  | { readonly kind: "close" };

export interface Hdf5Opened {
  readonly kind: "opened";
  readonly rows: number;
  readonly columns: number;
  readonly columnNames: readonly string[];
  readonly labels: readonly Label[];
  readonly ignoredColumns: readonly string[];
}

export interface Hdf5Slab {
  readonly kind: "slab";
  readonly from: number;
  readonly rows: number;
  readonly values: Float64Array;
  readonly labels: readonly Float64Array[];
}

/** A refusal of ours or of HDF5: the thread goes on. Anything else ends it. */
export interface Hdf5Refusal {
  readonly kind: "refused";
  readonly message: string;
  readonly tag: string;
  readonly remedy: string | undefined;
}

export type Hdf5Reply =
  | Hdf5Opened
  | Hdf5Slab
  | Hdf5Refusal
  | { readonly kind: "weights"; readonly tensors: readonly Hdf5Tensor[] }
  | { readonly kind: "end" }
  | { readonly kind: "crashed"; readonly message: string };
