// Builds everything that is derived: the plug-in list, the three WebAssembly targets and the JavaScript in dist/.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./steps.mjs";
import { writePlugins } from "./plugins.mjs";

const asc = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
// Files with a leading "_" are shared by kernels; all others are kernels whose exports the host can call.
const entries = [
  "assembly/_arena.ts",
  ...readdirSync(join(root, "assembly"))
    .filter((name) => name.endsWith(".ts") && !name.startsWith("_"))
    .sort()
    .map((name) => `assembly/${name}`),
];

mkdirSync(join(root, "build"), { recursive: true });
writePlugins();
const hashes = {};
for (const target of ["release", "scalar", "debug"]) {
  run(process.execPath, [asc, ...entries, "--config", "asconfig.json", "--target", target], `wasm ${target}`);
  hashes[target] = createHash("sha256")
    .update(readFileSync(join(root, "build", `${target}.wasm`)))
    .digest("hex");
}
writeFileSync(join(root, "build", "hashes.json.part"), `${JSON.stringify(hashes, null, 2)}\n`);
renameSync(join(root, "build", "hashes.json.part"), join(root, "build", "hashes.json"));
run(
  process.execPath,
  [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
  "typescript",
);
