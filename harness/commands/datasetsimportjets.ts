/** What `wafermark datasets import` reads of files that hold jets or events: all of it, as later commands will. */
import type { DatasetManifest } from "../core/dataset.js";
import { UsageError } from "../core/errors.js";
import type { ImportRecord } from "../io/imports.js";
import type { Context } from "./context.js";

/** Rows (jets, events), hash, and lines or rows left out by reason. */
export interface ReadThrough {
  readonly rows: number;
  readonly sha256: string;
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Options that have a meaning for a domain; the others are about charges. */
const ALLOWED = { jets: ["dataset", "header", "format", "nonfinite"], events: ["skipBad"] } as const;

function refuseOthers({ id, domain }: DatasetManifest, reading: ImportRecord["reading"]): void {
  const allowed: readonly string[] = domain === "modules" ? [] : ALLOWED[domain];
  const other = Object.keys(reading).find((name) => !allowed.includes(name));
  if (other === undefined) return;
  const flag = `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`dataset ${id}: ${flag} is about other data: expected none for ${domain}, got it`);
}

/** Reads the whole file; refuses (InputError) what a later command would refuse. */
export async function readThrough(
  path: string,
  manifest: DatasetManifest,
  reading: ImportRecord["reading"],
  { signal }: Context,
): Promise<ReadThrough> {
  refuseOthers(manifest, reading);
  if (manifest.domain === "events") {
    const { eventCensus } = await import("../engine/eventfile.js");
    const { skipBad = false } = reading;
    const { events, sha256, skipped } = await eventCensus(path, { signal, skipBad });
    return { rows: events, sha256, leftOut: { ...skipped } };
  }
  const { readJets } = await import("../engine/jettable.js");
  const { dataset, header, format, nonfinite } = reading;
  const { rows, sha256, dropped } = await readJets(path, manifest.id, {
    signal,
    ...(dataset === undefined ? {} : { dataset }),
    ...(header === undefined ? {} : { header }),
    ...(format === undefined ? {} : { format }),
    ...(nonfinite === undefined ? {} : { nonfinite }),
  });
  return { rows, sha256: sha256 ?? "", leftOut: dropped === 0 ? {} : { "not finite": dropped } };
}
