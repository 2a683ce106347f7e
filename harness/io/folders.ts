/** Folders made for output, and files looked for in them. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { unwritable } from "./atomic.js";

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Whether anything has that path. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** `path` itself, or the file `name` in it when it is a folder. */
export async function fileInFolder(path: string, name: string): Promise<string> {
  // Where neither is there, reading will tell what is wrong.
  return (await isFolder(path)) ? join(path, name) : path;
}

async function makeWithParents(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeWithParents(dirname(path));
  await mkdir(path).catch(async (cause: unknown) => {
    if (!(await isFolder(path))) throw cause; // another process may have been faster
  });
}

/**
 * Makes a folder and those above it; refuses (WriteError) where that is not possible. One by one: Node's recursive mkdir never
 * comes back where a file system says "no such folder" below a folder that is there (/proc).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(resolve(path));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
