/** A generator's parameters as its manifest gives them, read by the generator's own schema. */
import type { z } from "zod";
import { InputError } from "../core/errors.js";
import { whatIsWrong } from "../core/rows.js";

/** Parameters that fit `schema`, or a refusal (InputError) that names the manifest. */
export function parsed<T>(schema: z.ZodType<T>, parameters: unknown, name: string, where: string): T {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  throw new InputError(
    `${where}: generator parameters: expected those of ${name}, got ${whatIsWrong(result.error)}`,
    { tag: "schema" },
  );
}
