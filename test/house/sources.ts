/** The TypeScript sources of the house and what each imports, for tests of its rules. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Source {
  /** Path below the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Repository paths (of relative imports, as .ts) and bare names; type-only imports included. */
  readonly imports: readonly string[];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;

export function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map((found) => {
    const name = found.slice(1).join(""); // one group matched
    if (!name.startsWith(".")) return name;
    return posix.join(posix.dirname(path), name).replace(/\.js$/, ".ts");
  });
}

export function sourcesUnder(...folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
      .map((entry) => {
        const path = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
        const text = readFileSync(join(root, path), "utf8");
        return { path, text, imports: importsOf(path, text) };
      }),
  );
}
