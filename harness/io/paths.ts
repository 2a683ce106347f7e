/**
 * Names that come from files, data and users, made into names that are safe on every file system.
 *
 * A name that had to change carries a short hash, so two names never become one. No path made here leaves its folder.
 */
import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { printable, UsageError } from "../core/errors.js";
import { sha256 } from "./hash.js";

const LONGEST = 100;
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9._=,+-]*$/;

/** `name` itself when it is a plain file name everywhere, else a cleaned form with a hash of the original. */
export function safeName(name: string): string {
  if (isPlain(name)) return name;
  const cleaned = name
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/\.{2,}/g, ".")
    .replace(/^[.-]+/, "")
    .slice(0, LONGEST - 20)
    .replace(/[.-]+$/, "");
  const stem = cleaned === "" || RESERVED.test(cleaned) ? "name" : cleaned;
  return `${stem}-${sha256(new TextEncoder().encode(name)).slice(0, 12)}`;
}

function isPlain(name: string): boolean {
  return PLAIN.test(name) && name.length <= LONGEST && !name.endsWith(".") && !RESERVED.test(name);
}

/**
 * The absolute path of `name` inside `folder`. Refuses (UsageError) what is absolute, leaves the folder by `..` or through
 * a symbolic link, starts with `~` or a drive letter, or holds control characters.
 */
export function resolveInside(folder: string, name: string): string {
  const bad =
    name === "" ||
    isAbsolute(name) ||
    /^([A-Za-z]:|~|\\)/.test(name) ||
    /[\u0000-\u001f\u007f]/.test(name) ||
    name.split(/[/\\]/).some((part) => part === "..");
  const path = resolve(folder, bad ? "." : name);
  if (bad || !contains(realPath(resolve(folder)), realPath(path))) {
    throw new UsageError(
      `${printable(name)}: not a name inside ${folder}: expected a relative path without "..", got one that leads elsewhere`,
    );
  }
  return path;
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The path with all symbolic links followed, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), relative(above, path));
  }
}
