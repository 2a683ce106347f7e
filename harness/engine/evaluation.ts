/**
 * What `wafermark evaluate` runs: the encoders that have to fit links, table by table, on distance and scale alone.
 *
 * One table is in memory at a time, with two codecs' decoded rows beside it.
 */
import { distinctRows } from "../core/distinct.js";
import { DisagreementError, UsageError } from "../core/errors.js";
import type { Codec } from "../core/codec.js";
import type { KernelRunner } from "../core/kernel.js";
import type { QualityResult } from "../core/results.js";
import { rowsOfHalf, type RowHalf } from "../core/rowhalf.js";
import { SETTINGS } from "../core/settings.js";
import { CELLS, type ModuleTable } from "../core/table.js";
import { censusOf } from "../core/census.js";
import { agree } from "./agree.js";
import { oneAhead } from "./ahead.js";
import { pickRows } from "./pickrows.js";
import { planCodecs, type OpenedCodec, type PlannedCodec } from "./plan.js";
import { backends, kernels, metrics } from "./plugins.generated.js";
import type { Progress } from "./progress.js";
import { evaluateQuality } from "./quality.js";

const LINKS = [2, 3, 4, 5];
/** Conventional encoders and rivals. */
const RIVALS = [
  "best-choice",
  "best-choice:spread=uniform",
  "stc4-9",
  "stc16-9",
  "ctc4-7",
  "stc4-7",
  "quanta",
  "vq",
  "pca-8",
  "pca-16",
  "pca-32",
];
/** Tables that are judged when none is named: both kinds of showers, without and with pileup. */
export const EVALUATED = [
  "hgcal-electron-0pu",
  "hgcal-ttbar-0pu",
  "hgcal-electron-200pu",
  "hgcal-ttbar-200pu",
];
const METRICS = ["emd", "sum-ratio"];

/** Every autoencoder, what is built on one, and the rivals, at the links of modules; with `switches` each autoencoder in every setting. */
export function planEvaluation(
  known: ReadonlyMap<string, Codec>,
  models: ReadonlyMap<string, Codec>,
  switches: boolean,
): PlannedCodec[] {
  const settable = [...models.values()].filter(({ parameters }) => "suppressed" in parameters);
  const set = switches ? settable.flatMap(({ id }) => SETTINGS.map(({ text }) => `${id}:${text}`)) : [];
  return withinLinks(planCodecs([...models.keys(), ...set, ...RIVALS], known));
}

/** Those at the links of modules; refuses (UsageError) to be left with none. */
export function withinLinks(planned: readonly PlannedCodec[]): PlannedCodec[] {
  const within = planned.filter(
    ({ parameters: { links } }) => typeof links === "number" && LINKS.includes(links),
  );
  if (within.length > 0) return within;
  throw new UsageError(`codecs: nothing to evaluate: expected one of ${LINKS.join(", ")} links, got none`, {
    remedy: "wafermark run shows codecs outside the links of modules",
  });
}

/** Refuses (DisagreementError) to judge with a distance that does not agree with its reference in this very run. */
export async function checkDistance(
  seed: number,
  options: { readonly threads: number; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  const chosen = [...kernels.values()].filter(({ id }) => id === "emd");
  const wasm = [...backends.values()].filter(({ id }) => id === "wasm");
  for await (const row of agree({
    kernels: chosen,
    backends: wasm,
    cases: 1,
    seed,
    headlineOnly: true,
    ...options,
  })) {
    if (row.verdict === "pass") continue;
    throw new DisagreementError(
      `kernel emd on wasm at ${row.shape}: expected agreement with the reference, got ${row.reason ?? row.verdict}`,
      { tag: "disagreement", remedy: "wafermark validate --kernels emd" },
    );
  }
}

/** The rows of `table` whose hash says so, under an id of their own; InputError for charges that are no whole counts. */
export function halfOf(table: ModuleTable, half: RowHalf): ModuleTable {
  if (half === "all") return table;
  const slab = pickRows(table, rowsOfHalf(table.calq, table.rows, half));
  const { labels, ignoredColumns, dropped } = table.census;
  const distinct = distinctRows(slab.calq, CELLS).length;
  return {
    ...table,
    ...slab,
    id: `${table.id}-${half}`,
    census: censusOf(slab, { distinct, labels, ignoredColumns, dropped }),
  };
}

/** Quality of every codec on the table, as it comes. */
export async function* evaluateTable(
  table: ModuleTable,
  opened: readonly OpenedCodec[],
  options: { readonly runner: KernelRunner; readonly progress: Progress; readonly signal: AbortSignal },
): AsyncGenerator<QualityResult> {
  const task = options.progress.begin(`evaluate ${table.id}`, opened.length * table.rows);
  const chosen = [...metrics.values()].filter(({ id }) => METRICS.includes(id));
  try {
    yield* oneAhead(
      opened.map(
        ({ open }) =>
          () =>
            evaluateQuality(table, open, {
              kernels: options.runner,
              metrics: chosen,
              signal: options.signal,
              onRows: (rows) => {
                task.advance(rows, open.label);
              },
            }),
      ),
    );
  } finally {
    task.end();
  }
}
