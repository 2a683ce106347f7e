/** Version of an installed npm package, from the manifest above its main file: packages may hide the manifest from `require`. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The version that `name`'s own manifest states; throws where the package is not installed. */
export function packageVersion(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { name?: string; version?: string };
    if (manifest.name === name && manifest.version !== undefined) return manifest.version;
  }
  throw new RangeError(`${name}: no manifest above ${main} states a version`);
}
