/** Realism of the sets of jets as it was recorded, datasets/realism/<id>.json: no run holds jets, so none measures it. */
import { InputError } from "../core/errors.js";
import { jetRealismEntrySchema, type JetRealismEntry } from "../core/jetrealism.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { hasPackageFile, readPackageFile } from "../io/packagefiles.js";
import { allDatasetIds, readManifest } from "./datasetmanifests.js";

/** The record of one set when it is of rows with one of the hashes `made`; undefined when there is none, or of other rows. */
export async function recordedJets(
  id: string,
  made: readonly string[],
): Promise<JetRealismEntry | undefined> {
  const name = `datasets/realism/${id}.json`;
  if (!hasPackageFile(name)) return undefined;
  const parsed = jetRealismEntrySchema.safeParse(parseStrictJson(await readPackageFile(name), name));
  if (!parsed.success) {
    throw new InputError(`${name}: not a realism record of jets: got ${whatIsWrong(parsed.error)}`, {
      tag: "schema",
    });
  }
  // Figures of rows that the generator no longer makes say nothing.
  return made.includes(parsed.data.record.sha256) ? parsed.data : undefined;
}

/** The records of all sets of jets that hold for the rows which their generators make now. */
export async function recordedJetRealism(): Promise<JetRealismEntry[]> {
  const entries: JetRealismEntry[] = [];
  for (const id of allDatasetIds) {
    const { domain, sha256 } = await readManifest(id);
    const entry = domain === "jets" ? await recordedJets(id, Object.values(sha256)) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}
