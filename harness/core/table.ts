/**
 * The one in-memory form of trigger-module data: rows of 48 trigger-cell charges plus labels.
 *
 * Readers produce slabs; codecs, metrics and reports take slabs or a whole table and never see a file.
 */

/** Trigger cells in a module, in training order (CALQ_0 .. CALQ_47). */
export const CELLS = 48;
/** CALQ counts that make one MIP_T (hgcal convention of the published studies). */
export const CALQ_PER_MIPT = 35;

/** Label columns that are kept by name when a file has them. */
export const LABELS = [
  "entry",
  "SimEnergyTotal",
  "EventSimEnergy",
  "SimEnergyFraction",
  "subdet",
  "zside",
  "layer",
  "waferu",
  "waferv",
  "HD_LD",
  "ModType",
  "eta",
  "phi",
  "nElinks",
  "nElinksPU",
] as const;
export type Label = (typeof LABELS)[number];
/** Labels that measure something; all others are whole numbers. */
export const MEASURED_LABELS: readonly Label[] = [
  "SimEnergyTotal",
  "EventSimEnergy",
  "SimEnergyFraction",
  "eta",
  "phi",
];

/** Consecutive rows. `calq` is [rows, 48], CALQ counts >= 0, finite. A label column has one value per row. */
export interface Slab {
  readonly rows: number;
  readonly calq: Float64Array;
  readonly labels: ReadonlyMap<Label, Float64Array>;
}

/** What was read and what was done to it: shown in every report beside the data. */
export interface Census {
  readonly rows: number;
  /** Rows whose sum is 0. */
  readonly empty: number;
  readonly distinct: number;
  readonly nonIntegerRows: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Smallest value above zero, 0 when there is none. */
  readonly smallestPositive: number;
  readonly meanSum: number;
  /** Mean number of cells above 0 and above 35 CALQ (1 MIP_T) per row. */
  readonly meanNonZero: number;
  readonly meanOccupancy: number;
  /** Rows per occupancy slice [0,2) [2,5) [5,10) [10,15) [15,48]. */
  readonly occupancySlices: readonly number[];
  /** Rows dropped or values changed on explicit request, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly labels: readonly string[];
  readonly ignoredColumns: readonly string[];
}

export interface Provenance {
  readonly kind: "synthetic" | "file";
  /** File name as the user typed it, or the generator and its parameters. */
  readonly name: string;
  /** SHA-256 of the file's bytes, or of the generated rows. */
  readonly sha256: string;
  readonly format: string;
  readonly unit: "calq" | "mipt";
  readonly licence?: string;
}

export interface ModuleTable extends Slab {
  /** Dataset id as reports show it. */
  readonly id: string;
  readonly provenance: Provenance;
  readonly census: Census;
}

/** Rows [from, to) of a slab, sharing its memory. */
export function sliceRows(slab: Slab, from: number, to: number): Slab {
  return {
    rows: to - from,
    calq: slab.calq.subarray(from * CELLS, to * CELLS),
    labels: new Map([...slab.labels].map(([name, column]) => [name, column.subarray(from, to)])),
  };
}
