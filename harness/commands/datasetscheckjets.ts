/** `wafermark datasets check` of jets: marginals, rank and published networks; of a file of events: every line, and what it holds. */
import type { DatasetManifest } from "../core/dataset.js";
import { UsageError } from "../core/errors.js";
import type { JetRealism, MarginalFigure, NetworkFigure } from "../core/jetrealism.js";
import type { JetTable } from "../engine/jettable.js";
import type { Context } from "./context.js";
import { seedGiven, twinSeed } from "./datasetsmake.js";

export interface OtherCheckOptions {
  readonly against?: string;
  readonly size: "smoke" | "standard" | "full";
  readonly events?: number;
  readonly skipBad?: boolean;
}

/** Jets that pass through the networks. */
const NETWORK_ROWS = 2000;

const head = (table: JetTable, rows: number): JetTable => ({
  ...table,
  rows: Math.min(rows, table.rows),
  values: table.values.subarray(0, Math.min(rows, table.rows) * table.columns.length),
});

async function networkFigures(table: JetTable, id: string, folder: string): Promise<NetworkFigure[]> {
  const { networkFigure } = await import("../engine/jetrealism.js");
  const { publishedNetworks } = await import("../engine/publishedjets.js");
  const models = await publishedNetworks(id, folder);
  return models.map((model) => networkFigure(head(table, NETWORK_ROWS), model));
}

async function theirs(
  manifest: DatasetManifest,
  rows: number,
  options: OtherCheckOptions,
  context: Context,
): Promise<{ table: JetTable; kind: "file" | "twin" }> {
  const { makeJets, readJets } = await import("../engine/jettable.js");
  const { progress, signal, threads } = context;
  if (options.against !== undefined)
    return { table: await readJets(options.against, manifest.id, { signal }), kind: "file" };
  const seed = twinSeed(manifest);
  context.stderr(
    `no file of real jets given: ${manifest.id} is compared with itself with seed ${seed} (--against FILE)\n`,
  );
  return { table: await makeJets(manifest.id, { rows }, { seed, threads, progress, signal }), kind: "twin" };
}

export async function checkJets(
  manifest: DatasetManifest,
  options: OtherCheckOptions,
  context: Context,
): Promise<JetRealism> {
  const { jetsOf } = await import("../engine/jettable.js");
  const { marginalFigures, publishedFigures, rankFigure } = await import("../engine/jetrealism.js");
  const { publishedHistograms } = await import("../engine/publishedjets.js");
  const { cacheFolder } = await import("../io/cache.js");
  const { chargesHash } = await import("../engine/datasets.js");
  const { id } = manifest;
  const { progress, signal, threads } = context;
  const rows = options.events ?? manifest.sizes[options.size];
  const seed = seedGiven(context) ? { seed: context.seed } : {};
  const ours = await jetsOf(id, { rows }, cacheFolder(), { threads, progress, signal, ...seed });
  const real = await theirs(manifest, rows, options, context);
  const folder = (process.env["WAFERMARK_DATA"] ?? "").replace(/\/+$/, "");
  return {
    id,
    ours: ours.name,
    sha256: chargesHash(ours.values),
    rows: ours.rows,
    against: { kind: real.kind, name: real.table.name, rows: real.table.rows },
    marginals: marginalFigures(ours, real.table),
    published: folder === "" ? [] : publishedFigures(ours, await publishedHistograms(id, folder)),
    rank: rankFigure(id, ours),
    networks: folder === "" ? [] : await networkFigures(ours, id, folder),
  };
}

const goalText = (goal: { limit: number; reached: boolean } | null): string =>
  goal === null ? "" : `  goal ${goal.limit}: ${goal.reached ? "reached" : "missed"}`;

const marginalLines = (figures: readonly MarginalFigure[]): string[] =>
  figures
    .toSorted((a, b) => b.ks - a.ks)
    .map(({ column, ks, goal }) => `  ${column.padEnd(28)} KS ${ks.toFixed(3)}${goalText(goal)}`);

/** The check in lines; the worst column first. */
export function jetCheckText(check: JetRealism): string {
  const { rank, published, networks } = check;
  const stated = rank.expected === null ? "" : `, stated ${rank.expected}`;
  const noData = "  (set WAFERMARK_DATA to the folder of published files)";
  const networkLines = networks.map(
    ({ latents, median, worst, goal }) =>
      `  z = ${String(latents).padStart(2)}  median MSE ${median.toExponential(2)}${goalText(goal)}  most of it ${worst
        .map(({ column, share }) => `${column} ${(100 * share).toFixed(0)} %`)
        .join(", ")}`,
  );
  return [
    `${check.id}: ${check.rows} jets (${check.ours}) against ${check.against.rows} of ${check.against.name} (${check.against.kind})`,
    `numerical rank ${rank.rank} of ${rank.columns} columns${stated}`,
    "marginals",
    ...marginalLines(check.marginals),
    "marginals against published histograms",
    ...(published.length === 0 ? [noData] : marginalLines(published)),
    ...(check.id === "jets-atlas-27d"
      ? ["published networks, trained on real jets", ...(networks.length === 0 ? [noData] : networkLines)]
      : []),
    "",
  ].join("\n");
}

/** Reads a file of events to its end; the text tells what it holds. */
export async function checkEvents(
  manifest: DatasetManifest,
  options: OtherCheckOptions,
  context: Context,
): Promise<{ json: string; text: string }> {
  const { eventCensus } = await import("../engine/eventfile.js");
  const { cacheFolder } = await import("../io/cache.js");
  const { readImport } = await import("../io/imports.js");
  const imported = await readImport(manifest.id, cacheFolder());
  const path = options.against ?? imported?.path;
  if (path === undefined) {
    throw new UsageError(`dataset ${manifest.id}: no file of events: expected --against FILE, got none`, {
      remedy: `wafermark datasets make ${manifest.id} --out events.csv`,
    });
  }
  const census = await eventCensus(path, {
    signal: context.signal,
    ...(options.skipBad === undefined ? {} : { skipBad: options.skipBad }),
  });
  const json = `${JSON.stringify({ id: manifest.id, file: path, ...census }, null, 2)}\n`;
  const { events, skipped, objects, processes, mostObjects, met, ht, sha256 } = census;
  const left = Object.entries(skipped).map(([problem, count]) => `${count} ${problem}`);
  const text = [
    `${path}: ${events} events, SHA-256 ${sha256}`,
    `lines left out  ${left.length === 0 ? "none" : left.join(", ")}`,
    `processes       ${Object.entries(processes)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `objects         ${Object.entries(objects)
      .map(([code, count]) => `${code} ${count}`)
      .join(", ")} (at most ${mostObjects} in an event)`,
    `means           MET ${met.toFixed(1)} GeV, HT ${ht.toFixed(1)} GeV`,
    "",
  ].join("\n");
  return { json, text };
}
