// Builds everything that is derived: the plug-in list, the four WebAssembly targets and the JavaScript in dist/.
// The binaries and their hashes are put in place together at the end, so an interrupted build leaves the old set whole; they
// are made again only when assembly/ or its settings changed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kernelSources } from "./kernelsources.mjs";
import { root, run } from "./steps.mjs";
import { writePlugins } from "./plugins.mjs";

const TARGETS = ["release", "scalar", "debug", "relaxed"];
/** Kernels that fused multiply-adds are worth a build of their own for; the others are left out of it. */
const RELAXED = ["assembly/_arena.ts", "assembly/floor.ts", "assembly/network.ts"];
const build = join(root, "build");
const fresh = join(build, ".fresh");
const stampFile = join(build, ".wasm-sources");
const sources = readdirSync(join(root, "assembly"))
  .filter((name) => name.endsWith(".ts"))
  .sort();
const entries = kernelSources();

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

function wasmSources() {
  const compiler = join(root, "node_modules", "assemblyscript", "package.json");
  const files = [
    ...sources.map((name) => join(root, "assembly", name)),
    join(root, "asconfig.json"),
    compiler,
  ];
  return files.map(sha256).join("\n");
}

function wasmIsCurrent(wanted) {
  try {
    const hashes = JSON.parse(readFileSync(join(build, "hashes.json"), "utf8"));
    return (
      readFileSync(stampFile, "utf8") === wanted &&
      TARGETS.every((target) => sha256(join(build, `${target}.wasm`)) === hashes[target])
    );
  } catch {
    return false; // a file is missing or half written: build it
  }
}

function buildWasm() {
  const wanted = wasmSources();
  if (wasmIsCurrent(wanted)) return;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const asc = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const hashes = {};
  for (const target of TARGETS) {
    const outFile = join(fresh, `${target}.wasm`);
    const settings = ["--config", "asconfig.json", "--target", target, "--outFile", outFile];
    const own = target === "relaxed" ? RELAXED : entries;
    run(process.execPath, [asc, ...own, ...settings], `wasm ${target}`);
    hashes[target] = sha256(outFile);
  }
  writeFileSync(join(fresh, "hashes.json"), `${JSON.stringify(hashes, null, 2)}\n`);
  rmSync(stampFile, { force: true });
  for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(build, name));
  rmSync(fresh, { recursive: true });
  writeFileSync(stampFile, wanted);
}

mkdirSync(build, { recursive: true });
writePlugins();
buildWasm();
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
run(process.execPath, [tsc, "-p", "tsconfig.build.json"], "typescript");
