/** `latest`: a small file in the output folder that names the newest run, replaced in one step. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "./atomic.js";
import { resolveInside } from "./paths.js";

/** Records `run` (a folder name inside `folder`) as the newest. */
export async function writeLatest(folder: string, run: string): Promise<void> {
  resolveInside(folder, run);
  await writeFileAtomic(join(folder, "latest"), `${run}\n`);
}

/** The folder of the newest run, or undefined when none is recorded. Refuses a name that leads out of `folder`. */
export async function readLatest(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "latest"), "utf8").catch(() => undefined);
  const run = text?.trim();
  return run === undefined || run === "" ? undefined : resolveInside(folder, run);
}
