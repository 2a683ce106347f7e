/** A kernel's source compiled with one line replaced, to see what the host and the tests make of it. For tests only. */
import { readFileSync } from "node:fs";
import { main } from "assemblyscript/asc";

const FOLDER = new URL("../../assembly/", import.meta.url);

/** assembly/`file` optimised as the release is, with each `from` (which must stand there once) replaced. */
export async function alteredModule(
  file: string,
  changes: readonly (readonly [from: string, to: string])[],
): Promise<WebAssembly.Module> {
  let source = readFileSync(new URL(file, FOLDER), "utf8");
  for (const [from, to] of changes) {
    const pieces = source.split(from);
    if (pieces.length !== 2)
      throw new Error(`${file}: expected once, found ${pieces.length - 1} times: ${from}`);
    source = pieces.join(to);
  }
  let binary: Uint8Array | undefined;
  const options = ["--runtime", "stub", "--maximumMemory", "32768", "-O3", "--noAssert", "--enable", "simd"];
  const { error } = await main([file, "_arena.ts", "--outFile", "altered.wasm", ...options], {
    readFile: (name) => {
      if (name === file) return source;
      try {
        return readFileSync(new URL(name, FOLDER), "utf8");
      } catch {
        return null; // the compiler asks for names that are not there
      }
    },
    writeFile: (name, contents) => {
      if (name === "altered.wasm") binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`${file}: does not compile`, { cause: error });
  return WebAssembly.compile(binary);
}
