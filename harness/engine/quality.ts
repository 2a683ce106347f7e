/**
 * Quality of one codec on one table: every module encoded to bits, decoded from those bits alone, and compared.
 *
 * Works slab by slab and gives way to signals between slabs. The numbers do not depend on threads, nor on the slab size where
 * modules are coded one by one: a codec with a buffer (threshold-sum with the chip's) starts each slab with an empty one.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { BitReader, BitWriter } from "../core/bits.js";
import type { OpenCodec } from "../core/codec.js";
import { DisagreementError, InputError } from "../core/errors.js";
import type { KernelRunner } from "../core/kernel.js";
import type { Metric } from "../core/metric.js";
import type { MetricResult, QualityResult } from "../core/results.js";
import { summarise } from "../core/stats.js";
import { CELLS, sliceRows, type Label, type ModuleTable, type Slab } from "../core/table.js";
import { chooseExamples } from "./examples.js";
import { pickRows } from "./pickrows.js";
import { abscissae, histogram, profile, type Abscissa } from "./profile.js";
import { rateOf } from "./rate.js";

export interface QualityOptions {
  readonly kernels: KernelRunner;
  readonly metrics: readonly Metric[];
  readonly signal?: AbortSignal;
  /** Rows encoded and compared at a time. */
  readonly slabRows?: number;
  readonly onRows?: (rows: number) => void;
}

const SLAB_ROWS = 2048;
/** What one slab costs and what came back. */
interface Evaluated {
  readonly bits: Uint32Array;
  readonly restored: Float64Array;
}

/** Refuses (InputError, with the row) fractions of a count where the codec takes whole counts only. */
export function refuseFractions(table: ModuleTable, codec: OpenCodec): void {
  if (!codec.integersOnly || table.census.nonIntegerRows === 0) return;
  const at = table.calq.findIndex((charge) => !Number.isInteger(charge));
  throw new InputError(
    `${table.id}: row ${Math.floor(at / CELLS)}: CALQ_${at % CELLS}: expected a whole count for codec ${codec.label}, got ${table.calq[at]}`,
    {
      tag: "fraction",
      remedy: "--round, or codecs that take fractions, or --unit mipt if the file is in MIP_T",
    },
  );
}

function declaredSide(codec: OpenCodec, labels: Slab["labels"]): ReadonlyMap<Label, Float64Array> {
  return new Map([...labels].filter(([name]) => codec.side.includes(name)));
}

/** Breaks of the codec's promise are disagreements (exit 4): bits that do not add up, charges that are none. */
function broken(codec: OpenCodec, what: string): DisagreementError {
  return new DisagreementError(`codec ${codec.label}: ${what}`, { tag: "round-trip" });
}

async function roundTrip(codec: OpenCodec, slab: Slab, firstRow: number): Promise<Evaluated> {
  const writer = new BitWriter();
  const bits = await codec.encode(slab, writer);
  const written = bits.reduce((sum, count) => sum + count, 0);
  if (bits.length !== slab.rows || written !== writer.position) {
    throw broken(
      codec,
      `payload bits of rows from ${firstRow}: expected ${writer.position} in all, got ${written}`,
    );
  }
  const reader = new BitReader(writer.toBytes());
  const restored = await codec.decode(reader, slab.rows, declaredSide(codec, slab.labels));
  if (reader.position !== writer.position) {
    throw broken(
      codec,
      `bits read back of rows from ${firstRow}: expected ${writer.position}, got ${reader.position}`,
    );
  }
  const bad = restored.findIndex((charge) => !(charge >= 0 && charge < Infinity));
  if (restored.length !== slab.rows * CELLS || bad >= 0) {
    const row = firstRow + Math.floor(bad / CELLS);
    throw broken(codec, `restored charge of row ${row}: expected a number >= 0, got ${restored[bad]}`);
  }
  return { bits, restored };
}

function rowSums(calq: Float64Array, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * CELLS; i < (row + 1) * CELLS; i++) sum += calq[i];
    return sum;
  });
}

