/**
 * Seeded results that look like a run: four datasets, about forty codec variants, profiles, histograms, examples, kernels.
 *
 * For tests and for looking at pages only. The numbers follow rough rules (EMD falls with bits, rises with occupancy), they
 * are not measurements.
 */
import type {
  AgreementResult,
  CodecResult,
  DatasetResult,
  QualityResult,
  Results,
  SpeedResult,
} from "../../harness/core/results.js";
import { rng, type Rng } from "../../harness/core/rng.js";
import { summarise } from "../../harness/core/stats.js";
import { GROUPS_OF_16, GROUPS_OF_4, TRIGGER_CELL_XY } from "../../harness/physics/triggercells.js";

const CELLS = 48;
const SLICES = [0, 2, 5, 10, 15, 48];
const ZERO_COST = { multiplyAccumulates: 0, comparisons: 0, parameters: 0, weightBits: 0 };

interface Recipe {
  readonly id: string;
  readonly family: string;
  readonly links: readonly (number | null)[];
  /** Payload bits at a link count. */
  readonly bits: (links: number) => number;
  /** Largest payload over mean payload. */
  readonly tail: number;
  readonly emd: (bits: number) => number;
  readonly comparisons: number;
  readonly restore: (cells: readonly number[], links: number) => number[];
  readonly sumRatio: number;
}

function keepLargest(cells: readonly number[], count: number): number[] {
  const order = cells.map((_, i) => i).sort((a, b) => cells[b] - cells[a] || a - b);
  const kept = new Set(order.slice(0, count));
  return cells.map((value, i) => (kept.has(i) ? value : 0));
}

function superCells(cells: readonly number[], groups: readonly (readonly number[])[]): number[] {
  const out = new Array<number>(CELLS).fill(0);
  for (const group of groups) {
    const best = group.reduce((top, i) => (cells[i] > cells[top] ? i : top), group[0]);
    out[best] = group.reduce((total, i) => total + cells[i], 0);
  }
  return out;
}

const BC_CELLS = [0, 1, 4, 6, 9, 14, 18, 23, 28, 32, 37, 41, 46, 48];
const BC_BITS = [0, 25, 64, 90, 123, 158, 186, 221, 256, 284, 319, 347, 382, 396];

const bestChoice = (id: string, family: string): Recipe => ({
  id,
  family,
  links: [1, 2, 3, 4, 5, 6, 8, 11, 13],
  bits: (links) => BC_BITS[links],
  tail: 1,
  emd: (bits) => 3.2 * Math.exp(-bits / 62) + 0.002,
  comparisons: 543,
  restore: (cells, links) => keepLargest(cells, BC_CELLS[links]),
  sumRatio: 0.97,
});

function stc(id: string, table: readonly number[], emd: (bits: number) => number, coarse: boolean): Recipe {
  return {
    id,
    family: "super trigger cell",
    links: table.map((_, i) => i + 1).filter((links) => table[links - 1] > 0),
    bits: (links) => table[links - 1],
    tail: 1,
    emd,
    comparisons: coarse ? 0 : 36,
    restore: (cells) => superCells(cells, coarse ? GROUPS_OF_16 : GROUPS_OF_4),
    sumRatio: 0.985,
  };
}

const outside = (
  id: string,
  family: string,
  bits: number,
  tail: number,
  emd: number,
  cut: number,
): Recipe => ({
  id,
  family,
  links: [null],
  bits: () => bits,
  tail,
  emd: () => emd,
  comparisons: 48,
  restore: (cells) => cells.map((value) => (value >= cut ? value : 0)),
  sumRatio: cut > 1 ? 0.91 : 0.999,
});

