/** The catalogue of public data, datasets/sources/catalogue.json, and one entry of it by name. */
import { dataCatalogue, type DataSource } from "../core/datasource.js";
import { InputError, printable, UsageError } from "../core/errors.js";
import { nearestNames } from "../core/nearest.js";
import { whatIsWrong } from "../core/rows.js";
import { parseStrictJson } from "../core/strictjson.js";
import { readPackageFile } from "../io/packagefiles.js";

const NAME = "datasets/sources/catalogue.json";

/** Entries of the package's catalogue, or of `text` in its place; refuses (InputError) what is not a catalogue. */
export async function readSources(text?: string, name = NAME): Promise<readonly DataSource[]> {
  const parsed = dataCatalogue.safeParse(parseStrictJson(text ?? (await readPackageFile(NAME)), name));
  if (parsed.success) return parsed.data.sources;
  throw new InputError(
    `${name}: not a catalogue of data sources: expected version 1, got ${whatIsWrong(parsed.error)}`,
    { tag: "schema" },
  );
}

/** The entry of that id, or the one that stands for that embedded set; refuses (UsageError) others with the nearest names. */
export function findSource(sources: readonly DataSource[], id: string): DataSource {
  const found =
    sources.find((source) => source.id === id) ?? sources.find(({ standsFor }) => standsFor.includes(id));
  if (found !== undefined) return found;
  const known = sources.flatMap((source) => [source.id, ...source.standsFor]);
  const near = nearestNames(id, known);
  throw new UsageError(
    `source ${printable(id)}: unknown: expected one of ${sources.map((source) => source.id).join(", ")}, got ${printable(id)}`,
    { remedy: near.length === 0 ? "wafermark datasets fetch" : `did you mean ${near.join(" or ")}?` },
  );
}
