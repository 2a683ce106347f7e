/** Packages that are used when they happen to be installed: large or native ones that no one should have to install. */

/** The package's module; throws `<name> is not installed`, or why it does not load. `Module` is what the caller uses of it. */
export async function installed<Module extends object>(name: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
      throw new Error(`${name} is not installed`, { cause: error });
    }
    throw new Error(`${name} does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
