/** Mean exact EMD between modules and decoded pictures of them: what trainings are validated by and versions of a model compared. */
import { STATUS, type KernelRunner } from "../core/kernel.js";
import { CELLS } from "../core/table.js";
import { kernel as emd } from "../kernels/emd.js";
import type { Batch, BatchSource } from "../models/trainset.js";
import { groundDistance } from "../physics/triggercells.js";
import { decodedCells } from "./emdloss.js";

const METRIC = groundDistance();
const ROWS = 2048;

/** Sums distances batch by batch; rows that have none (an empty side) are left out of the mean. */
export class DistanceMean {
  #sum = 0;
  #rows = 0;

  constructor(
    private readonly kernels: KernelRunner,
    /** Position of each cell in a decoded picture, [48]. */
    private readonly pixels: readonly number[],
  ) {}

  /** Pitches; null when no row had a distance. */
  get mean(): number | null {
    return this.#rows === 0 ? null : this.#sum / this.#rows;
  }

  /** `output` are the decoded pictures of the batch, [rows, width]. */
  async add({ cells, rows }: Batch, output: Float32Array): Promise<void> {
    const restored = decodedCells(output, rows, this.pixels);
    const inputs = { original: cells, restored, metric: METRIC };
    const outputs = await this.kernels.call(emd, inputs, { rows, cells: CELLS, isMetric: 1 });
    outputs.status.forEach((code: number, row: number) => {
      if (code !== STATUS.ok) return;
      this.#sum += outputs.emd[row];
      this.#rows++;
    });
  }
}

/** All rows of a set in order, in batches that bound the memory. */
export function* batchesOf(source: BatchSource): Generator<Batch> {
  for (let from = 0; from < source.rows; from += ROWS) {
    const count = Math.min(ROWS, source.rows - from);
    yield source.batch(Int32Array.from({ length: count }, (_, i) => from + i));
  }
}
