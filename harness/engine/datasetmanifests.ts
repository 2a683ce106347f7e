/** The embedded datasets' ids and manifests, datasets/<id>.json. */
import { datasetManifest, type DatasetManifest } from "../core/dataset.js";
import { InputError, printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { readPackageFile } from "../io/packagefiles.js";
import { datasetFiles, moduleDatasetFiles } from "./plugins.generated.js";

const idsOf = (files: readonly string[]): readonly string[] =>
  files.map((file) => file.replace(/\.json$/, ""));

/** Every embedded dataset, of any domain. */
export const allDatasetIds = idsOf(datasetFiles);
/** Those whose rows are trigger modules: what runs, codecs and metrics take. */
export const datasetIds = idsOf(moduleDatasetFiles);

/** The manifest of a dataset; refuses (UsageError) an id that is not one, with the nearest names. */
export async function readManifest(id: string): Promise<DatasetManifest> {
  if (!allDatasetIds.includes(id)) {
    const near = nearestNames(id, allDatasetIds);
    throw new UsageError(
      `dataset ${printable(id)}: unknown: expected one of ${allDatasetIds.join(", ")}, got ${printable(id)}`,
      { remedy: near.length === 0 ? "wafermark datasets ls" : `did you mean ${near.join(" or ")}?` },
    );
  }
  const name = `datasets/${id}.json`;
  const parsed = datasetManifest.safeParse(parseStrictJson(await readPackageFile(name), name));
  if (parsed.success && parsed.data.id === id) return parsed.data;
  const wrong = parsed.success ? `id ${printable(parsed.data.id)}` : whatIsWrong(parsed.error);
  throw new InputError(`${name}: not a dataset manifest of this version: expected id ${id}, got ${wrong}`, {
    tag: "schema",
  });
}

/** The manifest of a dataset of modules; refuses (UsageError) jets and events, which have no trigger cells. */
export async function readModuleManifest(id: string): Promise<DatasetManifest> {
  const manifest = await readManifest(id);
  if (manifest.domain === "modules") return manifest;
  throw new UsageError(
    `dataset ${id}: holds ${manifest.domain}: expected a dataset of modules, got one of ${manifest.domain}`,
    { remedy: `one of ${datasetIds.join(", ")}` },
  );
}
