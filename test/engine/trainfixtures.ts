/** Modules that are easy to learn, a training on them, and kernels to train on: shared by the tests of the training loop. */
import { censusOf } from "../../harness/core/census.js";
import type { KernelRunner } from "../../harness/core/kernel.js";
import { rng } from "../../harness/core/rng.js";
import { CELLS, type Label, type ModuleTable } from "../../harness/core/table.js";
import { silentProgress } from "../../harness/engine/progress.js";
import type { LoopSettings, TrainHost } from "../../harness/engine/train.js";
import type { TrainRequest } from "../../harness/engine/trainrun.js";

export const hostOf = (runner: KernelRunner): TrainHost => ({
  kernels: runner,
  progress: silentProgress,
});

/** One hot cell with neighbours in a stretch of cells: easy to learn. */
export function modules(
  rows: number,
  labels: Partial<Record<Label, (row: number) => number>> = {},
): ModuleTable {
  const random = rng(12);
  const calq = new Float64Array(rows * CELLS);
  for (let row = 0; row < rows; row++) {
    const centre = random.integer(CELLS);
    for (let k = -2; k <= 2; k++)
      calq[row * CELLS + ((centre + k + CELLS) % CELLS)] = Math.floor(400 / (1 + k * k)) + random.integer(20);
  }
  const columns = new Map(
    Object.entries(labels).map(([name, of]) => [
      name as Label,
      Float64Array.from({ length: rows }, (_, row) => of(row)),
    ]),
  );
  const slab = { rows, calq, labels: columns };
  const census = censusOf(slab, { distinct: rows, dropped: {}, labels: [], ignoredColumns: [] });
  const provenance = {
    kind: "synthetic",
    name: "stretches",
    sha256: "0",
    format: "test",
    unit: "calq",
  } as const;
  return { ...slab, id: "stretches", provenance, census };
}

export const LOOP: LoopSettings = {
  loss: "emd",
  epochs: 4,
  batch: 64,
  optimiser: { learningRate: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 },
  schedule: "cosine",
  patience: 30,
  seed: 3,
};

export const request = (more: Partial<TrainRequest> = {}): TrainRequest => ({
  model: "autoencoder-8x8-stride",
  table: modules(400),
  rule: "none",
  reweight: false,
  links: 3,
  order: undefined,
  loop: LOOP,
  rows: undefined,
  resume: false,
  ...more,
});
