/**
 * `wafermark validate`: every kernel on every backend against its reference; exit 4 when any of them disagrees.
 *
 * The table goes to stdout, rows as they stand when all are done; `--out` keeps them as JSON. Stopped by a signal, the rows that
 * were finished are still printed.
 */
import { DisagreementError, EXIT, UsageError, printable } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import type { Backend } from "../core/backend.js";
import { SCHEMA_VERSION, type AgreementResult } from "../core/results.js";
import { alignedLines } from "../core/textcolumns.js";
import { defineCommand, type Context } from "./context.js";
import { integer, list } from "./options.js";

interface Options {
  readonly kernels?: readonly string[];
  readonly backends?: readonly string[];
  readonly cases: number;
  readonly out?: string;
}

const DEFAULT_CASES = 5;
const MOST_CASES = 1_000_000;

export const command = defineCommand<Options>({
  name: "validate",
  summary: "check every kernel on every backend against its reference",
  options: [
    { flags: "--kernels <ids>", says: "only these kernels, comma-separated", parse: list() },
    { flags: "--backends <ids>", says: "only these backends, comma-separated", parse: list() },
    {
      flags: "--cases <n>",
      says: "random cases per kernel and shape, from seeds --seed, --seed + 1, ...",
      default: DEFAULT_CASES,
      parse: integer("--cases", 1, MOST_CASES),
    },
    { flags: "-o, --out <path>", says: "write the rows to this file as JSON too" },
  ],
  examples: [
    ["wafermark validate", "all kernels, all backends, all shapes"],
    ["wafermark validate --kernels emd --backends wasm --cases 500", "one kernel, many cases"],
    ["wafermark validate --kernels emd --seed 17 --cases 1", "a failed case again, by its seed"],
  ],
  run: async (context, _args, options) => {
    const { kernels, backends } = await import("../engine/plugins.generated.js");
    const plan = {
      kernels: select("kernel", options.kernels, kernels),
      backends: withTwins(select("backend", options.backends, backends), backends),
      cases: options.cases,
    };
    const { agree } = await import("../engine/agree.js");
    const rows: AgreementResult[] = [];
    try {
      const { seed, signal, progress, threads } = context;
      for await (const row of agree({ ...plan, seed, signal, progress, threads })) rows.push(row);
    } finally {
      await print(context, options, rows);
    }
    refuseFailures(rows);
    return EXIT.done;
  },
});

/** The named plug-ins in the order of their registry, all without names; refuses unknown names with the nearest known. */
export function select<T>(
  kind: string,
  names: readonly string[] | undefined,
  known: ReadonlyMap<string, T>,
): readonly T[] {
  const unknown = names?.find((name) => !known.has(name));
  if (unknown !== undefined) {
    const near = nearestNames(unknown, [...known.keys()]);
    throw new UsageError(
      `${kind}: unknown: expected one of ${[...known.keys()].join(", ")}, got ${printable(unknown)}`,
      near.length === 0 ? {} : { remedy: `did you mean ${near.join(" or ")}?` },
    );
  }
  const chosen = [...known].filter(([name]) => names?.includes(name) ?? true).map(([, plugin]) => plugin);
  if (chosen.length === 0)
    throw new UsageError(`${kind}s: nothing to check: expected at least one, got none`);
  return chosen;
}

/** Adds the backends that chosen ones must equal, and puts each of those behind its twin. */
export function withTwins(
  chosen: readonly Backend[],
  known: ReadonlyMap<string, Backend>,
): readonly Backend[] {
  const twins = chosen
    .map(({ identicalTo }) => (identicalTo === undefined ? undefined : known.get(identicalTo)))
    .filter((twin) => twin !== undefined);
  const all = [...new Set([...chosen, ...twins])];
  const rank = (backend: Backend): number => (backend.identicalTo === undefined ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

/** Throws when any row failed; the message names the first, the remedy how to see it again. */
export function refuseFailures(rows: readonly AgreementResult[]): void {
  const failed = rows.filter((row) => row.verdict === "fail");
  if (failed.length === 0) return;
  const [{ kernel, backend, shape, reason, seed }] = failed;
  throw new DisagreementError(
    `validate: ${failed.length} of ${rows.length} rows failed, the first ${kernel} on ${backend} at ${shape}: ${String(reason)}`,
    { remedy: `wafermark validate --kernels ${kernel} --backends ${backend} --seed ${seed} --cases 1` },
  );
}

const HEADS = ["kernel", "backend", "shape", "cases", "worst / allowed", "worst", "where", "seed", "verdict"];
const DIGITS = 3;

function cells(row: AgreementResult): string[] {
  const number = (value: number | null): string => (value === null ? "-" : value.toPrecision(DIGITS));
  return [
    row.kernel,
    row.backend,
    row.shape,
    String(row.cases),
    number(row.ratio),
    number(row.worst),
    row.where ?? "-",
    String(row.seed),
    row.reason === null ? row.verdict : `${row.verdict}: ${row.reason}`,
  ];
}

/** The rows as aligned text, one line each. */
export function agreementTable(rows: readonly AgreementResult[]): string {
  return alignedLines([HEADS, ...rows.map(cells)], () => true)
    .map((line) => `${line}\n`)
    .join("");
}

async function print(context: Context, options: Options, rows: readonly AgreementResult[]): Promise<void> {
  const json = `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, seed: context.seed, agreement: rows }, null, 2)}\n`;
  await context.stdout(context.json ? json : agreementTable(rows));
  if (options.out === undefined) return;
  const { writeFileAtomic } = await import("../io/atomic.js");
  await writeFileAtomic(options.out, json);
}
