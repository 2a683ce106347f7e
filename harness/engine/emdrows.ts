/**
 * Distances of many pairs of rows over one geometry: by the batched kernel where it fits, else pair by pair.
 *
 * Says for every row whether it has a distance (STATUS of core/kernel.ts); a row without one is NaN, never a number.
 */
import { InputError, isHarnessError } from "../core/errors.js";
import { STATUS, type KernelRunner } from "../core/kernel.js";
import { CELLS } from "../core/table.js";
import { openRawTable } from "../io/rawtable.js";
import { EMD_CELLS_LIMIT, EMD_SPLIT_CELLS_LIMIT, kernel as emd, metricFlag } from "../kernels/emd.js";
import { kernel as transport, TRANSPORT_LIMIT } from "../kernels/transport.js";
import { distanceMatrix, groundDistance } from "../physics/triggercells.js";
import { readers } from "./plugins.generated.js";

export interface Geometry {
  /** Columns of the tables. */
  readonly cells: number;
  /** [cells, cells] Euclidean distances. */
  readonly metric: Float64Array;
  /** 1 when common mass may stay in place (see kernels/emd.ts). */
  readonly isMetric: 0 | 1;
}

export interface RowDistances {
  readonly distances: Float64Array;
  readonly statuses: Int32Array;
}

/** The 48 trigger cells, or the points of a file: one row per column of the tables, one column per dimension. */
export async function readGeometry(coords: string | undefined): Promise<Geometry> {
  if (coords === undefined) return { cells: CELLS, metric: groundDistance(), isMetric: 1 };
  const { table } = await openRawTable(coords, readers, { columns: 0, layout: "matrix" });
  const points: number[] = [];
  for await (const slab of table.slabs()) {
    const bad = slab.values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new InputError(
        `${coords} ${slab.locate(Math.floor(bad / table.columns))}: not a point: expected finite coordinates, got ${slab.values[bad]}`,
        { tag: "non-finite" },
      );
    }
    for (const value of slab.values) points.push(value);
    if (points.length > TRANSPORT_LIMIT * table.columns) break;
  }
  const cells = points.length / table.columns;
  if (cells < 1 || cells > TRANSPORT_LIMIT) {
    throw new InputError(`${coords}: wrong number of points: expected 1..${TRANSPORT_LIMIT}, got ${cells}`, {
      tag: "shape",
    });
  }
  const metric = distanceMatrix(Float64Array.from(points), table.columns);
  return { cells, metric, isMetric: metricFlag(metric, cells) };
}

/** Distances between rows [rows, cells] of two tables. */
export async function distancesOf(
  geometry: Geometry,
  original: Float64Array,
  restored: Float64Array,
  kernels: KernelRunner,
): Promise<RowDistances> {
  const { cells, metric, isMetric } = geometry;
  const rows = original.length / cells;
  if (cells > (isMetric === 1 ? EMD_CELLS_LIMIT : EMD_SPLIT_CELLS_LIMIT))
    return pairwise(geometry, original, restored, kernels);
  const outputs = await kernels.call(emd, { original, restored, metric }, { rows, cells, isMetric });
  return { distances: Float64Array.from(outputs["emd"]), statuses: Int32Array.from(outputs["status"]) };
}

async function pairwise(
  { cells, metric }: Geometry,
  original: Float64Array,
  restored: Float64Array,
  kernels: KernelRunner,
): Promise<RowDistances> {
  const rows = original.length / cells;
  const distances = new Float64Array(rows).fill(NaN);
  const statuses = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const supply = original.slice(row * cells, (row + 1) * cells);
    const demand = restored.slice(row * cells, (row + 1) * cells);
    statuses[row] = normalise(supply, demand);
    if (statuses[row] !== STATUS.ok) continue;
    try {
      const inputs = { supply, demand, cost: metric };
      const outputs = await kernels.call(transport, inputs, { n: cells, m: cells, wants: 0 });
      distances[row] = outputs["total"][0];
    } catch (error) {
      if (!isHarnessError(error) || !/not converged/.test(error.message)) throw error;
      statuses[row] = STATUS.notConverged;
    }
  }
  return { distances, statuses };
}

/** Makes both sides sum to one; answers with the status of a pair that has no distance, judged as the batched kernel does. */
function normalise(supply: Float64Array, demand: Float64Array): number {
  const sides = [supply, demand];
  if (!sides.every((side) => side.every(Number.isFinite))) return STATUS.nonFinite;
  if (sides.some((side) => side.some((mass) => mass < 0))) return STATUS.negative;
  for (const [side, empty] of [
    [supply, STATUS.emptyIn],
    [demand, STATUS.emptyOut],
  ] as const) {
    const most = side.reduce((x, y) => Math.max(x, y), 0);
    if (most === 0) return empty;
    // divided by the largest first, so that no sum overflows
    const total = side.reduce((sum, mass) => sum + mass / most, 0);
    side.forEach((mass, i) => (side[i] = mass / most / total));
  }
  return STATUS.ok;
}
