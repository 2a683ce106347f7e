/** What an imported model is: networks with their parameters, checked, and where they came from. */
import type { Plan } from "./network.js";

/** An autoencoder has an encoder and a decoder; anything else is one network. */
export const PARTS = ["encoder", "decoder", "network"] as const;
export type PartName = (typeof PARTS)[number];

export interface ImportedPart {
  readonly plan: Plan;
  /** [plan.parameters], all finite. */
  readonly parameters: Float64Array;
}

export interface ImportedModel {
  /** Lower-case name made of the file's. */
  readonly id: string;
  /** Id of a known architecture, or "own" where the file has its layers. */
  readonly architecture: string;
  /** Of the bytes of its files, hexadecimal. */
  readonly sha256: string;
  readonly source: string;
  readonly parts: Readonly<Partial<Record<PartName, ImportedPart>>>;
}

/** A named array as it stands in a file, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}
