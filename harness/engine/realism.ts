/**
 * How like real modules synthetic ones are: distributions, neighbours, EMD of simple codecs by occupancy, and a classifier.
 *
 * Judges tables that are already in memory; where they come from is the caller's. Nothing here changes a generator.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { KernelRunner } from "../core/kernel.js";
import { REALISM_VERSION, type RealismRecord, type RealismSide, type SliceRecord } from "../core/realism.js";
import { CELLS, type ModuleTable, type Slab } from "../core/table.js";
import { distinctRows } from "../core/distinct.js";
import { metric as emd } from "../metrics/emd.js";
import { bestCorrelatedDistance, cellCorrelations } from "../physics/cellneighbours.js";
import { showerFigures } from "../simulation/showerfigures.js";
import { SLICE_EDGES } from "./occupancy.js";
import { pickRows } from "./pickrows.js";
import { openCodec, planCodecs } from "./plan.js";
import { silentProgress, type Progress } from "./progress.js";
import { evaluateQuality } from "./quality.js";
import { classify } from "./realismclassifier.js";
import { compareDistribution, DISTRIBUTIONS } from "./realismdistributions.js";

/** Idealised variants (exact charges, lower index wins ties), as the reference figures were made. */
const SIMPLE_CODECS = [
  "threshold:calq=47,charges=exact",
  "best-choice:links=2,rule=ideal-python",
  "stc4-9:links=5,rule=ideal-python",
  "stc16-9:links=2,rule=ideal-python",
] as const;

const NEIGHBOUR_LIMIT = 0.1;
const SLICE_ROWS = 200;
const SLICE_RELATIVE = 0.15;
const SLICE_ABSOLUTE = 0.05;

export interface RealismInput {
  readonly synthetic: ModuleTable;
  readonly real: ModuleTable;
  /** A file of real modules, or the same generator with another seed. */
  readonly kind: "file" | "twin";
  /** Which of the real rows are meant, for the record. */
  readonly selection: string;
  /** True when the synthetic rows come of simulated showers: their figures are then measured too. */
  readonly showers?: boolean;
}

export interface RealismOptions {
  readonly kernels: KernelRunner;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

function distinctOf(table: ModuleTable): ModuleTable {
  return { ...table, ...pickRows(table, distinctRows(table.calq, CELLS)) };
}

/** Median EMD and rows with one, by occupancy slice. */
async function sliceMedians(table: ModuleTable, codec: string, kernels: KernelRunner, signal?: AbortSignal) {
  const { open } = await openCodec(planCodecs([codec])[0], kernels);
  const { metrics } = await evaluateQuality(table, open, {
    kernels,
    metrics: [emd],
    ...(signal === undefined ? {} : { signal }),
  });
  const slices = metrics[0].profiles.find(({ against }) => against === "occupancy-slice");
  return (slices?.bins ?? []).map(({ n, median }) => ({ n, median }));
}

function sliceGoal(realRows: number, real: number | null, synthetic: number | null): SliceRecord["goal"] {
  if (realRows <= SLICE_ROWS || real === null) return null;
  const limit = Math.max(SLICE_RELATIVE * real, SLICE_ABSOLUTE);
  return { limit, reached: synthetic !== null && Math.abs(synthetic - real) <= limit };
}

async function slicesOf(
  codec: string,
  synthetic: ModuleTable,
  real: ModuleTable,
  { kernels, signal }: RealismOptions,
): Promise<SliceRecord[]> {
  const ours = await sliceMedians(synthetic, codec, kernels, signal);
  const theirs = await sliceMedians(real, codec, kernels, signal);
  return ours.map(({ n, median }, i) => ({
    codec,
    low: SLICE_EDGES[i],
    high: SLICE_EDGES[i + 1],
    syntheticRows: n,
    realRows: theirs[i].n,
    synthetic: median,
    real: theirs[i].median,
    goal: sliceGoal(theirs[i].n, theirs[i].median, median),
  }));
}

function neighboursOf(synthetic: Slab, real: Slab): RealismRecord["neighbours"] {
  const ours = bestCorrelatedDistance(cellCorrelations(synthetic.calq));
  const theirs = bestCorrelatedDistance(cellCorrelations(real.calq));
  const reached = Math.abs(ours - theirs) <= NEIGHBOUR_LIMIT;
  return { synthetic: ours, real: theirs, goal: { limit: NEIGHBOUR_LIMIT, reached } };
}

function sideOf(table: ModuleTable, distinct: number, selection: string): RealismSide {
  const { id, provenance, rows } = table;
  return { id, name: provenance.name, sha256: provenance.sha256, selection, rows, distinct };
}

function physicsOf(): RealismRecord["physics"] {
  return showerFigures().map((one) => ({ ...one, reached: one.value >= one.low && one.value <= one.high }));
}

/**
 * The figures of one synthetic table against real rows. EMD medians are over distinct rows, everything else over all rows.
 * Refuses (InputError) tables too small to judge.
 */
export async function judgeRealism(input: RealismInput, options: RealismOptions): Promise<RealismRecord> {
  const { synthetic, real } = input;
  const steps = DISTRIBUTIONS.length + SIMPLE_CODECS.length + (input.showers === true ? 3 : 2);
  const task = (options.progress ?? silentProgress).begin(`realism of ${synthetic.id}`, steps);
  const step = async <T>(note: string, work: () => T | Promise<T>): Promise<T> => {
    options.signal?.throwIfAborted();
    const done = await work();
    task.advance(1, note);
    await nextTurn();
    return done;
  };
  try {
    const ours = distinctOf(synthetic);
    const theirs = distinctOf(real);
    const distributions: RealismRecord["distributions"] = [];
    for (const one of DISTRIBUTIONS)
      distributions.push(await step(one.id, () => compareDistribution(one, synthetic, real)));
    const neighbours = await step("neighbours", () => neighboursOf(synthetic, real));
    const slices: SliceRecord[] = [];
    for (const codec of SIMPLE_CODECS)
      slices.push(...(await step(codec, () => slicesOf(codec, ours, theirs, options))));
    const classifier = await step("classifier", () => classify(synthetic, real));
    return {
      realismVersion: REALISM_VERSION,
      synthetic: sideOf(synthetic, ours.rows, "all"),
      real: { ...sideOf(real, theirs.rows, input.selection), kind: input.kind },
      distributions,
      neighbours,
      slices,
      classifier,
      physics: input.showers === true ? await step("showers", physicsOf) : [],
    };
  } finally {
    task.end();
  }
}
