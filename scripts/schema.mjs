// Writes docs/results.schema.json from the zod schema. Needs a build (dist/); a test fails when the file is out of step.
import { writeFile } from "node:fs/promises";
import { format } from "prettier";

const { resultsJsonSchemaText } = await import("../dist/reports/schema.js");
const file = new URL("../docs/results.schema.json", import.meta.url);
await writeFile(file, await format(resultsJsonSchemaText(), { parser: "json", printWidth: 110 }));
