/**
 * The normalisations under which the jet studies trained, and their inverses.
 *
 * "custom" of the 27-variable study: constants of AE-Compression-pytorch, utils/processing_ATLASData_utils.py (GeV after /1000);
 * of the four-vectors: the same formulas on GeV. Min-max and standard scaling are per column, over the table given.
 */
import { exp, log10 } from "../core/elementary.js";
import type { JetColumn } from "./jetcolumns.js";

export interface Scaling {
  readonly forward: (x: number) => number;
  readonly inverse: (y: number) => number;
}

const LN_10 = 2.302585092994046;
const pow10 = (y: number): number => exp(y * LN_10);

const over = (size: number): Scaling => ({ forward: (x) => x / size, inverse: (y) => y * size });
/** (log10(x + shift) - zero) / size */
const logarithmic = (shift: number, zero: number, size: number): Scaling => ({
  forward: (x) => (log10(x + shift) - zero) / size,
  inverse: (y) => pow10(y * size + zero) - shift,
});

const CUSTOM: Readonly<Record<string, Scaling>> = {
  pt: logarithmic(0, 1.3, 1.2),
  eta: over(5),
  phi: over(3),
  m: logarithmic(1, 0, 1.8),
  ActiveArea: over(0.8),
  ActiveArea4vec_eta: over(5),
  ActiveArea4vec_m: { forward: (x) => x / 0.18 - 0.15, inverse: (y) => (y + 0.15) * 0.18 },
  ActiveArea4vec_phi: over(3),
  ActiveArea4vec_pt: over(0.7),
  AverageLArQF: logarithmic(100, 2, 2.5),
  NegativeE: { forward: (x) => log10(1 - x) / 1.6, inverse: (y) => 1 - pow10(1.6 * y) },
  HECQuality: over(1),
  LArQuality: over(0.6),
  Width: over(0.6),
  WidthPhi: over(0.6),
  CentroidR: logarithmic(0, 3, 0.8),
  DetectorEta: over(5),
  LeadingClusterCenterLambda: logarithmic(100, 2, 2),
  LeadingClusterPt: logarithmic(0, 0, 1.2),
  LeadingClusterSecondLambda: logarithmic(100, 2, 1),
  LeadingClusterSecondR: logarithmic(100, 2, 0.6),
  N90Constituents: over(20),
  EMFrac: over(1.6),
  HECFrac: over(1),
  Timing: over(40),
  OotFracClusters10: logarithmic(1, 0, 0.3),
  OotFracClusters5: logarithmic(1, 0, 0.3),
};

/** The custom scaling of a column by its name (GeV); undefined where the studies have none. */
export function customScaling({ name, unit }: JetColumn): Scaling | undefined {
  if (!Object.hasOwn(CUSTOM, name)) return undefined;
  const scaling = CUSTOM[name];
  if (unit !== "MeV") return scaling;
  return {
    forward: (x) => scaling.forward(x / 1000),
    inverse: (y) => 1000 * scaling.inverse(y),
  };
}

/** Every column scaled by its custom scaling; columns must all have one. */
export function customNormalised(values: Float64Array, columns: readonly JetColumn[]): Float64Array {
  const scalings = columns.map((column) => {
    const scaling = customScaling(column);
    if (scaling === undefined) throw new TypeError(`${column.name}: no custom scaling`);
    return scaling;
  });
  return values.map((x, i) => scalings[i % columns.length].forward(x));
}
