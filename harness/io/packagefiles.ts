/** Files that travel with the package (package.json, datasets/, build/), found from the code and not from the current folder. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../core/errors.js";

/** The folder that holds package.json, above dist/ or the sources. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("package.json not found above the program's own files");
    folder = above;
  }
  return folder;
}

/** Bytes of one of the package's own files, "zoo/x.bin"; refuses (InputError) what is not there. */
export async function readPackageBytes(name: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(join(packageRoot(), name)));
  } catch (cause) {
    throw new InputError(`${name}: a file of the package cannot be read: expected it beside package.json`, {
      tag: "missing",
      remedy: "install the package again",
      cause,
    });
  }
}

/** Whether the package has that file. */
export function hasPackageFile(name: string): boolean {
  return existsSync(join(packageRoot(), name));
}

/** Text of one of the package's own files, "datasets/x.json"; refuses (InputError) what is not there. */
export async function readPackageFile(name: string): Promise<string> {
  return new TextDecoder().decode(await readPackageBytes(name));
}

export async function packageVersion(): Promise<string> {
  const manifest = JSON.parse(await readPackageFile("package.json")) as { version: string };
  return manifest.version;
}

/** The commit of a working copy, or null outside one (an installed package has none). */
export async function packageCommit(): Promise<string | null> {
  const git = join(packageRoot(), ".git");
  const read = (name: string): Promise<string | undefined> =>
    readFile(join(git, name), "utf8").then(
      (text) => text.trim(),
      () => undefined,
    );
  const head = await read("HEAD");
  if (head === undefined) return null;
  const reference = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const commit = reference === undefined ? head : await read(reference);
  return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}
