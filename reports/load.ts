/** Text of a results file to results: strict JSON, then the schema; anything else is refused, nothing is half read. */
import type { z } from "zod";
import { InputError } from "../harness/core/errors.js";
import { resultsSchema, SCHEMA_VERSION, type Results } from "../harness/core/results.js";
import { FILE_VERSION, resultsFileSchema, resultsOfFile } from "../harness/core/resultsfile.js";
import { refuseNewerVersion, whatIsWrong } from "../harness/core/rows.js";
import { parseStrictJson, type Json } from "../harness/core/strictjson.js";

function schemaVersionOf(value: Json): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>).schemaVersion;
}

/** Two records for one thing would make every table ambiguous. */
function refuseRepeated(keys: readonly string[], what: string, name: string): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) {
      throw new InputError(`${name}: ${what} given twice: expected each once, got ${key} again`, {
        tag: "repeated",
      });
    }
    seen.add(key);
  }
}

/** Names that a record uses must be declared. */
function refuseUnknown(used: readonly string[], known: readonly string[], what: string, name: string): void {
  const declared = new Set(known);
  const missing = used.find((key) => !declared.has(key));
  if (missing !== undefined) {
    throw new InputError(
      `${name}: quality record of an undeclared ${what}: expected one of ${known.length} declared, got ${missing}`,
      { tag: "schema" },
    );
  }
}

/** Checks across records that the schema cannot say. Refuses repeated and undeclared datasets and codecs. */
export function checkReferences(results: Results, name: string): Results {
  const datasets = results.datasets.map((dataset) => dataset.id);
  const codecs = results.codecs.map((codec) => codec.label);
  refuseRepeated(datasets, "dataset", name);
  refuseRepeated(codecs, "codec", name);
  const pairs = results.quality.map((row) => JSON.stringify([row.dataset, row.codec]));
  refuseRepeated(pairs, "quality record", name);
  for (const row of results.quality) {
    refuseRepeated(
      row.metrics.map((metric) => metric.metric),
      "metric of one quality record",
      name,
    );
  }
  refuseUnknown(
    results.quality.map((row) => row.dataset),
    datasets,
    "dataset",
    name,
  );
  refuseUnknown(
    results.quality.map((row) => row.codec),
    codecs,
    "codec",
    name,
  );
  return results;
}

/** Results in `text`; refuses (InputError) broken JSON, a newer schema (both versions named) and values outside the schema. */
export function loadResults(text: string, name: string): Results {
  if (text.trim() === "") {
    throw new InputError(`${name}: is empty: expected a results file, got 0 records`, { tag: "empty" });
  }
  const value = parseStrictJson(text, name);
  const version = schemaVersionOf(value);
  if (typeof version === "number") refuseNewerVersion(version, name, FILE_VERSION);
  return checkReferences(
    version === SCHEMA_VERSION ? wholeRecords(value, name) : shortened(value, name),
    name,
  );
}

/** A file of version 1. */
function wholeRecords(value: Json, name: string): Results {
  const parsed = resultsSchema.safeParse(value);
  return parsed.success ? parsed.data : refuseOther(parsed.error, name);
}

function shortened(value: Json, name: string): Results {
  const parsed = resultsFileSchema.safeParse(value);
  return parsed.success ? resultsOfFile(parsed.data, name) : refuseOther(parsed.error, name);
}

function refuseOther(error: z.ZodError, name: string): never {
  throw new InputError(
    `${name}: not a results file: expected the results schema, got ${whatIsWrong(error)}`,
    { tag: "schema", cause: error, remedy: "pass the results.json that wafermark run wrote" },
  );
}
