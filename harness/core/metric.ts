/** How a metric is declared: one file under harness/metrics, `export const metric = defineMetric({...})`. */
import type { KernelRunner } from "./kernel.js";
import type { Slab } from "./table.js";

/** Rows where a metric is defined: both sums positive, original positive, or always. */
export type Domain = "both" | "original" | "always";

export interface Metric {
  readonly id: string;
  readonly title: string;
  /** Unit as shown in column heads; "1" when dimensionless. */
  readonly unit: string;
  readonly better: "lower" | "higher" | "nearer to one" | "nearer to zero";
  readonly source: string;
  readonly domain: Domain;
  /** Range of the metric's histograms, the same for every codec so that they can be laid over each other. */
  readonly range: readonly [low: number, high: number];
  /** True for metrics that reports show in full (all profiles, histogram); the others are profiled in occupancy slices only. */
  readonly headline: boolean;
  /**
   * One value per row of two equally long slabs of charges [rows, 48]. Called only with rows inside `domain`, so there are
   * no sentinels; a row that still has no value (not converged) is NaN and is counted by the caller.
   */
  of(original: Slab, restored: Slab, kernels: KernelRunner): Float64Array | Promise<Float64Array>;
}

export function defineMetric(metric: Metric): Metric {
  return metric;
}