/** Sums of rows before and after, whole table. */
interface Sums {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

function inDomain(metric: Metric, sums: Sums, row: number): boolean {
  switch (metric.domain) {
    case "always":
      return true;
    case "original":
      return sums.before[row] > 0;
    case "both":
      return sums.before[row] > 0 && sums.after[row] > 0;
  }
}

/** Values of every metric for every row, NaN where there is none. */
type Values = ReadonlyMap<Metric, Float64Array>;

/** The rows of one slab on which metrics of one domain are defined, before and after. */
interface Pairs {
  readonly rows: readonly number[];
  readonly before: Slab;
  readonly after: Slab;
}

function pairsOf(metric: Metric, original: Slab, restored: Slab, firstRow: number, sums: Sums): Pairs {
  const rows: number[] = [];
  for (let row = 0; row < original.rows; row++) if (inDomain(metric, sums, firstRow + row)) rows.push(row);
  return { rows, before: pickRows(original, rows), after: pickRows(restored, rows) };
}

async function compare(
  original: Slab,
  restored: Slab,
  firstRow: number,
  sums: Sums,
  values: Values,
  kernels: KernelRunner,
): Promise<void> {
  const byDomain = new Map<Metric["domain"], Pairs>();
  for (const [metric, column] of values) {
    const pairs = byDomain.get(metric.domain) ?? pairsOf(metric, original, restored, firstRow, sums);
    byDomain.set(metric.domain, pairs);
    if (pairs.rows.length === 0) continue;
    const found = await metric.of(pairs.before, pairs.after, kernels);
    pairs.rows.forEach((row, i) => {
      column[firstRow + row] = found[i];
    });
  }
}

function countFailures(values: Values, sums: Sums): Record<string, number> {
  const failed: Record<string, number> = {};
  for (const [metric, column] of values) {
    let count = 0;
    for (let row = 0; row < column.length; row++)
      if (Number.isNaN(column[row]) && inDomain(metric, sums, row)) count++;
    if (count > 0) failed[`${metric.id}: no value`] = count;
  }
  return failed;
}

function metricResult(metric: Metric, all: readonly Abscissa[], column: Float64Array): MetricResult {
  const found = summarise(column.filter((value) => !Number.isNaN(value)));
  const axes = all.filter(({ against }) => metric.headline || against === "occupancy-slice");
  const { id, unit, range } = metric;
  if (found === undefined) return { metric: id, unit, summary: null, profiles: [], histogram: null };
  return {
    metric: id,
    unit,
    summary: { ...found, standardError: found.standardError ?? null, rms: found.rms ?? null },
    profiles: axes.map((axis) => profile(axis, column)),
    histogram: metric.headline ? histogram(column, range) : null,
  };
}

function examplesOf(table: Slab, restored: Float64Array, values: Values): QualityResult["examples"] {
  const emd = [...values].find(([metric]) => metric.id === "emd")?.[1];
  return chooseExamples(table).map(({ role, row }) => {
    const cells = (calq: Float64Array): number[] => [...calq.subarray(row * CELLS, (row + 1) * CELLS)];
    const value = emd?.[row] ?? NaN;
    return {
      role,
      row,
      emd: Number.isNaN(value) ? null : value,
      original: cells(table.calq),
      restored: cells(restored),
    };
  });
}

/**
 * The quality record of `codec` on `table` (at least one row).
 *
 * Throws InputError for rows that the codec cannot take, DisagreementError when its bits do not restore what they should,
 * and the signal's reason when it is aborted.
 */
export async function evaluateQuality(
  table: ModuleTable,
  codec: OpenCodec,
  options: QualityOptions,
): Promise<QualityResult> {
  refuseFractions(table, codec);
  const { rows } = table;
  const bits = new Uint32Array(rows);
  const restored = new Float64Array(rows * CELLS);
  const sums: Sums = { before: rowSums(table.calq, rows), after: new Float64Array(rows) };
  const values = new Map(options.metrics.map((metric) => [metric, new Float64Array(rows).fill(NaN)]));
  const step = options.slabRows ?? SLAB_ROWS;
  for (let from = 0; from < rows; from += step) {
    options.signal?.throwIfAborted();
    const slab = sliceRows(table, from, Math.min(rows, from + step));
    const back = await roundTrip(codec, slab, from);
    bits.set(back.bits, from);
    restored.set(back.restored, from * CELLS);
    sums.after.set(rowSums(back.restored, slab.rows), from);
    const after: Slab = { rows: slab.rows, calq: back.restored, labels: slab.labels };
    await compare(slab, after, from, sums, values, options.kernels);
    options.onRows?.(slab.rows);
    await nextTurn();
  }
  const axes = abscissae(table);
  const emptyIn = sums.before.filter((sum) => sum === 0).length;
  const emptyOut = sums.after.filter((sum, row) => sum === 0 && sums.before[row] > 0).length;
  return {
    dataset: table.id,
    codec: codec.label,
    rate: rateOf(bits, codec.links),
    modules: rows,
    emptyIn,
    emptyOut,
    failed: countFailures(values, sums),
    metrics: [...values].map(([metric, column]) => metricResult(metric, axes, column)),
    examples: examplesOf(table, restored, values),
  };
}
