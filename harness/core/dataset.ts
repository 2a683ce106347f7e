/** A dataset is one file, datasets/<id>.json: this manifest, and either a generator's parameters or a file's reader settings. */
import { z } from "zod";

/** What a row is: a trigger module, a jet, or an event with its objects. */
export const DATASET_DOMAINS = ["modules", "jets", "events"] as const;
export type DatasetDomain = (typeof DATASET_DOMAINS)[number];

export const datasetManifest = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  /** Synthetic sets say so on every page they appear on. */
  kind: z.enum(["synthetic", "file"]),
  domain: z.enum(DATASET_DOMAINS),
  /** Runs when it is named, and in the full suite. */
  onlyNamed: z.literal(true).optional(),
  /** Of module charges; "columns": every column has its own, given by the generator. */
  unit: z.enum(["calq", "mipt", "columns"]),
  source: z.string(),
  licence: z.string(),
  /** SHA-256 of each size, by its name: of the little-endian float64 rows (modules: charges alone), of events: of their lines. */
  sha256: z.record(z.string(), z.string()),
  generator: z
    .strictObject({
      name: z.string(),
      seed: z.number().int().nonnegative(),
      parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    })
    .optional(),
  sizes: z.record(z.enum(["smoke", "standard", "full"]), z.number().int().positive()),
});

export type DatasetManifest = z.infer<typeof datasetManifest>;
export type DatasetSize = keyof DatasetManifest["sizes"];
export const DATASET_SIZES = ["smoke", "standard", "full"] as const satisfies readonly DatasetSize[];
