/**
 * The published and agreed figures of the simple algorithms on the real module files, over distinct rows.
 *
 * Idealised variants (exact charges, lower index wins ties) must give the reference means and medians to 1e-4. Of best choice in
 * real bits three digits are known, and not how equal charges were ranked: lower index gives them within one in the last digit
 * (the chip's sorting network, the default, is up to 0.002 away). The files are not distributed: WAFERMARK_DATA names the folder with econ/calq.
 * The twin below always runs: the same figures, computed here in a different way, on embedded modules.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { QualityResult } from "../../harness/core/results.js";
import { CELLS, type ModuleTable } from "../../harness/core/table.js";
import { makeDataset } from "../../harness/engine/datasets.js";
import { openCodec, planCodecs } from "../../harness/engine/plan.js";
import { readers } from "../../harness/engine/plugins.generated.js";
import { evaluateQuality } from "../../harness/engine/quality.js";
import { readModules } from "../../harness/io/moduletable.js";
import { median } from "../../harness/core/stats.js";
import { kernel as emdKernel } from "../../harness/kernels/emd.js";
import { metric as emd } from "../../harness/metrics/emd.js";
import { GROUPS_OF_4, groundDistance } from "../../harness/physics/triggercells.js";
import { openPool, type Pool } from "../../harness/wasm/pool.js";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool({ threads: 2 });
});
afterAll(() => pool.close());

interface Reference {
  readonly codec: string;
  readonly mean: number;
  readonly median?: number;
  readonly slices?: readonly number[];
  readonly zeroed?: number;
  readonly tolerance?: number;
}

interface ReferenceFile {
  readonly file: string;
  readonly distinct: number;
  readonly rows: readonly Reference[];
}

const CHIP_TOLERANCE = 1e-3;
const REFERENCES: readonly ReferenceFile[] = [
  {
    file: "CALQ_output.csv.gz",
    distinct: 6042,
    rows: [
      {
        codec: "threshold:calq=47,charges=exact",
        mean: 1.4915,
        median: 1.1565,
        slices: [2.144, 1.714, 1.254, 0.885, 0.543],
        zeroed: 705,
      },
      {
        codec: "best-choice:links=2,rule=ideal-python",
        mean: 1.4542,
        median: 1.4326,
        slices: [0, 0.918, 1.665, 2.135, 2.652],
      },
      {
        codec: "best-choice:links=3,rule=ideal-python",
        mean: 0.9353,
        median: 0.8381,
        slices: [0, 0.448, 1.019, 1.481, 2.028],
      },
      {
        codec: "best-choice:links=4,rule=ideal-python",
        mean: 0.5477,
        median: 0.3856,
        slices: [0, 0, 0.556, 0.951, 1.436],
      },
      {
        codec: "best-choice:links=5,rule=ideal-python",
        mean: 0.2673,
        median: 0.0263,
        slices: [0, 0, 0.181, 0.479, 0.886],
      },
      {
        codec: "stc4-9:links=5,rule=ideal-python",
        mean: 0.5276,
        median: 0.5182,
        slices: [0.127, 0.353, 0.561, 0.787, 1.013],
      },
      {
        codec: "stc16-9:links=2,rule=ideal-python",
        mean: 1.8455,
        median: 1.889,
        slices: [0.886, 1.431, 2.036, 2.467, 2.855],
      },
      {
        codec: "stc4-9:links=5,rule=ideal-share",
        mean: 1.2031,
        median: 1.2117,
        slices: [1.5, 1.358, 1.165, 0.948, 0.719],
      },
      { codec: "uniform", mean: 3.2501, median: 3.038, slices: [4.48, 3.561, 2.697, 2.169, 1.63] },
      { codec: "best-choice:links=2,ties=index", mean: 1.459, tolerance: CHIP_TOLERANCE },
      { codec: "best-choice:links=3,ties=index", mean: 0.946, tolerance: CHIP_TOLERANCE },
      { codec: "best-choice:links=4,ties=index", mean: 0.566, tolerance: CHIP_TOLERANCE },
      { codec: "best-choice:links=5,ties=index", mean: 0.296, tolerance: CHIP_TOLERANCE },
    ],
  },
  {
    file: "ttbar_0PU.csv.gz",
    distinct: 21999,
    rows: [
      {
        codec: "threshold:calq=47,charges=exact",
        mean: 0.7929,
        median: 0.4821,
        slices: [0.427, 0.614, 0.432, 0.246, 0.196],
        zeroed: 13489,
      },
      {
        codec: "best-choice:links=2,rule=ideal-python",
        mean: 0.1175,
        median: 0,
        slices: [0, 0.076, 0.716, 0.92, 1.374],
      },
      {
        codec: "stc4-9:links=5,rule=ideal-python",
        mean: 0.1965,
        median: 0,
        slices: [0, 0.347, 0.529, 0.586, 0.796],
      },
      {
        codec: "stc16-9:links=2,rule=ideal-python",
        mean: 0.6605,
        median: 0.4865,
        slices: [0.296, 0.901, 1.371, 1.543, 1.829],
      },
    ],
  },
  {
    file: "electron_pt20_eta15-30_0PU.csv.gz",
    distinct: 5027,
    rows: [
      { codec: "best-choice:links=2,rule=ideal-python", mean: 0.0504 },
      { codec: "stc4-9:links=5,rule=ideal-python", mean: 0.1678 },
      { codec: "stc16-9:links=2,rule=ideal-python", mean: 0.6792 },
    ],
  },
];

async function qualityOf(table: ModuleTable, spec: string): Promise<QualityResult> {
  const [planned] = planCodecs([spec]);
  const { open } = await openCodec(planned, pool);
  return evaluateQuality(table, open, { kernels: pool, metrics: [emd] });
}

function summaryOf(quality: QualityResult): { mean: number; median: number } {
  const summary = quality.metrics[0].summary;
  if (summary === null) throw new Error("no EMD at all");
  return summary;
}

const data = process.env.WAFERMARK_DATA ?? "";

describe.each(REFERENCES)("on the distinct rows of $file", ({ file, distinct, rows }) => {
  const path = join(data, "econ", "calq", file);
  const here = data !== "" && existsSync(path);
  let table: ModuleTable;

  beforeAll(async () => {
    if (here) table = await readModules(path, readers, { distinct: true });
    else process.stderr.write(`skipped: ${file} is not in WAFERMARK_DATA/econ/calq: set WAFERMARK_DATA\n`);
  });

  it.skipIf(!here)("reads as many distinct rows as the reference", () => {
    expect(table.rows).toBe(distinct);
  });

  it.skipIf(!here).each(rows)("$codec has mean EMD $mean", async (expected) => {
    const quality = await qualityOf(table, expected.codec);
    const { mean, median } = summaryOf(quality);
    expect(Math.abs(mean - expected.mean)).toBeLessThanOrEqual(expected.tolerance ?? 1e-4);
    if (expected.median !== undefined) expect(Math.abs(median - expected.median)).toBeLessThanOrEqual(1e-4);
    if (expected.zeroed !== undefined) expect(quality.emptyOut).toBe(expected.zeroed);
    const bins = quality.metrics[0].profiles[0].bins;
    expected.slices?.forEach((slice, i) => {
      // Three digits are known.
      expect(Math.abs((bins[i].median ?? NaN) - slice)).toBeLessThanOrEqual(6e-4);
    });
  });
});

/** Idealised algorithms written once more, row by row and without bits. */
const IDEAL: Readonly<Record<string, (row: Float64Array) => Float64Array>> = {
  "best-choice:links=3,rule=ideal-python": (row) => {
    const kept = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, 6);
    return row.map((charge, cell) => (kept.includes(cell) ? charge : 0));
  },
  "threshold:calq=47,charges=exact": (row) => row.map((charge) => (charge >= 47 ? charge : 0)),
  "stc4-9:links=5,rule=ideal-python": (row) => {
    const restored = new Float64Array(CELLS);
    for (const group of GROUPS_OF_4) {
      const first = group.reduce((best, cell) => (row[cell] > row[best] ? cell : best));
      restored[first] = group.reduce((sum, cell) => sum + row[cell], 0);
    }
    return restored;
  },
  uniform: () => new Float64Array(CELLS).fill(1),
};

const sumOf = (row: Float64Array): number => row.reduce((sum, charge) => sum + charge, 0);

describe("on embedded modules", () => {
  let table: ModuleTable;
  beforeAll(async () => {
    table = await makeDataset("hgcal-ttbar-200pu", "smoke", { distinct: true });
  });

  it.each(Object.entries(IDEAL))("%s gives the EMD of its rule written out", async (spec, rule) => {
    const expected: number[] = [];
    for (let row = 0; row < table.rows; row++) {
      const original = table.calq.slice(row * CELLS, (row + 1) * CELLS);
      const restored = rule(original);
      if (sumOf(restored) === 0) continue;
      const dims = { rows: 1, cells: CELLS, isMetric: 1 };
      const outputs = emdKernel.reference({ original, restored, metric: groundDistance() }, dims);
      expected.push(outputs.emd[0]);
    }
    const { mean, median: middle } = summaryOf(await qualityOf(table, spec));
    expect(mean).toBeCloseTo(expected.reduce((sum, value) => sum + value, 0) / expected.length, 10);
    expect(middle).toBeCloseTo(median(expected) as number, 10);
  });
});
