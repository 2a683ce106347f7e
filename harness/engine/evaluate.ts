/**
 * The body of a run: validation first, then quality of every codec on every table, then speed; rows come as they finish.
 *
 * No EMD is computed with a kernel that did not pass in this very run. Files, locks and pages are the caller's.
 */
import { unavailability } from "../core/backend.js";
import { DisagreementError } from "../core/errors.js";
import type { Dims, Kernel, KernelRunner } from "../core/kernel.js";
import type { Metric } from "../core/metric.js";
import type { Row } from "../core/rows.js";
import type { ModuleTable } from "../core/table.js";
import { agree } from "./agree.js";
import { oneAhead } from "./ahead.js";
import { benchRows } from "./bench.js";
import { openCodec, type OpenedCodec, type PlannedCodec } from "./plan.js";
import { backends, kernels, metrics } from "./plugins.generated.js";
import type { Progress } from "./progress.js";
import { evaluateQuality, refuseFractions } from "./quality.js";
import type { Suite } from "./suites.js";

export interface EvaluatePlan {
  readonly suite: Suite;
  readonly tables: readonly ModuleTable[];
  readonly codecs: readonly PlannedCodec[];
  /** Metrics whose weights were supplied, beside the built-in ones. */
  readonly suppliedMetrics?: readonly Metric[];
  readonly bench: boolean;
  readonly seed: number;
}

export interface EvaluateOptions {
  readonly runner: KernelRunner;
  readonly threads: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The backend whose results the report shows. */
const MEASURED_BACKEND = "wasm";
const METRIC_KERNEL = "emd";

/** A shape is small when one call touches no more than this (the reference is slow on purpose). */
const SMALL_BYTES = 600_000;

/** True for the shapes that the suite's validation visits, the headline always among them. */
function visits({ agreementShapes }: Suite, kernel: Kernel, dims: Dims): boolean {
  if (agreementShapes === "all" || dims === kernel.shapes[0]) return true;
  return agreementShapes === "small" && kernel.work(dims).bytes <= SMALL_BYTES;
}

/** Rows that the plan will give; speed counts as one until its rows are known. */
export async function plannedRows({ suite, tables, codecs, bench }: EvaluatePlan): Promise<number> {
  const missing = new Set<string>();
  for (const backend of backends.values()) {
    if ((await backend.missing()) !== undefined) missing.add(backend.id);
  }
  let agreements = 0;
  for (const kernel of kernels.values()) {
    const shapes = kernel.shapes.filter((dims) => visits(suite, kernel, dims)).length;
    for (const backend of backends.values()) {
      const runs = !missing.has(backend.id) && unavailability(kernel, backend) === undefined;
      agreements += runs ? shapes : 1;
    }
  }
  return agreements + tables.length * codecs.length + (bench ? 1 : 0);
}

/** Opens all codecs and refuses, before any work, tables that one of them cannot take. */
export async function openAll(plan: EvaluatePlan, runner: KernelRunner): Promise<OpenedCodec[]> {
  const opened: OpenedCodec[] = [];
  for (const planned of plan.codecs) opened.push(await openCodec(planned, runner));
  for (const table of plan.tables) for (const { open } of opened) refuseFractions(table, open);
  return opened;
}

async function* agreementRows(plan: EvaluatePlan, options: EvaluateOptions): AsyncGenerator<Row> {
  const rows = agree({
    kernels: [...kernels.values()],
    backends: [...backends.values()],
    cases: plan.suite.agreementCases,
    seed: plan.seed,
    threads: options.threads,
    visits: (kernel, dims) => visits(plan.suite, kernel, dims),
    signal: options.signal,
    progress: options.progress,
  });
  for await (const value of rows) {
    yield { kind: "agreement", value };
    if (value.kernel === METRIC_KERNEL && value.backend === MEASURED_BACKEND && value.verdict !== "pass") {
      throw new DisagreementError(
        `kernel ${value.kernel} on ${value.backend} at ${value.shape}: expected agreement with the reference, got ${value.reason ?? value.verdict}`,
        {
          tag: "disagreement",
          remedy: "wafermark validate",
          safe: "no EMD is shown; finished rows are kept",
        },
      );
    }
  }
}

async function* qualityRows(
  plan: EvaluatePlan,
  opened: readonly OpenedCodec[],
  options: EvaluateOptions,
): AsyncGenerator<Row> {
  const task = options.progress.begin("quality", plan.tables.length * opened.length);
  try {
    for (const table of plan.tables) {
      // Not across tables: a codec has one set of buffers.
      const tasks = opened.map(
        ({ open }) =>
          () =>
            evaluateQuality(table, open, {
              kernels: options.runner,
              metrics: [...metrics.values(), ...(plan.suppliedMetrics ?? [])],
              signal: options.signal,
            }),
      );
      for await (const value of oneAhead(tasks)) {
        yield { kind: "quality", value };
        task.advance(1, `${table.id} ${value.codec}`);
      }
    }
  } finally {
    task.end();
  }
}

async function* speedRows(plan: EvaluatePlan, options: EvaluateOptions): AsyncGenerator<Row> {
  const outcome = await benchRows({
    suite: plan.suite.name,
    seed: plan.seed,
    progress: options.progress,
    signal: options.signal,
  });
  for (const value of outcome.rows) yield { kind: "speed", value };
  if (outcome.noise !== null) yield { kind: "noise", value: outcome.noise };
  for (const value of outcome.warnings) yield { kind: "warning", value };
}

/** All rows of the plan in order; throws the signal's reason, or the disagreement that ends the run. */
export async function* evaluate(
  plan: EvaluatePlan,
  opened: readonly OpenedCodec[],
  options: EvaluateOptions,
): AsyncGenerator<Row> {
  yield* agreementRows(plan, options);
  yield* qualityRows(plan, opened, options);
  if (plan.bench) yield* speedRows(plan, options);
}
