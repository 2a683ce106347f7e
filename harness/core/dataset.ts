/** A dataset is one file, datasets/<id>.json: this manifest, and either a generator's parameters or a file's reader settings. */
import { z } from "zod";

export const datasetManifest = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  /** Synthetic sets say so on every page they appear on. */
  kind: z.enum(["synthetic", "file"]),
  domain: z.enum(["modules"]),
  unit: z.enum(["calq", "mipt"]),
  source: z.string(),
  licence: z.string(),
  /** SHA-256 of the little-endian float64 rows of each size, by size name. */
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