const RECIPES: readonly Recipe[] = [
  outside("threshold-0", "threshold", 190, 2.1, 0.011, 1),
  outside("threshold-1.35", "threshold", 71, 3.4, 1.18, 47),
  {
    ...outside("threshold-sum", "threshold", 62, 1.9, 1.31, 47),
    links: [1, 2, 3, 4, 5],
    bits: (links) => 20 + 18 * links,
    emd: (bits) => 4.2 * Math.exp(-bits / 70),
  },
  bestChoice("best-choice", "best choice"),
  stc("stc4-9", [26, 59, 92, 125, 136], (bits) => 0.5 + 3.1 * Math.exp(-bits / 40), false),
  stc("stc16-9", [30, 43], (bits) => 1.75 + 3 * Math.exp(-bits / 20), false),
  stc("ctc4-7", [32, 60, 88], (bits) => 0.75 + 3 * Math.exp(-bits / 34), true),
  stc("stc4-7", [31, 58, 94, 112], (bits) => 0.53 + 3.1 * Math.exp(-bits / 38), false),
  {
    ...bestChoice("bc-stc", "mixed"),
    links: [1, 2, 3, 4, 5],
    emd: (bits) => 3.0 * Math.exp(-bits / 60) + 0.02,
  },
  outside("repeater", "repeater", 352, 1, 0.009, 1),
  { ...outside("identity", "floor", 2496, 1, 0, 0), restore: (cells) => [...cells], comparisons: 0 },
  {
    ...outside("uniform", "floor", 12, 1, 3.3, 0),
    restore: (cells) => cells.map(() => cells.reduce((a, b) => a + b, 0) / CELLS),
    comparisons: 0,
  },
];

function codecsOf(): { recipe: Recipe; links: number; codec: CodecResult }[] {
  return RECIPES.flatMap((recipe) =>
    recipe.links.map((links) => ({
      recipe,
      links: links ?? 0,
      codec: {
        label: links === null ? recipe.id : `${recipe.id}:links=${links}`,
        id: recipe.id,
        title: recipe.id.replace("-", " "),
        family: recipe.family,
        source: "HGCAL concentrator (ECON-T) specification",
        parameters: links === null ? {} : { links },
        links,
        budgetBits: links === null ? null : 32 * links,
        side: [],
        cost: { ...ZERO_COST, comparisons: recipe.comparisons },
      },
    })),
  );
}

interface Sample {
  readonly id: string;
  readonly title: string;
  readonly scale: number;
  readonly rows: number;
  readonly occupancy: number;
}

const SAMPLES: readonly Sample[] = [
  {
    id: "hgcal-electron-0pu",
    title: "Electrons, no pileup, layers 5-15",
    scale: 0.25,
    rows: 4000,
    occupancy: 3,
  },
  {
    id: "hgcal-electron-200pu",
    title: "Electrons, 200 pileup, layers 5-15",
    scale: 1,
    rows: 4000,
    occupancy: 11,
  },
  { id: "hgcal-ttbar-0pu", title: "Top pairs, no pileup", scale: 0.4, rows: 4000, occupancy: 2 },
  { id: "hgcal-ttbar-200pu", title: "Top pairs, 200 pileup", scale: 0.9, rows: 4000, occupancy: 8 },
];

function datasetOf(sample: Sample, kind: DatasetResult["kind"]): DatasetResult {
  return {
    id: sample.id,
    title: sample.title,
    kind,
    name: "hgcal-events seed=12",
    sha256: "9f2c".padEnd(64, "0"),
    licence: "MIT",
    unit: "calq",
    rows: sample.rows,
    used: sample.rows,
    distinctOnly: false,
    census: {
      empty: 38,
      distinct: 3711,
      nonIntegerRows: 0,
      minimum: 0,
      maximum: 18231,
      smallestPositive: 1,
      meanSum: 1843.25,
      meanNonZero: 21.4,
      meanOccupancy: sample.occupancy,
      occupancySlices: [700, 900, 1200, 700, 500],
      dropped: {},
      labels: ["layer", "eta"],
      ignoredColumns: [],
    },
  };
}

function moduleOf(random: Rng, strength: number): number[] {
  const centre = random.integer(CELLS);
  return Array.from({ length: CELLS }, (_, i) => {
    const dx = TRIGGER_CELL_XY[2 * i] - TRIGGER_CELL_XY[2 * centre];
    const dy = TRIGGER_CELL_XY[2 * i + 1] - TRIGGER_CELL_XY[2 * centre + 1];
    const value = strength * Math.exp(-Math.hypot(dx, dy) / 1.3) * (0.6 + random.uniform());
    const noise = random.exponential() * strength * 0.02;
    return Math.max(0, Math.floor(value + noise - 3));
  });
}

