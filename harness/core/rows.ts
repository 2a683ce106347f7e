/**
 * rows.ndjson: the records of a run, one JSON line each, appended as they finish; results are made from them.
 *
 * A row of the run's plan is one quality, agreement or speed record. The header comes first. A last line that was torn by a
 * kill is left out and reported; a torn line anywhere else is damage and refused.
 */
import { z } from "zod";
import { InputError } from "./errors.js";
import { jetRealismEntrySchema } from "./jetrealism.js";
import { realismEntrySchema } from "./realism.js";
import { resultsSchema, SCHEMA_VERSION, type Results } from "./results.js";
import { parseStrictJson, type Json } from "./strictjson.js";

const parts = resultsSchema.shape;

const header = z.strictObject({
  schemaVersion: parts.schemaVersion,
  tool: parts.tool,
  machine: parts.machine,
  run: parts.run,
});

export const rowSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("header"), value: header }),
  z.strictObject({ kind: z.literal("dataset"), value: parts.datasets.element }),
  z.strictObject({ kind: z.literal("codec"), value: parts.codecs.element }),
  z.strictObject({ kind: z.literal("quality"), value: parts.quality.element }),
  z.strictObject({ kind: z.literal("agreement"), value: parts.agreement.element }),
  z.strictObject({ kind: z.literal("speed"), value: parts.speed.element }),
  z.strictObject({ kind: z.literal("noise"), value: parts.noise }),
  z.strictObject({ kind: z.literal("realism"), value: realismEntrySchema }),
  z.strictObject({ kind: z.literal("jet realism"), value: jetRealismEntrySchema }),
  z.strictObject({ kind: z.literal("warning"), value: parts.warnings.element }),
]);

export type Row = z.infer<typeof rowSchema>;
export type RowsHeader = z.infer<typeof header>;

export interface ReadRows {
  readonly results: Results;
  /** True when the last line was cut off and left out. */
  readonly torn: boolean;
}

/** One line of rows.ndjson, newline included. */
export function rowLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}

/** Results made of records in any order; `run.finishedRows` is counted from them. */
export function assemble(head: RowsHeader, rows: readonly Row[]): Results {
  const results: Results = {
    ...head,
    datasets: [],
    codecs: [],
    quality: [],
    physics: [],
    agreement: [],
    speed: [],
    noise: null,
    warnings: [],
    files: [],
  };
  for (const row of rows) addRow(results, row);
  const finishedRows = results.quality.length + results.agreement.length + results.speed.length;
  return { ...results, run: { ...head.run, finishedRows } };
}

function addRow(results: Results, row: Row): void {
  switch (row.kind) {
    case "header":
      break;
    case "dataset":
      results.datasets.push(row.value);
      break;
    case "codec":
      results.codecs.push(row.value);
      break;
    case "quality":
      results.quality.push(row.value);
      break;
    case "agreement":
      results.agreement.push(row.value);
      break;
    case "speed":
      results.speed.push(row.value);
      break;
    case "noise":
      results.noise = row.value;
      break;
    case "realism":
      results.realism = [...(results.realism ?? []), row.value];
      break;
    case "jet realism":
      results.jetRealism = [...(results.jetRealism ?? []), row.value];
      break;
    case "warning":
      results.warnings.push(row.value);
      break;
  }
}

function parseLine(line: string, where: string): Row {
  const value = parseStrictJson(line, where);
  refuseNewer(value, where);
  const parsed = rowSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `${where}: not a record of a run: expected one of the row schema, got ${whatIsWrong(parsed.error)}`,
    {
      tag: "schema",
      cause: parsed.error,
    },
  );
}

/** Refuses a header written by a newer version, naming both versions. */
function refuseNewer(value: Json, where: string): void {
  const version = member(member(value, "value"), "schemaVersion");
  if (typeof version === "number") refuseNewerVersion(version, where);
}

/** Refuses a schema version above the one known here, naming both (never half read). */
export function refuseNewerVersion(version: number, where: string, known = SCHEMA_VERSION): void {
  if (version <= known) return;
  throw new InputError(
    `${where}: written by a newer version of wafermark: expected schema version ${known} or older, got ${version}`,
    { tag: "newer-schema", remedy: "update wafermark, or make the file again with this version" },
  );
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>)[key];
}

/** The first fault that zod found, as "path: message". */
export function whatIsWrong(error: z.ZodError): string {
  const first = error.issues[0];
  const path = first.path.map(String).join(".");
  return `${path === "" ? "" : `${path}: `}${first.message}`;
}

/** Reads rows.ndjson; refuses (InputError) a missing header, a torn line before the last one, and values outside the schema. */
export function readRows(text: string, name: string): ReadRows {
  const lines = text.split("\n");
  const last = lines.length - 1 - (lines.at(-1) === "" ? 1 : 0);
  const rows: Row[] = [];
  let torn = false;
  for (let i = 0; i <= last; i++) {
    try {
      rows.push(parseLine(lines[i], `${name}: line ${i + 1}`));
    } catch (error) {
      // Only a line without its newline can have been cut off by a kill.
      if (i !== lines.length - 1 || i === 0) throw error;
      torn = true;
    }
  }
  const head = rows.find((row) => row.kind === "header");
  if (head === undefined) {
    throw new InputError(
      `${name}: no header record: expected {"kind":"header",...} first, got ${rows.length} records`,
      {
        tag: "truncated",
      },
    );
  }
  return { results: assemble(head.value, rows), torn };
}
