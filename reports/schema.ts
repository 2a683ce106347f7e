/** The JSON Schema of results.json, made from the zod schema that reads it; published as docs/results.schema.json. */
import { z } from "zod";
import { FILE_VERSION, resultsFileSchema } from "../harness/core/resultsfile.js";

/** JSON Schema (draft 2020-12) of a results file. */
export function resultsJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(resultsFileSchema, { target: "draft-2020-12" });
  return { ...schema, title: `Wafermark results, schema version ${FILE_VERSION}` };
}

/** The published text: two-space indent, newline at the end. */
export function resultsJsonSchemaText(): string {
  return `${JSON.stringify(resultsJsonSchema(), null, 2)}\n`;
}