type Metric = QualityResult["metrics"][number];

function profileBins(random: Rng, edges: readonly number[], level: (x: number) => number) {
  return edges.slice(0, -1).map((low, i) => {
    const high = edges[i + 1];
    const n = Math.floor(random.uniform() * 400 * Math.exp(-i / edges.length));
    if (n < 3) return { low, high, n: 0, mean: null, median: null, q16: null, q84: null };
    const middle = Math.max(0, level((low + high) / 2) * (0.95 + 0.1 * random.uniform()));
    return { low, high, n, mean: middle * 1.04, median: middle, q16: middle * 0.55, q84: middle * 1.5 };
  });
}

function equalBins(low: number, high: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
}

function metricOf(
  random: Rng,
  metric: string,
  unit: string,
  draw: () => number,
  level: number,
  withProfiles: boolean,
): Metric {
  const values = Array.from({ length: 400 }, draw);
  const summary = summarise(values);
  if (summary === undefined) throw new Error("no values");
  const counts = new Array<number>(50).fill(0);
  let overflow = 0;
  for (const value of values) {
    const bin = Math.floor((value / 8) * 50);
    if (bin >= 50) overflow++;
    else counts[Math.max(0, bin)]++;
  }
  const rising = (x: number): number => level * (0.3 + x / 16);
  return {
    metric,
    unit,
    summary: { ...summary, standardError: summary.standardError ?? null, rms: summary.rms ?? null },
    profiles: withProfiles
      ? [
          { against: "occupancy", bins: profileBins(random, equalBins(0, 24, 12), rising) },
          { against: "occupancy-slice", bins: profileBins(random, SLICES, rising) },
          {
            against: "log10-sum",
            bins: profileBins(random, equalBins(0, 4, 20), (x) => level * (0.4 + x / 4)),
          },
          {
            against: "log10-maximum",
            bins: profileBins(random, equalBins(0, 2.5, 20), (x) => level * (1.4 - x / 4)),
          },
        ]
      : [],
    histogram: metric === "emd" ? { low: 0, high: 8, counts, underflow: 0, overflow } : null,
  };
}

function qualityOf(sample: Sample, item: ReturnType<typeof codecsOf>[number], stream: number): QualityResult {
  const random = rng(7, stream);
  const { recipe, links, codec } = item;
  const bits = recipe.bits(links);
  const level = recipe.emd(bits) * sample.scale;
  const maximum = Math.round(bits * recipe.tail);
  const fits = codec.budgetBits === null ? null : maximum <= codec.budgetBits;
  const draw = (): number => level * (0.3 + 0.7 * random.exponential());
  const near = (centre: number, width: number) => () => centre + width * random.normal();
  const shared = rng(7, sample.id.length * 100 + sample.scale * 40);
  const roles = ["quiet", "typical", "busy"] as const;
  return {
    dataset: sample.id,
    codec: codec.label,
    rate: {
      payloadMean: bits,
      payloadMedian: bits,
      payload95: Math.round(bits * (1 + (recipe.tail - 1) * 0.7)),
      payloadMaximum: maximum,
      linkMean: 32 * Math.ceil(bits / 32),
      fitsBudget: fits,
      overBudgetModules: fits === false ? 212 : 0,
    },
    modules: sample.rows,
    emptyIn: 38,
    emptyOut: recipe.id.startsWith("threshold-1") ? 640 : 0,
    failed: {},
    metrics: [
      metricOf(random, "emd", "cell", draw, level, true),
      metricOf(random, "centroid-shift", "cell", () => draw() * 0.4, level, false),
      metricOf(random, "rms-difference", "1", near(0.02, 0.05), level, false),
      metricOf(random, "cross-correlation", "1", near(0.9, 0.05), level, false),
      metricOf(random, "ssd", "1", draw, level, false),
      metricOf(random, "sum-ratio", "1", near(recipe.sumRatio, 0.03), level, false),
      metricOf(random, "zero-fraction", "1", () => 0, level, false),
    ],
    examples: roles.map((role, i) => {
      const original = moduleOf(shared, [60, 400, 4000][i]);
      return {
        role,
        row: 17 + 311 * i,
        emd: level * (0.5 + i / 2),
        original,
        restored: recipe.restore(original, links),
      };
    }),
  };
}

