/**
 * The catalogue of public data that can stand in for the embedded sets: where each one is, under which licence, how it is checked.
 *
 * What is not known is null and shown as "unknown"; an entry without files has only a landing page and words on what to do there.
 */
import { z } from "zod";

const address = z.url({ protocol: /^https?$/ });

const sourceFile = z.strictObject({
  /** Name the file gets, without folder. */
  name: z.string().regex(/^[A-Za-z0-9][\w.-]*$/),
  url: address,
  bytes: z.number().int().positive().nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

const dataSource = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  landing: address,
  licence: z.string().nullable(),
  /** Embedded sets whose place it can take. */
  standsFor: z.array(z.string()),
  holds: z.string(),
  files: z.array(sourceFile),
  /** What to do with the file, or on the landing page, to have it imported. */
  howTo: z.string(),
});

export const dataCatalogue = z.strictObject({
  catalogueVersion: z.literal(1),
  sources: z.array(dataSource),
});

export type DataSource = z.infer<typeof dataSource>;
export type DataSourceFile = DataSource["files"][number];