function agreementRows(): AgreementResult[] {
  const rows: AgreementResult[] = [];
  for (const kernel of ["emd", "transport"]) {
    for (const backend of ["wasm", "wasm-scalar", "wasm-pool"]) {
      for (const [i, shape] of ["rows=1 n=48", "rows=64 n=48", "rows=1000 n=48"].entries()) {
        rows.push({
          kernel, backend, shape,
          cases: 20, verdict: "pass", reason: null,
          ratio: 0.021 * (i + 1), worst: 3.4e-15, measure: "relative error", where: `emd[${i}]`,
          seed: 20241125, outputHash: "ab12cd34",
        }); // prettier-ignore
      }
    }
    rows.push({
      kernel, backend: "tfjs-wasm", shape: "rows=64 n=48", cases: 0, verdict: "not available",
      reason: "no transport solver in tfjs", ratio: null, worst: null, measure: null, where: null, seed: 20241125, outputHash: null,
    }); // prettier-ignore
  }
  return rows;
}

function speedRow(input: string, baseline: string, ratio: number | null): SpeedResult {
  const subjectSeconds = ratio === null ? null : 3.1e-6;
  return {
    kernel: "emd", input, subject: "wasm", baseline, threads: 1, items: 1000, itemName: "pair",
    subjectSeconds, baselineSeconds: ratio === null ? null : 3.1e-6 * ratio,
    ratio, ratioLow: ratio === null ? null : ratio * 0.96, ratioHigh: ratio === null ? null : ratio * 1.05,
    kernelOnlySeconds: ratio === null ? null : 2.9e-6, processes: 5,
    samples: [{ process: 0, subject: [3.1e-6, 3.2e-6], baseline: [1.2e-4, 1.25e-4] }],
    versions: { pot: "0.9.5" }, outputHash: "ab12cd34", validated: true,
    notAvailable: ratio === null ? "python3 with POT not found" : null, warnings: [],
  }; // prettier-ignore
}

/** Results of a finished run; `kind` says whether the datasets are synthetic. */
export function fakeResults(kind: DatasetResult["kind"] = "synthetic"): Results {
  const codecs = codecsOf();
  const quality = SAMPLES.flatMap((sample, k) =>
    codecs.map((item, i) => qualityOf(sample, item, 1000 * k + i)),
  );
  const agreement = agreementRows();
  const speed = [
    speedRow("mid", "reference", 9.4), speedRow("mid", "pot-python", 61), speedRow("mid", "memcpy", 0.004),
    speedRow("dense", "reference", 12.1), speedRow("dense", "pot-python", 34), speedRow("mix", "pot-core", null),
  ]; // prettier-ignore
  const rows = quality.length + agreement.length + speed.length;
  return {
    schemaVersion: 1,
    tool: { name: "wafermark", version: "0.1.0", commit: "5e3ae40", wasm: { emd: "c0ffee12", transport: "beef0042" } },
    machine: {
      cpu: "Example CPU 3.0 GHz", cores: 2, memoryBytes: 8e9, platform: "linux x64", node: "20.20.2", v8: "11.3.244.8",
      features: ["simd", "threads"], load: 0.41,
    },
    run: {
      id: "a1b2c3", suite: "standard", arguments: ["run", "standard"], seed: 20241125, threads: 2,
      startedAt: "2024-11-25T01:30:00.000Z", seconds: 142.7, finishedRows: rows, plannedRows: rows,
    },
    datasets: SAMPLES.map((sample) => datasetOf(sample, kind)),
    codecs: codecs.map(({ codec }) => codec),
    quality,
    physics: [],
    agreement,
    speed,
    noise: { kernel: "emd", median: 0.0012, worst: 0.0041, processes: 5 },
    warnings: [
      { id: "load", about: "machine", message: "load average 0.4 at start", remedy: "close other programs before timing" },
    ],
    files: [{ path: "quality.csv", sha256: "77".padEnd(64, "0"), bytes: 48211 }],
  }; // prettier-ignore
}
